"""Physical counts: opened for zones, counted blind, reviewed, posted. Each step is a function.

What a line is compared with is what the ledger says of the moment somebody looked (``counted_at``, by the time things
happened). Goods that were moved before or after the look, or whose movement is entered late, therefore make no
difference.

Steps: ``open_count`` lists what should be there; ``write_counts`` keeps what was found, ``add_found`` what nobody
expected; ``end_counting``; ``review_lines`` accepts or rejects each difference; ``post_count`` brings the ledger to
what was accepted, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from inventory.adjusting import Difference, adjust_stock
from inventory.ledger import CLOCK_SLACK, MOST, lock_balances
from inventory.locking import take_turns
from inventory.models import (
    Account,
    Balance,
    Bin,
    Count,
    CountLine,
    CountState,
    Entry,
    Movement,
    Warehouse,
    Zone,
)
from inventory.receiving import GoodsLine, batch_of
from inventory.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting

ACTIVE = (CountState.OPEN, CountState.REVIEW)


@dataclass(frozen=True)
class Decision:
    """What a reviewer says of one line: whether its difference is posted, and why there is one."""

    accepted: bool
    explanation: str = ""


@transaction.atomic
def open_count(*, by: Actor, operation: Any, warehouse: Warehouse, zones: Sequence[Zone] = (), note: str = "") -> Count:
    """Begin a count of these zones, or of the whole warehouse. Raises Refused when a part is being counted already."""
    count = Count(warehouse=warehouse, operation=warehouse.operation, note=note.strip()[:300])
    require(standing_of(by.user, operation), Action.ADD, count)
    if any(zone.warehouse_id != warehouse.pk for zone in zones):
        raise Refused({"zones": gettext_lazy("This zone is in another warehouse.")})
    Warehouse.objects.select_for_update(of=("self",)).get(
        pk=warehouse.pk
    )  # two who begin at once come one after the other
    wanted = {zone.pk for zone in zones}
    for other in Count.objects.filter(warehouse=warehouse, state__in=ACTIVE).prefetch_related("zones"):
        theirs = {zone.pk for zone in other.zones.all()}
        if not wanted or not theirs or wanted & theirs:
            raise Refused(
                {
                    "zones": gettext_lazy(
                        "A count of this part of the warehouse is not finished. Finish or abandon it first."
                    )
                }
            )
    count.stamp(by)
    with acting(by):
        count.save()
        count.zones.set(zones)
        CountLine.objects.bulk_create(
            CountLine(count=count, bin_id=row.bin_id, batch_id=row.batch_id, condition=row.condition)
            for row in balances_counted(warehouse, wanted).filter(quantity__gt=0)
        )
    return count


def balances_counted(warehouse: Warehouse, zones: Iterable[int]) -> QuerySet[Balance]:
    """What the ledger has in these zones; goods without a bin belong to a count of the whole warehouse."""
    rows = Balance.objects.filter(warehouse=warehouse)
    wanted = list(zones)
    return rows.filter(bin__zone__in=wanted) if wanted else rows


@transaction.atomic
def write_counts(
    *, by: Actor, operation: Any, count: Count, found: Mapping[int, Decimal], at: datetime | None = None
) -> int:
    """Keep what was found, by the line's key, in base units; a line counted before is counted anew. Returns how many changed.

    Raises Refused: not open, a negative or impossible quantity, a moment in the future or before the count began.
    """
    locked = _locked(
        by, operation, count, CountState.OPEN, gettext_lazy("Counting has ended. Count again to change it.")
    )
    moment = at or timezone.now()
    if moment > timezone.now() + CLOCK_SLACK:
        raise Refused({"counted_at": gettext_lazy("This lies in the future. Give the moment when you looked.")})
    lines = {line.pk: line for line in locked.lines.filter(pk__in=found).select_related("batch__item__unit", "bin")}
    changed = []
    for pk, quantity in found.items():
        if (line := lines.get(pk)) is None:
            raise Refused({"__all__": gettext_lazy("A line is not of this count any more. Load the page again.")})
        if not quantity.is_finite() or not 0 <= quantity < MOST or quantity != round(quantity, 6):
            raise Refused({"counted": _("%(what)s: give what you counted, 0 or more.") % {"what": line.batch}})
        if line.counted != quantity:
            line.counted, line.counted_at, line.counted_by = quantity, moment, _account(by)
            line.accepted = None
            changed.append(line)
    with acting(by):
        for line in changed:
            line.save(update_fields=["counted", "counted_at", "counted_by", "accepted"])
    return len(changed)


@transaction.atomic
def add_found(*, by: Actor, operation: Any, count: Count, goods: GoodsLine, at: datetime | None = None) -> CountLine:
    """Goods on a shelf where the ledger has none: their batch is named, or described as in a receipt. Raises Refused."""
    locked = _locked(
        by, operation, count, CountState.OPEN, gettext_lazy("Counting has ended. Count again to change it.")
    )
    if not goods.quantity.is_finite() or not 0 < goods.quantity < MOST:
        raise Refused({"quantity": gettext_lazy("Give a quantity above zero.")})
    _check_bin(locked, goods.bin)
    batch = goods.batch or batch_of(by=by, operation=locked.operation, line=goods)
    if batch.operation_id != locked.operation_id:
        raise Refused({"batch": gettext_lazy("This batch belongs to another operation.")})
    where = {"bin": goods.bin, "batch": batch, "condition": goods.condition}
    if locked.lines.filter(**where).exists():
        raise Refused({"batch": gettext_lazy("These goods are on the list already. Write the quantity there.")})
    line = CountLine(
        count=locked, **where, counted=goods.quantity, counted_at=at or timezone.now(), counted_by=_account(by)
    )
    with acting(by):
        line.save()
    return line


@transaction.atomic
def end_counting(*, by: Actor, operation: Any, count: Count, rest_is_zero: bool = False) -> Count:
    """The counters are done. Lines nobody counted stop it, unless nothing was there (``rest_is_zero``). Raises Refused."""
    locked = _locked(by, operation, count, CountState.OPEN, gettext_lazy("Counting has ended already."))
    open_lines = locked.lines.filter(counted=None)
    number = open_lines.count()
    if number and not rest_is_zero:
        raise Refused(
            {
                "rest_is_zero": ngettext(
                    "%(n)d line is not counted yet. Count it, or say that nothing of it is there.",
                    "%(n)d lines are not counted yet. Count them, or say that nothing of them is there.",
                    number,
                )
                % {"n": number}
            }
        )
    with acting(by):
        for line in open_lines:
            line.counted, line.counted_at, line.counted_by = Decimal(0), timezone.now(), _account(by)
            line.save(update_fields=["counted", "counted_at", "counted_by"])
        locked.state, locked.closed_at = CountState.REVIEW, timezone.now()
        locked.save(update_fields=["state", "closed_at", "updated_at"])
    return locked


@transaction.atomic
def count_again(*, by: Actor, operation: Any, count: Count, lines: Iterable[int] = ()) -> Count:
    """Back to counting: these lines are looked at again, blind; without any, the count is only open again."""
    locked = _locked(
        by, operation, count, CountState.REVIEW, gettext_lazy("Only a count under review can be counted again.")
    )
    with acting(by):
        for line in locked.lines.filter(pk__in=list(lines)):
            line.counted = line.counted_at = line.counted_by = line.accepted = None
            line.save(update_fields=["counted", "counted_at", "counted_by", "accepted"])
        locked.state, locked.closed_at = CountState.OPEN, None
        locked.save(update_fields=["state", "closed_at", "updated_at"])
    return locked


@transaction.atomic
def review_lines(*, by: Actor, operation: Any, count: Count, decisions: Mapping[int, Decision]) -> Count:
    """Accept or reject differences. An accepted one needs an explanation. Raises Refused, and then nothing is kept."""
    locked = _locked(by, operation, count, CountState.REVIEW, gettext_lazy("This count is not under review."))
    expected = expected_now(locked)
    with acting(by):
        for line in locked.lines.filter(pk__in=list(decisions)).select_related("batch__item"):
            decision = decisions[line.pk]
            words = decision.explanation.strip()
            if decision.accepted and line.counted != expected[line.pk] and not words:
                raise Refused({"explanation": _("%(what)s: say why what was found differs.") % {"what": line.batch}})
            line.accepted, line.explanation = decision.accepted, words[:300]
            line.save(update_fields=["accepted", "explanation"])
    return locked


@transaction.atomic
def post_count(*, by: Actor, operation: Any, count: Count, leave_out: bool = False) -> Movement | None:
    """Bring the ledger to what was found and accepted, in one movement; ``None`` when nothing differs.

    leave_out: reject the accepted differences that would take more than is left by now, and post the rest.
    Raises Refused when differences wait for a decision, when the count was posted before, and without ``leave_out`` when goods left
    meanwhile so that an accepted difference would take more than there is.
    """
    locked = _locked(by, operation, count, CountState.REVIEW, _why_not_posted)
    expected = expected_now(locked)
    lines = list(locked.lines.select_related("batch__item__unit", "bin"))
    differing = [line for line in lines if line.counted != expected[line.pk]]
    waiting = [line for line in differing if line.accepted is None]
    if waiting:
        raise Refused(
            {
                "__all__": ngettext(
                    "%(n)d difference waits for a decision.", "%(n)d differences wait for a decision.", len(waiting)
                )
                % {"n": len(waiting)}
            }
        )
    accepted = [line for line in differing if line.accepted]
    take_turns(locked.warehouse)  # before balances are locked: what was found more of may need a new one
    gone = _beyond(accepted, expected, lock_balances(locked.warehouse, [line.batch for line in accepted]))
    if gone and not leave_out:
        raise Refused({"__all__": _gone_sentence(gone)})
    for line in gone:
        line.accepted = False
        words = (line.explanation, str(_("left out: goods left after it was counted")))
        line.explanation = "; ".join(word for word in words if word)[:300]
    accepted = [line for line in accepted if line not in gone]
    movement = None
    if accepted:
        movement = adjust_stock(
            by=by, operation=operation, warehouse=locked.warehouse, count=locked, key=f"count-{locked.pk}",
            reason=_("Physical count of %(day)s") % {"day": f"{timezone.localtime(locked.occurred_at):%Y-%m-%d}"},
            differences=[
                Difference(line.batch, (line.counted or Decimal(0)) - expected[line.pk], line.bin, line.condition)
                for line in accepted
            ],
        )  # fmt: skip
    with acting(by):
        for line in lines:
            line.expected = expected[line.pk]
        CountLine.objects.bulk_update(lines, ["expected", "accepted", "explanation"])
        locked.state, locked.posted_at, locked.posted_by = CountState.POSTED, timezone.now(), _account(by)
        locked.save(update_fields=["state", "posted_at", "posted_by", "updated_at"])
    return movement


def beyond_stock(count: Count, expected: Mapping[int, Decimal]) -> list[CountLine]:
    """Accepted lines whose difference would take more than is left by now: goods left after they were counted. Two queries."""
    lines = list(count.lines.filter(accepted=True).select_related("batch__item__unit", "bin"))
    there = Balance.objects.filter(warehouse=count.warehouse_id, batch__in={line.batch_id for line in lines})
    return _beyond(lines, expected, there)


def _beyond(lines: Iterable[CountLine], expected: Mapping[int, Decimal], there: Iterable[Balance]) -> list[CountLine]:
    left = {(row.batch_id, row.bin_id, row.condition): row.quantity for row in there}
    return [
        line for line in lines
        if expected[line.pk] - (line.counted or Decimal(0)) > left.get((line.batch_id, line.bin_id, line.condition), Decimal(0))
    ]  # fmt: skip


def _gone_sentence(lines: Sequence[CountLine]) -> str:
    return ngettext(
        "Less is left of %(names)s than the difference would take, because goods left after it was counted. Count it again, or leave "
        "it out and post the rest.",
        "Less is left of %(names)s than the differences would take, because goods left after they were counted. Count them again, or "
        "leave them out and post the rest.",
        len(lines),
    ) % {"names": ", ".join(f"{line.batch} ({line.bin or _('without a bin')})" for line in lines)}


@transaction.atomic
def abandon_count(*, by: Actor, operation: Any, count: Count, reason: str) -> Count:
    """Give a count up: the ledger stays as it is, what was written stays readable. Raises Refused without a reason."""
    locked = Count.objects.select_for_update(of=("self",)).select_related("warehouse").get(pk=count.pk)
    require(standing_of(by.user, operation), Action.CHANGE, locked)
    if locked.state not in ACTIVE:
        raise Refused({"__all__": gettext_lazy("This count is finished.")})
    if not reason.strip():
        raise Refused({"reason": gettext_lazy("Say why the count is given up.")})
    with acting(by.because(reason.strip())):
        locked.state, locked.closed_at = CountState.ABANDONED, timezone.now()
        locked.note = f"{locked.note}\n{reason.strip()}".strip()[:300]
        locked.save(update_fields=["state", "closed_at", "note", "updated_at"])
    return locked


def expected_now(count: Count) -> dict[int, Decimal]:
    """What the ledger says of the moment each line was counted, by the line's key; of now for lines not counted. Base units."""
    lines = list(count.lines.all())
    stock = Entry.objects.filter(
        account=Account.STOCK, warehouse=count.warehouse_id, batch__in={line.batch_id for line in lines}
    )
    now = {
        (row["batch"], row["bin"], row["condition"]): row["total"]
        for row in stock.order_by().values("batch", "bin", "condition").annotate(total=Sum("quantity"))
    }
    earliest = min((line.counted_at for line in lines if line.counted_at), default=None)
    later: dict[tuple[int, int | None, str], list[tuple[datetime, Decimal]]] = {}
    if earliest is not None:
        for batch, bin_pk, condition, at, quantity in stock.filter(occurred_at__gt=earliest).values_list(
            "batch", "bin", "condition", "occurred_at", "quantity"
        ):
            later.setdefault((batch, bin_pk, condition), []).append((at, quantity))
    found = {}
    for line in lines:
        place = (line.batch_id, line.bin_id, line.condition)
        total = now.get(place, Decimal(0))
        if line.counted_at is not None:
            total -= sum((quantity for at, quantity in later.get(place, ()) if at > line.counted_at), Decimal(0))
        found[line.pk] = total
    return found


