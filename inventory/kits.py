"""Kits put together from goods in stock, and taken apart again.

Each assembly makes a batch of kits of its own, so that taking kits apart gives back the very batches that went in, and a gift is
followed through the kit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.choosing import choose
from inventory.drafts import Draft, both_sides
from inventory.ledger import post, sent_before
from inventory.locking import take_turns
from inventory.models import Account, Batch, Bin, Condition, Entry, Movement, MovementKind, Warehouse
from inventory.receiving import GoodsLine, batch_of
from inventory.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from komek.supplies.models import Item

NOTHING = Decimal(0)


@transaction.atomic
def assemble_kits(
    *,
    by: Actor,
    operation: Any,
    warehouse: Warehouse,
    kit: Item,
    count: int,
    bin: Bin | None = None,
    lines: Sequence[GoodsLine] | None = None,
    occurred_at: datetime | None = None,
    key: str | None = None,
    reason: str = "",
) -> Movement:
    """Put ``count`` kits together by the catalogue's contents. lines: batches to take, when not first expired first.

    The kits expire with the first of what is in them. bin: where the kits are put. Raises Refused and NotAllowed.
    """
    contents = {content.item: content.quantity for content in kit.contents.select_related("item__unit")}
    if not contents:
        raise Refused({"kit": _("%(item)s is no kit: the catalogue says nothing about what is in it.") % {"item": kit}})
    _check_count(count)
    needed = {item.pk: quantity * count for item, quantity in contents.items()}
    earlier = sent_before(
        by=by, operation=operation, kind=MovementKind.KIT_ASSEMBLED, warehouse=warehouse, key=key, said=needed
    )  # fmt: skip
    if earlier is not None:
        return earlier
    day = timezone.localdate(occurred_at or timezone.now())
    wanted = lines or [GoodsLine(quantity=needed[item.pk], item=item) for item in contents]
    take_turns(warehouse)
    chosen = choose(operation, warehouse, wanted, on=day)
    _check_contents(chosen, needed, contents)
    made = _new_batch(by, operation, kit, chosen)
    drafts: list[Draft] = []
    for line in chosen:
        assert line.batch is not None
        drafts += both_sides(
            line.batch, line.quantity, of={"account": Account.STOCK, "bin": line.bin, "condition": line.condition},
            to={"account": Account.KITS},
        )  # fmt: skip
    drafts += both_sides(
        made, Decimal(count), of={"account": Account.KITS}, to={"account": Account.STOCK, "bin": bin}
    )  # fmt: skip
    return post(
        by=by, operation=operation, kind=MovementKind.KIT_ASSEMBLED, warehouse=warehouse, drafts=drafts, key=key,
        occurred_at=occurred_at, reason=reason,
    )  # fmt: skip


@transaction.atomic
def break_kits(
    *,
    by: Actor,
    operation: Any,
    warehouse: Warehouse,
    batch: Batch,
    count: int,
    bin: Bin | None = None,
    condition: str = Condition.GOOD,
    to_bin: Bin | None = None,
    occurred_at: datetime | None = None,
    key: str | None = None,
    reason: str = "",
) -> Movement:
    """Take ``count`` kits of a batch apart. What was put in here comes out again, batch by batch, the first to expire first.

    Kits that came from outside give batches with the kit's own number, expiry and donor. bin, condition: where the kits lie.
    to_bin: where the contents are put. Raises Refused and NotAllowed.
    """
    _check_count(count)
    earlier = sent_before(
        by=by, operation=operation, kind=MovementKind.KIT_BROKEN, warehouse=warehouse, key=key,
        said={batch.item_id: Decimal(count)},
    )  # fmt: skip
    if earlier is not None:
        return earlier
    # Kits of one batch may lie in several warehouses; what is left in them is shared out to one at a time.
    Batch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    drafts = list(
        both_sides(
            batch, Decimal(count), of={"account": Account.STOCK, "bin": bin, "condition": condition},
            to={"account": Account.KITS},
        )
    )  # fmt: skip
    for part, quantity in _inside(by, operation, batch, count):
        drafts += both_sides(
            part, quantity, of={"account": Account.KITS}, to={"account": Account.STOCK, "bin": to_bin, "condition": condition}
        )  # fmt: skip
    return post(
        by=by, operation=operation, kind=MovementKind.KIT_BROKEN, warehouse=warehouse, drafts=drafts, key=key,
        occurred_at=occurred_at, reason=reason,
    )  # fmt: skip


def put_into(batch: Batch) -> dict[Batch, Decimal]:
    """What is inside the kits of a batch that were put together here and not taken apart: batch → base units. Kits do not count."""
    movements = Entry.objects.filter(batch=batch, account=Account.KITS).values("movement")
    inside: dict[Batch, Decimal] = defaultdict(Decimal)
    entries = Entry.objects.filter(movement__in=movements, account=Account.KITS).exclude(batch=batch)
    for entry in entries.select_related("batch__item__unit"):
        inside[entry.batch] += entry.quantity
    return {part: quantity for part, quantity in inside.items() if quantity > 0}


def _inside(by: Actor, operation: Any, batch: Batch, count: int) -> list[tuple[Batch, Decimal]]:
    was_put_together_here = Entry.objects.filter(
        batch=batch, account=Account.KITS, quantity__lt=0, movement__kind=MovementKind.KIT_ASSEMBLED
    ).exists()
    if not was_put_together_here:
        return _from_outside(by, operation, batch, count)
    inside = put_into(batch)
    whole = -sum(
        Entry.objects.filter(batch=batch, account=Account.KITS).values_list("quantity", flat=True), NOTHING
    )  # kits not taken apart
    if whole < count:
        raise Refused(
            {"count": _("Only %(count)d kits of this batch can be taken apart.") % {"count": max(whole, NOTHING)}}
        )
    totals: dict[int, Decimal] = defaultdict(Decimal)
    for part, quantity in inside.items():
        totals[part.item_id] += quantity
    out: list[tuple[Batch, Decimal]] = []
    still = {item: total * count / whole for item, total in totals.items()}
    for part in sorted(
        inside, key=lambda one: (one.expires_on is None, one.expires_on or timezone.localdate(), one.pk)
    ):
        quantity = min(inside[part], still[part.item_id])
        if quantity > 0:
            out.append((part, quantity))
            still[part.item_id] -= quantity
    return out


def _from_outside(by: Actor, operation: Any, batch: Batch, count: int) -> list[tuple[Batch, Decimal]]:
    contents = list(batch.item.contents.select_related("item__unit"))
    if not contents:
        raise Refused(
            {"batch": _("%(item)s is no kit: the catalogue says nothing about what is in it.") % {"item": batch.item}}
        )
    return [
        (
            batch_of(
                by=by, operation=operation,
                line=GoodsLine(
                    quantity=content.quantity, item=content.item, number=batch.number, expires_on=batch.expires_on,
                    expiry_is_unknown=batch.expiry_is_unknown, owner=batch.owner, donor=batch.donor,
                    donor_name=batch.donor_name, gift=batch.gift,
                ),
            ),
            content.quantity * count,
        )
        for content in contents
    ]  # fmt: skip


def _new_batch(by: Actor, operation: Any, kit: Item, chosen: Sequence[GoodsLine]) -> Batch:
    parts = [line.batch for line in chosen if line.batch is not None]
    dates = [part.expires_on for part in parts if part.expires_on is not None]
    made = Batch(
        operation=operation, item=kit, expires_on=min(dates, default=None),
        expiry_is_unknown=not dates and any(part.expiry_is_unknown for part in parts),
    )  # fmt: skip
    donors = {(part.donor_id, part.donor_name, part.gift) for part in parts}
    if len(donors) == 1:
        made.donor_id, made.donor_name, made.gift = donors.pop()
    owners = {part.owner_id for part in parts}
    if len(owners) == 1:
        made.owner_id = owners.pop()
    made.stamp(by)
    require(standing_of(by.user, operation), Action.ADD, made)
    with acting(by):
        made.save()
    return made


def _check_count(count: int) -> None:
    if count <= 0:
        raise Refused({"count": gettext_lazy("Give the number of kits, at least one.")})


def _check_contents(chosen: Sequence[GoodsLine], needed: dict[int, Decimal], contents: dict[Item, Decimal]) -> None:
    taken: dict[int, Decimal] = defaultdict(Decimal)
    for line in chosen:
        if line.batch is not None:
            taken[line.batch.item_id] += line.quantity
    if dict(taken) != needed:
        names = ", ".join(str(item) for item in contents if taken.get(item.pk) != needed[item.pk])
        raise Refused(
            {"__all__": _("The batches chosen are not what the kits need. Check: %(items)s.") % {"items": names or "…"}}
        )
