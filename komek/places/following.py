"""What happens to records that point at areas, when another edition of the boundaries comes into use.

Every model of every registry that refers to an area is found by its foreign keys, so that none is forgotten. A record moves on
only where that is certain:

- the area goes on (``Succession.is_same``): every record moves with it;
- the whole area now lies within a larger one: the record moves there, unless its figures stand for the whole area (a model says
  so by ``measures_whole_area = True``) and would be taken for figures of the larger one;
- the area was split: a record with a ``location`` moves to the part it lies in;
- areas in a set (many-to-many) are replaced by all that cover them.

Everything else stays where it is and is counted, for a person to decide. When a record was last changed stays as it was: what it
says has not changed; the history shows who brought the edition into use.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.gis.db.models import PointField
from django.db import connection, models
from pghistory.models import Event

from komek.places.models import Area, Generation, Succession

WITHIN_FROM = 0.95  # of the old area, in one new one
IN_SET_FROM = 0.05


@dataclass(frozen=True)
class Pointer:
    """A foreign key to areas. ``is_set``: it is one side of a many-to-many relation."""

    model: type[models.Model]
    field: str
    column: str
    is_set: bool

    @property
    def title(self) -> str:
        """What the records are called, in the plural."""
        if not self.is_set:
            return str(self.model._meta.verbose_name_plural)
        other = next(f for f in self.model._meta.fields if f.is_relation and f.name != self.field)
        return str(other.related_model._meta.verbose_name_plural)  # type: ignore[union-attr]

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @property
    def has_location(self) -> bool:
        return any(f.name == "location" and isinstance(f, PointField) for f in self.model._meta.local_fields)


@dataclass(frozen=True)
class Outlook:
    """Records of one kind at areas of an edition. ``follow``: will move; ``undecided``: their area has successors, but which is
    meant is for a person to say; ``stranded``: their area has no successor."""

    title: str
    follow: int
    undecided: int
    stranded: int

    @property
    def stay(self) -> int:
        return self.undecided + self.stranded


def pointers() -> Iterator[Pointer]:
    """Every foreign key to an area outside this room; history tables excepted."""
    for relation in Area._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and relation.one_to_many):
            continue
        model, field = relation.related_model, relation.field  # type: ignore[union-attr]
        if model._meta.app_label == Area._meta.app_label or issubclass(model, Event):
            continue
        yield Pointer(model, field.name, field.column, bool(model._meta.auto_created))


def outlook(before: Generation, after: Generation) -> list[Outlook]:
    """What would become of the records at areas of ``before``, once compared with ``after``. A few queries for each kind."""
    plan = _plan(before, after)
    found = []
    for pointer in pointers():
        held = _held(pointer, before)
        if not held:
            continue
        moves = plan.for_pointer(pointer)
        follow = sum(number for area_id, number in held.items() if area_id in moves)
        stranded = sum(number for area_id, number in held.items() if area_id not in plan.succeeded)
        undecided = sum(held.values()) - follow - stranded
        if pointer.has_location and undecided:
            placed = _count_by_location(pointer, [pk for pk in held if pk in plan.succeeded and pk not in moves], after)
            follow, undecided = follow + placed, undecided - placed
        found.append(Outlook(pointer.title, follow, undecided, stranded))
    return found


def follow(before: Generation, after: Generation) -> list[Outlook]:
    """Move the records that can be moved. Call inside a transaction, acting as somebody. Returns what was done and what stayed."""
    plan = _plan(before, after)
    done = []
    for pointer in pointers():
        held = _held(pointer, before)
        if not held:
            continue
        if pointer.is_set:
            _replace_in_sets(pointer, plan.in_sets)
        else:
            _move(pointer, plan.for_pointer(pointer))
            if pointer.has_location:
                _move_by_location(pointer, list(plan.succeeded), after)
        left = _held(pointer, before)
        stranded = sum(number for area_id, number in left.items() if area_id not in plan.succeeded)
        stayed = sum(left.values())
        done.append(Outlook(pointer.title, sum(held.values()) - stayed, stayed - stranded, stranded))
    return done


@dataclass(frozen=True)
class _Plan:
    """Old area → new area or areas. ``succeeded``: old areas that have any successor."""

    same: dict[int, int]
    within: dict[int, int]
    in_sets: dict[int, list[int]]
    succeeded: set[int]

    def for_pointer(self, pointer: Pointer) -> dict[int, Any]:
        if pointer.is_set:
            return self.in_sets
        if getattr(pointer.model, "measures_whole_area", False):
            return self.same
        return {**self.within, **self.same}


def _plan(before: Generation, after: Generation) -> _Plan:
    same: dict[int, int] = {}
    within: dict[int, int] = {}
    sets: dict[int, list[int]] = {}
    succeeded: set[int] = set()
    for row in Succession.objects.filter(old__generation=before, new__generation=after):
        succeeded.add(row.old_id)
        if row.is_same:
            same[row.old_id] = row.new_id
        if row.share >= WITHIN_FROM:
            within[row.old_id] = row.new_id
        if row.is_same or row.share >= IN_SET_FROM:
            sets.setdefault(row.old_id, []).append(row.new_id)
    for old in same:
        sets[old] = [same[old]]
    return _Plan(same, within, sets, succeeded)


def _held(pointer: Pointer, generation: Generation) -> dict[int, int]:
    """Real area of the edition → number of records that point at it."""
    rows = (
        pointer.model._base_manager.filter(
            **{f"{pointer.field}__generation": generation, f"{pointer.field}__operation": None}
        )
        .order_by()
        .values_list(pointer.field)
        .annotate(number=models.Count("pk"))
    )
    return dict(rows)


def _move(pointer: Pointer, moves: dict[int, int]) -> None:
    if not moves:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_quoted(pointer.table)} AS record SET {_quoted(pointer.column)} = move.new_id "  # noqa: S608
            f"FROM unnest(%s::bigint[], %s::bigint[]) AS move(old_id, new_id) "
            f"WHERE record.{_quoted(pointer.column)} = move.old_id",
            [list(moves), list(moves.values())],
        )


# A point on a border belongs to the first of the two areas, always the same one.
_LOCATED_SQL = """
SELECT DISTINCT ON (record.{key}) record.{key} AS record_id, succession.old_id, succession.new_id
FROM {table} record
JOIN places_succession succession ON succession.old_id = record.{column}
JOIN places_area area ON area.id = succession.new_id AND area.generation_id = %s
WHERE record.{column} = ANY(%s) AND ST_Intersects(area.geometry, record.location::geometry)
ORDER BY record.{key}, succession.new_id
"""


def _located(pointer: Pointer) -> str:
    key = pointer.model._meta.pk.column  # type: ignore[union-attr]
    return _LOCATED_SQL.format(key=_quoted(str(key)), table=_quoted(pointer.table), column=_quoted(pointer.column))


def _count_by_location(pointer: Pointer, area_ids: list[int], after: Generation) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({_located(pointer)}) placed", [after.pk, area_ids])  # noqa: S608
        return int(cursor.fetchone()[0])


def _move_by_location(pointer: Pointer, area_ids: list[int], after: Generation) -> None:
    key = _quoted(str(pointer.model._meta.pk.column))  # type: ignore[union-attr]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_quoted(pointer.table)} AS moved SET {_quoted(pointer.column)} = placed.new_id "  # noqa: S608
            f"FROM ({_located(pointer)}) placed WHERE moved.{key} = placed.record_id",
            [after.pk, area_ids],
        )


def _replace_in_sets(pointer: Pointer, sets: dict[int, list[int]]) -> None:
    """Put the new areas beside the old ones, each once, then take the old ones out."""
    other = next(f for f in pointer.model._meta.fields if f.is_relation and f.name != pointer.field)
    held = pointer.model._base_manager.filter(**{f"{pointer.field}__in": list(sets)})
    wanted = {(owner, new) for owner, old in held.values_list(other.attname, pointer.column) for new in sets[old]}
    pointer.model._base_manager.bulk_create(
        (pointer.model(**{other.attname: owner, pointer.column: new}) for owner, new in sorted(wanted)),
        ignore_conflicts=True,
    )
    held.delete()


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
