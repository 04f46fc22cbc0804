"""The one place where a pledge goes from one state to the next: the step written down, the donor told."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db.models import Case, F, Sum, When
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.records.actor import Actor
from volunteers.models import OPEN_USES, WAITING, Pledge, PledgeState, PledgeStep, PledgeUse, UseState
from volunteers.notices import tell_step
from volunteers.refusals import Refused
from volunteers.steps import STEPS

NOTHING = Decimal(0)
EXPECTED = Sum(
    Case(When(received__lt=F("quantity"), then=F("quantity") - F("received")), default=NOTHING), default=NOTHING
)
"""Of open uses: what is still to come."""


def locked_pledge(pk: int) -> Pledge:
    """The pledge as it is now, locked until the transaction ends."""
    rows = Pledge.objects.select_for_update(of=("self",)).select_related("operation", "donor", "item__unit", "site")
    return rows.get(pk=pk)


def promised_of(pledge: Pledge) -> Decimal:
    """What of it is promised to needs and has not come."""
    found: Decimal = pledge.uses.filter(state__in=OPEN_USES).aggregate(sum=EXPECTED)["sum"]
    return found


def free_of(pledge: Pledge) -> Decimal:
    """What of it may still be promised: pledged − received − promised, never below 0; nothing unless it is accepted."""
    if pledge.state not in WAITING:
        return NOTHING
    return max(pledge.quantity - pledge.received - promised_of(pledge), NOTHING)


def require_step(pledge: Pledge, key: str) -> None:
    """Raise Refused, with a sentence, when the pledge is not in a state in which this step can be taken."""
    step = STEPS[key]
    if pledge.state not in step.before:
        raise Refused(
            {"__all__": _("%(code)s is “%(state)s”. %(sentence)s")
             % {"code": pledge.code, "state": pledge.get_state_display(), "sentence": step.impossible}}
        )  # fmt: skip


def move(
    *, by: Actor, pledge: Pledge, after: str, reason: str = "", at: datetime | None = None, tell: bool = True
) -> PledgeStep:
    """Write down the step, set the new state, tell the donor. Inside a transaction and ``acting``; the pledge is locked."""
    before, now = ("" if pledge.state_since is None else pledge.state), timezone.now()
    if before != after:
        pledge.state, pledge.state_since = PledgeState(after), now
    pledge.save()
    step = PledgeStep(
        pledge=pledge, operation=pledge.operation, before=before, after=after, reason=reason.strip()[:300],
        occurred_at=at or now,
    )  # fmt: skip
    step.stamp(by)
    step.save()
    if tell:
        tell_step(by=by, pledge=pledge, step=step)
    return step


def settle(*, by: Actor, pledge: Pledge, reason: str = "", tell: bool = True) -> None:
    """Let the state follow from what is promised, on its way and received. The pledge is locked and saved."""
    if pledge.state not in (*WAITING, PledgeState.RECEIVED):
        pledge.save()
        return
    states = set(PledgeUse.objects.filter(pledge=pledge, state__in=OPEN_USES).values_list("state", flat=True))
    if pledge.received >= pledge.quantity:
        after = PledgeState.RECEIVED
    elif UseState.ON_THE_WAY in states:
        after = PledgeState.ON_THE_WAY
    elif UseState.HELD in states:
        after = PledgeState.COMMITTED
    else:
        after = PledgeState.ACCEPTED
    if after == pledge.state or (pledge.state == PledgeState.RECEIVED and not states):
        pledge.save()
        return
    move(by=by, pledge=pledge, after=after, reason=reason, tell=tell)
