"""Who sees texts: coordinators and volunteer managers of the whole operation, for texts hold numbers and what people suffer."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from komek.accounts.authority import Action, Standing, register_policy
from komek.accounts.roles import MANAGERS, Role
from komek.messaging.models import CannedReply, Inbound, Outbox

READERS = (*MANAGERS, Role.VOLUNTEER_MANAGER)


class TextPolicy:
    """Texts of the operation, in and out."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        return queryset if standing.signed_in and standing.holds(*READERS) else queryset.none()

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        return action in (Action.VIEW, Action.CHANGE) and standing.signed_in and standing.holds(*READERS)


class CannedReplyPolicy:
    """Ready answers are the installation's: whoever runs real operations writes them, all who answer use them."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        return queryset if standing.signed_in and standing.holds(*READERS) else queryset.none()

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not standing.signed_in or not standing.holds(*READERS):
            return False
        return action == Action.VIEW or not standing.is_confined


def register() -> None:
    """Called once, when the app is ready."""
    register_policy(Inbound, TextPolicy())
    register_policy(Outbox, TextPolicy())
    register_policy(CannedReply, CannedReplyPolicy())
