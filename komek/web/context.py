"""What every page's template may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
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


@dataclass(frozen=True)
class MenuItem:
    """One line of the menu. ``current``: for ``aria-current``, on the page itself and on those below it."""

    title: Any
    address: str
    current: str


def _menu(viewer: Viewer, path: str) -> list[MenuItem]:
    items = []
    for entry in sorted((one for plug in navigation for one in plug.entries(viewer)), key=lambda entry: entry.order):
        address = reverse(entry.url_name)
        is_here = path.startswith(address) and address != "/"
        items.append(MenuItem(entry.title, address, ("page" if path == address else "true") if is_here else ""))
    return items


def page(request: HttpRequest) -> dict[str, Any]:
    """Menu, operation and text direction."""
    if not hasattr(request, "user"):
        return {}
    viewer = viewer_of(request)
    return {
        "menu": _menu(viewer, request.path),
        "operation": viewer.operation,
        "standing": standing(request),
        "direction": "rtl" if get_language_bidi() else "ltr",
        "has_mail_server": settings.HAS_MAIL_SERVER or settings.DEBUG,
        "theme": theme if (theme := request.COOKIES.get("theme")) in ("light", "dark") else "",
    }
