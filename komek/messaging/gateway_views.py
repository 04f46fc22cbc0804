"""The addresses at which providers bring texts and receipts."""

from __future__ import annotations

import logging
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
    if gateway is None:
        return HttpResponse(status=404)
    if _size(request) > LARGEST:
        return HttpResponse(status=413)
    try:
        message = gateway.incoming(request)
    except Forged:
        log.warning("a text for gateway %s was not signed as it should be", key)
        return HttpResponse(status=403)
    except Unreadable as fault:
        log.warning("gateway %s brought a text that cannot be read: %s", key, fault)
        return HttpResponse(status=400)
    receive(gateway=key, message=message)
    return gateway.thanks()


@csrf_exempt
@require_POST
def receipt(request: HttpRequest, key: str) -> HttpResponse:
    """What became of a text we sent."""
    gateway = _hearing(key)
    if gateway is None:
        return HttpResponse(status=404)
    if _size(request) > LARGEST:
        return HttpResponse(status=413)
    try:
        news = gateway.news(request)
    except Forged:
        return HttpResponse(status=403)
    except Unreadable:
        return HttpResponse(status=400)
    note_news(gateway=key, news=news)
    return HttpResponse(status=204)


def _hearing(key: str) -> Any:
    try:
        gateway = named(key)
    except ImproperlyConfigured:
        return None
    return gateway if isinstance(gateway, Hears) else None


def _size(request: HttpRequest) -> int:
    said = request.META.get("CONTENT_LENGTH") or "0"
    return int(said) if said.isascii() and said.isdigit() else LARGEST + 1
