"""Which layers a viewer is offered, what their colours mean and what their properties are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.http import Http404
from django.utils.translation import gettext as _

from komek.extensions import Viewer
from komek.extensions.map_layers import MapLayer, map_layers


def offered_to(viewer: Viewer) -> list[MapLayer]:
    """The layers of every registry that this viewer may see; none for the public and for accounts that wait."""
    if viewer.user is None or not viewer.user.may_work:
        return []
    return [layer for layer in map_layers if layer.may_view(viewer)]


def offered_layer(key: str, viewer: Viewer) -> MapLayer:
    """The layer with this key. A layer that is not offered is answered like one that does not exist: Http404."""
    for layer in offered_to(viewer):
        if layer.key == key:
            return layer
    raise Http404


@dataclass(frozen=True)
class LegendLine:
    """One line of a legend. value: of the property that picks the colour; empty for all values not named."""

    value: str
    label: str
    colour: str
    symbol: str


def legend_of(layer: MapLayer, model: Any) -> list[LegendLine]:
    """What each colour means, in the viewer's language."""
    style = layer.style
    if style.by is None:
        return [LegendLine("", str(layer.title), style.default, style.symbol)]
    named = labels_of(layer, model)
    lines = [
        LegendLine(value, named.get(value, value), colour, style.symbol) for value, colour in style.colours.items()
    ]
    if (
        style.default in style.colours.values()
    ):  # a named value looks the same, so that nothing else is meant to stand out
        return lines
    return [*lines, LegendLine("", str(_("other, or not known")), style.default, style.symbol)]


def labels_of(layer: MapLayer, model: Any) -> Mapping[str, str]:
    """Words for the values that pick the colour: the layer's own, else those of the model's field."""
    if layer.style.labels:
        return {str(value): str(label) for value, label in layer.style.labels.items()}
    field = _field_of(model, layer.style.by or "")
    return {str(value): str(label) for value, label in getattr(field, "flatchoices", ())}


def property_title(layer: MapLayer, model: Any, name: str) -> str:
    """What a property is called: as the layer says, else as the model's field is called, else its name."""
    given = getattr(layer, "property_titles", {}).get(name)
    if given:
        return str(given)
    field = _field_of(model, name.split("__")[0])
    words = str(getattr(field, "verbose_name", "") or name.replace("_", " "))
    return words[:1].upper() + words[1:]


def _field_of(model: Any, name: str) -> Any:
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
