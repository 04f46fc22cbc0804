"""Plug for the ``lookups`` socket: choosing a warehouse by typing."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from inventory.models import Warehouse
from inventory.seeing import warehouses_seen
from komek.accounts.authority import standing_of
from komek.extensions import Viewer
from komek.extensions.lookups import Choice
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


PLUGS = [WarehouseLookup()]
