"""Whether what leaves is there: now, at its moment and ever since, and not promised to others; and the sentences when not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Sum
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from inventory.drafts import Draft, Place, by_place
from inventory.locking import promised
from inventory.models import Account, Balance, Batch, Condition, Entry, Movement, MovementKind, Reservation
from inventory.refusals import Refused
from komek.supplies.models import plain

# What is gone is gone, whatever was promised of it; the promise stays, and whoever comes for it is told how much is left.
FACTS = (MovementKind.LOSS, MovementKind.ADJUSTMENT)


def check_stock(
    movement: Movement, drafts: Sequence[Draft], balances: Sequence[Balance], mine: Iterable[Reservation], *,
    asked_for: datetime | None, slack: timedelta, now: datetime,
) -> datetime:  # fmt: skip
    """See that the drafts leave nothing below zero, and return the moment to write. ``balances`` are locked.

    Who gives no moment means now, after all that was written before. A moment given a little (``slack``) too early, by another
    clock or without seconds, is moved to the first one at which the goods were there. Raises Refused.
    """
    changes = by_place(drafts)
    batches = {draft.batch.pk: draft.batch for draft in drafts}
    leaving = {place: -change for place, change in changes.items() if change < 0}
    if not leaving:
        return asked_for or now
    there: dict[Place, Decimal] = {(row.batch_id, row.bin_id, row.condition): row.quantity for row in balances}
    for place, quantity in leaving.items():
        has = there.get(place, Decimal(0))
        if has < quantity:
            raise Refused({"quantity": too_little(batches[place[0]], quantity, has, balances)})
    moment = _moment(movement, leaving, there, asked_for or now)
    if moment.fits_at > (asked_for or now) and asked_for is not None and moment.fits_at - asked_for > slack:
        raise Refused({"occurred_at": _too_early(movement, moment, batches)})
    if movement.kind not in FACTS:
        _check_promises(movement, changes, batches, balances, mine)
    return moment.fits_at


class Moment:
    """From when on the goods can have left. lowest: what lay there at the least in between, at ``place``."""

    def __init__(self, fits_at: datetime) -> None:
        self.fits_at = fits_at
        self.place: Place | None = None
        self.lowest = Decimal(0)


def _moment(movement: Movement, leaving: dict[Place, Decimal], there: dict[Place, Decimal], at: datetime) -> Moment:
    """The first moment, not before ``at``, from which on each place always held what leaves it. One query."""
    rows = (
        Entry.objects.filter(
            account=Account.STOCK,
            warehouse=movement.warehouse_id,
            batch__in={place[0] for place in leaving},
            occurred_at__gt=at,
        )
        .order_by("-occurred_at")
        .values_list("batch", "bin", "condition", "occurred_at")
        .annotate(change=Sum("quantity"))
    )
    moment = Moment(at)
    lay = dict(there)
    # Backwards from what lies there now: before each later entry lay what lies after it, less the entry.
    for batch, bin_pk, condition, later_at, change in rows:
        place = (batch, bin_pk, condition)
        if place not in leaving:
            continue
        lay[place] -= change
        if lay[place] < leaving[place]:
            if later_at > moment.fits_at:
                moment.fits_at = later_at
            if moment.place is None or lay[place] < moment.lowest:
                moment.place, moment.lowest = place, lay[place]
    return moment


def _too_early(movement: Movement, moment: Moment, batches: dict[int, Batch]) -> str:
    assert moment.place is not None
    batch = batches[moment.place[0]]
    return _(
        "At that moment there were only %(lowest)s %(unit)s of %(batch)s there. It can have left at %(when)s at the earliest: "
        "check the moment, and whether a receipt was entered with the wrong one."
    ) % {
        "lowest": plain(max(moment.lowest, Decimal(0))),
        "unit": batch.item.unit.symbol,
        "batch": batch,
        "when": formats.date_format(timezone.localtime(moment.fits_at), "SHORT_DATETIME_FORMAT"),
    }


def _check_promises(
    movement: Movement, changes: dict[Place, Decimal], batches: dict[int, Batch], balances: Sequence[Balance],
    mine: Iterable[Reservation],
) -> None:  # fmt: skip
    """What is held for others stays. Goods that only change their bin stay held where they are. Raises Refused."""
    good: dict[int, Decimal] = {}
    for (batch, _bin, condition), change in changes.items():
        if condition == Condition.GOOD:
            good[batch] = good.get(batch, Decimal(0)) + change
    losing = [batches[batch] for batch, change in good.items() if change < 0]
    held = promised(movement.warehouse, losing, but=mine) if losing else {}
    for pk, quantity in held.items():
        lying = sum(
            (row.quantity for row in balances if row.batch_id == pk and row.condition == Condition.GOOD), Decimal(0)
        )
        if lying + good[pk] < quantity:
            raise Refused(
                {
                    "quantity": _("%(held)s %(unit)s of %(batch)s are held for others; %(free)s %(unit)s are free.")
                    % {
                        "held": plain(quantity),
                        "free": plain(max(lying - quantity, Decimal(0))),
                        "batch": batches[pk],
                        "unit": batches[pk].item.unit.symbol,
                    }
                }
            )


def too_little(batch: Batch, wanted: Decimal, has: Decimal, balances: Iterable[Balance]) -> str:
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
