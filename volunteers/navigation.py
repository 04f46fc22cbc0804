"""Plug for the ``navigation`` socket."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from komek.extensions import Viewer
from komek.extensions.navigation import Entry


class PledgesNavigation:
    key = "volunteers"

    def entries(self, viewer: Viewer) -> tuple[Entry, ...]:
        if viewer.user is None or not viewer.user.may_work:
            return ()
        return (Entry(_("Pledges"), "volunteers:pledges", 29),)


PLUGS = [PledgesNavigation()]
