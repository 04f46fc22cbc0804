"""When and from where a session was last used, for the page that lists a person's devices."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.usersessions.middleware import UserSessionsMiddleware
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse

KEPT_FOR = 60  # seconds: as exact as the page that shows it needs; each page otherwise writes to the database


class SessionTrackingMiddleware(UserSessionsMiddleware):
    """Notes each session's use once a minute per server process, and at once when address or browser change."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.session.session_key
        if key:
            client = f"{get_adapter().get_client_ip(request)} {request.headers.get('user-agent', '')}"
            if not caches["memory"].add(f"seen:{key}:{hash(client)}", True, KEPT_FOR):
                return self.get_response(request)  # type: ignore[no-any-return]
        return super().__call__(request)  # type: ignore[no-any-return]
