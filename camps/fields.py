"""A form field for a perimeter: corners clicked on a map, typed line by line, or pasted as GeoJSON."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry, MultiPolygon, Polygon
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from komek.web.fields import parse_coordinates

LONGEST_TEXT = 500_000
NOT_A_PERIMETER = _("This is not a perimeter. Click its corners on the map, or paste a polygon as GeoJSON.")


def parse_perimeter(text: str) -> MultiPolygon:
    """GeoJSON (a polygon, several, a feature or a collection of one), or one "latitude, longitude" a line → polygons, EPSG:4326.

    Raises ValidationError with what is wrong.
    """
    if len(text) > LONGEST_TEXT:
        raise ValidationError(_("The perimeter has too many corners. Simplify it to a few hundred."))
    shape = _from_geojson(text) if text.lstrip().startswith("{") else _from_lines(text)
    if isinstance(shape, Polygon):
        shape = MultiPolygon(shape, srid=4326)
    if not isinstance(shape, MultiPolygon) or shape.empty:
        raise ValidationError(NOT_A_PERIMETER)
    west, south, east, north = shape.extent
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        raise ValidationError(
            _(
                "These coordinates are not degrees of longitude and latitude. Export the perimeter in WGS 84 (EPSG:4326)."
            )
        )
    return shape


def _from_geojson(text: str) -> Any:
    try:
        found = json.loads(text)
    except ValueError as fault:
        raise ValidationError(_("The GeoJSON is broken off or mistyped. Copy it again as a whole.")) from fault
    if not isinstance(found, dict):
        raise ValidationError(NOT_A_PERIMETER)
    if found.get("type") == "FeatureCollection":
        features = found.get("features") or []
        if len(features) != 1:
            raise ValidationError(
                _("The file holds %(count)d shapes. Give the one that is this site.") % {"count": len(features)}
            )
        found = features[0]
    if isinstance(found, dict) and found.get("type") == "Feature":
        found = found.get("geometry") or {}
    try:
        return GEOSGeometry(json.dumps(found), srid=4326)
    except (GEOSException, GDALException, ValueError, TypeError) as fault:
        raise ValidationError(NOT_A_PERIMETER) from fault


def _from_lines(text: str) -> Polygon:
    corners = [parse_coordinates(line) for line in text.splitlines() if line.strip()]
    ring = [(corner.x, corner.y) for corner in corners]
    if len(set(ring)) < 3:
        raise ValidationError(_("A perimeter needs at least three corners."))
    if ring[0] != ring[-1]:
        ring.append(ring[0])
    return Polygon(ring, srid=4326)


class PerimeterWidget(forms.Textarea):
    """Text, with a map to click the corners on when scripts run."""

    template_name = "camps/parts/perimeter.html"

    class Media:
        js = (forms.Script("camps/perimeter.js", type="module"),)

    def format_value(self, value: Any) -> str:
        if isinstance(value, MultiPolygon):
            if len(value) == 1 and len(value[0]) == 1:
                return "\n".join(f"{lat:.6f}, {lon:.6f}" for lon, lat, *_rest in value[0][0].coords[:-1])
            return str(value.json)
        return str(value or "")


class PerimeterField(forms.CharField):
    """Cleans to a MultiPolygon (EPSG:4326) or ``None``."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", PerimeterWidget({"rows": 4}))
        options.setdefault(
            "help_text", _("Click the corners on the map, write one “latitude, longitude” a line, or paste GeoJSON.")
        )
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return parse_perimeter(text) if text else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return PerimeterWidget().format_value(initial) != str(data or "")


class OutsideCodesField(forms.CharField):
    """A site's codes in other systems, one a line: ``ministry: HD-17``, or just ``HD-17``. Cleans to system → code."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.Textarea({"rows": 2}))
        options.setdefault("max_length", 2000)
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return "\n".join(f"{system}: {code}" for system, code in value.items())

    def clean(self, value: Any) -> Any:
        found: dict[str, str] = {}
        for line in super().clean(value).splitlines():
            system, separator, code = (part.strip() for part in line.partition(":"))
            if not separator:
                system, code = "", system
            if not code:
                continue
            name, number = system or "code", 2
            while name in found:
                name, number = f"{system or 'code'} {number}", number + 1
            found[name] = code
        return found
