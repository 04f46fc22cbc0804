"""Socket ``needs``: asking for goods for a site. Who finds a gap (camps, hospitals) asks; who keeps requests plugs in."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Protocol, runtime_checkable

from komek.extensions.sockets import Socket, Viewer


@runtime_checkable
class NeedsPlug(Protocol):
    key: str
    title: Any

    def may_ask(self, viewer: Viewer, site_id: int) -> bool:
        """Whether the viewer may ask for goods for this site, in the operation the viewer works in."""
        ...

    def ask(
        self,
        *,
        by: Any,
        operation: Any,
        site_id: int,
        item_id: int,
        quantity: Decimal,
        unit: str,
        note: str,
        wanted_by: date | None,
        reference: str,
    ) -> str:
        """Ask for ``quantity`` of an item of the catalogue and return the address of the request.

        by: the actor. unit: symbol of the item's base unit, in which the quantity is. reference: the asker's own name for
        this need; asking again under the same reference makes no second request and returns the first one's address.
        Raises ValidationError with a sentence when it cannot be asked for, and PermissionDenied to who may not.
        """
        ...


needs: Socket[NeedsPlug] = Socket("needs", NeedsPlug)
