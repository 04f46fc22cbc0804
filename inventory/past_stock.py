"""Stock as it was at a past moment, in two readings.

What is known today of that moment: by when things happened; late entries count at their time, and a movement that was taken back never
happened. And what the ledger said at that moment: only what had been entered by then, mistakes and all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from inventory.models import Account, Balance, Entry, Movement
from inventory.stock import goods_of

KNOWN_TODAY = "today"
WRITTEN_THEN = "then"
READINGS = (
    (KNOWN_TODAY, _("as we know it today")),
    (WRITTEN_THEN, _("as the ledger said then")),
)

Key = tuple[int, int, int, str]
"""Warehouse, item, batch (their keys) and condition."""


@dataclass(frozen=True)
class Lay:
    """What lay at that moment of a batch in a condition, in the item's base unit. Below zero where the ledger itself is wrong."""

    warehouse: int
    item: int
    batch: int
    condition: str
    quantity: Decimal


def uncorrected(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    """Entries without those of movements that were taken back, and of the reversals that took them back: they cancel out."""
    reversals = Movement.objects.exclude(reverses=None)
    return rows.exclude(movement__in=reversals.values("pk")).exclude(movement__in=reversals.values("reverses"))


def stock_at(
    operation: Any, warehouses: Iterable[int], moment: datetime, *, reading: str = KNOWN_TODAY, **only: Any
) -> list[Lay]:
    """What lay in the warehouses at the end of ``moment``. only: conditions on item or batch, such as ``item=…``.

    Read backwards: what lies there now, less what came after. Two queries, few rows for a recent day whatever the ledger's age.
    """
    mine = {"warehouse__in": list(warehouses), **only}
    now = Balance.objects.filter(**mine, quantity__gt=0)
    since = Entry.objects.filter(account=Account.STOCK, **mine)
    if reading == WRITTEN_THEN:
        since = since.filter(Q(occurred_at__gt=moment) | Q(movement__entered_at__gt=moment))
    else:
        since = uncorrected(since.filter(occurred_at__gt=moment))
    lay: dict[Key, Decimal] = defaultdict(Decimal)
    for rows, sign in ((now, 1), (since, -1)):
        keys = goods_of(operation, rows).order_by().values_list("warehouse", "item", "batch", "condition")
        for *key, total in keys.annotate(total=Sum("quantity")):
            lay[tuple(key)] += sign * total  # type: ignore[index]
    return [Lay(*key, quantity) for key, quantity in lay.items() if quantity]
