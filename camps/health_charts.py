"""Small charts of cases by day, as shapes for SVG drawn on the server. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

BAR, GAP, HEIGHT = 5, 1, 32


@dataclass(frozen=True)
class Bar:
    """A day. A day nobody reported is a mark below the line instead of a bar, never a bar of height zero."""

    x: int
    y: float
    height: float
    is_missing: bool


@dataclass(frozen=True)
class Spark:
    """bars: oldest day first. highest: most cases in a day."""

    width: int
    height: int
    bars: list[Bar]
    highest: int


def spark(counts: Mapping[date, int], *, first: date, days: int) -> Spark | None:
    """A chart of ``days`` days from ``first``; ``None`` when nothing was reported in them."""
    shown = [first + timedelta(days=number) for number in range(days)]
    highest = max((counts[day] for day in shown if day in counts), default=None)
    if highest is None:
        return None
    top = HEIGHT - 4  # the lowest four units are for the marks of missing days
    bars = []
    for place, day in enumerate(shown):
        x = place * (BAR + GAP)
        if day not in counts:
            bars.append(Bar(x, HEIGHT - 2, 2, True))
            continue
        # One unit for a day without cases: reported, and nobody ill.
        height = round(max(1.0, top * counts[day] / max(highest, 1)), 1)
        bars.append(Bar(x, round(top - height, 1), height, False))
    return Spark(days * (BAR + GAP), HEIGHT, bars, highest)
