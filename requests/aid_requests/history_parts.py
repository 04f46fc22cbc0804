"""What the history of a request and of a promise tells, and whom it does not tell how to reach who promised."""

from __future__ import annotations

from typing import Any

from aid_requests.models import AidRequest, Commitment, RequestLine
from komek.accounts.authority import Action, Standing, may
from komek.records.parts import Guard, Part, register_guard, register_parts

CONTACT = frozenset({"contact_phone", "contact_email"})


def register() -> None:
    """Called once, when the app is ready."""
    register_parts(AidRequest, Part(RequestLine, "request", named="item", follows_record=True))
    register_guard(Commitment, Guard(hidden=_hidden))


def _hidden(standing: Standing, commitment: Any) -> frozenset[str]:
    return frozenset() if may(standing, Action.CHANGE, commitment) else CONTACT
