"""Plug for the ``navigation`` socket."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from komek.accounts.authority import Action, may, standing_of
from komek.extensions import Viewer
from komek.extensions.navigation import Entry
from volunteers.models import CheckIn


class PledgesNavigation:
    key = "volunteers"

    def entries(self, viewer: Viewer) -> tuple[Entry, ...]:
        if viewer.user is None or not viewer.user.may_work:
            return ()
        pledges = Entry(_("Pledges"), "volunteers:pledges", 29)
        if not may(standing_of(viewer.user, viewer.operation), Action.VIEW, CheckIn):
            return (pledges,)
        return (pledges, Entry(_("Helpers"), "volunteers:presence", 30))


PLUGS = [PledgesNavigation()]
