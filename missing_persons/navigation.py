"""Plug for the ``navigation`` socket."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from komek.accounts.authority import Action, may, standing_of
from komek.extensions import Viewer
from komek.extensions.navigation import Entry
from missing_persons.models import Person


class PersonsNavigation:
    key = "missing_persons"

    def entries(self, viewer: Viewer) -> tuple[Entry, ...]:
        if not may(standing_of(viewer.user, viewer.operation), Action.VIEW, Person):
            return ()
        return (Entry(_("Missing persons"), "missing_persons:persons", 27),)


PLUGS = [PersonsNavigation()]
