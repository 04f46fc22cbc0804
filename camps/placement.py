"""Where to send the next people: sites ranked by room, distance, access, and how sure the figures are. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

# What a point of score is worth was chosen so that 20 km more weigh as much as figures a week old.
KM_PER_POINT = 20.0
DAYS_PER_POINT = 7.0
ACCESS_COST = {"any": 0.0, "dry": 0.3, "unknown": 0.5, "off_road": 1.0, "foot": 2.0, "air": 3.0}
GAP_COST = 3.0


@dataclass(frozen=True)
class Place:
    """A site that might take people.

    room: free places now, by the latest headcount. counted_at: when that was. access: key of ``Access``. worst_gap: 0
    (standards met) to 1 (nothing there), None when nothing is measured. latitude, longitude: degrees.
    """

    key: int
    room: int
    access: str
    counted_at: datetime | None
    latitude: float | None
    longitude: float | None
    worst_gap: float | None = None


@dataclass(frozen=True)
class Proposal:
    """How many to send to a site. distance_km is None when a location is not known; ``doubts`` are keys of sentences."""

    key: int
    people: int
    room: int
    distance_km: float | None
    score: float
    doubts: tuple[str, ...] = field(default=())


def propose(
    places: Iterable[Place],
    *,
    people: int,
    now: datetime,
    latitude: float | None = None,
    longitude: float | None = None,
) -> list[Proposal]:
    """Sites in the order to fill them, with how many each takes until all have a place; those after that take 0.

    Sites that are cut off or have no room are left out. A site that can take everybody comes before those that cannot,
    because families and neighbours stay together.
    """
    ranked = []
    for place in places:
        if place.room <= 0 or place.access == "none":
            continue
        distance = distance_km(latitude, longitude, place.latitude, place.longitude)
        ranked.append((place, distance, score_of(place, distance, now)))
    ranked.sort(key=lambda row: (row[0].room < people, row[2], -row[0].room, row[0].key))
    proposals, left = [], people
    for place, distance, score in ranked:
        taken = min(left, place.room)
        left -= taken
        proposals.append(Proposal(place.key, taken, place.room, distance, score, doubts_of(place, distance, now)))
    return proposals


def score_of(place: Place, distance: float | None, now: datetime) -> float:
    """Cost of sending people there; small is better."""
    age = (now - place.counted_at).total_seconds() / 86_400 if place.counted_at else 30.0
    return (
        (distance if distance is not None else 50.0) / KM_PER_POINT
        + max(age, 0.0) / DAYS_PER_POINT
        + ACCESS_COST.get(place.access, 0.5)
        + GAP_COST * (place.worst_gap if place.worst_gap is not None else 0.5)
    )


def doubts_of(place: Place, distance: float | None, now: datetime) -> tuple[str, ...]:
    """What to check by telephone first."""
    doubts = []
    if place.counted_at is None or now - place.counted_at > timedelta(days=3):
        doubts.append("old_figures")
    if place.access in ("off_road", "foot", "air"):
        doubts.append("hard_to_reach")
    elif place.access == "unknown":
        doubts.append("access_unknown")
    if place.worst_gap is None:
        doubts.append("services_unknown")
    elif place.worst_gap >= 0.5:
        doubts.append("services_poor")
    if distance is None:
        doubts.append("distance_unknown")
    return tuple(doubts)


def placed(proposals: Sequence[Proposal]) -> int:
    """How many people the proposals find a place for."""
    return sum(proposal.people for proposal in proposals)


def distance_km(lat1: float | None, lon1: float | None, lat2: float | None, lon2: float | None) -> float | None:
    """Great-circle distance in km (haversine, mean radius 6371 km); within 0.5 % of the spheroid."""
    if lat1 is None or lon1 is None or lat2 is None or lon2 is None:
        return None
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half = math.sin((phi2 - phi1) / 2) ** 2
    half += math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(min(1.0, half)))
