"""Who may see and change pledges.

Everybody with an approved account sees what is offered; the name and the contacts of a donor only those who handle the
pledge: volunteer managers and coordinators of the whole operation, those of the donor's own organisation, and whoever
wrote it down. Whoever has something to coordinate may promise what is free of an accepted pledge to a need.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from komek.accounts.authority import Action, Standing, register_policy
from komek.accounts.roles import MANAGERS, Role
from volunteers.models import CheckIn, Pledge, PledgeNotice, PledgeReceipt, PledgeStep, PledgeUse

HANDLERS = (*MANAGERS, Role.VOLUNTEER_MANAGER)
PROMISERS = (*HANDLERS, Role.CAMP_MANAGER, Role.WAREHOUSE_KEEPER)


def decides(standing: Standing) -> bool:
    """Whether this standing says what happens with offers of anybody: accept, decline, keep, thank."""
    return standing.runs_installation or standing.holds(*HANDLERS)


def handles(standing: Standing, pledge: Pledge) -> bool:
    """Whether this standing works on the pledge and may see who gives."""
    if decides(standing):
        return True
    if not standing.signed_in:
        return False
    if pledge.entered_by_id is not None and pledge.entered_by_id == standing.user.pk:
        return True
    return pledge.donor_id is not None and standing.holds(*HANDLERS, organisation_id=pledge.donor_id)


def handled(queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
    """Of these pledges, those of which this standing may know who gives."""
    if decides(standing):
        return queryset
    own = standing.organisation_ids(*HANDLERS, write=True)
    return queryset.filter(Q(donor__in=own) | Q(entered_by=standing.user))


class PledgePolicy:
    """Pledges, and (through ``path``) what belongs to one."""

    def __init__(self, path: str = "") -> None:
        self.path = path

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        return queryset if standing.signed_in and standing.user.may_work else queryset.none()

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not standing.signed_in or not standing.user.may_work:
            return False
        if action in (Action.VIEW, Action.EXPORT):
            return True
        if record is None or (action == Action.ADD and not self.path):
            return standing.holds_anywhere(*HANDLERS)
        if action in (Action.APPROVE, Action.DELETE):
            return decides(standing)
        return handles(standing, getattr(record, self.path) if self.path else record)


class UsePolicy(PledgePolicy):
    """A promise of a part of a pledge: made by whoever coordinates needs somewhere, given back by them or by who handles it."""

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if action in (Action.ADD, Action.CHANGE) and standing.signed_in and standing.user.may_work:
            if action == Action.ADD or record is None:
                return standing.holds_anywhere(*PROMISERS)
            if record.entered_by_id is not None and record.entered_by_id == standing.user.pk:
                return True
        return super().may(standing, action, record)


class NoticePolicy(PledgePolicy):
    """Messages hold names and numbers: for those who handle the pledge."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        if decides(standing) or not (standing.signed_in and standing.user.may_work):
            return super().narrow(queryset, standing)
        return queryset.filter(pledge__in=handled(Pledge.objects.all(), standing).values("pk"))

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if record is not None and action in (Action.VIEW, Action.EXPORT):
            return standing.signed_in and standing.user.may_work and handles(standing, record.pledge)
        return super().may(standing, action, record)


class CheckInPolicy:
    """Who is where is seen, and asked after, by those who answer for helpers; everybody sees their own."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        if not standing.signed_in or not standing.user.may_work:
            return queryset.none()
        return queryset if decides(standing) else queryset.filter(user=standing.user)

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        return (
            standing.signed_in
            and standing.user.may_work
            and action in (Action.VIEW, Action.CHANGE)
            and decides(standing)
        )


def register() -> None:
    """Called once, when the app is ready."""
    register_policy(CheckIn, CheckInPolicy())
    register_policy(Pledge, PledgePolicy())
    register_policy(PledgeStep, PledgePolicy("pledge"))
    register_policy(PledgeReceipt, PledgePolicy("pledge"))
    register_policy(PledgeUse, UsePolicy("pledge"))
    register_policy(PledgeNotice, NoticePolicy("pledge"))
