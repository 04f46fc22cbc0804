"""Which areas of today take the place of an area of an edition no longer in use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.db.models.functions import Upper

from komek.places.models import Area, GenerationState, Succession

LONGEST_CHAIN = 10


@dataclass(frozen=True)
class Successor:
    """An area in use that covers part of an old one. ``share``: of the old area, 0–1; ``is_same``: the old area going on."""

    area: Area
    share: float
    is_same: bool


def successors_of(area_ids: Iterable[int]) -> dict[int, list[Successor]]:
    """Old area → areas in use that cover it, the largest share first. Follows edition after edition; a query or two for each."""
    # old area asked for → area reached so far → (share, whether each step was the same area going on)
    reached: dict[int, dict[int, tuple[float, bool]]] = {pk: {pk: (1.0, True)} for pk in area_ids}
    final: dict[int, dict[int, tuple[float, bool]]] = {pk: {} for pk in reached}
    passed: dict[int, set[int]] = {pk: set() for pk in reached}  # editions, so that going back and forth ends
    for _step in range(LONGEST_CHAIN):
        steps = _steps({at for places in reached.values() for at in places})
        onward: dict[int, dict[int, tuple[float, bool]]] = {}
        for start, places in reached.items():
            for at, (share, is_same) in places.items():
                for row in _chosen(steps.get(at, []), passed[start]):
                    into = final[start] if _is_used(row) else onward.setdefault(start, {})
                    before = into.get(row.new_id, (0.0, False))
                    into[row.new_id] = (before[0] + share * row.share, before[1] or (is_same and row.is_same))
                    passed[start].add(row.old.generation_id)
        reached = onward
        if not reached:
            break
    areas = Area.objects.defer("geometry").in_bulk({pk for places in final.values() for pk in places})
    return {
        start: sorted(
            (Successor(areas[pk], min(1.0, share), is_same) for pk, (share, is_same) in places.items()),
            key=lambda successor: (-successor.share, successor.area.pcode),
        )
        for start, places in final.items()
    }


def _is_used(row: Succession) -> bool:
    return row.new.generation.state == GenerationState.ACTIVE


def _steps(front: set[int]) -> dict[int, list[Succession]]:
    """Every step on from each area, to editions that are or were in use."""
    rows = (
        Succession.objects.filter(old_id__in=front)
        .exclude(new__generation__state=GenerationState.LOADED)
        .select_related("old", "new__generation")
        .defer("old__geometry", "new__geometry")
    )
    steps: dict[int, list[Succession]] = {}
    for row in rows:
        steps.setdefault(row.old_id, []).append(row)
    return steps


def _chosen(steps: list[Succession], passed: set[int]) -> list[Succession]:
    """Straight to the edition in use where the two were compared, else to the newest retired one not passed yet."""
    straight = [row for row in steps if _is_used(row)]
    onward = [row for row in steps if row.new.generation_id not in passed]
    newest = max((row.new.generation_id for row in onward), default=None)
    return straight or [row for row in onward if row.new.generation_id == newest]


def old_areas_called(codes: Iterable[str], operation: Any = None) -> dict[str, Area]:
    """Code in capitals → the newest area, of an edition not in use, that had it. One query."""
    wanted = {code.strip().upper() for code in codes if code.strip()}
    if not wanted:
        return {}
    found = (
        Area.objects.annotate(code=Upper("pcode"))
        .filter(Q(operation=None) | Q(operation=operation), code__in=wanted)
        .exclude(generation__state=GenerationState.ACTIVE)
        .exclude(generation__state=GenerationState.LOADED)
        .select_related("generation")
        .defer("geometry")
        .order_by("generation__loaded_at", "pk")
    )
    return {area.pcode.upper(): area for area in found}
