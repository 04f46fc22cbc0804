"""What happens to a pledge after it was offered: each step one function, with its history; the donor is told of every one."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import require, standing_of
from komek.records.actor import SYSTEM, Actor, acting
from komek.supplies.models import plain
from volunteers import arriving
from volunteers.models import OPEN_USES, Pledge, PledgeReceipt, PledgeState, PledgeUse, UseState
from volunteers.moving import free_of, locked_pledge, move, require_step, settle
from volunteers.notices import tell_kept, tell_received, tell_thanks
from volunteers.refusals import NeedsConfirmation, Refused
from volunteers.steps import STEPS
from volunteers.uses import check_free


@transaction.atomic
def accept(*, by: Actor, operation: Any, pledge: Pledge, reason: str = "") -> Pledge:
    """The offer is welcome; from now on it is offered where something is needed."""
    locked = _take("accept", by, operation, pledge)
    if locked.valid_to and locked.valid_to < timezone.localdate():
        raise Refused(
            {"__all__": _("It could be had until %(day)s. Ask the donor, and change the day first.")
             % {"day": locked.valid_to}}
        )  # fmt: skip
    locked.is_kept = False
    with acting(by):
        move(by=by, pledge=locked, after=PledgeState.ACCEPTED, reason=reason)
    return _copied(locked, pledge)


@transaction.atomic
def decline(*, by: Actor, operation: Any, pledge: Pledge, reason: str) -> Pledge:
    """Say no, kindly, with the reason that the donor reads."""
    locked = _take("decline", by, operation, pledge)
    if not reason.strip():
        raise Refused({"reason": _("Give the reason in kind words: the donor reads it.")})
    locked.is_kept = False
    with acting(by.because(reason)):
        move(by=by, pledge=locked, after=PledgeState.DECLINED, reason=reason)
    return _copied(locked, pledge)


@transaction.atomic
def keep_for_later(*, by: Actor, operation: Any, pledge: Pledge, reason: str = "") -> Pledge:
    """It is not needed now; it stays in the list of offers kept, and the donor is told so."""
    locked = _take("keep", by, operation, pledge)
    if locked.is_kept:
        return locked
    locked.is_kept = True
    with acting(by.because(reason) if reason else by):
        locked.save()
        tell_kept(by=by, pledge=locked, words=reason, key=f"kept:{locked.pk}:{timezone.now():%Y%m%d%H%M%S%f}")
    return _copied(locked, pledge)


@transaction.atomic
def withdraw(*, by: Actor, operation: Any, pledge: Pledge, reason: str = "") -> Pledge:
    """The donor takes the offer back; what was promised of it is free again, and those who counted on it see so."""
    return _copied(_withdraw(_take("withdraw", by, operation, pledge), by, reason), pledge)


@transaction.atomic
def withdraw_by_donor(*, by: Actor, pledge: Pledge, reason: str = "") -> Pledge:
    """The same from the donor's own page. The caller has checked that it is the donor."""
    locked = locked_pledge(pledge.pk)
    require_step(locked, "withdraw")
    return _copied(_withdraw(locked, by, reason), pledge)


@transaction.atomic
def send(
    *, by: Actor, operation: Any, pledge: Pledge, use: PledgeUse | None = None, quantity: Decimal | None = None
) -> PledgeUse:
    """A promised part is on its way; without ``use``, so much of what is free (all of it unless said). Raises Refused."""
    return _send(_take("send", by, operation, pledge), by, use, quantity)


@transaction.atomic
def send_by_donor(*, by: Actor, pledge: Pledge, use: PledgeUse) -> PledgeUse:
    """The donor says that a part is on its way. The caller has checked that it is the donor."""
    locked = locked_pledge(pledge.pk)
    require_step(locked, "send")
    return _send(locked, by, use, None)


@transaction.atomic
def receive(
    *, by: Actor, operation: Any, pledge: Pledge, quantity: Decimal, use: PledgeUse | None = None, is_last: bool = False,
    note: str = "", at: datetime | None = None, confirmed: bool = False,
) -> PledgeReceipt:  # fmt: skip
    """So much of it came. is_last: nothing more will come, of the part or of the pledge. at: when it came.

    Those who asked for it are told through the socket ``arrivals``. More than was pledged is asked about. Raises Refused,
    NeedsConfirmation or NotAllowed.
    """
    locked = _take("receive", by, operation, pledge)
    kept = _use_of(locked, use) if use is not None else None
    _check_receipt(locked, quantity, at, confirmed)
    now = timezone.now()
    receipt = PledgeReceipt(
        pledge=locked,
        operation=locked.operation,
        use=kept,
        quantity=quantity,
        note=note.strip()[:300],
        occurred_at=at or now,
    )
    receipt.stamp(by)
    with acting(by):
        receipt.save()
        if kept is not None:
            kept.received += quantity
            if is_last or kept.received >= kept.quantity:
                kept.state, kept.ended_at = UseState.RECEIVED, now
            kept.save()
        locked.received += quantity
        if is_last and kept is None:
            _end_open_parts(locked, by)
            if locked.state != PledgeState.RECEIVED:
                move(by=by, pledge=locked, after=PledgeState.RECEIVED, reason=note)
        else:
            before = locked.state
            settle(by=by, pledge=locked)
            if locked.state != PledgeState.RECEIVED or before == PledgeState.RECEIVED:
                tell_received(by=by, pledge=locked, quantity=quantity, key=f"receipt:{receipt.pk}")
        if kept is not None:
            arriving.tell_received(receipt, by=by)
    _copied(locked, pledge)
    return receipt


