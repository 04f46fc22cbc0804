"""Plug for the ``navigation`` socket."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from komek.accounts.authority import Action, may, standing_of
from komek.extensions import Viewer
from komek.extensions.navigation import Entry
from volunteers.models import CheckIn, Volunteer


class PledgesNavigation:
    key = "volunteers"

    def entries(self, viewer: Viewer) -> tuple[Entry, ...]:
        if viewer.user is None or not viewer.user.may_work:
            return ()
        pledges = Entry(_("Pledges"), "volunteers:pledges", 29)
        standing = standing_of(viewer.user, viewer.operation)
        people = (Entry(_("Tasks"), "volunteers:tasks", 31),)
        if may(standing, Action.VIEW, Volunteer):
            people = (Entry(_("Volunteers"), "volunteers:volunteers", 30), *people)
        if not may(standing, Action.VIEW, CheckIn):
            return (pledges, *people)
        return (pledges, *people, Entry(_("Helpers"), "volunteers:presence", 30))


PLUGS = [PledgesNavigation()]
