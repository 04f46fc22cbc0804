"""Following a request by its code, without an account."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET


@require_GET
def follow(http: HttpRequest, code: str) -> HttpResponse:
    return HttpResponse(code)
