"""A second factor for roles that can do much harm (``KOMEK_REQUIRE_MFA_ROLES``): without one they get no further than its set-up.

The gate stands where people and programs sign in: browser, API with a session, API with a token. Texts have their own rules of trust.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from komek.accounts.authority import NotAllowed
from komek.accounts.roles import Role
from komek.extensions.grants import grants

OPEN = frozenset(
    {
        "second_factor", "account", "account_logout", "account_email", "account_confirm_email", "account_change_password",
        "account_reauthenticate", "account_change_phone", "account_verify_phone", "account_login", "account_data",
        "set_language", "theme", "about", "privacy", "draft", "consents", "consent_withdraw",
    }
)  # fmt: skip
"""Pages by name that stay open: what is needed to set a factor up, to leave, and to keep a draft of what was being typed."""

OPEN_BEGINNINGS = ("mfa_", "usersessions_")
PUBLIC_ADDRESSES = ("/static/", "/healthz", "/readyz", "/metrics")


def roles_that_need_it(user: Any) -> set[str]:
    """The roles this account holds, anywhere, that need a second factor. An administrator of the installation is one too."""
    needed = set(settings.REQUIRE_MFA_ROLES)
    if not needed:
        return set()
    held = {grant.role for plug in grants for grant in plug.grants(user) if grant.may_write}
    if user.is_superuser:
        held.add(Role.ADMINISTRATOR)
    return needed & held


def has_second_factor(user: Any) -> bool:
    """An authenticator app or a passkey. Recovery codes alone are none."""
    return Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES).exists()


def is_missing(user: Any) -> bool:
    """Whether this account must set up a second factor before it may work."""
    return bool(settings.REQUIRE_MFA_ROLES) and not has_second_factor(user) and bool(roles_that_need_it(user))


class RequireSecondFactorMiddleware:
    """Leads who must set one up to the page that does it; programs get a sentence."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not settings.REQUIRE_MFA_ROLES or _is_open(request):
            return None
        user = request.user
        if not user.is_authenticated or not user.may_work or not is_missing(user):  # type: ignore[union-attr]
            return None
        if request.path.startswith(("/api/", "/ogc/")):
            raise NotAllowed(_("Your role needs a second factor. Set it up in the browser, under My account."))
        if request.method not in ("GET", "HEAD"):
            messages.warning(request, _("This was not saved: your role needs a second factor first."))
        response = redirect("second_factor")
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": response["Location"]})
        return response


def _is_open(request: HttpRequest) -> bool:
    name = request.resolver_match.url_name or "" if request.resolver_match else ""
    return name in OPEN or name.startswith(OPEN_BEGINNINGS) or request.path.startswith(PUBLIC_ADDRESSES)
