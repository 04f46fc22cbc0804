"""Coming to a site and leaving it. Texts and pages call these."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from orgs.models import Opening, Site
from volunteers.models import CheckIn
from volunteers.refusals import Refused

EXPECTED_STAY = timedelta(hours=12)
MOST_PARTY = 200


@transaction.atomic
def check_in(
    *, by: Actor, operation: Any, site: Site, party: int = 1, at: datetime | None = None, until: datetime | None = None
) -> tuple[CheckIn, CheckIn | None]:
    """The one who acts is at a site with so many. Returns the check-in, and the one at another site that it ended.

    At the same site again it is the same check-in, with the party told last. Raises Refused.
    """
    if by.user is None:
        raise Refused(
            {"__all__": _("Your number is not known here yet. Ask your coordinator for a code and send JOIN.")}
        )
    if not 1 <= party <= MOST_PARTY:
        raise Refused({"party": _("A party is 1 to %(most)d people.") % {"most": MOST_PARTY}})
    if site.opening == Opening.CLOSED:
        raise Refused({"site": _("%(site)s is closed.") % {"site": site}})
    moment = min(at or timezone.now(), timezone.now())
    here = _present(by.user, operation)
    with acting(by):
        if here is not None and here.site_id == site.pk:
            here.party, here.due_at = party, until or moment + EXPECTED_STAY
            here.looked_after_at = here.looked_after_by = None
            here.save()
            return here, None
        if here is not None:
            here.left_at = max(moment, here.occurred_at)
            here.save(update_fields=["left_at", "updated_at"])
        new = CheckIn(
            user=by.user, site=site, operation=operation, party=party, occurred_at=moment,
            due_at=until or moment + EXPECTED_STAY,
        )  # fmt: skip
        new.stamp(by)
        new.save()
    return new, here


@transaction.atomic
def check_out(*, by: Actor, operation: Any, at: datetime | None = None) -> CheckIn:
    """The one who acts leaves the site they are at. Raises Refused when they are at none."""
    here = _present(by.user, operation) if by.user is not None else None
    if here is None:
        raise Refused({"__all__": _("You are checked in nowhere.")})
    with acting(by):
        here.left_at = max(min(at or timezone.now(), timezone.now()), here.occurred_at)
        here.save(update_fields=["left_at", "updated_at"])
    return here


@transaction.atomic
def take_back(*, by: Actor, operation: Any, check_in: CheckIn) -> None:
    """A check-in of one's own that was a mistake goes. Raises Refused when somebody has built on it."""
    locked = CheckIn.objects.select_for_update(of=("self",)).filter(pk=check_in.pk).first()
    if (
        locked is None
        or by.user is None
        or locked.user_id != by.user.pk
        or locked.operation_id != operation_pk(operation)
    ):
        raise Refused({"__all__": _("This check-in is not yours, or it is gone.")})
    if locked.left_at is not None or locked.looked_after_at is not None:
        raise Refused({"__all__": _("You have left since then. Check in again instead.")})
    with acting(by):
        locked.delete()


@transaction.atomic
def found_well(*, by: Actor, operation: Any, check_in: CheckIn, has_left: bool) -> CheckIn:
    """Somebody asked after a helper who was overdue: they are well, and have left or are still there. Raises NotAllowed."""
    locked = CheckIn.objects.select_for_update(of=("self",)).get(pk=check_in.pk)
    require(standing_of(by.user, operation), Action.CHANGE, locked)
    now = timezone.now()
    with acting(by):
        locked.looked_after_at, locked.looked_after_by = now, by.user
        if has_left and locked.left_at is None:
            locked.left_at = now
        locked.save()
    return locked


def overdue(rows: QuerySet[CheckIn]) -> QuerySet[CheckIn]:
    """Of these, helpers who should have left and of whom nobody has heard, the longest overdue first."""
    return rows.filter(left_at=None, looked_after_at=None, due_at__lt=timezone.now()).order_by("due_at")


def is_present(user: Any, operation: Any) -> bool:
    """Whether this account is checked in at a site now."""
    return user is not None and CheckIn.objects.filter(user=user, operation=operation, left_at=None).exists()


def operation_pk(operation: Any) -> int | None:
    return getattr(operation, "pk", None)


def _present(user: Any, operation: Any) -> CheckIn | None:
    rows = CheckIn.objects.select_for_update(of=("self",)).select_related("site")
    found: CheckIn | None = rows.filter(user=user, operation=operation, left_at=None).first()
    return found
