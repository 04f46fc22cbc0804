"""Plug for the ``situation`` socket: warehouses, what is short or expires in them, what is on its way, what was given out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from inventory.expiring import DAYS
from inventory.models import Batch, Consignment, Movement, MovementKind, StockLevel, Warehouse
from inventory.past_stock import stock_at
from komek.accounts.authority import Standing, standing_of, visible
from komek.extensions import Viewer
from komek.extensions.situation import Figure
from orgs.models import Opening

ISSUES = (MovementKind.ISSUE,)


class StockFigures:
    key = "inventory"
    title = gettext_lazy("Stock")

    def figures(self, viewer: Viewer, day: date, area_ids: Sequence[int] | None = None) -> Sequence[Figure]:
        """As they stood at the end of ``day``, by what is known today, by area of the warehouse when areas are named."""
        if viewer.operation is None:
            return []
        standing = standing_of(viewer.user, viewer.operation)
        ends = timezone.make_aware(datetime.combine(day, time.min)) + timedelta(days=1)
        houses = visible(Warehouse.objects.filter(opening=Opening.OPEN, occurred_at__lt=ends), standing)
        if area_ids is None:
            return _figures(None, houses, standing, day, ends)
        found: list[Figure] = []
        for area_id in area_ids:
            found += _figures(area_id, houses.filter(area_id=area_id), standing, day, ends)
        return found


def _figures(
    area_id: int | None, houses: QuerySet[Warehouse], standing: Standing, day: date, ends: datetime
) -> list[Figure]:
    keys = list(houses.values_list("pk", flat=True))
    rows = stock_at(standing.operation, keys, ends - timedelta(microseconds=1)) if keys else []
    batches = Batch.objects.in_bulk({row.batch for row in rows})
    usable: dict[tuple[int, int], Decimal] = {}
    expiring, gone = set(), set()
    for row in rows:
        last = batches[row.batch].expires_on
        if last is not None and last < day:
            gone.add(row.batch)
            continue
        if row.condition == "good":
            usable[(row.warehouse, row.item)] = usable.get((row.warehouse, row.item), Decimal(0)) + row.quantity
            if last is not None and last <= day + timedelta(days=DAYS):
                expiring.add(row.batch)
    below = sum(
        usable.get((house, item), Decimal(0)) < minimum
        for house, item, minimum in StockLevel.objects.filter(warehouse__in=keys).values_list(
            "warehouse", "item", "minimum"
        )
    )
    moved = visible(Movement.objects.filter(warehouse__in=keys, occurred_at__lt=ends), standing)
    issues = moved.filter(kind__in=ISSUES, reversed_by=None, occurred_at__gte=ends - timedelta(days=1)).count()
    on_way = _on_the_way(keys, standing, ends) if keys else 0
    changed: Any = moved.aggregate(at=Max("entered_at"))["at"]
    known: Any = houses.aggregate(at=Max("updated_at"))["at"]
    ledger, register = _("Ledgers of the warehouses"), _("Register of warehouses")
    lines: list[tuple[str, str, int, str, Any, str]] = [
        ("stock_warehouses", _("Open warehouses"), len(keys), ngettext("warehouse", "warehouses", len(keys)), known, register),
        ("stock_items", _("Items in usable stock"), len({item for (_house, item), total in usable.items() if total > 0}),
         _("items"), changed, ledger),
        ("stock_below", _("Items below their minimum"), below if rows or moved.exists() else 0, _("items"), changed, ledger),
        ("stock_expiring", _("Batches that expire within %(n)d days") % {"n": DAYS}, len(expiring), _("batches"), changed, ledger),
        ("stock_expired", _("Expired batches on the shelves"), len(gone), _("batches"), changed, ledger),
        ("stock_on_the_way", _("Consignments on the way"), on_way, ngettext("consignment", "consignments", on_way), changed, ledger),
        ("stock_issues", _("Issues on this day"), issues, ngettext("issue", "issues", issues), changed, ledger),
    ]  # fmt: skip
    return [
        Figure(key, title, Decimal(value), unit, area_id, as_of, source)
        for key, title, value, unit, as_of, source in lines
    ]


def _on_the_way(houses: list[int], standing: Standing, ends: datetime) -> int:
    """Consignments that had left and had not been received at ``ends``, to or from these warehouses."""
    rows = visible(Consignment.objects.filter(dispatched_at__lt=ends), standing)
    rows = rows.filter(Q(received_at=None) | Q(received_at__gte=ends)).exclude(state="cancelled")
    return rows.filter(Q(origin__in=houses) | Q(destination__in=houses)).count()


PLUGS = [StockFigures()]
