"""Plug for the ``navigation`` socket: the inventory's entries in the menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from komek.extensions import Viewer
from komek.extensions.navigation import Entry


class InventoryNavigation:
    key = "inventory"

    def entries(self, viewer: Viewer) -> tuple[Entry, ...]:
        if viewer.user is None or not viewer.user.may_work:
            return ()
        return (Entry(_("Stock"), "inventory:warehouses", 40),)


PLUGS = [InventoryNavigation()]
