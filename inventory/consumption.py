"""How much left each warehouse lately: issued and dispatched, less what came back. Reversed movements never happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Min, Sum

from inventory.models import Account, Entry, MovementKind
from inventory.past_stock import uncorrected
from inventory.shelf import Place

WINDOW_DAYS = 14
LEAST_DAYS = 3  # a first day's rush is no average yet
LEAVING = (MovementKind.ISSUE, MovementKind.DISPATCH, MovementKind.RETURN)


@dataclass(frozen=True)
class Use:
    """used: in the item's base unit; days: over how many days."""

    used: Decimal
    days: int


def recent_use(warehouses: Iterable[int], now: datetime, *, window: int = WINDOW_DAYS) -> dict[Place, Use]:
    """By warehouse and item. Where the item came later than the window began, the days since its first movement count."""
    begins = now - timedelta(days=window)
    rows = uncorrected(
        Entry.objects.filter(
            account=Account.STOCK, warehouse__in=warehouses, occurred_at__gte=begins, occurred_at__lte=now
        )
    ).order_by()
    used = rows.filter(movement__kind__in=LEAVING).values_list("warehouse", "item").annotate(total=Sum("quantity"))
    totals = {(warehouse, item): -total for warehouse, item, total in used}
    if not totals:
        return {}
    items = {item for _warehouse, item in totals}
    first = dict(_first_movements(warehouses, items))
    return {
        place: Use(total, min(window, max(LEAST_DAYS, (now - first[place]).days + 1)))
        for place, total in totals.items()
        if total > 0
    }


def _first_movements(warehouses: Iterable[int], items: Iterable[int]) -> Iterable[tuple[Place, datetime]]:
    rows = Entry.objects.filter(account=Account.STOCK, warehouse__in=warehouses, item__in=items).order_by()
    for warehouse, item, first in rows.values_list("warehouse", "item").annotate(first=Min("occurred_at")):
        yield (warehouse, item), first
