"""Whom a failed sign-in is counted against, and what who asks too often is told.

Counted is the address typed, so that guessing one account never locks another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.core import context, ratelimit
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _


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


def refuse_if_too_often(phone: str) -> None:
    """Raise ValidationError when no further code may be sent to this number yet, whether it belongs to an account or not."""
    if not ratelimit.consume(context.request, action="verify_phone", key=phone, dry_run=True):
        raise ValidationError(
            _("A code was sent to this number a moment ago, or too many today. Wait a little and try again.")
        )


class TooOftenMiddleware:
    """Where django-allauth stops a flood in the middle of its flow, a page that says so instead of a fault."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return ratelimit.respond_429(request) if isinstance(exception, ratelimit.RateLimited) else None
