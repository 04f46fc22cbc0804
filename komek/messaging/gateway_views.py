"""The addresses at which providers bring texts and receipts."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from komek.messaging.gateways import Forged, Hears, Unreadable, named
from komek.messaging.inbound.receiving import receive
from komek.messaging.receipts import note_news

log = logging.getLogger(__name__)

LARGEST = 64 * 1024
"""Bytes of a request. A text of 1,600 letters with everything around it takes a tenth of that."""


@csrf_exempt
@require_POST
def inbound(request: HttpRequest, key: str) -> HttpResponse:
    """A text: verified, stored, committed, and only then answered. What cannot be verified is not believed (403)."""
    gateway = _hearing(key)
    message, refusal = _read(request, key, gateway and gateway.incoming)
    if refusal is not None:
        return refusal
    receive(gateway=key, message=message)
    return gateway.thanks()


@csrf_exempt
@require_POST
def receipt(request: HttpRequest, key: str) -> HttpResponse:
    """What became of a text we sent."""
    gateway = _hearing(key)
    news, refusal = _read(request, key, gateway and gateway.news)
    if refusal is not None:
        return refusal
    note_news(gateway=key, news=news)
    return HttpResponse(status=204)


def _read(request: HttpRequest, key: str, read: Callable[[HttpRequest], Any] | None) -> tuple[Any, HttpResponse | None]:
    """What a provider brought, verified; or how it is refused. read: ``None`` when no such gateway hears anything."""
    if read is None:
        return None, HttpResponse(status=404)
    if _size(request) > LARGEST:
        return None, HttpResponse(status=413)
    try:
        return read(request), None
    except Forged:
        log.warning("what came for gateway %s was not signed as it should be", key)
        return None, HttpResponse(status=403)
    except Unreadable as fault:
        log.warning("gateway %s brought what cannot be read: %s", key, fault)
        return None, HttpResponse(status=400)


def _hearing(key: str) -> Any:
    try:
        gateway = named(key)
    except ImproperlyConfigured:
        return None
    return gateway if isinstance(gateway, Hears) else None


def _size(request: HttpRequest) -> int:
    said = request.META.get("CONTENT_LENGTH") or "0"
    return int(said) if said.isascii() and said.isdigit() else LARGEST + 1
