"""Socket ``map_layers``: features for the situation map, as tiles and as GeoJSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

from django.db.models import QuerySet

from komek.extensions.sockets import Socket, Viewer


@dataclass(frozen=True)
class LayerStyle:
    """How features are drawn. Shape and colour both carry the meaning, so that grey print still tells them apart.

    by: property whose value picks the colour, or ``None`` for one colour.
    colours: value → CSS colour. ``default`` is used for values not named.
    symbol: one of ``circle``, ``square``, ``triangle``, ``diamond``, ``area``.
    labels: value → what it means, for the legend; a model's own choices need none.
    """

    symbol: str = "circle"
    default: str = "#2563a8"
    by: str | None = None
    colours: dict[str, str] = field(default_factory=dict)
    labels: dict[str, Any] = field(default_factory=dict)


@runtime_checkable
class MapLayer(Protocol):
    """One layer. ``queryset`` is already narrowed to what the viewer may see in the viewer's operation.

    A layer may also have ``property_titles``: property → what it is called, for those that are no fields of the model.
    """

    key: str
    title: Any
    geometry: Literal["point", "line", "polygon"]
    geometry_field: str
    properties: tuple[str, ...]
    style: LayerStyle
    time_field: str | None

    def queryset(self, viewer: Viewer) -> QuerySet[Any]:
        """Rows with ``geometry_field`` in EPSG:4326 and every name in ``properties`` as a value."""
        ...

    def may_view(self, viewer: Viewer) -> bool:
        """Whether the layer is offered to this viewer at all."""
        ...

    def popup(self, row: Any) -> dict[str, Any]:
        """``title``, ``url`` and ``lines`` (label, value) for one feature."""
        ...


map_layers: Socket[MapLayer] = Socket("map_layers", MapLayer)
