"""Every change made during a web request is written to history under the account that made it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from komek.records.actor import Actor, Channel, acting


def actor_of(request: HttpRequest, reason: str = "") -> Actor:
    """Who acts in this request, and through which door."""
    channel = Channel.API if request.path.startswith(("/api/", "/ogc/")) else Channel.BROWSER
    user = getattr(request, "user", None)
    if user is not None and not user.is_authenticated:
        user = None
    return Actor(user=user, channel=channel, name=str(user) if user else "", reason=reason)


class ActorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return self.get_response(request)
        with acting(actor_of(request)):
            return self.get_response(request)
