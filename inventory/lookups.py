"""Plugs for the ``lookups`` socket: choosing a warehouse or a batch by typing."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from inventory.models import Batch, Warehouse
from inventory.seeing import batches_seen, warehouses_seen
from inventory.stock_words import expiry_words
from komek.accounts.authority import standing_of
from komek.extensions import Viewer
from komek.extensions.lookups import Choice
from komek.records.codes import MistypedCode, parse_code
from komek.supplies.catalogue import matching_items
from komek.supplies.models import Item
from orgs.filters import matching_text


class WarehouseLookup:
    key = "inventory.warehouse"

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Choice]:
        rows = _rows(viewer)
        found = matching_text(rows, text) if text else rows
        return [_choice(warehouse) for warehouse in found.order_by("name", "pk")[:limit]]

    def label(self, value: str, viewer: Viewer) -> Choice | None:
        if not value.isdigit() or len(value) > 18:
            return None
        warehouse = _rows(viewer).filter(pk=int(value)).first()
        return _choice(warehouse) if warehouse else None


def _rows(viewer: Viewer) -> QuerySet[Warehouse]:
    rows = warehouses_seen(standing_of(viewer.user, viewer.operation))
    return rows.select_related("area").defer("area__geometry")


def _choice(warehouse: Warehouse) -> Choice:
    return Choice(
        str(warehouse.pk), warehouse.name, ", ".join(filter(None, (str(warehouse.area or ""), warehouse.code)))
    )


class BatchLookup:
    """By its code, the number printed on it, or its item."""

    key = "inventory.batch"

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Choice]:
        rows = batches_seen(standing_of(viewer.user, viewer.operation))
        if text:
            try:
                rows = rows.filter(code=parse_code(text, "B"))
            except MistypedCode:
                items = matching_items(text, Item.objects.all()).values("pk")
                rows = rows.filter(Q(number__icontains=text) | Q(item__in=items))
        return [_batch_choice(batch) for batch in rows.order_by("-pk")[:limit]]

    def label(self, value: str, viewer: Viewer) -> Choice | None:
        if not value.isdigit() or len(value) > 18:
            return None
        batch = batches_seen(standing_of(viewer.user, viewer.operation)).filter(pk=int(value)).first()
        return _batch_choice(batch) if batch else None


def _batch_choice(batch: Batch) -> Choice:
    return Choice(str(batch.pk), str(batch), f"{batch.code}, {expiry_words(batch)}")


PLUGS = [WarehouseLookup(), BatchLookup()]
