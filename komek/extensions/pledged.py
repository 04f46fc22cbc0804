"""Socket ``pledged``: goods that somebody promised and that are not on their way yet. Who keeps pledges plugs in."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Protocol, runtime_checkable

from komek.extensions.sockets import Socket, Viewer


@runtime_checkable
class PledgedPlug(Protocol):
    key: str

    def by_item(self, viewer: Viewer) -> Mapping[int, Decimal]:
        """What is promised of each item of the catalogue, in its base unit, in the viewer's operation.

        A promise counts until a consignment was made of it: from then on the inventory counts it.
        """
        ...


pledged: Socket[PledgedPlug] = Socket("pledged", PledgedPlug)
