"""Consignments before they leave: asked for, started from a reservation, changed, split, cancelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from inventory.ledger import CLOCK_SLACK
from inventory.models import Consignment, ConsignmentLine, ConsignmentState, Parcel, Reservation, Warehouse
from inventory.refusals import Refused
from inventory.telling import tell_cancelled
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from komek.supplies.models import Item, Pack
from orgs.models import Opening, Site

BEFORE_LEAVING = (ConsignmentState.REQUESTED, ConsignmentState.PICKED, ConsignmentState.LOADED)
UNDER_WAY = (ConsignmentState.DISPATCHED, ConsignmentState.IN_TRANSIT, ConsignmentState.ARRIVED)
# What may still change once the goods are on the road: who carries them, and when they are expected.
ON_THE_ROAD = frozenset(
    {"vehicle", "driver", "driver_phone", "carrier", "route", "seal", "expected_at", "note", "reported_by"}
)
CHANGEABLE = ON_THE_ROAD | {
    "destination", "sender", "request_reference", "wanted_by", "least_shelf_life_days", "occurred_at",
}  # fmt: skip


@dataclass(frozen=True)
class WantedLine:
    """What is asked for: ``quantity`` in the item's base unit. pack: how it was counted, if in packs."""

    item: Item
    quantity: Decimal
    pack: Pack | None = None
    as_written: str = ""
    reservation: Reservation | None = None


@transaction.atomic
def request_consignment(
    *, by: Actor, operation: Any, origin: Warehouse, destination: Site, lines: Sequence[WantedLine], **fields: Any
) -> Consignment:
    """Ask a warehouse to send goods to a site. fields: further fields of ``Consignment``. Raises Refused and NotAllowed."""
    consignment = Consignment(
        operation=operation, origin=origin, destination=destination, organisation=origin.organisation, **fields
    )
    consignment.stamp(by)
    require(standing_of(by.user, operation), Action.ADD, consignment)
    check_ends(consignment)
    check_lines(lines)
    with acting(by):
        consignment.save()
        write_lines(consignment, lines)
    return consignment


@transaction.atomic
def start_from_reservation(
    *, by: Actor, operation: Any, reservation: Reservation, destination: Site, wanted_by: date | None,
    request_reference: str,
) -> Consignment:  # fmt: skip
    """Begin to bring what is held to a site. Starting twice gives the first consignment back.

    What is held in one warehouse for one request and one site, and has not been picked yet, travels in one consignment.
    """
    held = (
        Reservation.objects.select_for_update(of=("self",)).select_related("warehouse", "item").get(pk=reservation.pk)
    )
    if held.consignment is not None:
        return held.consignment
    if held.closed_at is not None or held.until <= timezone.now():
        raise Refused({"__all__": _("These goods are not held any more. Reserve them again, then send them.")})
    line = WantedLine(held.item, held.quantity, reservation=held)
    # One that somebody works on is left alone: they may wait for the goods that we have locked already.
    waiting = Consignment.objects.select_for_update(of=("self",), skip_locked=True).filter(
        operation=operation, origin=held.warehouse, destination=destination, state=ConsignmentState.REQUESTED,
        request_reference=request_reference,
    )  # fmt: skip
    consignment = waiting.exclude(request_reference="").first()
    if consignment is None:
        consignment = request_consignment(
            by=by, operation=operation, origin=held.warehouse, destination=destination, lines=(line,),
            wanted_by=wanted_by, request_reference=request_reference,
        )  # fmt: skip
    else:
        require(standing_of(by.user, operation), Action.CHANGE, consignment)
        with acting(by):
            write_lines(consignment, (line,), first=consignment.lines.count())
    held.consignment = consignment
    with acting(by):
        held.save(update_fields=["consignment", "updated_at"])
    return consignment


