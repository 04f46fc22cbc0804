"""Plug for the ``navigation`` socket: the registry's entries in the menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from komek.extensions import Viewer
from komek.extensions.navigation import Entry


class RequestsNavigation:
    key = "requests"

    def entries(self, viewer: Viewer) -> tuple[Entry, ...]:
        if viewer.user is None or not viewer.user.may_work:
            return ()
        return (Entry(_("Requests"), "requests:requests", 28),)


PLUGS = [RequestsNavigation()]
