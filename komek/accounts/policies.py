"""Who may see and approve accounts: coordinators and administrators of the whole operation; everybody sees their own.

Accounts belong to no operation, so a role held in an exercise only decides about accounts where there never was a real
operation, and even then about none that has a role outside the exercise.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from komek.accounts.authority import Action, Standing, every_grant, register_policy
from komek.accounts.consents import own_consents
from komek.accounts.models import Consent, User
from komek.accounts.roles import MANAGERS, Role
from komek.records.models import ProtectedRead


def _manages_accounts(standing: Standing) -> bool:
    return standing.holds_everywhere(*MANAGERS) or (standing.holds(*MANAGERS) and not standing.is_confined)


def _is_out_of_reach(standing: Standing, user: User) -> bool:
    """Whether this account has a role outside the exercise in which alone the asker has theirs."""
    if not getattr(standing.operation, "is_exercise", False) or standing.holds_everywhere(*MANAGERS):
        return False
    return any(grant.operation_id != standing.operation_id for grant in every_grant(user))


class AccountPolicy:
    is_beyond_exercises = True

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        if not standing.signed_in:
            return queryset.none()
        if _manages_accounts(standing):
            return queryset.filter(Q(is_superuser=False) | Q(pk=standing.user.pk))
        return queryset.filter(pk=standing.user.pk)

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not standing.signed_in:
            return False
        if record is not None and record.pk == standing.user.pk and action in (Action.VIEW, Action.CHANGE):
            return True
        if action not in (Action.VIEW, Action.APPROVE) or not _manages_accounts(standing):
            return False
        if record is None or action == Action.VIEW:
            return not getattr(record, "is_superuser", False)
        return not record.is_superuser and not _is_out_of_reach(standing, record)


class ConsentPolicy:
    """Everybody sees their own. Registries show the consents about their records on the record's page, under its policy."""

    is_beyond_exercises = True

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        if not standing.signed_in:
            return queryset.none()
        return queryset & own_consents(standing.user)

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not standing.signed_in or action != Action.VIEW:
            return False
        return record is None or own_consents(standing.user).filter(pk=record.pk).exists()


READERS_OF_READS = (Role.PROTECTION_OFFICER, Role.ADMINISTRATOR)


class ProtectedReadPolicy:
    """Protection officers and administrators see who looked at protected data: of their organisation's records, or of all."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        if standing.holds(*READERS_OF_READS):
            return queryset
        return queryset.filter(organisation_id__in=standing.organisation_ids(*READERS_OF_READS, write=True))

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if action not in (Action.VIEW, Action.EXPORT):
            return False
        if record is None:
            return standing.holds_anywhere(*READERS_OF_READS)
        return standing.holds(*READERS_OF_READS, organisation_id=record.organisation_id)


def register() -> None:
    """Called once, when the app is ready."""
    register_policy(User, AccountPolicy())
    register_policy(Consent, ConsentPolicy())
    register_policy(ProtectedRead, ProtectedReadPolicy())
