"""The figures that lists and pages show beside a warehouse or an item: usable and apart, expiring, below minimum, room taken.

Everything is a subquery on the row, so that a page costs the same number of queries whatever it shows. Quantities: base units.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    Count,
    DecimalField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from inventory.fill import with_fill
from inventory.models import Balance, Movement, StockLevel, Warehouse
from inventory.shelf import is_usable

NOTHING = Value(Decimal(0), output_field=DecimalField(max_digits=18, decimal_places=6))


def with_stock(warehouses: QuerySet[Warehouse]) -> QuerySet[Warehouse]:
    """Adds what ``with_fill`` does, items_usable, items_below and last_moved_at."""
    day = timezone.localdate()
    here = Balance.objects.filter(warehouse=OuterRef("pk"), quantity__gt=0).order_by()
    usable = here.filter(is_usable(day))
    stocked = (
        Balance.objects.filter(is_usable(day), warehouse=OuterRef("warehouse"), item=OuterRef("item"))
        .order_by()
        .values("item")
        .annotate(n=Sum("quantity"))
    )
    levels = StockLevel.objects.filter(warehouse=OuterRef("pk")).order_by()
    below = levels.annotate(has=Coalesce(Subquery(stocked.values("n")), NOTHING)).filter(has__lt=F("minimum"))
    newest = Movement.objects.filter(warehouse=OuterRef("pk")).order_by("-occurred_at", "-pk")
    return with_fill(warehouses, day).annotate(
        items_usable=_number(usable, "item"),
        items_below=Coalesce(
            Subquery(below.values("warehouse").annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0
        ),
        last_moved_at=Subquery(newest.values("occurred_at")[:1]),
    )


def _number(rows: QuerySet[Any], of: str) -> Coalesce:
    counted = rows.values("warehouse").annotate(n=Count(of, distinct=True)).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def is_silent(warehouse: Any, now: Any = None) -> bool:
    """Whether nothing was entered for longer than the warehouse allows; one that never moved anything is not silent but new."""
    if warehouse.last_moved_at is None or warehouse.opening != "open":
        return False
    return bool((now or timezone.now()) - warehouse.last_moved_at > timedelta(days=warehouse.silent_after_days))


def holds_stock(warehouses: QuerySet[Warehouse]) -> QuerySet[Warehouse]:
    """Those in which anything lies."""
    return warehouses.filter(Exists(Balance.objects.filter(warehouse=OuterRef("pk"), quantity__gt=0)))
