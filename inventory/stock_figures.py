"""What there is of each item, for lists: usable, and apart by why it cannot be given out. Base units.

The rules and their order are those of ``picking.why_not``: damaged, in quarantine, blocked, expired; the rest is usable.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, Exists, IntegerField, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from inventory.models import Balance, Condition, Reservation, StockLevel, Warehouse, ZoneKind
from inventory.shelf import is_usable
from inventory.stock import balances
from komek.accounts.authority import Standing, visible
from komek.supplies.models import Item

QUANTITY = DecimalField(max_digits=18, decimal_places=6)
NONE = Value(Decimal(0), output_field=QUANTITY)
DAMAGED = Q(condition=Condition.DAMAGED)
QUARANTINE = ~DAMAGED & (~Q(condition=Condition.GOOD) | Q(bin__isnull=False, bin__zone__kind=ZoneKind.QUARANTINE))
CLEAN = Q(condition=Condition.GOOD) & (Q(bin=None) | ~Q(bin__zone__kind=ZoneKind.QUARANTINE))
BLOCKED = CLEAN & Q(batch__is_blocked=True)


def expired(day: date) -> Q:
    """Goods that only their date keeps on the shelf."""
    return CLEAN & Q(batch__is_blocked=False, batch__expires_on__lt=day)


def stocked_items(standing: Standing, warehouse: Warehouse | None = None) -> QuerySet[Item]:
    """Items that lie, have lain or should lie in the warehouses one sees (or in one of them), with what there is of each.

    Adds usable, expired, damaged, blocked (and in quarantine), held, first_expiry, places (warehouses), minimum.
    An item of which only expired goods lie there has a usable of zero: it is out of stock.
    """
    day = timezone.localdate()
    seen = visible(Warehouse.objects.all(), standing).order_by().values("pk")
    here = balances(standing.operation, warehouse=warehouse).filter(item=OuterRef("pk"), warehouse__in=seen).order_by()
    ever = Balance.objects.filter(item=OuterRef("pk"), warehouse__in=seen)
    levels = StockLevel.objects.filter(item=OuterRef("pk"), warehouse__in=seen).order_by()
    held = visible(Reservation.objects.all(), standing).filter(
        item=OuterRef("pk"), closed_at=None, until__gt=timezone.now(), warehouse__in=seen
    )
    if warehouse is not None:
        ever, levels, held = (rows.filter(warehouse=warehouse) for rows in (ever, levels, held))
    if standing.operation is not None and standing.operation.is_exercise:
        ever = ever.filter(batch__operation=standing.operation)
    usable = here.filter(is_usable(day))
    return (
        Item.objects.select_related("unit", "category")
        .filter(Exists(ever) | Exists(levels))
        .annotate(
            usable=_sum(usable),
            expired=_sum(here.filter(expired(day))),
            damaged=_sum(here.filter(DAMAGED)),
            blocked=_sum(here.filter(QUARANTINE | BLOCKED)),
            held=_sum(held.order_by()),
            first_expiry=Subquery(_by_item(usable).annotate(n=Min("batch__expires_on")).values("n")),
            places=Coalesce(
                Subquery(
                    _by_item(usable).annotate(n=Count("warehouse", distinct=True)).values("n"),
                    output_field=IntegerField(),
                ),
                0,
            ),
            minimum=Subquery(_by_item(levels).annotate(n=Sum("minimum")).values("n"), output_field=QUANTITY),
        )
    )


def _by_item(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.values("item")


def _sum(rows: QuerySet[Any]) -> Coalesce:
    return Coalesce(Subquery(_by_item(rows).annotate(n=Sum("quantity")).values("n"), output_field=QUANTITY), NONE)
