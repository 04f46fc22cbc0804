"""Receiving a consignment, whole or in parts, line by line; what is missing, damaged or too much is explained.

Until something is received or explained it stays on the way in the ledger. In a warehouse goods go into stock (damaged ones
apart); at another site they count as issued to it. What is missing is written as a loss on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from inventory.consignments import UNDER_WAY, finished_sentence, lock_consignment, warehouse_at
from inventory.dispatching import check_on_the_road
from inventory.ledger import Draft, both_sides, post
from inventory.models import (
    Account,
    Bin,
    Condition,
    Consignment,
    ConsignmentState,
    Delivery,
    DeliveryLine,
    LossReason,
    MovementKind,
    Parcel,
    Warehouse,
)
from inventory.policies import receives
from inventory.quantities import in_words
from inventory.refusals import Refused
from inventory.telling import tell_received
from komek.accounts.authority import NotAllowed, standing_of
from komek.records.actor import Actor, acting

NONE = Decimal(0)


@dataclass(frozen=True)
class Arrived:
    """What came of a parcel, in the item's base unit. bin: where it is put, in a warehouse. A parcel may have several.

    missing: known not to come, though more of the consignment will; whatever is left when nothing more is to come is missing anyway.
    """

    parcel: Parcel
    good: Decimal = NONE
    damaged: Decimal = NONE
    missing: Decimal = NONE
    bin: Bin | None = None
    explanation: str = ""


def outstanding(consignment: Consignment) -> dict[int, Decimal]:
    """What is still on the way of each parcel, by its key."""
    left = {parcel.pk: parcel.quantity for parcel in consignment.parcels.all()}
    for row in DeliveryLine.objects.filter(delivery__consignment=consignment):
        left[row.parcel_id] -= row.good + row.damaged + row.short - row.over
    return left


@transaction.atomic
def receive_consignment(
    *, by: Actor, consignment: Consignment, lines: Sequence[Arrived], is_last: bool, occurred_at: datetime | None = None,
    note: str = "", key: str = "", reported_by: str = "",
) -> Delivery:  # fmt: skip
    """Write down one act of receiving.

    is_last: nothing more is to come, so what is still on the way is missing and needs an explanation. key: the receiver's own name for
    this act; the same key again gives the first delivery back. Steps: lock; a resend ends here; work out per parcel what is short and
    over; write the delivery; post to the ledger; tell who asked. Raises Refused (nothing is written) and NotAllowed.
    """
    locked = lock_consignment(consignment)
    standing = standing_of(by.user, locked.operation)
    if not (standing.runs_installation or receives(standing, locked)):
        raise NotAllowed(_("Only the people of %(site)s may receive this.") % {"site": locked.destination})
    if key and (earlier := locked.deliveries.filter(key=key).first()):
        return earlier
    if locked.state in (ConsignmentState.RECEIVED, ConsignmentState.CANCELLED):
        raise Refused({"__all__": finished_sentence(locked)})
    if locked.state not in (*UNDER_WAY, ConsignmentState.PARTLY_RECEIVED):
        raise Refused({"__all__": _("%(code)s has not left yet, so it cannot be received.") % {"code": locked.code}})
    at = occurred_at or timezone.now()
    check_on_the_road(locked, at)
    house = warehouse_at(locked.destination)
    rows = _worked_out(locked, lines, house, is_last=is_last)
    delivery = Delivery(
        consignment=locked, operation=locked.operation, occurred_at=at, is_last=is_last, note=note.strip()[:300], key=key,
        reported_by=reported_by,
    )  # fmt: skip
    delivery.stamp(by)
    with acting(by):
        delivery.save()
        for row in rows:
            row.delivery = delivery
            row.save()
    _post(locked, rows, house, by=by, at=at)
    left = outstanding(locked)
    is_over = is_last or not any(left.values())
    locked.state = ConsignmentState.RECEIVED if is_over else ConsignmentState.PARTLY_RECEIVED
    locked.arrived_at = locked.arrived_at or at
    locked.received_at = at if is_over else None
    with acting(by):
        locked.save(update_fields=["state", "arrived_at", "received_at", "updated_at"])
    tell_received(delivery, by=by)
    return delivery


def _worked_out(
    consignment: Consignment, lines: Sequence[Arrived], house: Warehouse | None, *, is_last: bool
) -> list[DeliveryLine]:
    """The delivery's lines: what is short and what is over follow from what was on the way. Raises Refused."""
    parcels = {
        parcel.pk: parcel
        for parcel in consignment.parcels.select_related("batch__item__unit", "line__item").order_by("pk")
    }
    left = outstanding(consignment)
    made: dict[tuple[int, int | None], DeliveryLine] = {}
    for line in lines:
        if line.parcel.pk not in parcels:
            raise Refused({"lines": _("One of the lines does not belong to %(code)s.") % {"code": consignment.code}})
        parcel = parcels[line.parcel.pk]
        _check_line(parcel, line, house)
        row = made.setdefault((parcel.pk, line.bin.pk if line.bin else None), DeliveryLine(parcel=parcel, bin=line.bin))
        row.good, row.damaged = row.good + line.good, row.damaged + line.damaged
        row.over += max(line.good + line.damaged - max(left[parcel.pk], NONE), NONE)
        left[parcel.pk] = max(left[parcel.pk] - line.good - line.damaged, NONE)
        row.short += line.missing
        if line.missing > left[parcel.pk]:
            raise Refused(
                {"lines": _("%(batch)s: more is said to be missing than is on the way (%(left)s).")
                 % {"batch": parcel.batch, "left": in_words(parcel.batch.item, left[parcel.pk])}}
            )  # fmt: skip
        left[parcel.pk] -= line.missing
        row.explanation = "; ".join(filter(None, dict.fromkeys((row.explanation, line.explanation.strip()))))[:300]
    if is_last:
        _rest_is_missing(parcels, left, made)
    rows = [row for row in made.values() if row.good or row.damaged or row.short or row.over]
    if not rows and not is_last:
        raise Refused({"lines": _("Nothing was received. Give at least one quantity above zero.")})
    _require_explanations(rows)
    return rows


