"""Plug for ``navigation``: the list of readings, for those who watch over protected data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from komek.accounts.authority import Action, may, standing_of
from komek.extensions import Viewer
from komek.extensions.navigation import Entry
from komek.records.models import ProtectedRead


class WebNavigation:
    key = "web"

    def entries(self, viewer: Viewer) -> tuple[Entry, ...]:
        if viewer.user is None or not may(standing_of(viewer.user, viewer.operation), Action.VIEW, ProtectedRead):
            return ()
        return (Entry(_("Who looked at what"), "protected_reads", 900),)


PLUGS = [WebNavigation()]
