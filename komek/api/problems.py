"""Every error of the API as problem+json (RFC 9457): a sentence a person can act on, never a trace.

A room's own exceptions become problems through ``register_problem``; anything not known here is answered 500 with the
request id and nothing else, and logged in full.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.apps import apps
from django.core import exceptions as core
from django.core.signals import got_request_exception
from django.db import DatabaseError, DataError, IntegrityError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, HttpRequest, JsonResponse, UnreadablePostError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from rest_framework import exceptions as rest

from komek.accounts.authority import NotAllowed
from komek.records.codes import MistypedCode
from komek.web.uploads import FilesTooLarge

logger = logging.getLogger("komek.api")

CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:komek:problem:"


@dataclass(frozen=True)
class FieldFault:
    """What is wrong with one field. ``field`` is dotted (``names.0.language``), empty for the record as a whole."""

    field: str
    sentence: str


class Problem(Exception):  # noqa: N818 - named as in RFC 9457
    """An error with its status, the last part of its type address, and its sentence. Raise it from a view."""

    def __init__(
        self,
        status: int,
        slug: str,
        sentence: Any,
        *,
        faults: tuple[FieldFault, ...] = (),
        headers: dict[str, str] | None = None,
        title: Any = "",
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.slug = slug
        self.sentence = sentence
        self.faults = faults
        self.headers = headers or {}
        self.title = title


_registered: dict[type[Exception], tuple[int, str]] = {}


def register_problem(exception: type[Exception], status: int, slug: str) -> None:
    """A room's domain exception (and its subclasses) is answered with ``status``; its text is the sentence shown."""
    _registered[exception] = (status, slug)


def problem_response(request: HttpRequest, problem: Problem) -> JsonResponse:
    """The answer to ``problem``. ``request`` may be Django's or the framework's."""
    body: dict[str, Any] = {
        "type": TYPE_PREFIX + problem.slug,
        "title": str(problem.title) or HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": str(problem.sentence),
        "instance": request.path,
    }
    if problem.faults:
        body["errors"] = [{"field": fault.field, "sentence": fault.sentence} for fault in problem.faults]
    if request_id := getattr(request, "request_id", ""):
        body["request_id"] = request_id
    return JsonResponse(
        body, status=problem.status, headers=problem.headers, content_type=CONTENT_TYPE,
        json_dumps_params={"ensure_ascii": False},
    )  # fmt: skip


def handle(exc: Exception, context: dict[str, Any]) -> JsonResponse:
    """The framework's exception handler: every exception of a view, as a problem."""
    request = context["request"]
    problem = problem_of(exc, signed_in=bool(getattr(request.user, "is_authenticated", False)))
    if problem is None:
        problem = _unexpected(exc, request, context.get("view"))
    return problem_response(request, problem)


def problem_of(exc: Exception, signed_in: bool = True) -> Problem | None:
    """The problem an exception stands for; ``None`` when it is a fault of ours."""
    if isinstance(exc, Problem):
        return exc
    for known in type(exc).__mro__:
        if known in _registered:
            status, slug = _registered[known]
            return Problem(status, slug, str(exc))
    if isinstance(exc, rest.APIException):
        return _of_framework(exc)
    if isinstance(exc, core.PermissionDenied) and not signed_in:
        return _of_framework(_with_challenge(rest.NotAuthenticated()))
    if isinstance(exc, NotAllowed):
        return Problem(403, "not-allowed", str(exc))
    if isinstance(exc, core.PermissionDenied):
        return Problem(403, "not-allowed", str(exc) or _("You may not do this."))
    if isinstance(exc, MistypedCode):
        return Problem(404, "mistyped-code", exc.args[0])
    if isinstance(exc, (Http404, core.ObjectDoesNotExist)):
        return Problem(404, "not-found", _("There is no such record, or you may not see it."))
    if isinstance(exc, core.ValidationError):
        return invalid(tuple(_django_faults(exc)))
    if isinstance(exc, (ProtectedError, RestrictedError)):
        return _still_referred_to(exc)
    if isinstance(exc, (IntegrityError, DataError)):
        return _of_database(exc)
    if isinstance(exc, FilesTooLarge):
        return Problem(413, "too-large", str(exc))
    if isinstance(exc, (core.RequestDataTooBig, core.TooManyFieldsSent, core.TooManyFilesSent)):
        return Problem(413, "too-large", _("The request is too large. Send it in smaller parts."))
    if isinstance(exc, (core.SuspiciousOperation, UnreadablePostError)):
        return Problem(400, "malformed", _("The request could not be read."))
    return None


def invalid(faults: tuple[FieldFault, ...]) -> Problem:
    """What was sent does not fit: one sentence per field."""
    if len(faults) == 1:
        sentence: Any = faults[0].sentence
    else:
        sentence = ngettext(
            "%(count)d field needs correcting; nothing was saved.",
            "%(count)d fields need correcting; nothing was saved.",
            len(faults),
        ) % {"count": len(faults)}
    return Problem(400, "invalid", sentence, faults=faults, title=_("What was sent does not fit"))


def _with_challenge(exc: Any) -> Any:
    exc.auth_header = "Bearer"
    return exc


