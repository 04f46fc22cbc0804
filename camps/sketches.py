"""A sketch of a site: its perimeter and point, north up, with a bar for the scale. Shapes for SVG. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

SIZE, MARGIN, FOOT = 240, 16, 44  # the bar for the scale stands in the foot
METRES_PER_DEGREE = 111_320.0  # of latitude, on the mean sphere
Ring = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Sketch:
    """paths: SVG path data of each ring. point: where the site's point lies, or ``None``. scale: length of the bar in
    drawing units, and the metres it stands for."""

    size: int
    paths: list[str] = field(default_factory=list)
    point: tuple[float, float] | None = None
    scale_width: float = 0.0
    scale_m: int = 0

    @property
    def scale_end(self) -> float:
        """Right end of the bar, which begins at 10."""
        return round(10 + self.scale_width, 1)


def sketch(rings: Sequence[Ring], point: tuple[float, float] | None) -> Sketch | None:
    """Draw rings and point, both as (longitude, latitude) in degrees; ``None`` without a ring: a dot alone tells nothing.

    A flat picture of a few kilometres: degrees of longitude are shortened by the cosine of the latitude.
    """
    corners = [corner for ring in rings for corner in ring]
    if len(set(corners)) < 2:
        return None
    every = [*corners, point] if point else corners
    west, east = min(x for x, _y in every), max(x for x, _y in every)
    south, north = min(y for _x, y in every), max(y for _x, y in every)
    shrink = max(math.cos(math.radians((south + north) / 2)), 0.01)
    width_m = (east - west) * shrink * METRES_PER_DEGREE
    height_m = (north - south) * METRES_PER_DEGREE
    across, down = SIZE - 2 * MARGIN, SIZE - MARGIN - FOOT
    per_metre = min(across / width_m if width_m else math.inf, down / height_m if height_m else math.inf)

    def at(corner: tuple[float, float]) -> tuple[float, float]:
        x = (corner[0] - (west + east) / 2) * shrink * METRES_PER_DEGREE * per_metre
        y = (corner[1] - (south + north) / 2) * METRES_PER_DEGREE * per_metre
        return round(SIZE / 2 + x, 1), round(MARGIN + down / 2 - y, 1)

    scale_m = round_length(max(width_m, height_m) / 3)
    return Sketch(
        size=SIZE,
        paths=["M" + "L".join(f"{x},{y}" for x, y in map(at, ring)) + "Z" for ring in rings if ring],
        point=at(point) if point else None,
        scale_width=round(scale_m * per_metre, 1),
        scale_m=scale_m,
    )


def round_length(metres: float) -> int:
    """The longest of 1, 2, 5, 10, 20, 50 … metres that is not longer."""
    lengths = [factor * 10**power for power in range(8) for factor in (1, 2, 5)]
    return max((length for length in lengths if length <= metres), default=1)
