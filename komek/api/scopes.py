"""Who may ask at all, and what a token may do: scopes such as ``organisations:read``.

A token never may more than its owner, only less.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

READ, WRITE, EXPORT = "read", "write", "export"
VERBS = {READ: _("read"), WRITE: _("read and change"), EXPORT: _("export")}
ANY = "*"

# Scopes of what stands outside the router, such as feeds: only to be read.
OFFERED: list[str] = []


def offer_scope(resource: str) -> None:
    """Let people choose this scope when they make a token."""
    if resource not in OFFERED:
        OFFERED.append(resource)


def scope_allows(scopes: Iterable[str], resource: str, verb: str) -> bool:
    """Whether one of ``scopes`` covers ``verb`` on ``resource``. ``write`` includes ``read``; ``*`` stands for every resource."""
    enough = {verb, WRITE} if verb == READ else {verb}
    return any(
        granted_resource in (ANY, resource) and granted_verb in enough
        for granted_resource, _separator, granted_verb in (scope.partition(":") for scope in scopes)
    )


class MayWork(BasePermission):
    """Signed in with an approved account. Who waits for approval sees public pages and their own account only."""

    message = _("Your account is waiting for approval. A coordinator has to approve it first.")

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(request.user and request.user.is_authenticated and request.user.may_work)


class WithinScope(BasePermission):
    """Bars tokens from what their scopes do not name. Signed-in browsers carry no scopes and pass.

    A view says ``scope = "organisations"``; ``scope_verbs`` maps an action of a view set to another verb than its
    method implies. A view without ``scope`` is closed to tokens; ``scope = None`` says in so many words that it is open.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        scopes = getattr(request.auth, "scopes", None)
        resource = getattr(view, "scope", "")
        if scopes is None or resource is None:
            return True
        verb = READ if request.method in SAFE_METHODS else WRITE
        verb = getattr(view, "scope_verbs", {}).get(getattr(view, "action", None), verb)
        self.message = _("This token lacks the scope “%(scope)s”.") % {"scope": f"{resource}:{verb}"}
        return bool(resource) and scope_allows(scopes, resource, verb)
