"""Stock as it was at a past moment, in two readings.

What is known today of that moment: by when things happened; late entries count at their time, and a movement that was taken back never
happened. And what the ledger said at that moment: by when things were entered, mistakes and all.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from inventory.models import Account, Entry, Movement

KNOWN_TODAY = "today"
WRITTEN_THEN = "then"
READINGS = (
    (KNOWN_TODAY, _("what is known today of that moment")),
    (WRITTEN_THEN, _("what the ledger said at that moment")),
)


def uncorrected(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    """Entries without those of movements that were taken back, and of the reversals that took them back: they cancel out."""
    reversals = Movement.objects.exclude(reverses=None)
    return rows.exclude(movement__in=reversals.values("pk")).exclude(movement__in=reversals.values("reverses"))


def entries_until(moment: datetime, reading: str = KNOWN_TODAY) -> QuerySet[Entry]:
    """The entries that count for the stock at ``moment`` (everything that happened up to and with it)."""
    rows = Entry.objects.filter(account=Account.STOCK)
    if reading == WRITTEN_THEN:
        return rows.filter(movement__entered_at__lte=moment, occurred_at__lte=moment)
    return uncorrected(rows.filter(occurred_at__lte=moment))


def stock_at(moment: datetime, *, reading: str = KNOWN_TODAY, **filters: Any) -> list[dict[str, Any]]:
    """Quantities above zero by warehouse, item, batch and condition at ``moment``, as plain rows of keys.

    filters: conditions on entries, such as ``warehouse`` or ``item``.
    """
    rows = entries_until(moment, reading).filter(**filters).order_by()
    totals = rows.values("warehouse", "item", "batch", "condition").annotate(total=Sum("quantity"))
    return list(totals.exclude(total=0))
