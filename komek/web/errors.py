"""Error pages that help: what happened, what to do, and a number to name when reporting it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template

from komek.accounts.authority import NotAllowed
from komek.records.codes import MistypedCode
from komek.web.middleware import current_request_id


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", {"request_id": current_request_id()}, status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    sentence = str(exception) if isinstance(exception, NotAllowed) else ""
    return render(request, "403.html", {"sentence": sentence}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    cause = exception.__cause__
    sentence = str(cause) if isinstance(cause, MistypedCode) else ""
    return render(request, "404.html", {"sentence": sentence}, status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """No database, no language, nothing that could break again."""
    page = get_template("500.html").render().replace("<!--request-id-->", current_request_id())
    return HttpResponse(page, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "csrf.html", {"request_id": current_request_id()}, status=403)
