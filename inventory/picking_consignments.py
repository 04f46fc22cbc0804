"""Picking and loading a consignment: which batches from which bins, set aside so that nobody else takes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from inventory.consignments import (
    finished_sentence,
    held_for,
    hold,
    lock_consignment,
    release_held,
)
from inventory.ledger import lock_balances, promised
from inventory.models import (
    Balance,
    Batch,
    Bin,
    Condition,
    Consignment,
    ConsignmentLine,
    ConsignmentState,
    Parcel,
    ZoneKind,
)
from inventory.picking import Lot, pick, why_not
from inventory.policies import sends
from inventory.quantities import in_words
from inventory.refusals import Refused
from komek.accounts.authority import NotAllowed, standing_of
from komek.records.actor import Actor, acting

PICKED_IS_HELD = timedelta(days=14)
NONE = Decimal(0)


@dataclass(frozen=True)
class Pick:
    """So much of a batch from a bin, for a line. quantity: in the item's base unit."""

    line: ConsignmentLine
    batch: Batch
    bin: Bin | None
    quantity: Decimal


@dataclass(frozen=True)
class Picking:
    """A proposal. gaps: sentences about lines that cannot be filled and why."""

    picks: tuple[Pick, ...]
    gaps: tuple[str, ...]


def propose_picking(consignment: Consignment) -> Picking:
    """What to take, first expired first: what was held for this consignment, else what is free and lasts long enough."""
    lines = list(consignment.lines.select_related("item__unit", "reservation").order_by("order", "pk"))
    rows = list(
        Balance.objects.filter(
            warehouse_id=consignment.origin_id, item__in=[line.item_id for line in lines], quantity__gt=0
        ).select_related("batch__item__unit", "batch__pack", "bin__zone")
    )
    assert consignment.origin is not None
    batches = {row.batch_id: row.batch for row in rows}
    taken = promised(consignment.origin, batches.values(), but=held_for(consignment))
    free = {
        pk: sum((row.quantity for row in rows if row.batch_id == pk and row.condition == Condition.GOOD), NONE)
        - taken.get(pk, NONE)
        for pk in batches
    }
    left = {row.pk: row.quantity for row in rows}
    picks: list[Pick] = []
    gaps: list[str] = []
    for line in lines:
        own = {row.pk: row for row in rows if row.item_id == line.item_id}
        kept = line.reservation.batch_id if line.reservation else None
        wanted = line.quantity
        # What was held for this line goes first; the rest is picked first expired first.
        for part in ([row for row in own.values() if row.batch_id == kept], list(own.values())):
            lots = {_lot(row, left[row.pk]): row for row in part if left[row.pk] > 0}
            held = {pk: max(sum((left[r.pk] for r in own.values() if r.batch_id == pk and r.condition == Condition.GOOD), NONE)
                            - free[pk], NONE) for pk in {row.batch_id for row in part}}  # fmt: skip
            plan = pick(wanted, lots, today=timezone.localdate(), usable_until=_needed_until(consignment), held=held)
            for taken_lot in plan.picks:
                row = lots[taken_lot.lot]
                picks.append(Pick(line, row.batch, row.bin, taken_lot.quantity))
                left[row.pk] -= taken_lot.quantity
                free[row.batch_id] -= taken_lot.quantity
                wanted -= taken_lot.quantity
        if wanted > 0:
            gaps.append(_gap(line, wanted, rows, consignment, taken))
    return Picking(tuple(picks), tuple(gaps))


