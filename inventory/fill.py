"""How full warehouses are, by the volume of what lies in them, and how much of it expires soon."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DecimalField,
    ExpressionWrapper,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from inventory.expiring import DAYS
from inventory.models import Balance
from inventory.shelf import is_usable

LITRES = 1000
FULL = 90


def with_fill(houses: QuerySet[Any], today: date, *, days: int = DAYS) -> QuerySet[Any]:
    """Adds, for each warehouse:

    batches: how many lie there; volume: m³ of goods whose volume the catalogue gives; fill: that as a percentage of the room
    for goods (``None`` when either is not known); expiring and expired: batches of which something expires within ``days``, or has.
    """
    lying = Balance.objects.filter(warehouse=OuterRef("pk"), quantity__gt=0).order_by().values("warehouse")
    volume = lying.filter(item__volume_l__isnull=False).annotate(n=Sum(F("quantity") * F("item__volume_l")) / LITRES)
    soon = lying.filter(is_usable(today), batch__expires_on__lte=today + timedelta(days=days))
    gone = lying.filter(batch__expires_on__lt=today)
    rows = houses.annotate(
        batches=_count(lying), expiring=_count(soon), expired=_count(gone),
        volume=Subquery(volume.values("n"), output_field=DecimalField(max_digits=24, decimal_places=6)),
    )  # fmt: skip
    share = ExpressionWrapper(
        Cast(F("volume"), FloatField()) * 100.0 / Cast(F("volume_m3"), FloatField()), output_field=FloatField()
    )
    return rows.annotate(fill=Case(When(volume_m3__gt=0, then=share), default=None, output_field=FloatField()))


def with_level(houses: QuerySet[Any], today: date) -> QuerySet[Any]:
    """The same, and level: ``expired``, ``expiring``, ``full``, ``room`` or ``unknown``, the most pressing that is true."""
    rows = with_fill(houses, today)
    return rows.annotate(
        level=Case(
            When(expired__gt=0, then=Value("expired")),
            When(expiring__gt=0, then=Value("expiring")),
            When(fill__gte=FULL, then=Value("full")),
            When(fill__isnull=False, then=Value("room")),
            default=Value("unknown"),
            output_field=CharField(),
        )
    )


def _count(rows: QuerySet[Any]) -> Any:
    counted = rows.annotate(n=Count("batch", distinct=True)).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
