"""Stock that is promised until a moment, so that nobody promises it twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from inventory.choosing import choose
from inventory.models import Batch, Consignment, Reservation, Warehouse
from inventory.receiving import GoodsLine, check_lines
from inventory.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import SYSTEM, Actor, acting
from komek.supplies.models import Item

RELEASED, LAPSED = "released", "lapsed"


@transaction.atomic
def reserve_stock(
    *,
    by: Actor,
    operation: Any,
    warehouse: Warehouse,
    quantity: Decimal,
    until: datetime,
    item: Item | None = None,
    batch: Batch | None = None,
    reference: str = "",
    consignment: Consignment | None = None,
    usable_until: date | None = None,
) -> list[Reservation]:
    """Hold a quantity of a batch, or of an item (first expired first, one reservation per batch), until a moment.

    Expired, blocked, damaged and quarantined goods are not promised. Raises Refused when less is free, and NotAllowed.
    """
    check_lines([GoodsLine(quantity=quantity, item=item, batch=batch)])
    if until <= timezone.now():
        raise Refused({"until": gettext_lazy("Give a moment in the future until which the goods are held.")})
    asked = Reservation(warehouse=warehouse, operation=operation, until=until)
    require(standing_of(by.user, operation), Action.ADD, asked)
    line = GoodsLine(quantity=quantity, item=item or (batch.item if batch else None))
    chosen = choose(
        operation, warehouse, [line], on=timezone.localdate(), usable_until=usable_until, only=batch
    )  # fmt: skip
    by_batch: dict[int, Reservation] = {}
    for part in chosen:
        assert part.batch is not None
        held = by_batch.get(part.batch.pk)
        if held is None:
            held = by_batch[part.batch.pk] = Reservation(
                operation=operation, warehouse=warehouse, batch=part.batch, item_id=part.batch.item_id, until=until,
                quantity=Decimal(0), reference=reference[:200], consignment=consignment,
            )  # fmt: skip
            held.stamp(by)
        held.quantity += part.quantity
    with acting(by):
        for held in by_batch.values():
            held.save()
    return list(by_batch.values())


@transaction.atomic
def release(*, by: Actor, operation: Any, reservations: Iterable[Reservation]) -> int:
    """Give reservations back; how many were still open. Releasing twice changes nothing. Raises NotAllowed."""
    standing = standing_of(by.user, operation)
    pks = []
    for reservation in reservations:
        require(standing, Action.CHANGE, reservation)
        pks.append(reservation.pk)
    return _close(by, Reservation.objects.filter(pk__in=pks), RELEASED)


@transaction.atomic
def give_back(*, by: Actor, reservation: int) -> int:
    """As ``release``, for what is held under this key for a need that ended; asks for no role in the warehouse."""
    return _close(by, Reservation.objects.filter(pk=reservation), RELEASED)


@transaction.atomic
def hold_longer(*, by: Actor, operation: Any, reservation: int, until: datetime) -> Reservation:
    """What is held under this key stays held until then. Raises Refused when it is free again or gone, and NotAllowed."""
    rows = Reservation.objects.select_for_update(of=("self",)).select_related("warehouse", "operation")
    held = rows.filter(pk=reservation, closed_at=None).first()
    if held is None:
        raise Refused({"until": gettext_lazy("These goods are not held any more. Promise them again.")})
    require(standing_of(by.user, operation), Action.ADD, held)
    if until <= timezone.now():
        raise Refused({"until": gettext_lazy("Give a moment in the future until which the goods are held.")})
    held.until = until
    with acting(by):
        held.save(update_fields=["until", "updated_at"])
    return held


@transaction.atomic
def lapse_due(now: datetime | None = None) -> int:
    """Close what was held until a moment that has passed; how many."""
    return _close(SYSTEM, Reservation.objects.filter(until__lte=now or timezone.now()), LAPSED)


def _close(by: Actor, rows: Any, outcome: str) -> int:
    locked = list(
        rows.filter(closed_at=None).select_for_update(of=("self",), skip_locked=outcome == LAPSED).order_by("pk")
    )
    with acting(by):
        for reservation in locked:
            reservation.closed_at, reservation.outcome = timezone.now(), outcome
            reservation.save(update_fields=["closed_at", "outcome", "updated_at"])
    return len(locked)