@transaction.atomic
def note_use(*, by: Actor, operation: Any, pledge: Pledge, quantity: Decimal, words: str) -> Pledge:
    """So much of what came was given out; words: to whom or for what, which the donor reads. Raises Refused or NotAllowed."""
    locked = _take("use", by, operation, pledge)
    if not words.strip():
        raise Refused({"words": _("Write what became of it: the donor reads it.")})
    if not quantity.is_finite() or quantity <= 0:
        raise Refused({"quantity": _("Give how much was used, more than 0.")})
    rest = locked.received - locked.used
    if quantity > rest:
        raise Refused(
            {"quantity": _("Only %(rest)s %(unit)s of it came and are not used yet.")
             % {"rest": plain(rest), "unit": locked.unit}}
        )  # fmt: skip
    locked.used += quantity
    with acting(by.because(words)):
        is_whole = locked.state == PledgeState.RECEIVED and locked.used >= locked.received
        move(by=by, pledge=locked, after=PledgeState.USED if is_whole else locked.state, reason=words, tell=is_whole)
    return _copied(locked, pledge)


@transaction.atomic
def thank(*, by: Actor, operation: Any, pledge: Pledge, words: str = "") -> Pledge:
    """Thank the donor, with the address of the report of what became of the offer. words: instead of ours."""
    locked = _take("thank", by, operation, pledge)
    locked.thanked_at = timezone.now()
    with acting(by):
        locked.save()
        tell_thanks(
            by=by, pledge=locked, words=words[:500], key=f"thanks:{locked.pk}:{locked.thanked_at:%Y%m%d%H%M%S%f}"
        )
    return _copied(locked, pledge)


def lapse_due(now: datetime | None = None) -> int:
    """End offers whose last day has passed and of which nothing is promised, each in a transaction of its own; how many."""
    today = timezone.localdate(now)
    lapsing = (PledgeState.PLEDGED, PledgeState.ACCEPTED)
    due = list(Pledge.objects.filter(state__in=lapsing, valid_to__lt=today).values_list("pk", flat=True))
    lapsed = 0
    for pk in due:
        with transaction.atomic():
            locked = locked_pledge(pk)
            if locked.state not in lapsing or locked.valid_to is None or locked.valid_to >= today:
                continue
            # Part of it came: the rest will not, but what came is not over.
            after = PledgeState.RECEIVED if locked.received else PledgeState.LAPSED
            with acting(SYSTEM):
                move(by=SYSTEM, pledge=locked, after=after)
            lapsed += 1
    return lapsed


def _take(key: str, by: Actor, operation: Any, pledge: Pledge) -> Pledge:
    """The pledge, locked, when this actor may take this step now. Raises NotAllowed or Refused."""
    require(standing_of(by.user, operation), STEPS[key].asks, pledge)
    locked = locked_pledge(pledge.pk)
    require_step(locked, key)
    return locked


def _withdraw(locked: Pledge, by: Actor, reason: str) -> Pledge:
    with acting(by.because(reason) if reason else by):
        _end_open_parts(locked, by, explanation=reason or _("The donor withdrew the offer."))
        # What came stays received; only the rest is taken back.
        after = PledgeState.RECEIVED if locked.received else PledgeState.WITHDRAWN
        locked.is_kept = False
        move(by=by, pledge=locked, after=after, reason=reason)
    return locked


def _end_open_parts(locked: Pledge, by: Actor, explanation: str = "") -> None:
    """Parts that will not come are given back, and who asked for them is told."""
    for use in locked.uses.select_for_update(of=("self",)).filter(state__in=OPEN_USES):
        use.pledge = locked
        use.state, use.ended_at = (UseState.RECEIVED if use.received else UseState.RELEASED), timezone.now()
        use.save()
        arriving.tell_cancelled(use, by=by, explanation=explanation or _("Nothing more will come."))


def _send(locked: Pledge, by: Actor, use: PledgeUse | None, quantity: Decimal | None) -> PledgeUse:
    with acting(by):
        if use is None:
            wanted = free_of(locked) if quantity is None else quantity
            check_free(locked, wanted)
            kept = PledgeUse(
                pledge=locked, operation=locked.operation, quantity=wanted, until=timezone.now() + timedelta(days=30)
            )
            kept.stamp(by)
        else:
            kept = _use_of(locked, use)
            if kept.state == UseState.ON_THE_WAY:
                return kept
        kept.state = UseState.ON_THE_WAY
        kept.save()
        settle(by=by, pledge=locked)
        arriving.tell_dispatched(kept, by=by)
    return kept


def _use_of(locked: Pledge, use: PledgeUse) -> PledgeUse:
    kept = locked.uses.select_for_update(of=("self",)).filter(pk=use.pk).first()
    if kept is None or kept.state not in OPEN_USES:
        raise Refused({"use": _("This part of %(code)s is not promised any more.") % {"code": locked.code}})
    kept.pledge = locked
    return kept


def _check_receipt(locked: Pledge, quantity: Decimal, at: datetime | None, confirmed: bool) -> None:
    if not quantity.is_finite() or quantity <= 0:
        raise Refused({"quantity": _("Give how much came, more than 0.")})
    if at is not None and at > timezone.now() + timedelta(minutes=5):
        raise Refused({"at": _("This lies in the future. Give the moment when it came.")})
    if locked.received + quantity > locked.quantity and not confirmed:
        words = {"sum": plain(locked.received + quantity), "pledged": plain(locked.quantity), "unit": locked.unit}
        raise NeedsConfirmation(_("With this, %(sum)s %(unit)s came of %(pledged)s pledged. Is this right?") % words)


def _copied(locked: Pledge, pledge: Pledge) -> Pledge:
    """The caller's object learns what the locked one knows, so that it can be used on."""
    for field in Pledge._meta.concrete_fields:
        setattr(pledge, field.attname, getattr(locked, field.attname))
    return locked
