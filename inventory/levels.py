"""What a warehouse should have of each item beside what it has."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from inventory.models import StockLevel, Warehouse
from inventory.stock import NOTHING, ItemStock, stock_by_item


@dataclass(frozen=True)
class LevelRow:
    """A level and the stock it is about. Base units."""

    level: StockLevel
    stock: ItemStock

    @property
    def is_below(self) -> bool:
        return self.stock.usable < self.level.minimum

    @property
    def lacking(self) -> Decimal:
        """How much would fill it up again; nothing while it is not below its minimum."""
        if not self.is_below:
            return NOTHING
        return (self.level.target or self.level.minimum) - self.stock.usable


def level_rows(operation: Any, warehouse: Warehouse) -> list[LevelRow]:
    """Every level of the warehouse, what is below its minimum first. Three queries."""
    levels = list(warehouse.levels.select_related("item__unit").order_by("item__name"))
    has = stock_by_item(operation, warehouse, items=[level.item_id for level in levels])
    rows = [LevelRow(level, has.get(level.item_id) or ItemStock(level.item_id)) for level in levels]
    return sorted(rows, key=lambda row: not row.is_below)