@transaction.atomic
def change_consignment(
    *, by: Actor, operation: Any, consignment: Consignment, lines: Sequence[WantedLine] | None = None, **fields: Any
) -> Consignment:
    """Change who carries it, when it is wanted, and while nothing is picked also what and where to."""
    locked = lock_consignment(consignment)
    require(standing_of(by.user, operation), Action.CHANGE, locked)
    if unknown := set(fields) - CHANGEABLE:
        raise TypeError(f"not fields of a consignment that people change: {', '.join(sorted(unknown))}")
    changed = {name for name, value in fields.items() if getattr(locked, name) != value}
    if locked.state in (ConsignmentState.RECEIVED, ConsignmentState.CANCELLED) and (changed or lines is not None):
        raise Refused({"__all__": finished_sentence(locked)})
    if locked.state not in BEFORE_LEAVING and (changed - ON_THE_ROAD or lines is not None):
        raise Refused(
            {"__all__": _("The goods have left. Only who carries them and when they are expected can still change.")}
        )
    if lines is not None and locked.state != ConsignmentState.REQUESTED:
        raise Refused({"lines": _("The goods are picked already. Undo the picking first, then change what is sent.")})
    for name, value in fields.items():
        setattr(locked, name, value)
    check_ends(locked)
    if locked.dispatched_at is not None:
        check_expected(locked.expected_at, locked.dispatched_at)
        if changed & {"vehicle", "carrier"} and not locked.vehicle.strip() and not locked.carrier.strip():
            raise Refused(
                {"vehicle": _("Say what carries the goods: the vehicle and its number plate, or the carrier.")}
            )
    with acting(by):
        locked.save()
        if lines is not None:
            check_lines(lines)
            locked.lines.all().delete()
            write_lines(locked, lines)
    return locked


@transaction.atomic
def split_off(*, by: Actor, operation: Any, consignment: Consignment, parcels: Mapping[Parcel, Decimal]) -> Consignment:
    """Let these quantities of picked parcels travel on their own, in a new consignment that names the first one.

    For what does not fit on the lorry. The new consignment is picked, not loaded. Raises Refused and NotAllowed.
    """
    locked = lock_consignment(consignment)
    require(standing_of(by.user, operation), Action.CHANGE, locked)
    if locked.state not in (ConsignmentState.PICKED, ConsignmentState.LOADED):
        raise Refused({"__all__": _("Only a consignment that is picked and has not left can be split.")})
    own = {
        parcel.pk: parcel
        for parcel in locked.parcels.select_related("line__item", "batch").select_for_update(of=("self",))
    }
    moved = {parcel.pk: quantity for parcel, quantity in parcels.items() if quantity > 0}
    if not moved:
        raise Refused({"parcels": _("Choose what is to travel on its own.")})
    for pk, quantity in moved.items():
        if pk not in own or quantity > own[pk].quantity:
            raise Refused({"parcels": _("More is split off than was picked. Look at the list again.")})
    if all(moved.get(pk) == parcel.quantity for pk, parcel in own.items()):
        raise Refused({"parcels": _("Everything would leave this consignment. Leave at least one part in it.")})
    second = Consignment(
        operation=locked.operation, organisation=locked.organisation, origin=locked.origin, sender=locked.sender,
        destination=locked.destination, state=ConsignmentState.PICKED, request_reference=locked.request_reference,
        wanted_by=locked.wanted_by, least_shelf_life_days=locked.least_shelf_life_days, picked_at=locked.picked_at,
        split_from=locked,
    )  # fmt: skip
    second.stamp(by)
    with acting(by):
        second.save()
        _move_parcels(locked, second, {own[pk]: quantity for pk, quantity in moved.items()})
        if not locked.parcels.filter(is_loaded=False).exists():
            locked.state = ConsignmentState.LOADED
            locked.loaded_at = locked.loaded_at or timezone.now()
            locked.save(update_fields=["state", "loaded_at", "updated_at"])
    return second