@transaction.atomic
def pick_consignment(
    *, by: Actor, consignment: Consignment, picks: Sequence[Pick] | None = None, allow_less: bool = False
) -> Consignment:
    """Set goods aside for a consignment; they are held for it for two weeks. Picking again replaces what was picked.

    picks: what was taken; ``None`` takes what is proposed. allow_less: send less than was asked for.
    Raises Refused (with what is there, where, and what has expired) and NotAllowed.
    """
    locked = lock_consignment(consignment)
    require_sender(by, locked)
    if locked.origin is None:
        raise Refused({"__all__": _("These goods come from outside: there is nothing to pick here.")})
    if locked.state not in (ConsignmentState.REQUESTED, ConsignmentState.PICKED):
        raise Refused({"__all__": _state_sentence(locked)})
    items = [line.item_id for line in locked.lines.all()]
    lock_balances(locked.origin, Batch.objects.filter(balances__warehouse=locked.origin, item__in=items).distinct())
    if picks is None:
        proposal = propose_picking(locked)
        if proposal.gaps and not allow_less:
            raise Refused({"__all__": " ".join(proposal.gaps)})
        picks = proposal.picks
    picks = [one for one in picks if one.quantity != 0]
    if not picks:
        raise Refused({"__all__": _("Nothing is picked. Take at least one thing, or cancel the consignment.")})
    _check_picks(locked, picks, allow_less=allow_less)
    with acting(by):
        locked.parcels.all().delete()
        for one in picks:
            Parcel.objects.create(
                consignment=locked, line=one.line, batch=one.batch, bin=one.bin, quantity=one.quantity
            )
        _hold_exactly(locked, picks, by)
        locked.state, locked.picked_at = ConsignmentState.PICKED, timezone.now()
        locked.save(update_fields=["state", "picked_at", "updated_at"])
    return locked


@transaction.atomic
def undo_picking(*, by: Actor, consignment: Consignment) -> Consignment:
    """Put picked goods back: the consignment is asked for again, and nothing is held for it."""
    locked = lock_consignment(consignment)
    require_sender(by, locked)
    if locked.state not in (ConsignmentState.PICKED, ConsignmentState.LOADED) or locked.origin is None:
        raise Refused({"__all__": _state_sentence(locked)})
    with acting(by):
        locked.parcels.all().delete()
        release_held(locked, str(_("put back")))
        locked.state, locked.picked_at, locked.loaded_at = ConsignmentState.REQUESTED, None, None
        locked.save(update_fields=["state", "picked_at", "loaded_at", "updated_at"])
    return locked


@transaction.atomic
def load_parcels(*, by: Actor, consignment: Consignment, parcels: Iterable[Parcel], loaded: bool = True) -> Consignment:
    """Tick parcels off as they go onto the vehicle (or off it again). With the last one the consignment is loaded."""
    locked = lock_consignment(consignment)
    require_sender(by, locked)
    if locked.state not in (ConsignmentState.PICKED, ConsignmentState.LOADED):
        raise Refused({"__all__": _state_sentence(locked)})
    chosen = {parcel.pk for parcel in parcels}
    own = {parcel.pk: parcel for parcel in locked.parcels.all()}
    if not chosen <= set(own):
        raise Refused({"parcels": _("What you scanned or ticked does not belong to %(code)s.") % {"code": locked.code}})
    with acting(by):
        for pk in chosen:
            own[pk].is_loaded = loaded
            own[pk].save(update_fields=["is_loaded"])
        is_whole = all(parcel.is_loaded for parcel in own.values())
        locked.state = ConsignmentState.LOADED if is_whole else ConsignmentState.PICKED
        locked.loaded_at = timezone.now() if is_whole else None
        locked.save(update_fields=["state", "loaded_at", "updated_at"])
    return locked


def require_sender(by: Actor, consignment: Consignment) -> None:
    """Raise NotAllowed unless the actor may pick, load and dispatch it."""
    standing = standing_of(by.user, consignment.operation)
    if not (standing.runs_installation or sends(standing, consignment)):
        raise NotAllowed(_("Only the keepers of the warehouse it comes from may do this. Ask them, or a coordinator."))


def _fits(row: Balance, line: ConsignmentLine, consignment: Consignment) -> bool:
    why = why_not(_lot(row, row.quantity), timezone.localdate(), _needed_until(consignment))
    return row.item_id == line.item_id and why is None


