"""Plug for ``navigation``: accounts, for those who approve them."""

from django.utils.translation import gettext_lazy as _

from komek.accounts.authority import Action, may, standing_of
from komek.accounts.models import User
from komek.extensions import Viewer
from komek.extensions.navigation import Entry


class AccountEntries:
    key = "accounts"

    def entries(self, viewer: Viewer) -> tuple[Entry, ...]:
        if viewer.user is None or not may(standing_of(viewer.user, viewer.operation), Action.APPROVE, User):
            return ()
        return (Entry(_("Accounts"), "accounts_waiting", 890),)


PLUGS = [AccountEntries()]
