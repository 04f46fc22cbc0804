"""Which operation an API request works in."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from komek.accounts.authority import NotAllowed, Standing, standing_of, visible
from komek.api.problems import Problem
from komek.operations.current import default_operation
from komek.operations.models import Operation

HEADER = "Komek-Operation"
PARAMETER = "operation"


def operation_of(request: Request) -> Operation | None:
    """The token's operation, else the one named by the header or the query, else the account's, else the newest open one.

    Only an operation that the account may see can be named: an exercise is for those who take part in it.

    Raises Problem 400 for an unknown name and NotAllowed when a token bound to one operation names another.
    """
    named = request.headers.get(HEADER) or request.query_params.get(PARAMETER) or ""
    bound: Operation | None = getattr(request.auth, "operation", None)
    if bound is not None:
        if named and named != bound.slug:
            raise NotAllowed(
                _("This token works in the operation “%(bound)s” only, not in “%(named)s”.")
                % {"bound": bound.slug, "named": named[:60]}
            )
        return bound
    if named:
        known = Operation.objects.all()
        if getattr(request.user, "is_authenticated", False):
            known = visible(known, standing_of(request.user))
        operation = known.filter(slug=named).first()
        if operation is None:
            raise Problem(
                400, "unknown-operation",
                _("There is no operation “%(named)s”. /api/v1/operations/ lists them.") % {"named": named[:60]},
            )  # fmt: skip
        return operation
    user: Any = request.user
    if user is not None and user.is_authenticated and user.current_operation_id:
        chosen: Operation = user.current_operation
        return chosen
    return default_operation()


def standing_in(request: Request) -> Standing:
    """What the asker holds in the request's operation."""
    user = request.user if getattr(request.user, "is_authenticated", False) else None
    return standing_of(user, operation_of(request))
