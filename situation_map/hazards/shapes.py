"""Polygons and circles of alerts → valid geometry of WGS 84, mended where it can be, with what was mended. Pure.

An alert with a bad polygon must still reach the people inside it, so as much as can be meant is kept; what is left out is said.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
import shapely
from shapely import MultiPolygon, Point, Polygon, box
from shapely.affinity import translate
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from situation_map.hazards import values

MOST_POINTS = 100_000
MOST_CROSSINGS = 20_000  # of a polygon's segments with each other
MOST_CIRCUMFERENCE_KM = 10_000.0  # a quarter of the way around the earth
EARTH_KM = 6371.0088  # mean radius, IUGG
CORNERS = 72

Ring = list[tuple[float, float]]


class NoShape(Exception):
    """Cannot be meant as a shape. kind: of the fault."""

    def __init__(self, kind: str, **said: object) -> None:
        super().__init__(kind)
        self.kind, self.said = kind, said


def polygon(text: str) -> tuple[list[Polygon], list[str]]:
    """ "lat,lon lat,lon …" → its valid parts, longitude first, and the kinds of faults that were mended. Raises NoShape."""
    pairs = _pairs(text)
    mended = []
    if any(abs(first) > 90 for first, _second in pairs) and all(abs(second) <= 90 for _first, second in pairs):
        pairs = [(second, first) for first, second in pairs]
        mended.append("swapped")
    ring = [_placed(latitude, longitude) for latitude, longitude in pairs]
    if ring[0] != ring[-1]:
        ring.append(ring[0])
        mended.append("open_ring")
    if len(ring) < 4:
        raise NoShape("too_few_points", points=len(ring))
    shape, more = _fitted(ring)
    return _parts(shape), mended + more


def circle(text: str) -> tuple[float, float, float, MultiPolygon | None, list[str]]:
    """ "lat,lon km" → latitude, longitude, radius in km, outline (None for a point), what was mended. Raises NoShape."""
    numbers = _numbers(text)
    if len(numbers) != 3:
        raise NoShape("no_circle", value=text[:60])
    latitude, longitude, radius = numbers
    mended = []
    if abs(latitude) > 90 and abs(longitude) <= 90:
        latitude, longitude = longitude, latitude
        mended.append("swapped")
    longitude, latitude = _placed(latitude, longitude)
    if not 0 <= radius <= MOST_CIRCUMFERENCE_KM:
        raise NoShape("no_radius", value=text[:60])
    return latitude, longitude, radius, outline(latitude, longitude, radius) if radius else None, mended


def outline(latitude: float, longitude: float, radius_km: float) -> MultiPolygon:
    """A circle on the ground as polygons, on a sphere of the earth's mean radius: up to 0.3 % off the ellipsoid."""
    angle, phi = radius_km / EARTH_KM, math.radians(latitude)
    ring: Ring = []
    for corner in range(CORNERS):
        bearing = -2 * math.pi * corner / CORNERS
        sine = math.sin(phi) * math.cos(angle) + math.cos(phi) * math.sin(angle) * math.cos(bearing)
        north = math.asin(max(-1.0, min(1.0, sine)))
        east = math.atan2(
            math.sin(bearing) * math.sin(angle) * math.cos(phi), math.cos(angle) - math.sin(phi) * math.sin(north)
        )
        ring.append(((longitude + math.degrees(east) + 540) % 360 - 180, math.degrees(north)))
    try:
        shape, _mended = _fitted([*ring, ring[0]])
    except NoShape:  # a few centimetres: smaller than the numbers can tell
        shape = Point(longitude, latitude).buffer(1e-7)
    return MultiPolygon(_parts(shape))


