"""What differs between two editions of a country's boundaries, and which new areas take the place of which old ones.

Steps: shares (how much of each old area each new one covers, by PostGIS, on the spheroid) → which areas go on → differences.
An area *goes on* when it keeps its code, or its name, and most of both shapes is common; or when the shapes are all but equal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, require, standing_of
from komek.places.boundary_files import BoundaryFault
from komek.places.keys import search_key
from komek.places.models import AreaChange, ChangeKind, Comparison, Generation, Succession
from komek.records.actor import Actor, acting

RESHAPED_FROM = 0.01  # of the old area, gained or lost
LEAST_SHARE = 0.01  # smaller overlaps are two drawings of one border
SAME_BY_CODE, SAME_BY_NAME, SAME_BY_SHAPE = 0.5, 0.8, 0.95  # common part, of both areas

# An old area is followed at its own level, or at the deepest level above it that the new edition has. Borders that only touch
# have no common area. An area drawn point for point as before needs no measuring against its neighbours: that is most of them,
# and the measuring is what takes long. Areas without a boundary on either side are matched by their code alone.
_SHARES_SQL = """
WITH old_area AS MATERIALIZED (
    SELECT id, pcode, level, CASE WHEN ST_IsValid(geometry) THEN geometry ELSE ST_MakeValid(geometry) END AS shape,
           ST_Area(CASE WHEN ST_IsValid(geometry) THEN geometry ELSE ST_MakeValid(geometry) END::geography) AS m2
    FROM places_area WHERE generation_id = %(before)s AND operation_id IS NULL AND geometry IS NOT NULL
), new_area AS MATERIALIZED (
    SELECT id, ST_Area(CASE WHEN ST_IsValid(geometry) THEN geometry ELSE ST_MakeValid(geometry) END::geography) AS m2
    FROM places_area WHERE generation_id = %(after)s AND operation_id IS NULL AND geometry IS NOT NULL
), level AS (
    SELECT old.level AS old_level, (
        SELECT max(new.level) FROM places_area new
        WHERE new.generation_id = %(after)s AND new.operation_id IS NULL AND new.level <= old.level
    ) AS new_level
    FROM (SELECT DISTINCT level FROM old_area) old
), pair AS MATERIALIZED (
    SELECT old.id AS old_id, new.id AS new_id, old.level = new.level AS is_level,
           old.level = new.level AND ST_OrderingEquals(old.shape, new.geometry) AS is_twin
    FROM old_area old
    JOIN level ON level.old_level = old.level
    JOIN places_area new ON new.level = level.new_level AND new.geometry && old.shape
    WHERE new.generation_id = %(after)s AND new.operation_id IS NULL
), measured AS MATERIALIZED (
    SELECT pair.old_id, pair.new_id, CASE WHEN is_twin THEN old_area.m2 ELSE ST_Area(ST_CollectionExtract(ST_Intersection(
               old_area.shape, CASE WHEN ST_IsValid(new.geometry) THEN new.geometry ELSE ST_MakeValid(new.geometry) END
           ), 3)::geography) END AS common_m2, old_area.m2 AS old_m2, new_area.m2 AS new_m2
    FROM pair JOIN old_area ON old_area.id = old_id JOIN new_area ON new_area.id = new_id JOIN places_area new ON new.id = new_id
    WHERE is_twin OR NOT is_level OR NOT (
        EXISTS (SELECT 1 FROM pair twin WHERE twin.is_twin AND twin.old_id = pair.old_id)
        OR EXISTS (SELECT 1 FROM pair twin WHERE twin.is_twin AND twin.new_id = pair.new_id)
    )
)
INSERT INTO places_succession (old_id, new_id, share, share_of_new, is_same)
SELECT old_id, new_id, least(1, common_m2 / old_m2), least(1, common_m2 / new_m2), false FROM measured
WHERE old_m2 > 0 AND new_m2 > 0 AND (common_m2 / old_m2 >= %(least)s OR common_m2 / new_m2 >= 0.5)
UNION ALL
SELECT old.id, new.id, 1, 1, false FROM places_area old JOIN places_area new ON new.pcode = old.pcode
WHERE old.generation_id = %(before)s AND old.operation_id IS NULL AND new.generation_id = %(after)s
  AND new.operation_id IS NULL AND (old.geometry IS NULL OR new.geometry IS NULL)