def _lot(row: Balance, quantity: Decimal) -> Lot:
    """A balance as the picking takes it."""
    return Lot(
        row.batch_id, row.bin_id, quantity, row.batch.expires_on, row.batch.expiry_is_unknown, row.batch.is_blocked,
        row.condition, row.bin is not None and row.bin.zone.kind == ZoneKind.QUARANTINE,
        row.batch.pack.quantity if row.batch.pack else None, row.bin.pick_order if row.bin else 0,
    )  # fmt: skip


def _needed_until(consignment: Consignment) -> date | None:
    """The last day on which it must be usable: so long after arrival as was asked for. Without a day of arrival, from today."""
    arrives = timezone.localtime(consignment.expected_at).date() if consignment.expected_at else timezone.localdate()
    days = consignment.least_shelf_life_days
    return arrives + timedelta(days=days) if days or consignment.expected_at else None


def _lasts(batch: Batch, consignment: Consignment) -> bool:
    needed = _needed_until(consignment) or timezone.localdate()
    return batch.expires_on is None or batch.expires_on >= needed


def _gap(
    line: ConsignmentLine,
    missing: Decimal,
    rows: Sequence[Balance],
    consignment: Consignment,
    taken: dict[int, Decimal],
) -> str:
    """Why a line cannot be filled: what is there, what has expired or expires too soon, what others hold."""
    own = [row for row in rows if row.item_id == line.item_id]
    today = timezone.localdate()
    good = [row for row in own if _fits(row, line, consignment)]
    said = _("%(item)s: %(missing)s of %(wanted)s are missing.") % {
        "item": line.item, "missing": in_words(line.item, missing), "wanted": in_words(line.item, line.quantity),
    }  # fmt: skip
    old = sum((row.quantity for row in own if row.batch.expires_on and row.batch.expires_on < today), NONE)
    soon = sum(
        (
            r.quantity
            for r in own
            if not _lasts(r.batch, consignment) and r.batch.expires_on and r.batch.expires_on >= today
        ),
        NONE,
    )
    apart = sum((row.quantity for row in own if _lasts(row.batch, consignment)), NONE) - sum(
        (row.quantity for row in good), NONE
    )
    held = sum((taken.get(pk, NONE) for pk in {row.batch_id for row in good}), NONE)
    for quantity, words in (
        (old, _("%(quantity)s have expired.")),
        (soon, _("%(quantity)s expire too soon.")),
        (apart, _("%(quantity)s are damaged, blocked or in quarantine.")),
        (held, _("%(quantity)s are held for others.")),
    ):
        if quantity > 0:
            said += " " + words % {"quantity": in_words(line.item, quantity)}
    return said


