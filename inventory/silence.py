"""Warehouses whose ledger has fallen silent: open, and nobody entered a movement for longer than each of them allows."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from inventory.models import Movement, Warehouse
from orgs.models import Opening


def with_last_entry(houses: QuerySet[Warehouse]) -> QuerySet[Warehouse]:
    """Adds ``last_entry_at``: when a movement was last entered; when the warehouse was, where there is none yet."""
    newest = Movement.objects.filter(warehouse=OuterRef("pk")).order_by("-entered_at").values("entered_at")[:1]
    return houses.annotate(last_entry_at=Coalesce(Subquery(newest), F("entered_at")))


def silent(houses: QuerySet[Warehouse], now: datetime) -> QuerySet[Warehouse]:
    """The silent ones, longest silent first."""
    allowed = ExpressionWrapper(F("silent_after_days") * Value(timedelta(days=1)), output_field=DurationField())
    limit = ExpressionWrapper(Value(now) - allowed, output_field=DateTimeField())
    rows = with_last_entry(houses.filter(opening=Opening.OPEN)).annotate(limit=limit)
    return rows.filter(last_entry_at__lt=F("limit")).order_by("last_entry_at", "pk")
