"""Plug for ``navigation``."""

from django.utils.translation import gettext_lazy as _

from komek.extensions import Viewer
from komek.extensions.navigation import Entry


class SuppliesEntries:
    key = "supplies"

    def entries(self, viewer: Viewer) -> tuple[Entry, ...]:
        if viewer.user is None or not viewer.user.may_work:
            return ()
        return (Entry(_("Catalogue"), "supplies", 60),)


PLUGS = [SuppliesEntries()]
