"""Socket ``offers``: what could meet a need, and how to reserve it so that nothing is promised twice."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol, runtime_checkable

from komek.extensions.sockets import Socket, Viewer


@dataclass(frozen=True)
class Need:
    """What is asked for. quantity is in the item's base unit; longitude and latitude are in degrees (EPSG:4326)."""

    item_id: int | None
    skill: str | None
    quantity: Decimal
    longitude: float | None
    latitude: float | None
    wanted_by: date | None


@dataclass(frozen=True)
class Offer:
    """One possible source. ``reference`` is the plug's own name for it; distance_m is ``None`` when unknown.

    longitude, latitude: where it is (EPSG:4326), when known; for those who weigh one offer against many needs. public_title: what
    everybody who sees the need may read, when the title says more than that.
    """

    reference: str
    title: str
    quantity: Decimal
    distance_m: float | None
    usable_until: date | None
    url: str = ""
    longitude: float | None = None
    latitude: float | None = None
    public_title: str = ""


@dataclass(frozen=True)
class Delivery:
    """A delivery that was started: its code as people say it, and where to look at it."""

    code: str
    url: str


@dataclass(frozen=True)
class Address:
    """How somebody is reached: by e-mail, or by SMS to an E.164 number where there is no e-mail. language: as in LANGUAGES."""

    name: str
    email: str = ""
    phone: str = ""
    language: str = ""


@runtime_checkable
class OffersPlug(Protocol):
    key: str
    title: Any

    def find(self, need: Need, viewer: Viewer, limit: int) -> Sequence[Offer]:
        """Offers that fit, best first, only from what the viewer may see."""
        ...

    def of_items(self, item_ids: Collection[int], viewer: Viewer, limit: int) -> Mapping[int, Sequence[Offer]]:
        """What is offered today of each of these items, wherever it is, at most ``limit`` of each: to share it out among many needs.

        The number of queries does not grow with the items. Items of which nothing is offered may be left out.
        """
        ...

    def reserve(self, reference: str, quantity: Decimal, until: datetime, by: Any) -> str:
        """Hold ``quantity`` until then and return the reservation's name. Raises ValueError when less is left."""
        ...

    def release(self, reservation: str, by: Any) -> None:
        """Give a reservation back, and call off a delivery begun with it that has not left. Releasing twice changes nothing."""
        ...

    def hold_longer(self, reservation: str, until: datetime, by: Any) -> None:
        """What is held stays held until then. Raises ValueError when it is not held any more."""
        ...

    def lock(self, reservations: Sequence[str]) -> None:
        """Lock what is held under these names until the transaction ends, as the plug's own actions lock it.

        For who locks something of their own and then gives back: goods are locked first at every door, so that nobody who
        sends them meanwhile waits in a circle. Names that hold nothing any more are passed over.
        """
        ...

    def start_delivery(
        self, reservation: str, *, site_id: int, wanted_by: date | None, request_reference: str, by: Any
    ) -> Delivery | None:
        """Begin to bring what is held to a site (a consignment, a task), or ``None`` when this source has no such thing.

        What becomes of it is told through the socket ``arrivals``. Starting twice gives the first delivery back.
        """
        ...

    def people_behind(self, delivery: str) -> Sequence[Address]:
        """Who must know when nobody needs any more what a delivery, that has left, brings: who keeps and who sent the goods.

        Nobody when the delivery is not this plug's, or when the plug tells them itself as it is ``release``d.
        """
        ...


offers: Socket[OffersPlug] = Socket("offers", OffersPlug)
