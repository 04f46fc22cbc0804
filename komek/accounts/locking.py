"""Whom a failed sign-in is counted against: the address typed, so that guessing one account never locks another."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError


def login_of(request: Any, credentials: dict[str, Any] | None = None) -> str:
    """The e-mail or phone typed, folded to one form; empty when neither is known."""
    found = (credentials or {}).get("email") or (credentials or {}).get("phone") or (credentials or {}).get("username")
    if not found and request is not None:
        found = getattr(request, "POST", {}).get("login", "")
    return folded(str(found or ""))


def folded(login: str) -> str:
    """One form for every way of typing a login: e-mail in small letters, a phone as E.164."""
    from komek.accounts.phones import one_form

    if "@" not in login:
        try:
            return one_form(login)
        except ValidationError:
            pass
    return login.strip().lower()
