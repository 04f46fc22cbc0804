"""Picking and loading a consignment: which batches from which bins, set aside so that nobody else takes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from inventory.consignments import (
    describe,
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
from inventory.policies import sends
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
        ).select_related("batch__item__unit", "bin__zone")
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
        fit = sorted((row for row in rows if _fits(row, line, consignment)), key=lambda row: _order(row, line))
        wanted = line.quantity
        for row in fit:
            part = min(wanted, left[row.pk], max(free[row.batch_id], NONE))
            if part > 0:
                picks.append(Pick(line, row.batch, row.bin, part))
                left[row.pk] -= part
                free[row.batch_id] -= part
                wanted -= part
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
    picks = [pick for pick in picks if pick.quantity != 0]
    if not picks:
        raise Refused({"__all__": _("Nothing is picked. Take at least one thing, or cancel the consignment.")})
    _check_picks(locked, picks, allow_less=allow_less)
    with acting(by):
        locked.parcels.all().delete()
        for pick in picks:
            Parcel.objects.create(
                consignment=locked, line=pick.line, batch=pick.batch, bin=pick.bin, quantity=pick.quantity
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
    is_usable = row.condition == Condition.GOOD and not row.batch.is_blocked
    is_quarantined = row.bin is not None and row.bin.zone.kind == ZoneKind.QUARANTINE
    return row.item_id == line.item_id and is_usable and not is_quarantined and _lasts(row.batch, consignment)


def _lasts(batch: Batch, consignment: Consignment) -> bool:
    """Whether it is usable as long after arrival as was asked for. Without a day of arrival, counted from today."""
    arrives = timezone.localtime(consignment.expected_at).date() if consignment.expected_at else timezone.localdate()
    needed = arrives + timedelta(days=consignment.least_shelf_life_days)
    return batch.expires_on is None or batch.expires_on >= needed


def _order(row: Balance, line: ConsignmentLine) -> tuple[object, ...]:
    is_held = line.reservation is not None and line.reservation.batch_id == row.batch_id
    never = row.batch.expires_on is None
    # An opened pack goes first: what is left over in the bin after whole packs.
    is_whole = row.batch.pack is not None and row.quantity % row.batch.pack.quantity == 0
    place = (row.bin.pick_order, row.bin.label) if row.bin else (0, "")
    return (not is_held, never, row.batch.expires_on or timezone.localdate(), row.batch_id, is_whole, place, row.pk)


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
        "item": line.item, "missing": describe(missing, line.item), "wanted": describe(line.quantity, line.item),
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
            said += " " + words % {"quantity": describe(quantity, line.item)}
    return said


def _check_picks(consignment: Consignment, picks: Sequence[Pick], *, allow_less: bool) -> None:
    assert consignment.origin is not None
    lines = {line.pk: line for line in consignment.lines.select_related("item__unit")}
    rows = lock_balances(consignment.origin, {pick.batch.pk: pick.batch for pick in picks}.values())
    there = {(row.batch_id, row.bin_id): row for row in rows if row.condition == Condition.GOOD}
    by_place: dict[tuple[int, int | None], Decimal] = {}
    by_line: dict[int, Decimal] = {}
    for pick in picks:
        line = lines.get(pick.line.pk)
        if line is None or pick.batch.item_id != line.item_id:
            raise Refused({"parcels": _("%(batch)s is not what this line asks for.") % {"batch": pick.batch}})
        row = there.get((pick.batch.pk, pick.bin.pk if pick.bin else None))
        place = (pick.batch.pk, pick.bin.pk if pick.bin else None)
        by_place[place] = by_place.get(place, NONE) + pick.quantity
        by_line[line.pk] = by_line.get(line.pk, NONE) + pick.quantity
        if pick.quantity < 0 or row is None or by_place[place] > row.quantity:
            raise Refused({"parcels": _more_than_there(pick, row)})
        if not _fits(row, line, consignment):
            raise Refused({"parcels": _unusable(pick.batch)})
        if by_line[line.pk] > line.quantity:
            raise Refused(
                {"parcels": _("%(item)s: more is picked than was asked for (%(wanted)s).")
                 % {"item": line.item, "wanted": describe(line.quantity, line.item)}}
            )  # fmt: skip
    taken = promised(consignment.origin, {p.batch.pk: p.batch for p in picks}.values(), but=held_for(consignment))
    for pk in {pick.batch.pk for pick in picks}:
        lying = sum((row.quantity for (batch, _bin), row in there.items() if batch == pk), NONE)
        wanted = sum((quantity for (batch, _bin), quantity in by_place.items() if batch == pk), NONE)
        if wanted > lying - taken.get(pk, NONE):
            pick = next(pick for pick in picks if pick.batch.pk == pk)
            raise Refused(
                {"parcels": _("%(batch)s: %(held)s are held for others, so only %(free)s can be picked.")
                 % {"batch": pick.batch, "held": describe(taken[pk], pick.batch.item),
                    "free": describe(max(lying - taken[pk], NONE), pick.batch.item)}}
            )  # fmt: skip
    if not allow_less:
        short = [line for pk, line in lines.items() if by_line.get(pk, NONE) < line.quantity]
        if short:
            names = "; ".join(
                f"{line.item} {describe(line.quantity - by_line.get(line.pk, NONE), line.item)}" for line in short
            )
            raise Refused(
                {"parcels": _("Less is picked than was asked for: %(names)s are missing. Pick them, or send less on purpose.")
                 % {"names": names}}
            )  # fmt: skip


def _more_than_there(pick: Pick, row: Balance | None) -> str:
    return _("%(wanted)s of %(batch)s cannot be picked from %(bin)s: there are %(has)s in good order.") % {
        "wanted": describe(pick.quantity, pick.batch.item), "batch": pick.batch,
        "bin": pick.bin or _("the warehouse without a bin"),
        "has": describe(row.quantity if row else NONE, pick.batch.item),
    }  # fmt: skip


def _unusable(batch: Batch) -> str:
    if batch.expires_on and batch.expires_on < timezone.localdate():
        return _("%(batch)s expired on %(day)s and cannot be sent.") % {"batch": batch, "day": batch.expires_on}
    return _("%(batch)s is blocked, in quarantine, or expires too soon for this consignment.") % {"batch": batch}


def _hold_exactly(consignment: Consignment, picks: Sequence[Pick], by: Actor) -> None:
    """Hold just what is picked, of each batch, for the consignment. What was held before is kept where it fits."""
    until = timezone.now() + PICKED_IS_HELD
    wanted: dict[int, Decimal] = {}
    batches = {pick.batch.pk: pick.batch for pick in picks}
    for pick in picks:
        wanted[pick.batch.pk] = wanted.get(pick.batch.pk, NONE) + pick.quantity
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
