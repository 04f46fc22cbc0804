"""What lies on the shelves now: usable, expired, blocked, and how much of it is on its way."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum

from inventory.models import Account, Balance, Condition, Entry, ZoneKind

Place = tuple[int, int]
"""A warehouse's key and an item's."""


def is_usable(day: date, prefix: str = "") -> Q:
    """Goods in good condition, not blocked, not in a quarantine zone, and not expired on ``day``."""
    return (
        Q(**{f"{prefix}condition": Condition.GOOD, f"{prefix}batch__is_blocked": False})
        & (Q(**{f"{prefix}batch__expires_on": None}) | Q(**{f"{prefix}batch__expires_on__gte": day}))
        & (Q(**{f"{prefix}bin": None}) | ~Q(**{f"{prefix}bin__zone__kind": ZoneKind.QUARANTINE}))
    )


def usable_balances(day: date) -> QuerySet[Balance]:
    return Balance.objects.filter(is_usable(day), quantity__gt=0)


def expired_balances(day: date) -> QuerySet[Balance]:
    return Balance.objects.filter(quantity__gt=0, batch__expires_on__lt=day)


def expiring_balances(day: date, days: int) -> QuerySet[Balance]:
    """Usable goods whose last day comes within so many days from ``day``."""
    return usable_balances(day).filter(batch__expires_on__lte=day + timedelta(days=days))


def by_place(rows: QuerySet[Balance]) -> dict[Place, Decimal]:
    """What the rows add up to, by warehouse and item."""
    totals = rows.order_by().values_list("warehouse", "item").annotate(total=Sum("quantity"))
    return {(warehouse, item): total for warehouse, item, total in totals}


def coming(sites: Iterable[int], items: Iterable[int]) -> dict[Place, Decimal]:
    """What is on its way to each site of each item: sent and not yet received."""
    rows = Entry.objects.filter(account=Account.TRANSIT, consignment__destination__in=sites, item__in=items)
    totals = rows.order_by().values_list("consignment__destination", "item").annotate(total=Sum("quantity"))
    return {(site, item): total for site, item, total in totals if total > 0}
