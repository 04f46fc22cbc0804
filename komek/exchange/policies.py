"""Who may see imports: those who brought the file in, and coordinators of the operation. What rows may do is asked row by row."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from komek.accounts.authority import Action, Standing, register_policy
from komek.accounts.roles import MANAGERS
from komek.exchange.models import ImportBatch


class ImportPolicy:
    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        if not standing.signed_in or not standing.user.may_work:
            return queryset.none()
        return queryset if standing.holds(*MANAGERS) else queryset.filter(owner_id=standing.user.pk)

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not standing.signed_in or not standing.user.may_work:
            return False
        if record is None:
            return action in (Action.VIEW, Action.ADD, Action.CHANGE)
        return record.owner_id == standing.user.pk or standing.holds(*MANAGERS)


def register() -> None:
    """Called once, when the application is ready."""
    register_policy(ImportBatch, ImportPolicy())
