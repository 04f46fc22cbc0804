"""Plug for the ``navigation`` socket: the registry's entries in the menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from komek.extensions import Viewer
from komek.extensions.navigation import Entry


class OrgsNavigation:
    key = "orgs"

    def entries(self, viewer: Viewer) -> tuple[Entry, ...]:
        if viewer.user is None or not viewer.user.may_work:
            return ()
        return (
            Entry(_("Organisations"), "orgs:organisations", 20),
            Entry(_("Sites"), "orgs:sites", 21),
            Entry(_("Who does what where"), "orgs:activities", 22),
            Entry(_("Coverage and gaps"), "orgs:coverage", 23),
        )


PLUGS = [OrgsNavigation()]