def _check_picks(consignment: Consignment, picks: Sequence[Pick], *, allow_less: bool) -> None:
    assert consignment.origin is not None
    lines = {line.pk: line for line in consignment.lines.select_related("item__unit")}
    rows = lock_balances(consignment.origin, {one.batch.pk: one.batch for one in picks}.values())
    there = {(row.batch_id, row.bin_id): row for row in rows if row.condition == Condition.GOOD}
    by_place: dict[tuple[int, int | None], Decimal] = {}
    by_line: dict[int, Decimal] = {}
    for one in picks:
        line = lines.get(one.line.pk)
        if line is None or one.batch.item_id != line.item_id:
            raise Refused({"parcels": _("%(batch)s is not what this line asks for.") % {"batch": one.batch}})
        row = there.get((one.batch.pk, one.bin.pk if one.bin else None))
        place = (one.batch.pk, one.bin.pk if one.bin else None)
        by_place[place] = by_place.get(place, NONE) + one.quantity
        by_line[line.pk] = by_line.get(line.pk, NONE) + one.quantity
        if one.quantity < 0 or row is None or by_place[place] > row.quantity:
            raise Refused({"parcels": _more_than_there(one, row)})
        if not _fits(row, line, consignment):
            raise Refused({"parcels": _unusable(one.batch)})
        if by_line[line.pk] > line.quantity:
            raise Refused(
                {"parcels": _("%(item)s: more is picked than was asked for (%(wanted)s).")
                 % {"item": line.item, "wanted": in_words(line.item, line.quantity)}}
            )  # fmt: skip
    taken = promised(consignment.origin, {one.batch.pk: one.batch for one in picks}.values(), but=held_for(consignment))
    for pk in {one.batch.pk for one in picks}:
        lying = sum((row.quantity for (batch, _bin), row in there.items() if batch == pk), NONE)
        wanted = sum((quantity for (batch, _bin), quantity in by_place.items() if batch == pk), NONE)
        if wanted > lying - taken.get(pk, NONE):
            one = next(one for one in picks if one.batch.pk == pk)
            raise Refused(
                {"parcels": _("%(batch)s: %(held)s are held for others, so only %(free)s can be picked.")
                 % {"batch": one.batch, "held": in_words(one.batch.item, taken[pk]),
                    "free": in_words(one.batch.item, max(lying - taken[pk], NONE))}}
            )  # fmt: skip
    if not allow_less:
        short = [line for pk, line in lines.items() if by_line.get(pk, NONE) < line.quantity]
        if short:
            names = "; ".join(
                f"{line.item} {in_words(line.item, line.quantity - by_line.get(line.pk, NONE))}" for line in short
            )
            raise Refused(
                {"parcels": _("Less is picked than was asked for: %(names)s are missing. Pick them, or send less on purpose.")
                 % {"names": names}}
            )  # fmt: skip


def _more_than_there(one: Pick, row: Balance | None) -> str:
    return _("%(wanted)s of %(batch)s cannot be picked from %(bin)s: there are %(has)s in good order.") % {
        "wanted": in_words(one.batch.item, one.quantity), "batch": one.batch,
        "bin": one.bin or _("the warehouse without a bin"),
        "has": in_words(one.batch.item, row.quantity if row else NONE),
    }  # fmt: skip


def _unusable(batch: Batch) -> str:
    if batch.expires_on and batch.expires_on < timezone.localdate():
        return _("%(batch)s expired on %(day)s and cannot be sent.") % {"batch": batch, "day": batch.expires_on}
    return _("%(batch)s is blocked, in quarantine, or expires too soon for this consignment.") % {"batch": batch}


def _hold_exactly(consignment: Consignment, picks: Sequence[Pick], by: Actor) -> None:
    """Hold just what is picked, of each batch, for the consignment. What was held before is kept where it fits."""
    until = timezone.now() + PICKED_IS_HELD
    wanted: dict[int, Decimal] = {}
    batches = {one.batch.pk: one.batch for one in picks}
    for one in picks:
        wanted[one.batch.pk] = wanted.get(one.batch.pk, NONE) + one.quantity
    for held in held_for(consignment):
        part = wanted.pop(held.batch_id, NONE)
        if part > 0:
            held.quantity, held.until = part, max(held.until, until)
        else:
            held.closed_at, held.outcome = timezone.now(), str(_("another batch was picked"))
        held.save(update_fields=["quantity", "until", "closed_at", "outcome", "updated_at"])
    for pk, quantity in wanted.items():
        if quantity > 0:
            hold(
                consignment,
                batches[pk],
                quantity,
                until=until,
                channel=by.channel,
                entered_by=getattr(by.user, "pk", None),
            )


def _state_sentence(consignment: Consignment) -> str:
    if consignment.state in (ConsignmentState.RECEIVED, ConsignmentState.CANCELLED):
        return finished_sentence(consignment)
    return _("%(code)s is %(state)s, so this cannot be done now. Open it again to see what comes next.") % {
        "code": consignment.code, "state": consignment.get_state_display(),
    }  # fmt: skip
