"""Plug for the ``navigation`` socket: the registry's entries in the menu."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from komek.extensions import Viewer
from komek.extensions.navigation import Entry


class RequestsNavigation:
    key = "requests"

    def entries(self, viewer: Viewer) -> tuple[Entry, ...]:
        if viewer.user is None or not viewer.user.may_work:
            return (Entry(_("What is needed"), "requests:needed_public", 40),) if _has("requests:needed_public") else ()
        return (Entry(_("Requests"), "requests:requests", 28),)


def _has(url_name: str) -> bool:
    try:
        reverse(url_name)
    except NoReverseMatch:  # the part is not there
        return False
    return True


PLUGS = [RequestsNavigation()]
