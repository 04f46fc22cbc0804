"""Socket ``sightings``: "this person was seen alive here then", from camps, hospitals and check-ins, by consent."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from komek.extensions.sockets import Socket


@dataclass(frozen=True)
class Sighting:
    """One sighting. Names are as given; birth_year and sex may be unknown; site_id names an ``orgs.Site``."""

    reference: str
    names: tuple[str, ...]
    sex: str
    birth_year: int | None
    seen_at: datetime
    site_id: int


@runtime_checkable
class SightingsPlug(Protocol):
    key: str
    title: Any

    def since(self, moment: datetime, operation: Any) -> Iterable[Sighting]:
        """Sightings entered after ``moment`` (aware UTC), only of people who consented."""
        ...

    def still_told(self, references: Collection[str], operation: Any) -> frozenset[str]:
        """Which of these references, told earlier, may be told now. In a few queries, however many they are.

        Whoever keeps sightings asks before showing them and drops the others: consent was taken back, the person died, is a child
        alone, or was erased. Why is not said, and of a reference that was never told nothing is learnt.
        """
        ...


sightings: Socket[SightingsPlug] = Socket("sightings", SightingsPlug)
