"""How often one may ask. Counted in each process's own memory: no database write per request, and a limit that is
exact for one process and up to as many times larger as there are processes. It keeps a runaway script from hurting
others; guessing at passwords is held off elsewhere (django-axes), guessing at tokens by their 256 random bits.
"""

from __future__ import annotations

from typing import Any

from django.core.cache import caches
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle


class PerAsker(SimpleRateThrottle):
    """Signed-in askers by token, else by account (``asker``); all others by network address (``anonymous``)."""

    scope = "asker"

    def __init__(self) -> None:
        self.cache = caches["memory"]

    def allow_request(self, request: Request, view: Any) -> bool:
        signed_in = request.user is not None and request.user.is_authenticated
        self.scope = "asker" if signed_in else "anonymous"
        self.rate = api_settings.DEFAULT_THROTTLE_RATES[self.scope]
        self.num_requests, self.duration = self.parse_rate(self.rate)
        return bool(super().allow_request(request, view))

    def get_cache_key(self, request: Request, view: Any) -> str:
        if self.scope == "anonymous":
            ident = self.get_ident(request)
        elif request.auth is not None:
            ident = f"token-{request.auth.pk}"
        else:
            ident = f"user-{request.user.pk}"
        return self.cache_format % {"scope": self.scope, "ident": ident}
