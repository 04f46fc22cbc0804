"""Working on a request alone: one coordinator at a time claims it, and others see who does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from aid_requests.models import OPEN_STATES, AidRequest
from aid_requests.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting

CLAIM_LASTS = timedelta(hours=8)
"""A shift. Afterwards anybody may claim the request anew, without asking."""


@transaction.atomic
def claim(*, by: Actor, operation: Any, request: AidRequest, take_over: bool = False) -> AidRequest:
    """Take a request to work on. take_over: also when somebody else has it. Claiming one's own again renews the claim.

    Two who claim at once: one gets it. Raises Refused, saying who has it, or NotAllowed.
    """
    require(standing_of(by.user, operation), Action.APPROVE, request)
    now = timezone.now()
    free = Q() if take_over else Q(claimed_by=None) | Q(claimed_by=by.user) | Q(claimed_at__lte=now - CLAIM_LASTS)
    with acting(by):
        claimed = AidRequest.objects.filter(free, pk=request.pk, state__in=OPEN_STATES).update(
            claimed_by=by.user, claimed_at=now, updated_at=now
        )
    request.refresh_from_db(fields=["claimed_by", "claimed_at", "state", "updated_at"])
    if not claimed:
        if request.state not in OPEN_STATES:
            raise Refused({"__all__": _("%(code)s is not open; there is nothing to work on.") % {"code": request.code}})
        raise Refused({"__all__": _("%(who)s works on %(code)s already.") % _words(request)})
    return request


@transaction.atomic
def let_go(*, by: Actor, operation: Any, request: AidRequest) -> AidRequest:
    """Give one's claim back, so that others can take the request. Letting go of what one does not have changes nothing."""
    require(standing_of(by.user, operation), Action.APPROVE, request)
    with acting(by):
        AidRequest.objects.filter(pk=request.pk, claimed_by=by.user).update(
            claimed_by=None, claimed_at=None, updated_at=timezone.now()
        )
    request.refresh_from_db(fields=["claimed_by", "claimed_at", "updated_at"])
    return request


def is_held_by_another(request: AidRequest, user: Any) -> bool:
    """Whether somebody else works on the request now."""
    return (
        request.claimed_by_id is not None
        and request.claimed_by_id != getattr(user, "pk", None)
        and request.claimed_at is not None
        and request.claimed_at > timezone.now() - CLAIM_LASTS
    )


def require_not_held(request: AidRequest, by: Actor) -> None:
    """Raise Refused when somebody else works on the request: two decisions on one request would cross."""
    if is_held_by_another(request, by.user):
        raise Refused(
            {"__all__": _("%(who)s works on %(code)s now. Ask them, or take it over first.") % _words(request)}
        )


def _words(request: AidRequest) -> dict[str, str]:
    return {"who": str(request.claimed_by), "code": request.code}
