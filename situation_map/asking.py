"""What a request asks the map for: a box, a zoom level, filters. What cannot be read is answered with one sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.gis.geos import Polygon
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.extensions import Viewer
from komek.extensions.map_layers import MapLayer
from komek.places.models import Area
from komek.web.fields import LookupField

DEEPEST_ZOOM = 22
WORLD = (-180.0, -90.0, 180.0, 90.0)


class BadAsk(ValueError):
    """Cannot be answered; the message says what is wrong and what to do."""


@dataclass(frozen=True)
class Box:
    """Degrees (EPSG:4326), west < east and south < north."""

    west: float
    south: float
    east: float
    north: float

    @property
    def polygon(self) -> Polygon:
        shape = Polygon.from_bbox((self.west, self.south, self.east, self.north))
        shape.srid = 4326
        return shape


def read_box(text: str) -> Box:
    """A box from "west,south,east,north" in degrees. Raises BadAsk."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise BadAsk(_("Give the box as four numbers in degrees: west,south,east,north.")) from None
    if not all(math.isfinite(number) for number in (west, south, east, north)):
        raise BadAsk(_("Give the box as four numbers in degrees: west,south,east,north."))
    if min(west, east) < -180 or max(west, east) > 180 or min(south, north) < -90 or max(south, north) > 90:
        raise BadAsk(_("The box reaches beyond the Earth. Longitudes run from -180 to 180, latitudes from -90 to 90."))
    if west >= east:
        raise BadAsk(_("The box's west is not west of its east. A box over the date line is asked for in two halves."))
    if south >= north:
        raise BadAsk(_("The box's south is not south of its north. Change the two numbers round."))
    return Box(west, south, east, north)


def read_zoom(text: str) -> int:
    """A zoom level. Raises BadAsk."""
    if not (text.isascii() and text.isdigit() and len(text) < 4 and int(text) <= DEEPEST_ZOOM):
        raise BadAsk(_("The zoom is a whole number from 0 (the world) to %(most)d.") % {"most": DEEPEST_ZOOM})
    return int(text)


def read_tile(zoom: str, column: str, row: str) -> tuple[int, int, int]:
    """A tile's zoom, column and row. Raises BadAsk when there is no such tile."""
    level = read_zoom(zoom)
    for text in (column, row):
        if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) < 2**level):
            raise BadAsk(
                _("There is no such tile: at zoom %(zoom)d columns and rows run from 0 to %(most)d.")
                % {"zoom": level, "most": 2**level - 1}
            )
    return level, int(column), int(row)


class FilterForm(forms.Form):
    """The filters all layers share."""

    area = LookupField(label=gettext_lazy("Only in this area"), key="places.area", model=Area, required=False)
    as_of = forms.DateField(
        label=gettext_lazy("As of the end of this day"),
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        help_text=gettext_lazy("Leaves out what happened later. The figures are those known today."),
    )

    def __init__(self, data: Any, viewer: Viewer) -> None:
        super().__init__(data)
        area = self.fields["area"]
        assert isinstance(area, LookupField)
        area.set_viewer(viewer)

    def clean_as_of(self) -> date | None:
        day: date | None = self.cleaned_data["as_of"]
        if day is not None and day > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet. Choose today or an earlier day."))
        if day is not None and day.year < 1900:
            raise forms.ValidationError(_("This day is too long ago. Choose one since 1900."))
        return day


@dataclass(frozen=True)
class Filters:
    """area: only what lies in it, or on its edge. as_of: only what had happened by the end of this day."""

    area: Area | None = None
    as_of: date | None = None


def read_filters(data: Any, viewer: Viewer) -> Filters:
    """The filters of an address. Raises BadAsk with the first sentence of the form."""
    form = FilterForm(data, viewer)
    if not form.is_valid():
        raise BadAsk(next(str(sentence) for sentences in form.errors.values() for sentence in sentences))
    return Filters(form.cleaned_data["area"], form.cleaned_data["as_of"])


def narrowed(layer: MapLayer, rows: QuerySet[Any], filters: Filters) -> QuerySet[Any]:
    """The rows that the filters leave. A layer without a time shows what is so now, whatever the day."""
    if filters.as_of is not None and layer.time_field:
        end = timezone.make_aware(datetime.combine(filters.as_of + timedelta(days=1), time.min))
        rows = rows.filter(**{f"{layer.time_field}__lt": end})
    if filters.area is not None:
        if filters.area.geometry is None:
            raise BadAsk(_("No boundary is known of this area. Choose another one."))
        rows = rows.filter(**{f"{layer.geometry_field}__intersects": filters.area.geometry})
    return rows
