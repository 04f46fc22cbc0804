"""What is to be shared out, what an answer is worth, and when it is one at all.

Each item is a problem of its own: units of different items are never weighed against each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan, sqrt
from typing import Any

import numpy as np

PRIORITY_WEIGHT = {"life": 8.0, "high": 4.0, "normal": 2.0, "low": 1.0}
"""A unit for a need is worth twice that of the next priority. Our own weights, no standard; the coordinator reviews the answer."""

DEADLINES = ((24.0, 1.5), (72.0, 1.25), (168.0, 1.1))
"""(hours left, factor): what is needed sooner counts for more."""

TRANCHES = ((0.5, 1.0), (0.3, 0.75), (0.2, 0.5))
"""(share of a need, factor): the first half of every need counts for more than the last fifth of any, so that all get some."""

WORTH_LOST_PER_KM = 0.0002
"""A thousand kilometres cost a fifth of what a unit of the least pressing need is worth: near is better, far is better than none."""

UNKNOWN_KM = 200.0
EARTH_KM = 6371.0088


@dataclass(frozen=True)
class Wanted:
    """One line. quantity: still needed, in whole steps; people: it is for, or 0 when unknown; hours_left: to its deadline."""

    key: int
    quantity: float
    priority: str
    people: int = 0
    hours_left: float | None = None
    longitude: float | None = None
    latitude: float | None = None


@dataclass(frozen=True)
class Held:
    """One source and what is free there. key: the caller's own name for it."""

    key: str
    quantity: float
    longitude: float | None = None
    latitude: float | None = None


Allocation = Mapping[tuple[int, int], float]
"""(place of the need, place of the source) → quantity."""


class Problem:
    """Needs and sources of one item. step: the smallest quantity that is given, 1 for what is counted."""

    def __init__(self, wanted: Sequence[Wanted], held: Sequence[Held], step: float = 1.0) -> None:
        self.wanted, self.held, self.step = list(wanted), list(held), step
        each = sorted(one.people / one.quantity for one in self.wanted if one.people and one.quantity)
        self._usual_people = each[len(each) // 2] if each else 0.0
        self.weights = [self._weight(one) for one in self.wanted]
        self._km: list[list[float]] = distances_km(self.wanted, self.held).tolist()

    def _weight(self, one: Wanted) -> float:
        factor = next((f for hours, f in DEADLINES if one.hours_left is not None and one.hours_left <= hours), 1.0)
        # People per unit: where a unit serves many, it counts for more, within a factor of two either way.
        if one.people and self._usual_people:
            share = one.people / one.quantity / self._usual_people
            factor *= sqrt(min(max(share, 0.25), 4.0))
        return PRIORITY_WEIGHT[one.priority] * factor

    def km(self, need: int, source: int) -> float:
        return self._km[need][source]

    def tranches(self, need: int) -> list[tuple[float, float]]:
        """(size, worth of a unit) of one need, the best first; sizes are whole steps and add up to the need."""
        left, found = self.wanted[need].quantity, []
        for place, (share, factor) in enumerate(TRANCHES):
            size = left if place == len(TRANCHES) - 1 else min(left, self._whole(self.wanted[need].quantity * share))
            left -= size
            found.append((size, self.weights[need] * factor))
        return found

    def _whole(self, quantity: float) -> float:
        steps = -(-quantity // self.step)
        return steps * self.step

    def worth(self, allocation: Allocation) -> float:
        """The value both answers are judged by: what each need gets, with less for the last of it, less the way."""
        got: dict[int, float] = defaultdict(float)
        total = 0.0
        for (need, source), quantity in allocation.items():
            got[need] += quantity
            total -= WORTH_LOST_PER_KM * self.km(need, source) * quantity
        for need, quantity in got.items():
            for size, worth in self.tranches(need):
                taken = min(size, quantity)
                total += taken * worth
                quantity -= taken
        return total

    def faults(self, allocation: Allocation) -> list[str]:
        """Why this is no answer: more than a need asks for, or than a source has. For tests and for the solver's own check."""
        by_need: dict[int, float] = defaultdict(float)
        by_source: dict[int, float] = defaultdict(float)
        for (need, source), quantity in allocation.items():
            by_need[need] += quantity
            by_source[source] += quantity
        found = [f"negative {pair}" for pair, quantity in allocation.items() if quantity < 0]
        found += [f"need {n}" for n, q in by_need.items() if q > self.wanted[n].quantity + 1e-6]
        return found + [f"source {s}" for s, q in by_source.items() if q > self.held[s].quantity + 1e-6]


def distances_km(wanted: Sequence[Wanted], held: Sequence[Held]) -> Any:
    """From each need (rows) to each source (columns) on a sphere of the mean earth radius (IUGG 1980), in kilometres; all at once,
    for there are hundreds of thousands.
    """
    lon_a, lat_a = _radians(wanted)
    lon_b, lat_b = _radians(held)
    half = np.sin((lat_b[None, :] - lat_a[:, None]) / 2) ** 2
    half += np.cos(lat_a)[:, None] * np.cos(lat_b)[None, :] * np.sin((lon_b[None, :] - lon_a[:, None]) / 2) ** 2
    away = 2 * EARTH_KM * np.arcsin(np.minimum(1.0, np.sqrt(half)))
    return np.where(np.isnan(away), UNKNOWN_KM, away)


def _radians(places: Sequence[Wanted] | Sequence[Held]) -> tuple[Any, Any]:
    """Longitudes and latitudes; not a number where either is unknown."""
    known = [
        (nan, nan) if one.longitude is None or one.latitude is None else (one.longitude, one.latitude) for one in places
    ]
    degrees = np.array(known, dtype=float).reshape(-1, 2)
    return np.radians(degrees[:, 0]), np.radians(degrees[:, 1])
