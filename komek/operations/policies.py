"""Who may see and change operations and hazard types.

Everybody with an approved account sees real operations and the exercises they hold a role in; while no real operation is open,
everybody works in the open exercises, and sees them. Coordinators of a whole operation change it. Opening one takes a role that holds
in every operation: what somebody is in an exercise counts for nothing outside it.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, Q, QuerySet

from komek.accounts.authority import Action, Standing, every_grant, register_policy, standing_of
from komek.accounts.roles import MANAGERS
from komek.operations.models import HazardType, Operation, PhaseChange


def _works(standing: Standing) -> bool:
    return standing.signed_in and bool(standing.user.may_work)


class OperationPolicy:
    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        if not _works(standing):
            return queryset.none()
        held = {grant.operation_id for grant in every_grant(standing.user)}
        if None in held:
            return queryset
        open_and_real = Operation.objects.filter(is_exercise=False, ended_at=None)
        return queryset.filter(
            Q(is_exercise=False)
            | Q(pk__in=held)
            | Q(pk=standing.user.current_operation_id)
            | (Q(ended_at=None) & ~Exists(open_and_real))
        )

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not _works(standing):
            return False
        if action in (Action.VIEW, Action.EXPORT):
            return record is None or self.narrow(Operation.objects.filter(pk=record.pk), standing).exists()
        if action == Action.ADD:
            return standing_of(standing.user, None).holds(*MANAGERS)
        if action != Action.CHANGE:
            return False
        if record is None:
            return any(grant.role in MANAGERS and grant.organisation_id is None for grant in every_grant(standing.user))
        # What counts is the standing in that operation, not in the one somebody happens to work in.
        return standing_of(standing.user, record).holds(*MANAGERS)


class PhaseChangePolicy:
    """Changes of phase are seen with their operation and made by ``komek.operations.opening``."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        return queryset if _works(standing) else queryset.none()

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        return _works(standing) and action in (Action.VIEW, Action.EXPORT)


class HazardTypePolicy:
    """Read by everybody with an approved account, changed by administrators of the installation only."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        return queryset if _works(standing) else queryset.none()

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        return _works(standing) and action in (Action.VIEW, Action.EXPORT)


def register() -> None:
    """Called once, when the app is ready."""
    register_policy(Operation, OperationPolicy())
    register_policy(PhaseChange, PhaseChangePolicy())
    register_policy(HazardType, HazardTypePolicy())
