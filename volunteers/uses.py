"""Promising parts of a pledge to needs, so that nothing is promised twice; giving them back; asking the donor to bring them.

The pledge is locked first at every door: two that promise of it at once wait for each other.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, NotAllowed, require, standing_of
from komek.records.actor import SYSTEM, Actor, acting
from komek.supplies.models import plain
from orgs.models import Site
from volunteers import arriving
from volunteers.models import OPEN_USES, Pledge, PledgeUse, UseState
from volunteers.moving import free_of, locked_pledge, settle
from volunteers.notices import tell_held_longer, tell_released, tell_too_late, tell_where
from volunteers.refusals import Refused


@transaction.atomic
def commit_pledge(
    *, by: Actor, operation: Any, pledge: Pledge, quantity: Decimal, until: datetime, reference: str = ""
) -> PledgeUse:
    """Promise a part of an accepted pledge to a need, until a moment. Raises Refused, also when less is left; NotAllowed.

    reference: the need, such as a request's code.
    """
    use = PledgeUse(
        pledge=pledge, operation=pledge.operation, quantity=quantity, until=until, reference=reference.strip()[:200]
    )
    require(standing_of(by.user, operation), Action.ADD, use)
    locked = locked_pledge(pledge.pk)
    if until <= timezone.now():
        raise Refused({"until": _("This moment is past. Say until when it is held.")})
    check_free(locked, quantity)
    use.pledge = locked
    use.stamp(by)
    with acting(by):
        use.save()
        settle(by=by, pledge=locked)
    return use


@transaction.atomic
def release_use(*, by: Actor, operation: Any, use: PledgeUse, reason: str = "", tells_asker: bool = True) -> PledgeUse:
    """Give a promised part back; the donor is told that the offer stands. Given back twice is given back once.

    What is on its way stays, and the donor is told that it is not needed there any more; what came stays. tells_asker: whoever
    asked for it is told, too; not when they gave it back themselves. Raises NotAllowed.
    """
    locked = locked_pledge(use.pledge_id)
    kept = PledgeUse.objects.select_for_update(of=("self",)).get(pk=use.pk)
    kept.pledge = locked
    if by.user is not None or by.channel != SYSTEM.channel:
        require(standing_of(by.user, operation), Action.CHANGE, kept)
    if kept.state == UseState.ON_THE_WAY:
        with acting(by.because(reason) if reason else by):
            tell_too_late(by=by, use=kept, key=f"too-late:{kept.pk}")
    if kept.state != UseState.HELD:
        return kept
    with acting(by.because(reason) if reason else by):
        kept.state, kept.ended_at = UseState.RELEASED, timezone.now()
        kept.save()
        settle(by=by, pledge=locked, reason=reason)
        tell_released(by=by, use=kept, key=f"released:{kept.pk}")
        if tells_asker:
            arriving.tell_cancelled(kept, by=by, explanation=reason)
    return kept


@transaction.atomic
def prolong_use(*, by: Actor, operation: Any, use: PledgeUse, until: datetime) -> PledgeUse:
    """A promised part is held longer for the same need; the donor is asked to keep it. Raises Refused or NotAllowed."""
    locked = locked_pledge(use.pledge_id)
    kept = PledgeUse.objects.select_for_update(of=("self",)).get(pk=use.pk)
    kept.pledge = locked
    require(standing_of(by.user, operation), Action.ADD, kept)
    if kept.state != UseState.HELD:
        raise Refused(
            {"until": _("This part of %(code)s is not held any more. Promise it again.") % {"code": locked.code}}
        )
    if until <= timezone.now():
        raise Refused({"until": _("This moment is past. Say until when it is held.")})
    kept.until = until
    with acting(by):
        kept.save()
        tell_held_longer(by=by, use=kept, key=f"longer:{kept.pk}:{until:%Y%m%d%H%M}")
    return kept


@transaction.atomic
def ask_to_bring(
    *, by: Actor, operation: Any, use: PledgeUse, site: Site, wanted_by: date | None = None, reference: str = ""
) -> PledgeUse:
    """Ask the donor to bring a promised part to a site. Asking twice changes nothing. Raises Refused or NotAllowed.

    reference: the need, when it was not said before.
    """
    locked = locked_pledge(use.pledge_id)
    kept = PledgeUse.objects.select_for_update(of=("self",)).get(pk=use.pk)
    kept.pledge = locked
    require(standing_of(by.user, operation), Action.CHANGE, kept)
    if kept.state not in OPEN_USES:
        raise Refused({"__all__": _("This part of %(code)s is not promised any more.") % {"code": locked.code}})
    if kept.destination_id is not None:
        return kept
    if site.operation_id not in (None, locked.operation_id):
        raise Refused({"site": _("This belongs to another operation; exercise and real never mix.")})
    with acting(by):
        kept.destination, kept.wanted_by = site, wanted_by
        kept.reference = reference[:200] or kept.reference
        kept.save()
        tell_where(by=by, use=kept)
    return kept


def lapse_uses(now: datetime | None = None) -> int:
    """Give back what was held too long, each in a transaction of its own; how many."""
    now = now or timezone.now()
    due = PledgeUse.objects.filter(state=UseState.HELD, until__lte=now).select_related("pledge", "operation")
    given_back = 0
    for use in list(due):
        try:
            done = release_use(by=SYSTEM, operation=use.operation, use=use, reason=_("held too long"))
        except NotAllowed:
            continue
        given_back += done.state == UseState.RELEASED
    return given_back


def check_free(pledge: Pledge, quantity: Decimal) -> None:
    """Raise Refused unless so much of the locked pledge is free."""
    if not quantity.is_finite() or quantity <= 0:
        raise Refused({"quantity": _("Give how much is promised, more than 0.")})
    free = free_of(pledge)
    if free <= 0:
        raise Refused({"quantity": _("Nothing of %(code)s is free any more.") % {"code": pledge.code}})
    if quantity > free:
        raise Refused(
            {"quantity": _("Only %(free)s %(unit)s of %(code)s are free. Promise no more than that.")
             % {"free": plain(free), "unit": pledge.unit, "code": pledge.code}}
        )  # fmt: skip
