"""Plug for the ``navigation`` socket: the map, near the front of the menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from komek.extensions import Viewer
from komek.extensions.navigation import Entry


class MapNavigation:
    key = "situation_map"

    def entries(self, viewer: Viewer) -> tuple[Entry, ...]:
        if viewer.user is None or not viewer.user.may_work:
            return ()
        return (Entry(_("Map"), "situation_map:map", 5),)


PLUGS = [MapNavigation()]
