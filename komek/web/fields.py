"""Form fields for choosing one record among thousands, and for saying where something is."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from komek.extensions import Viewer
from komek.extensions.lookups import lookups


class LookupWidget(forms.TextInput):
    """A text box that suggests as one types. Without scripts, what is typed is looked up when the form is sent."""

    template_name = "web/parts/lookup.html"

    def __init__(self, key: str, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.key = key
        self.viewer = Viewer(user=None, operation=None)
        self.operation_slug = ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        value = getattr(value, "pk", value)
        typed = ""
        if isinstance(value, tuple):  # sent before: what was picked, what stood in the box
            value, typed = value
        text = typed
        if value not in (None, ""):
            plug = lookups.get(self.key)
            choice = plug.label(str(value), self.viewer) if plug and str(value).isdigit() else None
            is_picked = choice is not None and typed in ("", choice.label)
            text = choice.label if choice is not None and is_picked else typed or str(value)
            context["widget"]["chosen"] = value if is_picked else ""
        context["widget"].update({"operation": self.operation_slug, "key": self.key, "text": text})
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> tuple[str, str]:
        return data.get(name, "").strip(), data.get(f"{name}_text", "").strip()

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}_text" not in data


class LookupField(forms.Field):
    """Chooses one record through the ``lookups`` socket. Cleans to an instance of ``model`` or ``None``.

    key: the plug's key. ``widget.operation_slug``: look in this operation instead of the one the person works in;
    ``-`` for none. The form sets ``viewer`` (see ``RecordForm``) so that only what may be seen can be chosen.
    """

    def __init__(self, *, key: str, model: type[Model], **options: Any) -> None:
        self.key, self.model = key, model
        options.setdefault("widget", LookupWidget(key))
        super().__init__(**options)

    def set_viewer(self, viewer: Viewer) -> None:
        """Who is choosing."""
        self.viewer = viewer
        self.widget.viewer = viewer

    def clean(self, value: Any) -> Model | None:
        """The record: the one picked, or the only one that fits what was typed."""
        picked, typed = value if isinstance(value, tuple) else (str(value or ""), "")
        plug = lookups.get(self.key)
        if plug is None:
            raise ValidationError(_("This choice is switched off on this installation."))
        viewer = getattr(self, "viewer", Viewer(user=None, operation=None))
        if picked.isdigit():
            choice = plug.label(picked, viewer)
            if choice is None:
                raise ValidationError(_("What was chosen is gone, or you may not see it. Choose again."))
            if not typed or typed == choice.label:
                return self._record(picked)
        if not typed:
            if self.required:
                raise ValidationError(_("Choose one: type part of its name or its code."))
            return None
        found = list(plug.find(typed, viewer, 6))
        exact = [choice for choice in found if choice.label.casefold() == typed.casefold()]
        if len(found) == 1 or len(exact) == 1:
            return self._record((exact or found)[0].value)
        if not found:
            raise ValidationError(
                _("Nothing is called “%(text)s”. Check the spelling or the code.") % {"text": typed[:60]}
            )
        names = "; ".join(f"{choice.label} ({choice.detail})" if choice.detail else choice.label for choice in found)
        raise ValidationError(_("Several fit: %(names)s. Type more, or the code.") % {"names": names})

    def _record(self, value: str) -> Model | None:
        found: Model | None = self.model._default_manager.filter(pk=int(value)).first()
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        picked = data[0] if isinstance(data, tuple) else data
        return str(getattr(initial, "pk", initial) or "") != str(picked or "")


_NUMBER = r"([-+]?\d{1,3}(?:[.,]\d+)?)\s*°?"
_PAIR = re.compile(rf"^\s*{_NUMBER}\s*([NSСЮnsсю])?\s*[,;\s]\s*{_NUMBER}\s*([EWВЗewвз])?\s*$")


def parse_coordinates(text: str) -> Point:
    """ "38.2, 57.5" (latitude first) → a point, EPSG:4326. Raises ValidationError with what is wrong."""
    found = _PAIR.match(text)
    if not found:
        raise ValidationError(
            _("“%(text)s” is not a pair of coordinates. Write latitude, then longitude: 37.95, 58.38.")
            % {"text": text[:60]}
        )
    latitude, south, longitude, west = found.groups()
    lat, lon = float(latitude.replace(",", ".")), float(longitude.replace(",", "."))
    if (south or "").casefold() in ("s", "ю"):
        lat = -lat
    if (west or "").casefold() in ("w", "з"):
        lon = -lon
    if abs(lat) > 90 and abs(lon) <= 90:
        raise ValidationError(_("Latitude cannot be %(value)s. Are latitude and longitude swapped?") % {"value": lat})
    if abs(lat) > 90 or abs(lon) > 180:
        raise ValidationError(_("These coordinates are not on Earth. Latitude goes to 90, longitude to 180."))
    return Point(lon, lat, srid=4326)


class LocationWidget(forms.TextInput):
    """Coordinates as text, with a map to click when scripts run."""

    template_name = "web/parts/location.html"
    centre = ""  # where the map begins: "latitude,longitude,zoom"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["centre"] = self.centre
        return context

    def format_value(self, value: Any) -> str:
        if isinstance(value, Point):
            return f"{value.y:.5f}, {value.x:.5f}"
        return str(value or "")


class LocationField(forms.CharField):
    """A place on Earth: latitude and longitude typed or clicked. Cleans to a Point (EPSG:4326) or ``None``."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", LocationWidget())
        options.setdefault("help_text", _("Latitude, longitude – for example 37.95, 58.38 – or click on the map."))
        super().__init__(**options)

    def begin_at(self, operation: Any) -> None:
        """Let the map begin where the operation is."""
        centres = (
            list(operation.affected_areas.exclude(centre=None).values_list("centre", flat=True)) if operation else []
        )
        if centres:
            latitude = sum(point.y for point in centres) / len(centres)
            longitude = sum(point.x for point in centres) / len(centres)
            self.widget.centre = f"{latitude:.3f},{longitude:.3f},7"

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return parse_coordinates(text) if text else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return LocationWidget().format_value(initial) != str(data or "")
