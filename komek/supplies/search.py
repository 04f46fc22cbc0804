"""Plug for ``search``: items of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.search import Hit
from komek.supplies.catalogue import folded, matching_items
from komek.supplies.models import Item


class ItemSearch:
    key = "supplies.items"
    title = _("Catalogue")

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Hit]:
        if not folded(text):
            return []
        rows = visible(Item.objects.select_related("category"), standing_of(viewer.user, viewer.operation))
        return [
            Hit(str(item), item.get_absolute_url(), self.title, str(item.category), score=0.5)
            for item in matching_items(text, rows).order_by("-is_active", "name", "pk")[:limit]
        ]


PLUGS = [ItemSearch()]