def _locked(by: Actor, operation: Any, count: Count, state: str, otherwise: Any) -> Count:
    """The count, locked and in this state. Raises NotAllowed, or Refused with the sentence ``otherwise`` says."""
    locked = Count.objects.select_for_update(of=("self",)).select_related("warehouse").get(pk=count.pk)
    require(standing_of(by.user, operation), Action.CHANGE, locked)
    if locked.state != state:
        raise Refused({"__all__": otherwise(locked) if callable(otherwise) else otherwise})
    return locked


def _why_not_posted(count: Count) -> Any:
    if count.state == CountState.POSTED:
        return gettext_lazy("This count was posted already. Nothing is changed.")
    return gettext_lazy("This count is not under review, so nothing can be posted.")


def _check_bin(count: Count, bin_: Bin | None) -> None:
    if bin_ is None:
        if count.zones.exists():
            raise Refused({"bin": gettext_lazy("Say in which bin: this count is of zones.")})
        return
    if bin_.warehouse_id != count.warehouse_id:
        raise Refused({"bin": gettext_lazy("This bin is in another warehouse.")})
    if count.zones.exists() and not count.zones.filter(pk=bin_.zone_id).exists():
        raise Refused({"bin": gettext_lazy("This bin is in a zone that is not being counted.")})


def _account(by: Actor) -> Any:
    return by.user if getattr(by.user, "pk", None) else None
