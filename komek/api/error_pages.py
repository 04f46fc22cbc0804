"""Errors outside the API's own views, for programs: no such address, a request that cannot be read, a fault of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from komek.api.problems import Problem, problem_response

Handler = Callable[..., HttpResponse]


def for_programs(problem: Handler, page: Handler) -> Handler:
    """A handler that gives programs (under ``/api/`` and ``/ogc/``) the problem, and people the page."""

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        chosen = problem if request.path.startswith(("/api/", "/ogc/")) else page
        return chosen(request, *args, **kwargs)

    return answer


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        limit_mb = (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) // 2**20
        sentence = _(
            "This is larger than the %(limit)d MB that a request may hold. Send it in parts, or as a file to import."
        )
        return problem_response(request, Problem(413, "too-large", sentence % {"limit": limit_mb}))
    return problem_response(request, Problem(400, "malformed", _("The request could not be read.")))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_response(request, Problem(403, "not-allowed", str(exception) or _("You may not do this.")))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    sentence = _("There is nothing at this address. /api/v1/ lists what there is.")
    return problem_response(request, Problem(404, "not-found", sentence))


def server_error(request: HttpRequest) -> HttpResponse:
    sentence = _("Something went wrong on our side. Tell an administrator the request id and try again.")
    return problem_response(request, Problem(500, "internal-error", sentence))
