"""From what people say to a place: code → plus code → coordinates → name or alias. Ranked, never guessed silently.

Steps, each taken only when the one before found nothing:

1. a P-code, or an area's code in another system;
2. a plus code, full, or short with a place name after it or an asker's position;
3. coordinates in several notations;
4. a P-code of an older edition: the areas of today that cover its area;
5. names and aliases of settlements and areas in any script, tolerant of spelling, nearest to the asker first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Q
from django.utils.translation import gettext as _

from komek.places.finding import areas_at, areas_in_use, inside_areas
from komek.places.keys import plain, search_key
from komek.places.models import Area, NameKind, PlaceName, Settlement
from komek.places.notations import NotOnEarth, plus_code_centre, read_coordinates, read_plus_code
from komek.places.scoring import name_score, place_score
from komek.places.successors import old_areas_called, successors_of

CERTAIN_FROM = 0.85
UNCERTAIN_UP_TO = 0.84
CLEAR_MARGIN = 0.04
FETCHED = 40
LEAST_LIKENESS = 0.55


@dataclass(frozen=True)
class Candidate:
    """A place that may be meant. ``how``: "code", "plus code", "coordinates", "former code", "name" or "alias"; ``score``: 0–1."""

    name: str
    how: str
    score: float
    point: Point | None = None
    area: Area | None = None
    settlement: Settlement | None = None


@dataclass(frozen=True)
class Resolution:
    """Candidates, best first. ``problem`` is a sentence when the text can be read but names no place on Earth."""

    candidates: list[Candidate] = field(default_factory=list)
    problem: str = ""

    @property
    def is_certain(self) -> bool:
        """One clear winner: a code or coordinates, or a name well ahead of the next."""
        if not self.candidates:
            return False
        best = self.candidates[0]
        if best.how in ("code", "plus code", "coordinates"):
            return len(self.candidates) == 1
        runner_up = self.candidates[1].score if len(self.candidates) > 1 else 0.0
        return best.score >= CERTAIN_FROM and best.score - runner_up >= CLEAR_MARGIN


def resolve(
    text: str,
    *,
    operation: Any = None,
    near: Point | None = None,
    within: Area | None = None,
    limit: int = 5,
    settlements: bool = True,
) -> Resolution:
    """Places that ``text`` may mean.

    near: where the asker is (EPSG:4326), to prefer what is close and to complete short plus codes.
    within: only places in this area. settlements: whether towns count, or only administrative areas.
    """
    text = text.strip()
    if not text:
        return Resolution()
    by_code = _by_code(text, operation)
    if by_code:
        return Resolution(by_code[:limit])
    try:
        point = _by_notation(text, operation, near)
    except NotOnEarth as fault:
        if fault.is_swapped:
            return Resolution(problem=_("Latitude cannot be that large. Are latitude and longitude swapped?"))
        return Resolution(problem=_("These coordinates are not on Earth."))
    if point is not None:
        held = areas_at(point[1], operation=operation)
        return Resolution([Candidate(text, point[0], 1.0, point[1], held[-1] if held else None)])
    former = _by_former_code(text, operation)
    return Resolution((former or _by_name(text, operation, near, within, settlements))[:limit])


def _by_former_code(text: str, operation: Any) -> list[Candidate]:
    """Successors of an area of an older edition. Only an area that goes on is certain."""
    older = old_areas_called([text], operation).get(text.upper())
    if older is None:
        return []
    return [
        Candidate(
            str(successor.area),
            "former code",
            1.0 if successor.is_same else min(UNCERTAIN_UP_TO, round(successor.share, 4)),
            successor.area.centre,
            successor.area,
        )
        for successor in successors_of([older.pk])[older.pk]
    ]


def _by_code(text: str, operation: Any) -> list[Candidate]:
    found = areas_in_use(operation).filter(Q(pcode__iexact=text) | Q(codes__code__iexact=text))
    rows = found.select_related("parent__parent").defer("geometry").distinct()[:5]
    return [Candidate(str(area), "code", 1.0, area.centre, area) for area in rows]


def _by_notation(text: str, operation: Any, near: Point | None) -> tuple[str, Point] | None:
    code = read_plus_code(text)
    if code is not None:
        reference = (near.y, near.x) if near else None
        if code.near:
            named = _by_name(code.near, operation, near, None, True)
            if named and named[0].point is not None:
                reference = (named[0].point.y, named[0].point.x)
        centre = plus_code_centre(code, reference)
        return ("plus code", Point(centre[1], centre[0], srid=4326)) if centre else None
    pair = read_coordinates(text)
    return ("coordinates", Point(pair[1], pair[0], srid=4326)) if pair else None


def _by_name(text: str, operation: Any, near: Point | None, within: Area | None, settlements: bool) -> list[Candidate]:
    asked_key, asked_plain = search_key(text), plain(text)
    if not asked_key:
        return []
    names = PlaceName.objects.filter(
        Q(area__in=areas_in_use(operation)) | (Q(settlement__isnull=False) if settlements else Q(pk=None))
    )
    if within is not None:
        inside = inside_areas([within.pk])
        names = names.filter(Q(area_id__in=inside) | Q(settlement__area_id__in=inside))
    similar = names.filter(Q(key__trigram_similar=asked_key) | Q(key__startswith=asked_key))
    rows = (
        similar.annotate(similarity=TrigramSimilarity("key", asked_key))
        .select_related("area__parent__parent", "settlement__area")
        .defer(
            "area__geometry", "settlement__area__geometry", "area__parent__geometry", "area__parent__parent__geometry"
        )
        .order_by("-similarity")
    )
    if near is not None:
        rows = rows.annotate(metres=Distance("settlement__location", near))
    best: dict[tuple[str, int], Candidate] = {}
    for row in rows[:FETCHED]:
        likeness = name_score(asked_key, asked_plain, row.key, row.plain)
        if likeness < LEAST_LIKENESS:
            continue
        metres = getattr(row, "metres", None)
        score = place_score(
            likeness,
            population=row.settlement.population if row.settlement else 0,
            distance_km=metres.km if metres is not None else None,
            is_alias=row.kind != NameKind.OFFICIAL,
        )
        place = row.settlement or row.area
        identity = ("settlement" if row.settlement else "area", place.pk)
        candidate = Candidate(
            str(place),
            "name" if row.kind == NameKind.OFFICIAL else "alias",
            round(score, 4),
            row.settlement.location if row.settlement else row.area.centre,
            row.area or row.settlement.area,
            row.settlement,
        )
        if identity not in best or best[identity].score < candidate.score:
            best[identity] = candidate
    return sorted(best.values(), key=lambda candidate: (-candidate.score, candidate.name))
