"""Socket ``promises``: whoever has something to give promises it to a need. Who keeps requests plugs in."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol, runtime_checkable

from komek.extensions.sockets import Socket


@runtime_checkable
class PromisesPlug(Protocol):
    key: str

    def address(self, reference: str) -> str:
        """The page of the need that these words name, or an empty text when they are no code of this plug's."""
        ...

    def promise(
        self, *, reference: str, item_id: int | None, kind: str, words: str, plug: str, offer: str, title: str,
        quantity: Decimal, until: datetime, by: Any, operation: Any,
    ) -> str:  # fmt: skip
        """Promise so much of an offer to the need, and return the name under which it is held.

        reference: the need, as somebody typed it; an empty text comes back when it is no code of this plug's. plug, offer: key of
        the plug of the socket ``offers``, and its reference. item_id, kind, words: what is given; quantity in the item's base unit.
        title: what everybody may read of the offer. Raises ValidationError with a sentence, and NotAllowed.
        """
        ...


promises: Socket[PromisesPlug] = Socket("promises", PromisesPlug)