@transaction.atomic
def cancel_consignment(*, by: Actor, operation: Any, consignment: Consignment, reason: str) -> Consignment:
    """Call a consignment off before it leaves; what was held for it is free again. Once it has left, ``turn_back``."""
    locked = lock_consignment(consignment)
    require(standing_of(by.user, operation), Action.CHANGE, locked)
    if not reason.strip():
        raise Refused({"reason": _("Say why it is cancelled: somebody waits for these goods.")})
    if locked.state == ConsignmentState.CANCELLED:
        return locked
    if locked.state not in BEFORE_LEAVING:
        raise Refused({"__all__": _("The goods have left already. Call the lorry back instead, or receive them.")})
    with acting(by.because(reason)):
        close(locked, reason)
        release_held(locked, str(_("cancelled")))
    tell_cancelled(locked, by=by)
    return locked


def close(consignment: Consignment, reason: str) -> None:
    """Mark a locked consignment as cancelled."""
    consignment.state = ConsignmentState.CANCELLED
    consignment.cancel_reason = reason.strip()[:300]
    consignment.save(update_fields=["state", "cancel_reason", "updated_at"])


def lock_consignment(consignment: Consignment) -> Consignment:
    """The consignment as it is now, locked until the transaction ends. Taken before any balance, everywhere."""
    rows = Consignment.objects.select_for_update(of=("self",)).select_related(
        "origin__organisation", "destination__organisation", "organisation", "operation"
    )
    return rows.get(pk=consignment.pk)


def held_for(consignment: Consignment) -> list[Reservation]:
    """What is held for the consignment now."""
    return list(consignment.reservations.filter(closed_at=None).select_related("batch").order_by("pk"))


def release_held(consignment: Consignment, outcome: str) -> None:
    """Give back what is held for it."""
    for reservation in held_for(consignment):
        reservation.closed_at, reservation.outcome = timezone.now(), outcome[:100]
        reservation.save(update_fields=["closed_at", "outcome", "updated_at"])


def warehouse_at(site: Site) -> Warehouse | None:
    """The warehouse that this site is, or ``None``."""
    if isinstance(site, Warehouse):
        return site
    return Warehouse.objects.select_related("organisation").filter(pk=site.pk).first()


def finished_sentence(consignment: Consignment) -> str:
    """What became of a consignment that is over."""
    if consignment.state == ConsignmentState.CANCELLED:
        return _("%(code)s was cancelled: %(reason)s") % {
            "code": consignment.code, "reason": consignment.cancel_reason or _("no reason was given"),
        }  # fmt: skip
    last = consignment.deliveries.select_related("entered_by").last()
    when = timezone.localtime(consignment.received_at or consignment.updated_at)
    return _("%(code)s was received on %(when)s by %(who)s. Nothing is changed.") % {
        "code": consignment.code, "when": f"{when:%Y-%m-%d %H:%M}",
        "who": (last and (last.entered_by or last.reported_by)) or _("somebody"),
    }  # fmt: skip


def check_ends(consignment: Consignment) -> None:
    """Whether goods can go from here to there. Raises Refused with a sentence per field."""
    faults: dict[str, Any] = {}
    origin, destination = consignment.origin, consignment.destination
    if origin is not None and origin.pk == destination.pk:
        faults["destination"] = _("The goods would go where they already are. Choose another site.")
    for name, site in (("origin", origin), ("destination", destination)):
        if site is not None and not _is_within(site, consignment.operation):
            faults[name] = _("%(site)s belongs to another operation.") % {"site": site}
        elif site is not None and site.opening == Opening.CLOSED and consignment.state == ConsignmentState.REQUESTED:
            faults[name] = _("%(site)s is closed. Choose another site, or open it again first.") % {"site": site}
    if consignment.occurred_at > timezone.now() + CLOCK_SLACK:
        faults["occurred_at"] = _("This lies in the future. Give the moment when it was asked for.")
    if faults:
        raise Refused(faults)


def check_expected(expected_at: datetime | None, dispatched_at: datetime) -> None:
    """Raise Refused when it would arrive before it leaves."""
    if expected_at is not None and expected_at < dispatched_at:
        raise Refused({"expected_at": _("It would arrive before it leaves. Check the two moments.")})


def _is_within(site: Site, operation: Any) -> bool:
    if site.operation_id is None:
        return not getattr(operation, "is_exercise", False)
    return bool(site.operation_id == getattr(operation, "pk", None))