def _pairs(text: str) -> list[tuple[float, float]]:
    """As the standard has it, and as it is met: a third number for the height, or blanks instead of commas."""
    words = re.sub(r"\s*,\s*", ",", text.replace(";", " ").strip()).split()
    if words and all("," in word for word in words):
        if len(words) > MOST_POINTS:
            raise NoShape("too_many_points", most=MOST_POINTS)
        split = [_numbers(word) for word in words]
        if any(len(numbers) not in (2, 3) for numbers in split):
            raise NoShape("no_coordinates", value=text[:60])
        return [(numbers[0], numbers[1]) for numbers in split]
    numbers = _numbers(text)
    if len(numbers) % 2 or not numbers:
        raise NoShape("no_coordinates", value=text[:60])
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _numbers(text: str) -> list[float]:
    words = re.split(r"[\s,;]+", text.strip(" \t\r\n,;"))
    if len(words) > 2 * MOST_POINTS:
        raise NoShape("too_many_points", most=MOST_POINTS)
    try:
        return [values.number(word) for word in words]
    except ValueError:
        raise NoShape("no_coordinates", value=text[:60]) from None


def _placed(latitude: float, longitude: float) -> tuple[float, float]:
    if abs(latitude) > 90 or abs(longitude) > 360:
        raise NoShape("off_the_earth", latitude=latitude, longitude=longitude)
    return longitude, latitude


def _fitted(ring: Ring) -> tuple[BaseGeometry, list[str]]:
    """The area within a closed ring, within ±180 degrees, and what was mended."""
    mended = []
    ring = _unrolled(ring)
    west, east = min(x for x, _y in ring), max(x for x, _y in ring)
    if abs(ring[-1][0] - ring[0][0]) > 180:
        # Once around the earth: the pole on the ring's side is inside.
        pole = math.copysign(90.0, sum(y for _x, y in ring))
        ring += [(ring[-1][0], pole), (ring[0][0], pole), ring[0]]
        mended.append("around_pole")
    shape: BaseGeometry = Polygon(ring)
    try:
        if not shape.is_valid and _is_tangled(ring):
            shape = shape.convex_hull
            mended.append("tangled")
        elif not shape.is_valid:
            shape = shapely.make_valid(shape)
            mended.append("crosses_itself")
        if west < -180 or east > 180:
            shape = _within(shape, west, east)
            mended.append("date_line")
    except ShapelyError:
        raise NoShape("no_area") from None
    if not _parts(shape):
        raise NoShape("no_area")
    return shape, mended


def _is_tangled(ring: Ring) -> bool:
    """Whether mending would take minutes: estimated from how many segments lie across some of them."""
    points = np.array(ring)
    segments = shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1))
    some = segments[:: max(1, len(segments) // 20)]
    met = shapely.STRtree(segments).query(some).shape[1]
    return bool(met / len(some) * len(segments) > MOST_CROSSINGS + 10 * len(segments))


def _unrolled(ring: Ring) -> Ring:
    """Each longitude the short way from the one before. An edge of all 360 degrees is that of a frame around the world, and stays."""
    rolled, shift = [ring[0]], 0.0
    for (before, _y), (x, y) in zip(ring, ring[1:], strict=False):
        if 180 < abs(x - before) < 360:
            shift += 360.0 if x < before else -360.0
        rolled.append((x + shift, y))
    return rolled


def _within(shape: BaseGeometry, west: float, east: float) -> BaseGeometry:
    parts = []
    for turn in range(math.floor((west + 180) / 360), math.floor((east + 180) / 360) + 1):
        part = shape.intersection(box(turn * 360 - 180, -90, turn * 360 + 180, 90))
        parts.append(translate(part, xoff=-360 * turn))
    return shapely.make_valid(shapely.unary_union(parts))


def _parts(shape: BaseGeometry) -> list[Polygon]:
    """The polygons in any geometry; lines and points, which mending leaves over, are dropped."""
    found = shapely.get_parts(shapely.get_parts(shape))
    return [part for part in found if isinstance(part, Polygon) and not part.is_empty and part.area > 0]


def without_holes(shapes: Sequence[BaseGeometry]) -> list[Polygon]:
    """The same area as polygons without holes, which CAP cannot say: cut through each hole."""
    done: list[Polygon] = []
    waiting = [part for shape in reversed(shapes) for part in reversed(_parts(shape))]
    while waiting:
        part = waiting.pop()
        if not part.interiors:
            done.append(part)
            continue
        west, south, east, north = part.bounds
        cut = Polygon(part.interiors[0]).representative_point().x
        halves = (box(west, south, cut, north), box(cut, south, east, north))
        waiting += [piece for half in halves for piece in _parts(part.intersection(half))]
    return done