_FRAMEWORK_SLUGS: dict[type[rest.APIException], str] = {
    rest.ParseError: "malformed",
    rest.AuthenticationFailed: "authentication-failed",
    rest.NotAuthenticated: "not-authenticated",
    rest.PermissionDenied: "not-allowed",
    rest.NotFound: "not-found",
    rest.MethodNotAllowed: "method-not-allowed",
    rest.NotAcceptable: "not-acceptable",
    rest.UnsupportedMediaType: "unsupported-media-type",
    rest.Throttled: "too-many-requests",
}


# Where the framework has a sentence only in its own languages.
_FRAMEWORK_SENTENCES: dict[type[rest.APIException], Any] = {
    rest.MethodNotAllowed: _("This address does not take that method. The header Allow names those it takes."),
    rest.NotAcceptable: _("None of the formats in the header Accept is possible here. Leave it out to get JSON."),
    rest.UnsupportedMediaType: _(
        "Content of this kind is not taken here. Most addresses take JSON (Content-Type: application/json)."
    ),
}


def _of_framework(exc: rest.APIException) -> Problem:
    if isinstance(exc, rest.ValidationError):
        return invalid(tuple(_nested_faults(exc.detail)))
    headers: dict[str, str] = {}
    sentence: Any = exc.detail
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if isinstance(exc, rest.Throttled):
        seconds = max(1, math.ceil(exc.wait or 1))
        headers["Retry-After"] = str(seconds)
        sentence = ngettext(
            "Too many requests. Try again in %(count)d second.",
            "Too many requests. Try again in %(count)d seconds.",
            seconds,
        ) % {"count": seconds}
    for kind, ours in _FRAMEWORK_SENTENCES.items():
        if isinstance(exc, kind):
            sentence = ours
    if isinstance(exc, rest.NotAuthenticated):
        sentence = _("Sign in, or send a token in the header “Authorization: Bearer …”.")
    slug = next((_FRAMEWORK_SLUGS[kind] for kind in type(exc).__mro__ if kind in _FRAMEWORK_SLUGS), "refused")
    return Problem(exc.status_code, slug, sentence, headers=headers)


def _nested_faults(detail: Any, at: str = "") -> Iterator[FieldFault]:
    """The framework's nested errors, flat: lists of strings, lists of records, records by field."""
    if isinstance(detail, dict):
        for name, below in detail.items():
            here = at if name in ("non_field_errors", core.NON_FIELD_ERRORS) else f"{at}.{name}" if at else str(name)
            yield from _nested_faults(below, here)
    elif isinstance(detail, list):
        for number, below in enumerate(detail):
            yield from _nested_faults(below, f"{at}.{number}" if isinstance(below, (dict, list)) and at else at)
    else:
        yield FieldFault(at, str(detail))


def _django_faults(exc: core.ValidationError) -> Iterator[FieldFault]:
    if not hasattr(exc, "error_dict"):
        yield from (FieldFault("", str(message)) for message in exc.messages)
        return
    for name, messages in exc.message_dict.items():
        field = "" if name == core.NON_FIELD_ERRORS else name
        yield from (FieldFault(field, str(message)) for message in messages)


def _still_referred_to(exc: ProtectedError | RestrictedError) -> Problem:
    objects = exc.protected_objects if isinstance(exc, ProtectedError) else exc.restricted_objects
    kinds = sorted({str(type(one)._meta.verbose_name_plural) for one in objects})
    sentence = _("Other records still refer to this one (%(kinds)s). Change or remove those first.")
    return Problem(409, "still-referred-to", sentence % {"kinds": ", ".join(kinds)})


# SQLSTATE classes of https://www.postgresql.org/docs/15/errcodes-appendix.html
_DATABASE_SENTENCES: dict[str, tuple[int, str, Any]] = {
    "23505": (409, "already-exists", _("There is already a record with these values.")),
    "23P01": (409, "already-exists", _("This overlaps with a record that is already there.")),
    "23503": (409, "still-referred-to", _("A record this one refers to does not exist, or others still refer to it.")),
    "23502": (400, "invalid", _("A value that must be given is missing.")),
    "23514": (400, "invalid", _("These values do not fit together.")),
}


def _of_database(exc: DatabaseError) -> Problem:
    """A refusal by the database itself: the named constraint's own sentence where it has one."""
    diagnosis = getattr(exc.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or ""
    state = getattr(exc.__cause__, "sqlstate", None) or ""
    logger.warning("The database refused a change: %s %s", state, name)
    default = (400, "invalid", _("A value is too long or too large for its field."))
    status, slug, sentence = _DATABASE_SENTENCES.get(state, default)
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if (
                constraint.name == name
                and constraint.violation_error_message != type(constraint).default_violation_error_message
            ):
                sentence = constraint.get_violation_error_message()
    return Problem(status, slug, sentence)


def _unexpected(exc: Exception, request: Any, view: Any) -> Problem:
    """A fault of ours: logged in full, told to whoever listens (tests, error reporting), answered without details."""
    logger.error("Internal error: %s %s", request.method, request.path, exc_info=exc)
    got_request_exception.send(sender=type(view), request=getattr(request, "_request", request))
    return Problem(
        500, "internal-error",
        _("Something went wrong on our side; nothing was saved. Tell an administrator the request id and try again."),
    )  # fmt: skip
