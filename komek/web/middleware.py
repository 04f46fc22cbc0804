"""A request id on every request, response and log line, so that a report of trouble can be traced."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from contextvars import ContextVar
from uuid import uuid4

from django.core.exceptions import BadRequest
from django.db import DataError
from django.http import HttpRequest, HttpResponse

from komek.web.request_log import log_request, without_secrets

_request_id: ContextVar[str] = ContextVar("request_id", default="-")
_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")


def current_request_id() -> str:
    """The id of the request being answered, or ``-`` outside one."""
    return _request_id.get()


class RequestIdMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        token = _request_id.set(given if _ACCEPTED.fullmatch(given) else uuid4().hex)
        request.request_id = _request_id.get()  # type: ignore[attr-defined]
        try:
            began = time.monotonic()
            response = self.get_response(request)
            response["X-Request-ID"] = _request_id.get()
            log_request(request, response.status_code, time.monotonic() - began)
            return response
        finally:
            _request_id.reset(token)


class ReadableMiddleware:
    """Refuses what no text can hold, and gives refusals without words a page.

    PostgreSQL's text has no character NUL. Nobody types one, so a request that carries it is broken or an attack: 400, not a fault.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path:
            raise BadRequest("NUL in the address")
        response = self.get_response(request)
        if response.status_code == 405 and not response.content and not request.path.startswith(("/api/", "/ogc/")):
            from komek.web.errors import wrong_method

            page = wrong_method(request)
            page["Allow"] = response.headers.get("Allow", "")
            return page
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Also where it came in the query or the body and reached the database; lists and the API answer for themselves before."""
        if isinstance(exception, ValueError | DataError) and "NUL" in str(exception):
            raise BadRequest("NUL in the text") from exception


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        # Refusals are logged after the middlewares are done; the request then still knows its id.
        request = getattr(record, "request", None)
        record.request_id = getattr(request, "request_id", _request_id.get())
        without_secrets(record, request)
        return True
