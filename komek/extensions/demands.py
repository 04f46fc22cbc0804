"""Socket ``demands``: who asks for goods that somebody has, nearest first. Who keeps requests plugs in; without one nobody asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol, runtime_checkable

from komek.extensions.sockets import Socket, Viewer


@dataclass(frozen=True)
class Demand:
    """Something asked for and not met yet. quantity: still needed, in the item's base unit; distance_m: ``None`` when unknown."""

    reference: str
    title: str
    item_id: int
    quantity: Decimal
    distance_m: float | None
    wanted_by: date | None
    url: str


@runtime_checkable
class DemandsPlug(Protocol):
    key: str

    def nearest(
        self, item_ids: Iterable[int], *, longitude: float | None, latitude: float | None, viewer: Viewer, limit: int
    ) -> Mapping[int, Sequence[Demand]]:
        """By item, at most ``limit`` demands each that the viewer may see, nearest to the point (EPSG:4326) first.

        A constant number of queries, however many items.
        """
        ...


demands: Socket[DemandsPlug] = Socket("demands", DemandsPlug)
