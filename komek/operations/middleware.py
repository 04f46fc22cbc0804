"""Which operation a request works in: the account's choice, else the session's, else the newest open real one."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from komek.operations.current import operation_of


class CurrentOperationMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.operation = SimpleLazyObject(lambda: operation_of(request))  # type: ignore[attr-defined]
        return self.get_response(request)
