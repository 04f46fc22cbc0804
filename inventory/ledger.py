"""The ledger: the one function through which stock moves. Everything that moves goods (receiving, issuing, counting, …) posts here.

Steps of ``post``: permission; a movement sent again gives the first one back; the balances it takes from are locked in one order;
what is asked for must be there and must not be promised to others; movement and entries are written; the database keeps the balances.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.models import (
    Account,
    Balance,
    Batch,
    Bin,
    Condition,
    Consignment,
    Entry,
    Movement,
    Reservation,
    Warehouse,
)
from inventory.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from komek.supplies.models import plain

CLOCK_SLACK = timedelta(minutes=10)
SIX_PLACES = Decimal("0.000001")
MOST = Decimal(10) ** 12


@dataclass(frozen=True)
class Draft:
    """One entry to be: a signed quantity of a batch, in its item's base unit, added to an account."""

    account: str
    batch: Batch
    quantity: Decimal
    bin: Bin | None = None
    condition: str = Condition.GOOD
    consignment: Consignment | None = None


def both_sides(batch: Batch, quantity: Decimal, *, of: dict[str, Any], to: dict[str, Any]) -> tuple[Draft, Draft]:
    """The two entries of ``quantity`` leaving one account (``of``) for another (``to``): keyword arguments of ``Draft``."""
    return (Draft(batch=batch, quantity=-quantity, **of), Draft(batch=batch, quantity=quantity, **to))


@transaction.atomic
def post(
    *,
    by: Actor,
    operation: Any,
    kind: str,
    warehouse: Warehouse,
    drafts: Sequence[Draft],
    occurred_at: datetime | None = None,
    key: str | None = None,
    holding: Iterable[Reservation] = (),
    **fields: Any,
) -> Movement:
    """Write one movement. Entries of ``stock`` are in ``warehouse``.

    key: the sender's own name for the movement; under the same key the same movement is given back, another one is refused.
    holding: reservations this movement uses up; what others hold cannot be taken. fields: further fields of ``Movement``.
    Raises Refused (nothing is written) and NotAllowed.
    """
    at = occurred_at or timezone.now()
    movement = Movement(kind=kind, warehouse=warehouse, operation=operation, occurred_at=at, key=key, **fields)
    movement.stamp(by)
    require(standing_of(by.user, operation), Action.ADD, movement)
    drafts = tuple(draft for draft in drafts if draft.quantity != 0)
    if key is not None and (earlier := _earlier(movement, drafts)):
        return earlier
    _check_plain_rules(movement, drafts)
    _check_stock(warehouse, drafts, tuple(holding))
    try:
        with transaction.atomic(), acting(by):
            movement.save()
            Entry.objects.bulk_create([_entry(movement, draft) for draft in drafts])
            _use_up(tuple(holding), movement)
    except IntegrityError:
        # Somebody sent the same movement at the same moment and was first.
        if key is not None and (earlier := _earlier(movement, drafts)):
            return earlier
        raise
    return movement


def lock_balances(warehouse: Warehouse, batches: Iterable[Batch]) -> list[Balance]:
    """Every balance of these batches in the warehouse, locked until the transaction ends, always in the same order."""
    wanted = {batch.pk for batch in batches}
    rows = Balance.objects.select_for_update(of=("self",)).filter(warehouse=warehouse, batch__in=wanted)
    return list(rows.select_related("bin__zone").order_by("pk"))


def promised(warehouse: Warehouse, batches: Iterable[Batch], *, but: Iterable[Reservation] = ()) -> dict[int, Decimal]:
    """What is held for somebody of each batch in the warehouse, by the batch's key, leaving out the reservations ``but``."""
    rows = Reservation.objects.filter(
        warehouse=warehouse, batch__in=[batch.pk for batch in batches], closed_at=None, until__gt=timezone.now()
    ).exclude(pk__in=[reservation.pk for reservation in but])
    return dict(rows.values_list("batch").annotate(total=Sum("quantity")))


def _entry(movement: Movement, draft: Draft) -> Entry:
    return Entry(
        movement=movement,
        account=draft.account,
        batch=draft.batch,
        item_id=draft.batch.item_id,
        warehouse=movement.warehouse if draft.account == Account.STOCK else None,
        bin=draft.bin,
        condition=draft.condition,
        consignment=draft.consignment,
        quantity=draft.quantity,
        occurred_at=movement.occurred_at,
    )


