"""Plug for the ``search`` socket: the map with one layer on, found by the layer's title."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.extensions import Viewer
from komek.extensions.search import Hit
from situation_map.layers import offered_to


class LayerSearch:
    key = "situation_map.layers"
    title = gettext_lazy("Map")

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Hit]:
        wanted = text.casefold()
        if len(wanted) < 3:
            return []
        address = reverse("situation_map:map")
        found = [
            Hit(str(layer.title), f"{address}?layers={layer.key}", self.title, str(_("Layer of the map")), score=0.5)
            for layer in offered_to(viewer)
            if wanted in str(layer.title).casefold() or wanted == str(self.title).casefold()
        ]
        return found[:limit]


PLUGS = [LayerSearch()]
