"""Who may see and change pledges.

Everybody with an approved account sees what is offered; the name and the contacts of a donor only those who handle pledges: volunteer
managers and coordinators, of the donor's own organisation or of the whole operation.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from komek.accounts.authority import Action, Standing, register_policy
from komek.accounts.roles import MANAGERS, Role
from orgs.policies import coordinates_everything
from volunteers.models import Pledge, PledgeStep, PledgeUse

HANDLERS = (*MANAGERS, Role.VOLUNTEER_MANAGER)


def handles(standing: Standing, pledge: Pledge) -> bool:
    """Whether this standing works on the pledge and may see who gives."""
    return standing.holds(*HANDLERS, organisation_id=pledge.donor_id)


class PledgePolicy:
    def __init__(self, path: str = "") -> None:
        self.path = path

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        return queryset if standing.signed_in and standing.user.may_work else queryset.none()

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not standing.signed_in or not standing.user.may_work:
            return False
        if action in (Action.VIEW, Action.EXPORT):
            return True
        if record is None or action == Action.ADD:
            return standing.holds_anywhere(*HANDLERS)
        if action == Action.DELETE:
            return coordinates_everything(standing)
        return handles(standing, getattr(record, self.path) if self.path else record)


def register() -> None:
    """Called once, when the app is ready."""
    register_policy(Pledge, PledgePolicy())
    register_policy(PledgeStep, PledgePolicy("pledge"))
    register_policy(PledgeUse, PledgePolicy("pledge"))
