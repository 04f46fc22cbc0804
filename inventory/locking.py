"""The locks of the ledger, always taken in one order so that nobody waits for each other in a circle.

The order: the sender's key; batches by their key; the right to describe batches; the right to make new balances in a warehouse;
balances by their key; reservations by their key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from inventory.drafts import Draft, by_place
from inventory.models import Balance, Batch, Reservation, Warehouse

# Classes of advisory locks of our own; the second number is the warehouse, or nothing.
NEW_BALANCES, NEW_BATCHES = 4_100_001, 4_100_002


def hold_key(warehouse_id: int, key: str) -> None:
    """Until the transaction ends, nobody else writes under this key."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [f"inventory:{key}", warehouse_id])


def hold_descriptions() -> None:
    """Until the transaction ends, nobody else describes a batch: two who receive the same goods at once make one batch."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [NEW_BATCHES])


def take_turns(warehouse: Warehouse) -> None:
    """The right to make new balances in the warehouse. Who locks balances and then puts goods elsewhere takes it beforehand."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [NEW_BALANCES, warehouse.pk])


def lock_touched(warehouse: Warehouse, drafts: Sequence[Draft]) -> list[Balance]:
    """Lock what the drafts change: every balance of a batch that leaves a place, and the places where something arrives.

    Who puts a batch where none of it lay makes a new balance. That cannot be locked beforehand, so those take turns, one at a
    time in a warehouse, before they lock anything else.
    """
    changes = by_place(drafts)
    leaving = {batch for (batch, _bin, _condition), change in changes.items() if change < 0}
    arriving = [place for place, change in changes.items() if change >= 0]
    rows = Balance.objects.filter(warehouse=warehouse)
    wanted = Q(batch__in=leaving)
    if arriving:
        there = rows.filter(batch__in={place[0] for place in arriving}).values_list("batch", "bin", "condition", "pk")
        found = {(batch, bin_pk, condition): pk for batch, bin_pk, condition, pk in there}
        if not all(place in found for place in arriving):
            take_turns(warehouse)
            found = {(batch, bin_pk, condition): pk for batch, bin_pk, condition, pk in there.all()}
        wanted |= Q(pk__in=[found[place] for place in arriving if place in found])
    return _locked(rows.filter(wanted))


def lock_balances(warehouse: Warehouse, batches: Iterable[Batch]) -> list[Balance]:
    """Every balance of these batches in the warehouse, locked until the transaction ends, always in the same order."""
    return _locked(Balance.objects.filter(warehouse=warehouse, batch__in={batch.pk for batch in batches}))


def lock_items(warehouse: Warehouse, item_ids: Iterable[int]) -> list[Balance]:
    """Every balance of these items in the warehouse, also empty ones, which ``post`` locks too; until the transaction ends."""
    return _locked(Balance.objects.filter(warehouse=warehouse, item__in=set(item_ids)))


def promised(warehouse: Warehouse, batches: Iterable[Batch], *, but: Iterable[Reservation] = ()) -> dict[int, Decimal]:
    """What is held for somebody of each batch in the warehouse, by the batch's key, leaving out the reservations ``but``."""
    rows = open_reservations(warehouse).filter(batch__in=[batch.pk for batch in batches])
    rows = rows.exclude(pk__in=[reservation.pk for reservation in but])
    return dict(rows.order_by().values_list("batch").annotate(total=Sum("quantity")))


def open_reservations(warehouse: Warehouse | None = None) -> QuerySet[Any]:
    """Reservations that hold something now, in one warehouse or in all."""
    rows = Reservation.objects.filter(closed_at=None, until__gt=timezone.now())
    return rows if warehouse is None else rows.filter(warehouse=warehouse)


def still_open(holding: Sequence[Reservation]) -> list[Reservation]:
    """Those of the reservations that nobody has used up, released or let lapse meanwhile, locked."""
    if not holding:
        return []
    rows = Reservation.objects.select_for_update(of=("self",)).filter(
        pk__in=[reservation.pk for reservation in holding], closed_at=None
    )
    return list(rows.order_by("pk"))


def _locked(rows: QuerySet[Any]) -> list[Balance]:
    # No join to what may change: a row that comes back after waiting is joined by what it was before.
    return list(rows.select_for_update(of=("self",)).select_related("bin__zone").order_by("pk"))
