"""Errors outside the API's own views: a problem for programs under ``/api/`` and ``/ogc/``, a page for people."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views import defaults

from komek.api.problems import Problem, problem_response


def for_program(request: HttpRequest) -> bool:
    """Whether a program asks."""
    return request.path.startswith(("/api/", "/ogc/"))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if for_program(request):
        return problem_response(request, Problem(400, "malformed", _("The request could not be read.")))
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if for_program(request):
        return problem_response(request, Problem(403, "not-allowed", str(exception) or _("You may not do this.")))
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if for_program(request):
        sentence = _("There is nothing at this address. /api/v1/ lists what there is.")
        return problem_response(request, Problem(404, "not-found", sentence))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if for_program(request):
        sentence = _("Something went wrong on our side. Tell an administrator the request id and try again.")
        return problem_response(request, Problem(500, "internal-error", sentence))
    return defaults.server_error(request)
