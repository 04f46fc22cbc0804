"""Plug for ``lookups``: choosing an item by code, name or alias in any language."""

from __future__ import annotations

from collections.abc import Sequence

from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.lookups import Choice
from komek.supplies.catalogue import matching_items
from komek.supplies.models import Item


class ItemLookup:
    key = "supplies.item"

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Choice]:
        rows = visible(
            Item.objects.filter(is_active=True).select_related("unit"), standing_of(viewer.user, viewer.operation)
        )
        return [_choice(item) for item in matching_items(text, rows).order_by("name", "pk")[:limit]]

    def label(self, value: str, viewer: Viewer) -> Choice | None:
        if not value.isdigit():
            return None
        rows = visible(Item.objects.select_related("unit"), standing_of(viewer.user, viewer.operation))
        item = rows.filter(pk=int(value)).first()
        return _choice(item) if item else None


def _choice(item: Item) -> Choice:
    return Choice(str(item.pk), str(item), f"{item.code}, {item.unit.symbol}")


PLUGS = [ItemLookup()]
