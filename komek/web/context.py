"""What every page's template may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language, get_language_bidi

from komek.accounts.authority import Standing, standing_of
from komek.extensions import Viewer
from komek.extensions.navigation import navigation


def viewer_of(request: HttpRequest) -> Viewer:
    """Who is asking, for the sockets."""
    user = request.user if request.user.is_authenticated else None
    operation = getattr(request, "operation", None)
    return Viewer(user=user, operation=operation or None, language=get_language() or "en")


def standing(request: HttpRequest) -> Standing:
    """What the asker holds in the operation they work in."""
    return standing_of(request.user, getattr(request, "operation", None) or None)


def page(request: HttpRequest) -> dict[str, Any]:
    """Menu, operation and text direction."""
    if not hasattr(request, "user"):
        return {}
    viewer = viewer_of(request)
    entries = [entry for plug in navigation for entry in plug.entries(viewer)]
    return {
        "menu": sorted(entries, key=lambda entry: entry.order),
        "operation": viewer.operation,
        "standing": standing(request),
        "direction": "rtl" if get_language_bidi() else "ltr",
        "has_mail_server": settings.HAS_MAIL_SERVER or settings.DEBUG,
        "theme": theme if (theme := request.COOKIES.get("theme")) in ("light", "dark") else "",
    }
