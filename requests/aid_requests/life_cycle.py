"""What happens to a request after it was asked: each step one function, from one state to the next, with its history.

Every door calls these. A step that the state does not allow is refused with a sentence; the requester is told of every step.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from aid_requests import endings, lines
from aid_requests.claiming import require_not_held
from aid_requests.deadlines import due_at
from aid_requests.models import AidRequest, RequestState, RequestStep
from aid_requests.notices import tell_requester
from aid_requests.refusals import Refused
from aid_requests.steps import COUNTS_RECEIPTS, ENDED, STEPS
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from orgs.models import Organisation


@transaction.atomic
def verify(*, by: Actor, operation: Any, request: AidRequest, reason: str = "") -> AidRequest:
    """The need is real: somebody entitled looked into it."""
    return _take("verify", by=by, operation=operation, request=request, reason=reason)


@transaction.atomic
def accept(*, by: Actor, operation: Any, request: AidRequest, reason: str = "") -> AidRequest:
    """Whoever answers for the request takes it on."""
    return _take("accept", by=by, operation=operation, request=request, reason=reason)


@transaction.atomic
def forward(*, by: Actor, operation: Any, request: AidRequest, to: Organisation, reason: str = "") -> AidRequest:
    """Hand the request to the organisation that should answer it; the requester is told to whom. Raises Refused."""
    if to.pk == request.responsible_id:
        raise Refused({"to": _("%(organisation)s answers for this request already.") % {"organisation": to}})
    if to.operation_id is not None and to.operation_id != request.operation_id:
        raise Refused({"to": _("This organisation belongs to another operation; exercise and real never mix.")})
    return _take("forward", by=by, operation=operation, request=request, reason=reason, to=to)


@transaction.atomic
def refuse(*, by: Actor, operation: Any, request: AidRequest, reason: str) -> AidRequest:
    """Say no, with the reason, which the requester reads."""
    return _take("refuse", by=by, operation=operation, request=request, reason=reason)


@transaction.atomic
def cancel(*, by: Actor, operation: Any, request: AidRequest, reason: str) -> AidRequest:
    """It is not needed any more. What is promised goes back, and who promised is told."""
    return _take("cancel", by=by, operation=operation, request=request, reason=reason)


@transaction.atomic
def close(*, by: Actor, operation: Any, request: AidRequest, reason: str = "") -> AidRequest:
    """The requester, or who handles the request for them, confirms that what came is enough."""
    return _take("close", by=by, operation=operation, request=request, reason=reason)


@transaction.atomic
def reopen(*, by: Actor, operation: Any, request: AidRequest, reason: str) -> AidRequest:
    """A request that ended is needed after all; it goes on where it stood: verified before, it is not verified again."""
    return _take("reopen", by=by, operation=operation, request=request, reason=reason)


@transaction.atomic
def close_by_requester(*, by: Actor, request: AidRequest) -> AidRequest:
    """The requester confirms, by the follow page or by SMS, that it came. The caller has checked that it is them."""
    return _take("close", by=by, operation=request.operation, request=request, asked=True)


@transaction.atomic
def cancel_by_requester(*, by: Actor, request: AidRequest, reason: str) -> AidRequest:
    """The requester does not need it any more. The caller has checked that it is them."""
    return _take("cancel", by=by, operation=request.operation, request=request, reason=reason, asked=True)


def note_progress(*, by: Actor, request: AidRequest, at: datetime | None = None) -> AidRequest:
    """After something came or was taken back: partly met, met, or as before. Within the caller's transaction.

    A request that ended stays ended. at: when it came.
    """
    locked = locked_request(request)
    if locked.state not in COUNTS_RECEIPTS:
        return locked
    open_lines = [line for line in locked.lines.all() if line.is_open or line.received]
    is_met = bool(open_lines) and all(line.received >= line.quantity or not line.is_open for line in open_lines)
    if is_met:
        after = RequestState.MET
    elif any(line.received for line in open_lines):
        after = RequestState.PARTLY_MET
    elif locked.state in (RequestState.PARTLY_MET, RequestState.MET):
        after = _state_before_receipts(locked)
    else:
        return locked
    if after != locked.state:
        with acting(by):
            move(by=by, request=locked, after=after, at=at)
    return _copied(locked, request)


def move(
    *, by: Actor, request: AidRequest, after: str, reason: str = "", to: Organisation | None = None,
    at: datetime | None = None, tell: bool = True,
) -> RequestStep:  # fmt: skip
    """Write down the step, set the new state and its deadline, tell the requester. Inside a transaction and ``acting``;
    the request is locked, and the step was checked.
    """
    before, now = request.state, timezone.now()
    if at is not None and timedelta(0) <= now - at < timedelta(minutes=1):
        at = now  # forms give the minute only: it came after the steps that were taken in this minute
    request.state, request.state_since = RequestState(after), now
    if to is not None:
        request.responsible = to
    request.rank = lines.rank_of(request)
    request.due_at = due_at(request, now)
    if after in ENDED:
        request.claimed_by = request.claimed_at = None
    request.save()
    step = RequestStep(
        request=request, operation=request.operation, before=before, after=after, reason=reason.strip()[:300],
        forwarded_to=to, occurred_at=at or now,
    )  # fmt: skip
    step.stamp(by)
    step.save()
    if after in ENDED:
        endings.request_ended(by=by, request=request, reason=reason)
    if tell:
        tell_requester(by=by, request=request, step=step)
    return step


def locked_request(request: AidRequest) -> AidRequest:
    """The request as it is now, locked until the transaction ends."""
    rows = AidRequest.objects.select_for_update(of=("self",))
    return rows.select_related("operation", "site", "responsible", "asked_by", "merged_into").get(pk=request.pk)


def _take(
    key: str, *, by: Actor, operation: Any, request: AidRequest, reason: str = "", to: Organisation | None = None,
    asked: bool = False,
) -> AidRequest:  # fmt: skip
    step = STEPS[key]
    if not asked:
        require(standing_of(by.user, operation), step.asks, request)
    if step.after in ENDED:
        endings.goods_first(request=request)
    locked = locked_request(request)
    if locked.merged_into is not None:
        raise Refused(
            {"__all__": _("This request was merged into %(code)s. Go on there.") % {"code": locked.merged_into.code}}
        )
    if locked.state not in step.before:
        raise Refused(
            {
                "__all__": _("%(code)s is “%(state)s”. %(sentence)s")
                % {"code": locked.code, "state": locked.get_state_display(), "sentence": step.impossible}
            }
        )
    if not asked and step.asks == Action.APPROVE:
        require_not_held(locked, by)
    if step.needs_reason and not reason.strip():
        raise Refused({"reason": _("Give the reason: the requester and those after you will ask for it.")})
    after = step.after
    with acting(by.because(reason) if reason else by):
        if key == "reopen":
            after = _state_before_ending(locked)
            locked.is_false = False
            lines.refresh(locked)
        move(by=by, request=locked, after=after, reason=reason, to=to)
        if key == "reopen":
            note_progress(by=by, request=locked)
    return _copied(locked, request)


def _copied(locked: AidRequest, request: AidRequest) -> AidRequest:
    """The caller's object learns what the locked one knows, so that it can be used on."""
    for field in AidRequest._meta.concrete_fields:
        setattr(request, field.attname, getattr(locked, field.attname))
    return locked


def _state_before_receipts(request: AidRequest) -> str:
    """Where a request stood before anything came."""
    mets = (RequestState.MET, RequestState.PARTLY_MET)
    steps = request.steps.filter(after__in=COUNTS_RECEIPTS).exclude(after__in=mets)
    found: str = steps.order_by("-occurred_at", "-pk").values_list("after", flat=True).first() or RequestState.SUBMITTED
    return found


def _state_before_ending(request: AidRequest) -> str:
    """What a reopened request goes back to: accepted or verified when it was that, else submitted."""
    passed = set(request.steps.values_list("after", flat=True))
    for state in (RequestState.ACCEPTED, RequestState.VERIFIED):
        if state in passed:
            return state
    return RequestState.SUBMITTED
