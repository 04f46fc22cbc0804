"""A consignment on its way: dispatched, seen somewhere, arrived, or called back. From dispatch on its goods are ``transit``."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.gis.geos import Point
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from inventory.consignments import (
    UNDER_WAY,
    cancel_consignment,
    check_expected,
    close,
    finished_sentence,
    held_for,
    lock_consignment,
)
from inventory.ledger import CLOCK_SLACK, Draft, both_sides, post
from inventory.models import (
    Account,
    Consignment,
    ConsignmentState,
    Entry,
    MovementKind,
    Position,
)
from inventory.picking_consignments import require_sender
from inventory.refusals import Refused
from inventory.telling import tell_cancelled, tell_dispatched
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting

CARRIERS = ("vehicle", "driver", "driver_phone", "carrier", "route", "seal", "expected_at")


@transaction.atomic
def dispatch_consignment(
    *, by: Actor, consignment: Consignment, occurred_at: datetime | None = None, **carriers: Any
) -> Consignment:
    """Let the vehicle go: the goods leave the shelf and are on the way. carriers: vehicle, driver, … as on the waybill.

    Everything picked must be loaded; what stays behind is split off first. Raises Refused and NotAllowed.
    """
    locked = lock_consignment(consignment)
    require_sender(by, locked)
    at = occurred_at or timezone.now()
    if unknown := set(carriers) - set(CARRIERS):
        raise TypeError(f"not what a dispatch says: {', '.join(sorted(unknown))}")
    if locked.state == ConsignmentState.CANCELLED:
        raise Refused({"__all__": finished_sentence(locked)})
    if locked.dispatched_at is not None:
        when = timezone.localtime(locked.dispatched_at)
        raise Refused(
            {
                "__all__": _("%(code)s left on %(when)s already.")
                % {"code": locked.code, "when": f"{when:%Y-%m-%d %H:%M}"}
            }
        )
    if locked.origin is None or locked.state == ConsignmentState.REQUESTED:
        raise Refused({"__all__": _("Nothing is picked for this consignment yet. Pick the goods first.")})
    parcels = list(locked.parcels.select_related("batch__item__unit", "bin").order_by("pk"))
    if left := [parcel for parcel in parcels if not parcel.is_loaded]:
        raise Refused(
            {"__all__": _("Not loaded yet: %(names)s. Load this too, or split it off to travel later.")
             % {"names": "; ".join(str(parcel.batch) for parcel in left)}}
        )  # fmt: skip
    for name, value in carriers.items():
        setattr(locked, name, value)
    if not locked.vehicle.strip() and not locked.carrier.strip():
        raise Refused({"vehicle": _("Say what carries the goods: the vehicle and its number plate, or the carrier.")})
    check_expected(locked.expected_at, at)
    locked.state, locked.dispatched_at = ConsignmentState.DISPATCHED, at
    drafts = [
        draft
        for parcel in parcels
        for draft in both_sides(
            parcel.batch, parcel.quantity, of={"account": Account.STOCK, "bin": parcel.bin},
            to={"account": Account.TRANSIT, "consignment": locked},
        )
    ]  # fmt: skip
    post(
        by=by, operation=locked.operation, kind=MovementKind.DISPATCH, warehouse=locked.origin, drafts=drafts,
        occurred_at=at, holding=held_for(locked), consignment=locked, site=locked.destination,
        organisation=locked.destination.organisation, document=locked.code,
    )  # fmt: skip
    with acting(by):
        locked.save()
    tell_dispatched(locked, by=by)
    return locked


@transaction.atomic
def report_position(
    *, by: Actor, consignment: Consignment, location: Point, occurred_at: datetime | None = None, note: str = "",
    reported_by: str = "",
) -> Position:  # fmt: skip
    """Write down where a consignment was seen. Reports that come late keep their own moment."""
    locked = lock_consignment(consignment)
    at = occurred_at or timezone.now()
    position = Position(
        consignment=locked, operation=locked.operation, location=location, occurred_at=at, note=note.strip()[:200],
        reported_by=reported_by,
    )  # fmt: skip
    position.stamp(by)
    require(standing_of(by.user, locked.operation), Action.ADD, position)
    if locked.dispatched_at is None:
        raise Refused({"__all__": _("%(code)s has not left yet.") % {"code": locked.code}})
    if locked.state not in (*UNDER_WAY, ConsignmentState.PARTLY_RECEIVED) and (
        locked.received_at is None or at > locked.received_at
    ):
        raise Refused({"__all__": finished_sentence(locked)})
    check_on_the_road(locked, at)
    same = locked.positions.filter(occurred_at=at, location=location).first()
    if same is not None:
        return same
    with acting(by):
        position.save()
        if locked.state == ConsignmentState.DISPATCHED:
            locked.state = ConsignmentState.IN_TRANSIT
            locked.save(update_fields=["state", "updated_at"])
    return position


@transaction.atomic
def note_arrival(*, by: Actor, consignment: Consignment, occurred_at: datetime | None = None) -> Consignment:
    """The vehicle stands in the yard; nothing is unloaded yet. Said twice, the first time stands."""
    locked = lock_consignment(consignment)
    require(standing_of(by.user, locked.operation), Action.CHANGE, locked)
    if locked.dispatched_at is None:
        raise Refused({"__all__": _("%(code)s has not left yet.") % {"code": locked.code}})
    if locked.arrived_at is not None:
        return locked
    if locked.state in (ConsignmentState.RECEIVED, ConsignmentState.CANCELLED):
        raise Refused({"__all__": finished_sentence(locked)})
    at = occurred_at or timezone.now()
    check_on_the_road(locked, at)
    locked.arrived_at = at
    if locked.state in (ConsignmentState.DISPATCHED, ConsignmentState.IN_TRANSIT):
        locked.state = ConsignmentState.ARRIVED
    with acting(by):
        locked.save(update_fields=["arrived_at", "state", "updated_at"])
    return locked


@transaction.atomic
def turn_back(*, by: Actor, consignment: Consignment, reason: str, occurred_at: datetime | None = None) -> Consignment:
    """Call a vehicle back: what is on the way lies in its warehouse again, in the bins it came from.

    Goods from outside count as never sent. Not once something of it was received. Before it leaves, it is simply cancelled.
    """
    locked = lock_consignment(consignment)
    if locked.dispatched_at is None:
        return cancel_consignment(by=by, operation=locked.operation, consignment=locked, reason=reason)
    require_sender(by, locked)
    if locked.state == ConsignmentState.CANCELLED:
        return locked
    if locked.state not in UNDER_WAY:
        raise Refused(
            {"__all__": _("Something of %(code)s was received already. Receive the rest, or explain what is missing.")
             % {"code": locked.code}}
        )  # fmt: skip
    if not reason.strip():
        raise Refused({"reason": _("Say why it turns back: somebody waits for these goods.")})
    at = occurred_at or timezone.now()
    check_on_the_road(locked, at)
    sent = locked.movements.get(kind=MovementKind.DISPATCH)
    drafts = [
        Draft(
            account=entry.account, batch=entry.batch, quantity=-entry.quantity, bin=entry.bin,
            condition=entry.condition, consignment=entry.consignment,
        )
        for entry in sent.entries.select_related("batch__item__unit", "bin", "consignment")
    ]  # fmt: skip
    post(
        by=by, operation=locked.operation, kind=MovementKind.RETURN, warehouse=sent.warehouse, drafts=drafts,
        occurred_at=at, consignment=locked, site=locked.destination, reason=reason.strip()[:300], document=locked.code,
    )  # fmt: skip
    with acting(by.because(reason)):
        close(locked, reason)
    tell_cancelled(locked, by=by)
    return locked


def on_the_way(consignment: Consignment) -> dict[int, Decimal]:
    """What the ledger says is on the way of each batch, by the batch's key; batches of which nothing is left are absent."""
    rows = Entry.objects.filter(account=Account.TRANSIT, consignment=consignment).values_list("batch")
    return {pk: total for pk, total in rows.annotate(total=Sum("quantity")).order_by() if total}


def check_on_the_road(consignment: Consignment, at: datetime) -> None:
    if at > timezone.now() + CLOCK_SLACK:
        raise Refused({"occurred_at": _("This lies in the future. Give the moment when it happened.")})
    # Forms give the minute only.
    left = consignment.dispatched_at
    if left is not None and at < left.replace(second=0, microsecond=0):
        when = timezone.localtime(left)
        raise Refused(
            {
                "occurred_at": _("This is before it left (%(when)s). Check the moment.")
                % {"when": f"{when:%Y-%m-%d %H:%M}"}
            }
        )