"""


@dataclass(frozen=True)
class _Known:
    """What comparing needs of an area."""

    pk: int
    pcode: str
    level: int
    name: str
    names: dict[str, str]
    parent_pcode: str | None
    parent_name: str | None
    has_shape: bool

    @property
    def shown(self) -> str:
        return f"{self.name} ({self.pcode})"


@transaction.atomic
def compare_generations(*, by: Actor, operation: Any, before: Generation, after: Generation) -> Comparison:
    """Compare two editions of one country and keep the result in place of an earlier one. Raises BoundaryFault or NotAllowed."""
    require(standing_of(by.user, operation), Action.ADD, Generation)
    if before.pk == after.pk or before.country != after.country:
        raise BoundaryFault(_("Choose two different editions of one country."))
    with acting(by):
        comparison, _made = Comparison.objects.update_or_create(before=before, after=after)
    comparison.changes.all().delete()
    Succession.objects.filter(old__generation=before, new__generation=after).delete()
    with connection.cursor() as cursor:
        cursor.execute(_SHARES_SQL, {"before": before.pk, "after": after.pk, "least": LEAST_SHARE})
    old, new = _areas(before), _areas(after)
    shares = {
        (row.old_id, row.new_id): row
        for row in Succession.objects.filter(old__generation=before, new__generation=after)
    }
    _mark_same(old, new, shares)
    changes = list(_changes(comparison, old, new, shares))
    AreaChange.objects.bulk_create(changes, batch_size=1000)
    counts = Counter(str(change.kind) for change in changes)
    comparison.counts = {kind: counts[kind] for kind in ChangeKind.values if counts[kind]}
    comparison.is_running = False
    comparison.save(update_fields=["counts", "is_running", "made_at"])
    return comparison


def comparison_of(before: Generation, after: Generation) -> Comparison | None:
    """The comparison made of both, if they were compared since both were loaded. Areas of an edition do not change afterwards."""
    found: Comparison | None = (
        Comparison.objects.filter(before=before, after=after, is_running=False)
        .filter(made_at__gte=max(before.loaded_at, after.loaded_at))
        .first()
    )
    return found


def _areas(generation: Generation) -> dict[int, _Known]:
    rows = (
        generation.areas.filter(operation=None)
        .order_by("level", "pcode")
        .values_list("pk", "pcode", "level", "name", "names", "parent__pcode", "parent__name", "centre")
    )
    return {row[0]: _Known(*row[:7], has_shape=row[7] is not None) for row in rows}


def _mark_same(old: dict[int, _Known], new: dict[int, _Known], shares: dict[tuple[int, int], Succession]) -> None:
    """Say which successors are the old area going on; at most one for each old and each new area, the largest first."""
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    same = []
    for (old_pk, new_pk), row in sorted(shares.items(), key=lambda item: -min(item[1].share, item[1].share_of_new)):
        if old_pk in taken_old or new_pk in taken_new or not _goes_on(old[old_pk], new[new_pk], row):
            continue
        taken_old.add(old_pk)
        taken_new.add(new_pk)
        row.is_same = True
        same.append(row.pk)
    Succession.objects.filter(pk__in=same).update(is_same=True)


def _goes_on(old: _Known, new: _Known, row: Succession) -> bool:
    if old.level != new.level:
        return False
    common = min(row.share, row.share_of_new)
    if old.pcode == new.pcode:
        return common >= SAME_BY_CODE
    if common >= SAME_BY_SHAPE:
        return True
    key = search_key(old.name)
    return common >= SAME_BY_NAME and bool(key) and key in {search_key(n) for n in (new.name, *new.names.values())}


def _changes(
    comparison: Comparison,
    old: dict[int, _Known],
    new: dict[int, _Known],
    shares: dict[tuple[int, int], Succession],
) -> Iterator[AreaChange]:
    new_by_code = {area.pcode: area for area in new.values()}
    old_codes = {area.pcode for area in old.values()}
    goes_on = {old_pk: new_pk for (old_pk, new_pk), row in shares.items() if row.is_same}
    recoded = set()
    for area in old.values():
        found = new_by_code.get(area.pcode)
        if found is None and area.pk in goes_on:
            found = new[goes_on[area.pk]]
            if found.pcode not in old_codes:
                recoded.add(found.pk)
        if found is None:
            yield AreaChange(comparison=comparison, kind=ChangeKind.GONE, old_id=area.pk, was=area.shown)
            continue
        for kind, was, becomes, share in _differences(area, found, shares.get((area.pk, found.pk))):
            yield AreaChange(
                comparison=comparison, kind=kind, old_id=area.pk, new_id=found.pk, was=was[:300], becomes=becomes[:300],
                share=share,
            )  # fmt: skip
    for area in new.values():
        if area.pcode not in old_codes and area.pk not in recoded:
            yield AreaChange(comparison=comparison, kind=ChangeKind.ADDED, new_id=area.pk, becomes=area.shown)


def _differences(
    old: _Known, new: _Known, row: Succession | None
) -> Iterator[tuple[ChangeKind, str, str, float | None]]:
    """Differences between two areas of one code, or of which one goes on as the other."""
    if old.pcode != new.pcode:
        yield ChangeKind.RECODED, old.shown, new.shown, None
    if old.level == new.level and old.has_shape and new.has_shape:
        share, of_new = (row.share, row.share_of_new) if row else (0.0, 0.0)
        if max(share, of_new) < SAME_BY_CODE:
            yield ChangeKind.REUSED, old.shown, new.shown, 1 - share
            return
        changed = 1 + share / of_new - 2 * share  # lost and gained, over the old area
        if changed > RESHAPED_FROM:
            yield ChangeKind.RESHAPED, old.shown, new.shown, changed
    if old.parent_pcode != new.parent_pcode or old.level != new.level:
        yield ChangeKind.MOVED, _place_in_tree(old), _place_in_tree(new), None
    renamed = _renamed(old, new)
    if renamed:
        yield ChangeKind.RENAMED, renamed[0], renamed[1], None


def _place_in_tree(area: _Known) -> str:
    return f"{area.parent_name or '–'} ({area.parent_pcode or '–'}), {_('level %(level)d') % {'level': area.level}}"


def _renamed(old: _Known, new: _Known) -> tuple[str, str] | None:
    """The names that differ, in the languages both editions have; else the names shown."""
    both = [language for language in old.names if new.names.get(language)]
    differing = [language for language in both if old.names[language] != new.names[language]]
    if both:
        if not differing:
            return None
        return (
            "; ".join(f"{language}: {old.names[language]}" for language in differing),
            "; ".join(f"{language}: {new.names[language]}" for language in differing),
        )
    return (old.name, new.name) if old.name != new.name else None
