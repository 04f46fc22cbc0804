"""Plug for ``navigation``."""

from django.utils.translation import gettext_lazy as _

from komek.extensions import Viewer
from komek.extensions.navigation import Entry


class PlacesEntries:
    key = "places"

    def entries(self, viewer: Viewer) -> tuple[Entry, ...]:
        if viewer.user is None or not viewer.user.may_work:
            return ()
        return (Entry(_("Areas"), "areas", 800),)


PLUGS = [PlacesEntries()]
