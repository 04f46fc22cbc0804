"""How much two requests look like one: place, things, time, who asks. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

CLOSE_IN_TIME = timedelta(hours=72)
"""Requests further apart than this are two, however alike."""

NEAR_M, FAR_M = 300.0, 3_000.0
"""The same place; and from where on two places are two."""

LEAST_SHARED = 0.5
"""Of all the things that either asks for, so many must be in both."""

LIKELY = 0.6
"""From this on a pair is shown to a coordinator."""


@dataclass(frozen=True)
class Seen:
    """A request as far as it is compared. things: thing (item or words) → quantity. longitude, latitude: degrees."""

    site_id: int | None
    longitude: float | None
    latitude: float | None
    area_id: int | None
    things: dict[str, float]
    at: datetime
    phone: str = ""


def likeness(one: Seen, other: Seen) -> tuple[float, list[str]]:
    """From 0 to 1, and why: keys among place, things, amounts, time, phone. 0 when place, things or time rule it out."""
    place = _place(one, other)
    things = _things(one, other)
    apart = abs(one.at - other.at)
    if place == 0 or things < LEAST_SHARED or apart > CLOSE_IN_TIME:
        return 0.0, []
    time = 1 - apart / CLOSE_IN_TIME
    amounts = _amounts(one, other)
    phone = bool(one.phone) and one.phone == other.phone
    why = ["place", "things"]
    why += ["amounts"] if amounts >= 0.8 else []
    why += ["time"] if apart <= CLOSE_IN_TIME / 3 else []
    why += ["phone"] if phone else []
    score = 0.35 * place + 0.35 * things + 0.15 * amounts + 0.15 * time + (0.05 if phone else 0.0)
    return round(min(score, 1.0), 3), why


def distance_m(one: Seen, other: Seen) -> float | None:
    """Metres between the two along a great circle of a sphere of 6,371 km; ``None`` when a place is not known."""
    if None in (one.longitude, one.latitude, other.longitude, other.latitude):
        return None
    lat1, lat2 = math.radians(one.latitude or 0), math.radians(other.latitude or 0)
    dlon = math.radians((other.longitude or 0) - (one.longitude or 0))
    chord = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(dlon / 2) ** 2
    return 2 * 6_371_000 * math.asin(math.sqrt(min(chord, 1.0)))


def _place(one: Seen, other: Seen) -> float:
    if one.site_id is not None and other.site_id is not None:
        return 1.0 if one.site_id == other.site_id else 0.0
    metres = distance_m(one, other)
    if metres is not None:
        return 1.0 if metres <= NEAR_M else max(0.0, 1 - (metres - NEAR_M) / (FAR_M - NEAR_M))
    return 0.5 if one.area_id is not None and one.area_id == other.area_id else 0.0


def _things(one: Seen, other: Seen) -> float:
    shared, either = one.things.keys() & other.things.keys(), one.things.keys() | other.things.keys()
    return len(shared) / len(either) if either else 0.0


def _amounts(one: Seen, other: Seen) -> float:
    """How near the amounts of what both ask for are, on average."""
    shared = one.things.keys() & other.things.keys()
    ratios = [
        min(one.things[thing], other.things[thing]) / (max(one.things[thing], other.things[thing]) or 1)
        for thing in shared
    ]
    return sum(ratios) / len(ratios) if ratios else 0.0