def _check_plain_rules(movement: Movement, drafts: Sequence[Draft]) -> None:
    if not drafts:
        raise Refused({"__all__": gettext_lazy("Nothing would move. Give at least one quantity above zero.")})
    if movement.occurred_at > timezone.now() + CLOCK_SLACK:
        raise Refused(
            {"occurred_at": gettext_lazy("This lies in the future. Give the moment when the goods were moved.")}
        )
    totals: dict[int, Decimal] = defaultdict(Decimal)
    for draft in drafts:
        if draft.quantity != draft.quantity.quantize(SIX_PLACES) or abs(draft.quantity) >= MOST:
            raise Refused({"quantity": gettext_lazy("This quantity cannot be true. Check it and its unit.")})
        if draft.bin is not None and draft.bin.warehouse_id != movement.warehouse_id:
            raise Refused({"bin": gettext_lazy("This bin is in another warehouse.")})
        if draft.batch.operation_id != movement.operation_id:
            raise Refused({"batch": gettext_lazy("This batch belongs to another operation.")})
        totals[draft.batch.pk] += draft.quantity
    if any(totals.values()):
        raise ValueError("the entries of a movement must add up to zero for each batch")


def _check_stock(warehouse: Warehouse, drafts: Sequence[Draft], holding: tuple[Reservation, ...]) -> None:
    """Lock what is taken from, then see that it is there and not promised to others. Raises Refused."""
    taken: dict[tuple[int, int | None, str], Decimal] = defaultdict(Decimal)
    good: dict[int, Decimal] = defaultdict(Decimal)
    batches: dict[int, Batch] = {}
    for draft in drafts:
        if draft.account == Account.STOCK:
            taken[(draft.batch.pk, draft.bin.pk if draft.bin else None, draft.condition)] += draft.quantity
            if draft.condition == Condition.GOOD:
                good[draft.batch.pk] += draft.quantity
            batches[draft.batch.pk] = draft.batch
    leaving = {batches[batch] for (batch, _bin, _condition), quantity in taken.items() if quantity < 0}
    if not leaving:
        return
    balances = lock_balances(warehouse, leaving)
    there = {(row.batch_id, row.bin_id, row.condition): row.quantity for row in balances}
    for (batch, bin_pk, condition), quantity in taken.items():
        has = there.get((batch, bin_pk, condition), Decimal(0))
        if has + quantity < 0:
            raise Refused({"quantity": _too_little(batches[batch], -quantity, has, balances)})
    held = promised(warehouse, leaving, but=holding)
    for batch, quantity in good.items():
        if quantity >= 0 or not held.get(batch):
            continue
        lying = sum(
            (row.quantity for row in balances if row.batch_id == batch and row.condition == Condition.GOOD), Decimal(0)
        )
        if lying + quantity < held[batch]:
            free = max(lying - held[batch], Decimal(0))
            raise Refused(
                {
                    "quantity": _("%(held)s %(unit)s of %(batch)s are held for others; %(free)s %(unit)s are free.")
                    % {
                        "held": plain(held[batch]),
                        "free": plain(free),
                        "batch": batches[batch],
                        "unit": batches[batch].item.unit.symbol,
                    }
                }
            )


def _too_little(batch: Batch, wanted: Decimal, has: Decimal, balances: Sequence[Balance]) -> str:
    """How much there is of the batch here, and where else in the warehouse."""
    unit = batch.item.unit.symbol
    elsewhere = [
        f"{plain(row.quantity)} {unit} {row.bin or _('without a bin')} ({row.get_condition_display()})"
        for row in balances
        if row.batch_id == batch.pk and row.quantity > 0
    ]
    sentence = _("%(wanted)s %(unit)s of %(batch)s cannot leave: there are %(has)s %(unit)s.") % {
        "wanted": plain(wanted),
        "has": plain(has),
        "unit": unit,
        "batch": batch,
    }
    if elsewhere:
        sentence += " " + _("In this warehouse: %(places)s.") % {"places": "; ".join(elsewhere)}
    return sentence


def _use_up(holding: tuple[Reservation, ...], movement: Movement) -> None:
    for reservation in holding:
        reservation.closed_at = timezone.now()
        reservation.outcome = movement.code
        reservation.save(update_fields=["closed_at", "outcome", "updated_at"])


def _earlier(movement: Movement, drafts: Sequence[Draft]) -> Movement | None:
    """The movement written under this key before. Raises Refused when it says something else."""
    found = Movement.objects.filter(warehouse=movement.warehouse, key=movement.key).first()
    if found is None:
        return None

    def signature(lines: Iterable[Any]) -> list[tuple[Any, ...]]:
        return sorted(
            (str(line.account), line.batch.pk, line.bin.pk if line.bin else 0, str(line.condition), line.quantity)
            for line in lines
        )

    same = signature(found.entries.select_related("batch", "bin")) == signature(drafts)
    if found.kind != movement.kind or not same:
        raise Refused(
            {
                "key": _("Another movement (%(code)s) was sent under this key before. Nothing is changed.")
                % {"code": found.code}
            }
        )
    return found
