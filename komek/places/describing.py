"""A point in words: the areas that hold it, and how far and which way it lies from the nearest settlement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, degrees, radians, sin
from typing import Any

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.contrib.gis.measure import D
from django.utils import formats, translation
from django.utils.translation import gettext as _

from komek.places.finding import areas_at
from komek.places.models import Area, NameKind, PlaceName, Settlement

IN_SETTLEMENT_M = 1500  # settlements are points: nearer than this it is in or at the edge of it
FARTHEST_M = 100_000
DIRECTIONS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


@dataclass(frozen=True)
class Description:
    """areas: largest first, the country left out where something smaller is known. settlement: the nearest within 100 km.

    distance_m: to its centre, on the spheroid. direction: from the settlement to the point, one of ``DIRECTIONS``.
    text: all of it in one line, such as “Daşoguz › Köneürgenç, 4 km north-east of Köneürgenç”; empty when nothing is known.
    """

    areas: Sequence[Area]
    settlement: Settlement | None
    distance_m: float | None
    direction: str
    text: str


def describe_point(point: Point, language: str, *, operation: Any = None) -> Description:
    """Describe a point (EPSG:4326) in a language; names are taken in it where they are known. Three queries."""
    held = areas_at(point, operation=operation)
    areas = [area for area in held if area.level] or held
    nearest = _nearest_settlement(point)
    with translation.override(language):
        parts = [" › ".join(str(area) for area in areas)]
        if nearest is None:
            return Description(areas, None, None, "", parts[0])
        metres = float(nearest.metres.m)  # type: ignore[attr-defined]
        direction = direction_of(bearing((nearest.location.y, nearest.location.x), (point.y, point.x)))
        parts.append(_from_settlement(_name_in(nearest, language), metres, direction))
        return Description(areas, nearest, metres, direction, ", ".join(part for part in parts if part))


def bearing(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Degrees clockwise from north, 0–360, of the great circle at ``start``. Both latitude and longitude in degrees."""
    lat1, lat2, across = radians(start[0]), radians(end[0]), radians(end[1] - start[1])
    east = sin(across) * cos(lat2)
    north = cos(lat1) * sin(lat2) - sin(lat1) * cos(lat2) * cos(across)
    return degrees(atan2(east, north)) % 360


def direction_of(angle: float) -> str:
    """The nearest of eight directions."""
    return DIRECTIONS[round(angle / 45) % 8]


def _nearest_settlement(point: Point) -> Settlement | None:
    found: Settlement | None = (
        Settlement.objects.filter(location__dwithin=(point, D(m=FARTHEST_M)))
        .annotate(metres=Distance("location", point))
        .order_by("metres", "pk")
        .first()
    )
    return found


def _name_in(settlement: Settlement, language: str) -> str:
    """The settlement's official name in the language, where the gazetteer has it."""
    named = (
        PlaceName.objects.filter(settlement=settlement, language=language, kind=NameKind.OFFICIAL)
        .order_by("pk")
        .first()
    )
    return named.name if named else settlement.name


def _from_settlement(name: str, metres: float, direction: str) -> str:
    if metres <= IN_SETTLEMENT_M:
        return _("in or beside %(place)s") % {"place": name}
    kilometres = formats.number_format(metres / 1000, decimal_pos=0 if metres >= 10_000 else 1)
    sentences = {
        "N": _("%(km)s km north of %(place)s"),
        "NE": _("%(km)s km north-east of %(place)s"),
        "E": _("%(km)s km east of %(place)s"),
        "SE": _("%(km)s km south-east of %(place)s"),
        "S": _("%(km)s km south of %(place)s"),
        "SW": _("%(km)s km south-west of %(place)s"),
        "W": _("%(km)s km west of %(place)s"),
        "NW": _("%(km)s km north-west of %(place)s"),
    }
    return sentences[direction] % {"km": kilometres, "place": name}
