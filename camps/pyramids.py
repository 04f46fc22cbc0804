"""A population pyramid as shapes for SVG: women to the left, men to the right, the oldest on top. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH = 320
BAR_HEIGHT, ROW_HEIGHT = 18, 24
LABEL_WIDTH, NUMBER_WIDTH, TOP = 52, 40, 20


@dataclass(frozen=True)
class Bar:
    """One age band: the left ends and widths of both bars, where the words stand, and the figures themselves."""

    label: str
    y: int
    middle: int
    female: int | None
    male: int | None
    female_x: float
    female_width: float
    male_width: float
    male_end: float


@dataclass(frozen=True)
class Pyramid:
    """Everything the template draws. centre: x of the labels; left and right: where the two sides begin."""

    width: int
    height: int
    left: float
    right: float
    centre: float
    bars: list[Bar] = field(default_factory=list)


def pyramid(bands: Sequence[tuple[str, int | None, int | None]]) -> Pyramid | None:
    """From (age band, female, male), the youngest first; ``None`` when nothing is known. What is not known has no bar."""
    known = [number for _label, female, male in bands for number in (female, male) if number is not None]
    if not known:
        return None
    most = max(*known, 1)
    side = (WIDTH - LABEL_WIDTH) / 2 - NUMBER_WIDTH
    left, right = NUMBER_WIDTH + side, NUMBER_WIDTH + side + LABEL_WIDTH
    bars = []
    for place, (label, female, male) in enumerate(reversed(bands)):
        width = round((female or 0) / most * side, 1)
        y = TOP + place * ROW_HEIGHT
        male_width = round((male or 0) / most * side, 1)
        bars.append(
            Bar(
                label=label, y=y, middle=y + BAR_HEIGHT // 2, female=female, male=male, female_x=round(left - width, 1),
                female_width=width, male_width=male_width, male_end=round(right + male_width, 1),
            )
        )  # fmt: skip
    return Pyramid(WIDTH, TOP + len(bands) * ROW_HEIGHT, left, right, (left + right) / 2, bars)
