"""Error pages that help: what happened, what to do, and a number to name when reporting it."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template

from komek.accounts.authority import NotAllowed
from komek.records.codes import MistypedCode
from komek.web.middleware import current_request_id
from komek.web.uploads import FilesTooLarge


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Too large (413) or unreadable (400)."""
    if isinstance(exception, RequestDataTooBig):
        limit_mb = (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) // 2**20
        sentence = str(exception) if isinstance(exception, FilesTooLarge) else ""
        context = {"request_id": current_request_id(), "limit_mb": limit_mb, "sentence": sentence}
        return render(request, "413.html", context, status=413)
    return render(request, "400.html", {"request_id": current_request_id()}, status=400)


def wrong_method(request: HttpRequest) -> HttpResponse:
    """An address that only does something was opened as a page: from a bookmark, or after signing in again."""
    return render(request, "405.html", {"request_id": current_request_id()}, status=405)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    sentence = str(exception) if isinstance(exception, NotAllowed) else ""
    return render(request, "403.html", {"sentence": sentence, "request_id": current_request_id()}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    cause = exception.__cause__
    sentence = str(cause) if isinstance(cause, MistypedCode) else ""
    return render(request, "404.html", {"sentence": sentence, "request_id": current_request_id()}, status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """No database, no session, nothing that could break again; in every language of the interface, the reader's first."""
    page = get_template("500.html").render().replace("<!--request-id-->", current_request_id())
    return HttpResponse(page, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "csrf.html", {"request_id": current_request_id()}, status=403)