def _rest_is_missing(
    parcels: dict[int, Parcel], left: dict[int, Decimal], made: dict[tuple[int, int | None], DeliveryLine]
) -> None:
    """What is still on the way is short: on the parcel's own last line, else on a new one."""
    for pk, quantity in left.items():
        if quantity <= 0:
            continue
        own = [row for (parcel, _bin), row in made.items() if parcel == pk]
        row = own[-1] if own else made.setdefault((pk, None), DeliveryLine(parcel=parcels[pk]))
        row.short += quantity


def _check_line(parcel: Parcel, line: Arrived, house: Warehouse | None) -> None:
    if min(line.good, line.damaged, line.missing) < 0:
        raise Refused({"lines": _("%(batch)s: a quantity cannot be below zero.") % {"batch": parcel.batch}})
    if line.bin is not None and (house is None or line.bin.warehouse_id != house.pk):
        raise Refused({"bin": _("%(bin)s is not a bin of this warehouse.") % {"bin": line.bin}})


def _require_explanations(rows: Iterable[DeliveryLine]) -> None:
    """One sentence that names every line that lacks its explanation."""
    unexplained: list[str] = []
    explained = {row.parcel_id for row in rows if row.explanation}
    for row in rows:
        differs = [
            words % {"quantity": in_words(row.parcel.batch.item, quantity)}
            for quantity, words in (
                (row.short, _("%(quantity)s are missing")),
                (row.damaged, _("%(quantity)s are damaged")),
                (row.over, _("%(quantity)s too many")),
            )
            if quantity
        ]
        if differs and not row.explanation:
            others = [other for other in rows if other.parcel_id == row.parcel_id and other.explanation]
            if row.parcel_id in explained and others:
                row.explanation = others[0].explanation
            else:
                unexplained.append(f"{row.parcel.batch}: {', '.join(differs)}")
    if unexplained:
        raise Refused(
            {"explanation": _("Explain the difference, line by line: %(lines)s.") % {"lines": "; ".join(unexplained)}}
        )


def _post(
    consignment: Consignment, rows: Sequence[DeliveryLine], house: Warehouse | None, *, by: Actor, at: datetime
) -> None:
    """The ledger's side: arrivals, then what was lost on the way, by reason."""
    ledger = house or consignment.origin
    if ledger is None:
        raise Refused({"__all__": _("Goods from outside are received at a warehouse, which keeps a ledger.")})
    on_way = {"account": Account.TRANSIT, "consignment": consignment}
    # More than was sent: still in the sender's ledger, where a count will miss it; from outside, the donor gave more.
    extra = {"account": Account.SUPPLY if consignment.origin is None else Account.COUNTED}
    arrived: list[Draft] = []
    lost: dict[str, list[DeliveryLine]] = {LossReason.MISSING: [], LossReason.BREAKAGE: []}
    drafts_lost: dict[str, list[Draft]] = {LossReason.MISSING: [], LossReason.BREAKAGE: []}
    for row in rows:
        batch = row.parcel.batch
        good_place = {"account": Account.STOCK, "bin": row.bin} if house else {"account": Account.ISSUED}
        over_in_good = min(row.over, row.good)
        over_in_damaged = row.over - over_in_good
        for source, quantity in ((on_way, row.good - over_in_good), (extra, over_in_good)):
            arrived += both_sides(batch, quantity, of=source, to=good_place)
        for source, quantity in ((on_way, row.damaged - over_in_damaged), (extra, over_in_damaged)):
            if house:
                to = {"account": Account.STOCK, "bin": row.bin, "condition": Condition.DAMAGED}
                arrived += both_sides(batch, quantity, of=source, to=to)
            else:
                drafts_lost[LossReason.BREAKAGE] += both_sides(batch, quantity, of=source, to={"account": Account.LOST})
        drafts_lost[LossReason.MISSING] += both_sides(batch, row.short, of=on_way, to={"account": Account.LOST})
        if row.short:
            lost[LossReason.MISSING].append(row)
        if row.damaged and not house:
            lost[LossReason.BREAKAGE].append(row)
    common: dict[str, Any] = {
        "by": by, "operation": consignment.operation, "warehouse": ledger, "occurred_at": at, "consignment": consignment,
        "document": consignment.code, "site": consignment.destination,
    }  # fmt: skip
    if any(draft.quantity for draft in arrived):
        post(kind=MovementKind.ARRIVAL, drafts=arrived, recipient=consignment.sender, **common)
    for reason, drafts in drafts_lost.items():
        if any(draft.quantity for draft in drafts):
            words = "; ".join(dict.fromkeys(row.explanation for row in lost[reason] if row.explanation))[:300]
            post(kind=MovementKind.LOSS, drafts=drafts, loss_reason=reason, reason=words, **common)
