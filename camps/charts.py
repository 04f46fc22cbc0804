"""Line charts as shapes for SVG, drawn on the server so that they show without scripts, in print, and to screen readers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 14, 26


@dataclass(frozen=True)
class Dot:
    """A point of the chart: where, the sentence it stands for, and whether it is only a question so far."""

    x: float
    y: float
    label: str
    is_open: bool = False


@dataclass(frozen=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True)
class Chart:
    """Everything the template draws. points: "x,y x,y …" of the line. level: height of a line across, if any."""

    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM
    points: str = ""
    dots: list[Dot] = field(default_factory=list)
    x_ticks: list[Tick] = field(default_factory=list)
    y_ticks: list[Tick] = field(default_factory=list)
    level: float | None = None


def line_chart(
    values: Sequence[tuple[datetime, float, str, bool]],
    *,
    day_label: Any,
    number_label: Any,
    level: float | None = None,
) -> Chart | None:
    """A chart of (moment, value, sentence, is_open), oldest first; ``None`` with fewer than two. Open points join no line.

    day_label, number_label: functions that word a moment and a number. level: draws a line across, such as the capacity.
    """
    if len(values) < 2:
        return None
    first, last = values[0][0], values[-1][0]
    span = max((last - first).total_seconds(), 1.0)
    top = nice_top(max([value for _at, value, _label, _open in values] + ([level] if level else [])))

    def x_of(at: datetime) -> float:
        return round(LEFT + (at - first).total_seconds() / span * (WIDTH - LEFT - RIGHT), 1)

    def y_of(value: float) -> float:
        return round(HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM), 1)

    dots = [Dot(x_of(at), y_of(value), label, is_open) for at, value, label, is_open in values]
    middle = first + (last - first) / 2
    return Chart(
        points=" ".join(f"{dot.x},{dot.y}" for dot in dots if not dot.is_open),
        dots=dots if len(dots) <= 120 else [dot for dot in dots if dot.is_open],
        x_ticks=[Tick(x_of(at), day_label(at)) for at in (first, middle, last)],
        y_ticks=[Tick(y_of(top * part / 4), number_label(int(top * part / 4))) for part in range(0, 5, 2)],
        level=y_of(level) if level else None,
    )


def nice_top(highest: float) -> int:
    """A round number at or above the highest value, divisible by four."""
    size = 4
    while size < highest:
        for factor in (5, 10, 20):
            if size * factor / 5 >= highest:
                return int(size * factor / 5)
        size *= 10
    return size