def check_lines(lines: Sequence[WantedLine]) -> None:
    """Whether this can be asked for. Raises Refused."""
    if not lines:
        raise Refused({"lines": _("Say what is to be sent: at least one item and how much of it.")})
    for line in lines:
        if line.quantity <= 0:
            raise Refused({"lines": _("%(item)s: give a quantity above zero.") % {"item": line.item}})
        if line.pack is not None and line.pack.item_id != line.item.pk:
            raise Refused({"lines": _("%(pack)s is not a pack of %(item)s.") % {"pack": line.pack, "item": line.item}})
        if not line.item.is_active and line.item.replaced_by is not None:
            raise Refused(
                {
                    "lines": _("%(item)s is not used any more. Ask for %(other)s instead.")
                    % {"item": line.item, "other": line.item.replaced_by}
                }
            )


def write_lines(consignment: Consignment, lines: Sequence[WantedLine], *, first: int = 0) -> list[ConsignmentLine]:
    """Save the lines of a consignment in their order."""
    return [
        ConsignmentLine.objects.create(
            consignment=consignment, item=line.item, pack=line.pack, quantity=line.quantity,
            as_written=line.as_written[:300], reservation=line.reservation, order=place,
        )
        for place, line in enumerate(lines, first)
    ]  # fmt: skip


def _move_parcels(first: Consignment, second: Consignment, moved: Mapping[Parcel, Decimal]) -> None:
    """Hand parcels, their lines' share and what is held for them over to the second consignment."""
    lines: dict[int, ConsignmentLine] = {}
    for parcel, quantity in moved.items():
        if parcel.line_id not in lines:
            lines[parcel.line_id] = ConsignmentLine.objects.create(
                consignment=second, item=parcel.line.item, pack=parcel.line.pack, quantity=quantity,
                as_written=parcel.line.as_written, reservation=parcel.line.reservation, order=parcel.line.order,
            )  # fmt: skip
        else:
            line = lines[parcel.line_id]
            line.quantity += quantity
            line.save(update_fields=["quantity"])
        _take_from(first, second, parcel, quantity, lines[parcel.line_id])
    # A line asks for what stays; one of which nothing stays has moved as a whole.
    for line in first.lines.filter(pk__in=lines):
        left = line.quantity - lines[line.pk].quantity
        if not line.parcels.exists():
            line.delete()
        elif left > 0:
            line.quantity = left
            line.save(update_fields=["quantity"])


def _take_from(
    first: Consignment, second: Consignment, parcel: Parcel, quantity: Decimal, line: ConsignmentLine
) -> None:
    left = parcel.quantity - quantity
    if left == 0:
        parcel.consignment, parcel.line, parcel.is_loaded = second, line, False
        parcel.save()
    else:
        parcel.quantity = left
        parcel.save(update_fields=["quantity"])
        Parcel.objects.create(consignment=second, line=line, batch=parcel.batch, bin=parcel.bin, quantity=quantity)
    wanted = quantity
    for held in first.reservations.filter(closed_at=None, batch=parcel.batch).order_by("-pk"):
        part = min(held.quantity, wanted)
        if part <= 0:
            break
        if part == held.quantity:
            held.consignment = second
            held.save(update_fields=["consignment", "updated_at"])
        else:
            held.quantity -= part
            held.save(update_fields=["quantity", "updated_at"])
            hold(second, held.batch, part, until=held.until, entered_by=held.entered_by_id, channel=held.channel)
        wanted -= part


def hold(consignment: Consignment, batch: Any, quantity: Decimal, *, until: datetime, **fields: Any) -> Reservation:
    """Hold so much of a batch for the consignment. The caller has locked the batch's balances."""
    entered_by = fields.pop("entered_by", None)
    return Reservation.objects.create(
        operation=consignment.operation, warehouse=consignment.origin, batch=batch, item_id=batch.item_id,
        consignment=consignment, quantity=quantity, until=until, reference=consignment.code,
        entered_by_id=entered_by, **fields,
    )  # fmt: skip
