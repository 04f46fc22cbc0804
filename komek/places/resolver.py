"""From what people say to a place: code → plus code → coordinates → name or alias. Ranked, never guessed silently.

Steps, each taken only when the one before found nothing:

1. a P-code, or an area's code in another system;
2. a plus code, full, or short with a place name after it or an asker's position;
3. coordinates in several notations;
4. a P-code of an older edition: the areas of today that cover its area;
5. names and aliases of settlements and areas in any script, tolerant of spelling, nearest to the asker first.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Q
from django.utils.translation import gettext as _

from komek.places.finding import areas_at, areas_in_use, inside_areas
from komek.places.keys import plain, search_key
from komek.places.models import Area, NameKind, PlaceName, Settlement
from komek.places.notations import NotOnEarth, PlusCode, plus_code_centre, read_coordinates, read_plus_code
from komek.places.scoring import name_score, place_score
from komek.places.successors import old_areas_called, successors_of

CERTAIN_FROM = 0.85
UNCERTAIN_UP_TO = 0.84
CLEAR_MARGIN = 0.04
FETCHED = 40
NAMES_TRIED = 3
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
    """Candidates, best first. ``problem`` is a sentence when the text can be read but names no place on Earth.

    knows_asker: whether it was known where the asker is, so that nearness counted. left_off: candidates beyond those asked for.
    """

    candidates: list[Candidate] = field(default_factory=list)
    problem: str = ""
    knows_asker: bool = False
    left_off: list[Candidate] = field(default_factory=list)

    @property
    def is_certain(self) -> bool:
        """One clear winner: a code or coordinates, or a name well ahead of the next. Among namesakes only nearness chooses."""
        if not self.candidates:
            return False
        best, *others = [*self.candidates, *self.left_off]
        if best.how in ("code", "plus code", "coordinates"):
            return not others and best.score >= CERTAIN_FROM
        if not self.knows_asker and any(_is_namesake(best, other) for other in others):
            return False
        runner_up = others[0].score if others else 0.0
        return best.score >= CERTAIN_FROM and best.score - runner_up >= CLEAR_MARGIN


def _first(candidates: list[Candidate], limit: int, *, knows_asker: bool = False) -> Resolution:
    return Resolution(candidates[:limit], knows_asker=knows_asker, left_off=candidates[limit:])


def _is_namesake(one: Candidate, other: Candidate) -> bool:
    """Another place of the same name; a town and the area that is called after it are the same place."""
    if plain(one.name) != plain(other.name):
        return False
    return one.area is None or other.area is None or one.area.pk != other.area.pk


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
        return _first(by_code, limit)
    try:
        points = _by_notation(text, operation, near)
    except NotOnEarth as fault:
        if fault.is_swapped:
            return Resolution(problem=_("Latitude cannot be that large. Are latitude and longitude swapped?"))
        return Resolution(problem=_("These coordinates are not on Earth."))
    if points:
        return _first([_at(point, operation) for point in points], limit)
    former = _by_former_code(text, operation)
    found = former or _by_name(text, operation, near, within, settlements)
    return _first(found, limit, knows_asker=near is not None)


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


def _at(noted: Candidate, operation: Any) -> Candidate:
    """The candidate with the smallest area that holds its point."""
    assert noted.point is not None
    held = areas_at(noted.point, operation=operation)
    return replace(noted, area=held[-1] if held else None)


def _by_notation(text: str, operation: Any, near: Point | None) -> list[Candidate]:
    code = read_plus_code(text)
    if code is not None:
        return _by_plus_code(text, code, operation, near)
    pair = read_coordinates(text)
    return [Candidate(text, "coordinates", 1.0, Point(pair[1], pair[0], srid=4326))] if pair else []


def _by_plus_code(text: str, code: PlusCode, operation: Any, near: Point | None) -> list[Candidate]:
    """Where a plus code is. A short one with a name that several places bear is by each of them; by the asker only as a guess."""
    if code.is_full or not code.near:
        centre = plus_code_centre(code, (near.y, near.x) if near else None)
        return [Candidate(text, "plus code", 1.0, _point(centre))] if centre else []
    named = Resolution(_by_name(code.near, operation, near, None, True), knows_asker=near is not None)
    meant = named.candidates[:1] if named.is_certain else named.candidates[:NAMES_TRIED]
    found: dict[tuple[float, float], Candidate] = {}
    for place in meant:
        centre = plus_code_centre(code, (place.point.y, place.point.x)) if place.point else None
        if centre and centre not in found:
            name = text if len(meant) == 1 else f"{code.code} {place.name}"
            score = 1.0 if named.is_certain else min(UNCERTAIN_UP_TO, place.score)
            found[centre] = Candidate(name, "plus code", score, _point(centre))
    if not found and near is not None:
        return [Candidate(text, "plus code", UNCERTAIN_UP_TO, _point(plus_code_centre(code, (near.y, near.x))))]
    return list(found.values())


def _point(centre: tuple[float, float] | None) -> Point | None:
    return Point(centre[1], centre[0], srid=4326) if centre else None


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
