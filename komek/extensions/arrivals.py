"""Socket ``arrivals``: who sends goods tells those who asked for them what became of them, without knowing who they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from komek.extensions.sockets import Socket


class Event(StrEnum):
    DISPATCHED = "dispatched"
    RECEIVED = "received"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Arrival:
    """What happened to goods that answer something asked for.

    request_reference: what they answer, in the asker's own words (a request's code). reservation: the name under which they were
    held, as ``OffersPlug.reserve`` gave it, or empty; plug: key of the plug that gave it. item_id: ``None`` for what the catalogue
    does not know (lorries, people, things in somebody's own words); then it is found by its reservation alone. sent and received: in
    the item's base unit. For ``DISPATCHED`` sent is what left and received is 0. For ``RECEIVED``, of which a consignment that comes
    in parts has several, sent is what this delivery accounts for (came, damaged or missing) and received what of it came in good
    order: the deliveries of a consignment add up to what left. explanation: why less came than was sent. key: the same event told
    again has the same key.
    """

    event: Event
    key: str
    request_reference: str
    reservation: str
    item_id: int | None
    sent: Decimal
    received: Decimal
    explanation: str
    at: datetime
    delivery: str
    url: str
    plug: str = ""


@runtime_checkable
class ArrivalsPlug(Protocol):
    key: str

    def told(self, arrival: Arrival, *, by: Any) -> None:
        """Take note, in the caller's transaction. An unknown reference, or the same key again, changes nothing."""
        ...


arrivals: Socket[ArrivalsPlug] = Socket("arrivals", ArrivalsPlug)
