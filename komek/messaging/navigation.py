"""Plug for ``navigation``."""

from django.utils.translation import gettext_lazy as _

from komek.accounts.authority import Action, may, standing_of
from komek.extensions import Viewer
from komek.extensions.navigation import Entry
from komek.messaging.models import Inbound


class MessagingEntries:
    key = "messaging"

    def entries(self, viewer: Viewer) -> tuple[Entry, ...]:
        if viewer.user is None or not may(standing_of(viewer.user, viewer.operation), Action.VIEW, Inbound):
            return ()
        return (Entry(_("Texts"), "messaging:inbox", 800),)


PLUGS = [MessagingEntries()]
