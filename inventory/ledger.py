"""The ledger: the one function through which stock moves. Everything that moves goods (receiving, issuing, counting, …) posts here.

Steps of ``post``: permission; a movement sent again gives the first one back; the balances it touches are locked in one order;
only then its moment is taken, so that movements follow each other; what leaves must be there, then and ever since, and must not be
promised to others; movement and entries are written; the database keeps the balances.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory import locking
from inventory.availability import check_stock
from inventory.drafts import Draft, both_sides, by_batch
from inventory.locking import lock_balances, promised
from inventory.models import Account, Entry, Movement, MovementKind, Reservation, Warehouse
from inventory.quantities import MOST, SIX_PLACES, is_whole_enough
from inventory.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from komek.supplies.models import Item, plain

__all__ = ["CLOCK_SLACK", "Draft", "both_sides", "lock_balances", "post", "promised", "sent_before"]

CLOCK_SLACK = timedelta(minutes=10)


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
    """Write one movement. Entries of ``stock`` are in ``warehouse``. occurred_at: now, unless given.

    key: the sender's own name for the movement; under the same key the same movement is given back, another one is refused.
    holding: reservations this movement uses up; what others hold cannot be taken. fields: further fields of ``Movement``.
    Raises Refused (nothing is written) and NotAllowed.
    """
    movement = _new(by, operation, kind, warehouse, key, occurred_at, fields)
    drafts = tuple(draft for draft in drafts if draft.quantity != 0)
    if key is not None:
        earlier = _under_key(movement)
        if earlier is not None:
            _check_same(earlier, movement, drafts)
            return earlier
    _check_plain_rules(movement, drafts)
    held = tuple(holding)
    balances = locking.lock_touched(warehouse, drafts)
    mine = locking.still_open(held)
    movement.occurred_at = check_stock(
        movement, drafts, balances, mine, asked_for=occurred_at, slack=CLOCK_SLACK, now=timezone.now()
    )
    with acting(by):
        movement.save()
        Entry.objects.bulk_create([_entry(movement, draft) for draft in drafts])
        _use_up(mine, movement)
    return movement


def sent_before(
    *, by: Actor, operation: Any, kind: str, warehouse: Warehouse, key: str | None, said: Mapping[int, Decimal] | None
) -> Movement | None:
    """The movement written under this key before, for actions that choose batches themselves and would choose others now.

    Call it first, inside the action's transaction: until that ends, nobody else writes under the key.
    said: what moves of each item, in base units; ``None`` when it does not matter. Raises Refused when another movement was sent
    under the key, and NotAllowed.
    """
    movement = _new(by, operation, kind, warehouse, key, None, {})
    earlier = None if key is None else _under_key(movement)
    if earlier is None:
        return None
    moved: dict[int, Decimal] = {}
    for entry in earlier.entries.all():
        if entry.quantity < 0 and entry.account == Account.STOCK:
            moved[entry.item_id] = moved.get(entry.item_id, Decimal(0)) - entry.quantity
    if earlier.kind != kind or (said is not None and dict(said) != moved):
        raise _another(earlier)
    return earlier


def _new(
    by: Actor,
    operation: Any,
    kind: str,
    warehouse: Warehouse,
    key: str | None,
    at: datetime | None,
    fields: dict[str, Any],
) -> Movement:
    """A movement not yet written, by somebody who may write it. Raises NotAllowed, Refused."""
    movement = Movement(
        kind=kind, warehouse=warehouse, operation=operation, occurred_at=at or timezone.now(), key=key, **fields
    )
    movement.stamp(by)
    if warehouse.operation_id != movement.operation_id and (
        warehouse.operation_id is not None or getattr(operation, "is_exercise", False)
    ):
        raise Refused(
            {"warehouse": gettext_lazy("This warehouse belongs to another operation; exercise and real never mix.")}
        )
    require(standing_of(by.user, operation), Action.ADD, movement)
    if key is not None and not 0 < len(key) <= 200:
        raise Refused({"key": gettext_lazy("The key of this entry must have 1 to 200 characters.")})
    return movement


def _under_key(movement: Movement) -> Movement | None:
    locking.hold_key(movement.warehouse_id, str(movement.key))
    return Movement.objects.filter(warehouse=movement.warehouse_id, key=movement.key).first()


def _check_same(earlier: Movement, movement: Movement, drafts: Sequence[Draft]) -> None:
    def signature(lines: Iterable[Any]) -> list[tuple[Any, ...]]:
        return sorted(
            (str(line.account), line.batch.pk, line.bin.pk if line.bin else 0, str(line.condition), line.quantity)
            for line in lines
        )

    written = earlier.entries.select_related("batch", "bin")
    if earlier.kind != movement.kind or signature(written) != signature(drafts):
        raise _another(earlier)


def _another(earlier: Movement) -> Refused:
    return Refused(
        {
            "key": _("Another movement (%(code)s) was sent under this key before. Nothing is changed.")
            % {"code": earlier.code}
        }
    )


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
    items = Item.objects.select_related("unit").in_bulk({draft.batch.item_id for draft in drafts})
    for draft in drafts:
        item = items[draft.batch.item_id]
        if draft.quantity != draft.quantity.quantize(SIX_PLACES) or abs(draft.quantity) >= MOST:
            raise Refused({"quantity": gettext_lazy("This quantity cannot be true. Check it and its unit.")})
        if not is_whole_enough(item, draft.quantity):
            raise Refused(
                {
                    "quantity": _("%(item)s is counted in whole %(unit)s; %(quantity)s is not whole.")
                    % {"item": item, "unit": item.unit.symbol, "quantity": plain(abs(draft.quantity))}
                }
            )
        if draft.batch.operation_id != movement.operation_id:
            raise Refused({"batch": gettext_lazy("This batch belongs to another operation.")})
        _check_bin(movement, draft)
    if any(by_batch(drafts).values()):
        raise ValueError("the entries of a movement must add up to zero for each batch")


def _check_bin(movement: Movement, draft: Draft) -> None:
    if draft.bin is None:
        return
    if draft.bin.warehouse_id != movement.warehouse_id:
        raise Refused({"bin": gettext_lazy("This bin is in another warehouse.")})
    if draft.quantity > 0 and not draft.bin.is_active and movement.kind != MovementKind.REVERSAL:
        raise Refused({"bin": _("Bin %(bin)s is not in use any more. Choose another one.") % {"bin": draft.bin}})


def _use_up(mine: Iterable[Reservation], movement: Movement) -> None:
    for reservation in mine:
        reservation.closed_at = timezone.now()
        reservation.outcome = movement.code
        reservation.save(update_fields=["closed_at", "outcome", "updated_at"])
