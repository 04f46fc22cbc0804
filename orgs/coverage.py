"""Coverage and gaps: who works in which sector in which area, against how many people need it there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db import connection

from komek.places.models import Area
from orgs.models import ActivityStatus, Sector


class CellState(StrEnum):
    GAP = "gap"  # people in need and nobody working, nothing planned
    PLANNED = "planned"  # people in need, work only planned or suspended
    WORKING = "working"  # somebody works here
    QUIET = "quiet"  # nobody known to be in need, nobody working


@dataclass(frozen=True)
class Cell:
    """One sector in one area. ``in_need`` is ``None`` when nobody has assessed it.

    is_sector_need: whether ``in_need`` was assessed for this sector, rather than for the area as a whole.
    """

    area_id: int
    sector_id: int
    organisations: int = 0
    working: int = 0
    planned: int = 0
    targeted: int = 0
    reached: int = 0
    in_need: int | None = None
    is_sector_need: bool = False
    need_as_of: datetime | None = None

    @property
    def state(self) -> CellState:
        if self.working:
            return CellState.WORKING
        if self.in_need:
            return CellState.PLANNED if self.planned else CellState.GAP
        return CellState.PLANNED if self.planned else CellState.QUIET

    @property
    def reached_percent(self) -> int | None:
        """People reached of those in need, in percent, never above 100; ``None`` when need is unknown."""
        if not self.in_need:
            return None
        return min(100, round(100 * self.reached / self.in_need))


@dataclass(frozen=True)
class Coverage:
    """The matrix: rows are areas of one level, columns are sectors.

    unplaced: activities recorded only for a larger area, which no row can show.
    """

    level: int
    areas: Sequence[Area]
    sectors: Sequence[Sector]
    cells: dict[tuple[int, int], Cell]
    unplaced: int = 0
    needs: dict[int, tuple[int, datetime]] = field(default_factory=dict)

    def cell(self, area_id: int, sector_id: int) -> Cell:
        return self.cells[area_id, sector_id]

    def gaps(self) -> list[Cell]:
        """Cells where people need help and nobody works, most people first."""
        found = [cell for cell in self.cells.values() if cell.state == CellState.GAP]
        return sorted(found, key=lambda cell: -(cell.in_need or 0))


# Read once, by the index that holds all of these columns. An organisation at work in several areas inside a row counts once in it.
_WORK_SQL = """
WITH RECURSIVE inside(area_id, row_id) AS (
    SELECT id, id FROM places_area WHERE id = ANY(%(areas)s)
    UNION ALL
    SELECT child.id, inside.row_id FROM inside JOIN places_area child ON child.parent_id = inside.area_id
), work AS (
    SELECT area_id, sector_id, count(*) AS activities,
           count(*) FILTER (WHERE status = %(ongoing)s) AS working,
           count(*) FILTER (WHERE status = ANY(%(planned)s)) AS planned,
           sum(targeted) FILTER (WHERE status <> %(cancelled)s) AS targeted,
           sum(reached) FILTER (WHERE status <> %(cancelled)s) AS reached
    FROM orgs_activity WHERE operation_id = %(operation)s GROUP BY 1, 2
), busy AS (
    SELECT row_id, sector_id, count(*) AS organisations FROM (
        SELECT DISTINCT inside.row_id, sector_id, organisation_id FROM orgs_activity JOIN inside USING (area_id)
        WHERE operation_id = %(operation)s AND status = %(ongoing)s
    ) AS present GROUP BY 1, 2
), placed AS (
    SELECT inside.row_id, work.sector_id, sum(working) AS working, sum(planned) AS planned,
           coalesce(sum(targeted), 0) AS targeted, coalesce(sum(reached), 0) AS reached
    FROM work JOIN inside USING (area_id) GROUP BY 1, 2
)
SELECT row_id, sector_id, coalesce(organisations, 0), working, planned, targeted, reached
FROM placed LEFT JOIN busy USING (row_id, sector_id)
UNION ALL
SELECT NULL, NULL, coalesce(sum(activities), 0), 0, 0, 0, 0 FROM work
WHERE NOT EXISTS (SELECT 1 FROM inside WHERE inside.area_id = work.area_id)
"""

# The newest figure per area and sector counts; a figure for the row itself beats the sum of those inside it.
_NEED_SQL = """
WITH RECURSIVE inside(area_id, row_id, depth) AS (
    SELECT id, id, 0 FROM places_area WHERE id = ANY(%(areas)s)
    UNION ALL
    SELECT child.id, inside.row_id, inside.depth + 1
    FROM inside JOIN places_area child ON child.parent_id = inside.area_id
), newest AS (
    SELECT DISTINCT ON (area_id, sector_id) area_id, sector_id, people, occurred_at
    FROM orgs_peopleinneed WHERE operation_id = %(operation)s
    ORDER BY area_id, sector_id, occurred_at DESC, id DESC
), ranked AS (
    SELECT inside.row_id, newest.sector_id, inside.depth, sum(people) AS people, min(occurred_at) AS as_of,
           rank() OVER (PARTITION BY inside.row_id, newest.sector_id ORDER BY inside.depth) AS place
    FROM newest JOIN inside USING (area_id) GROUP BY 1, 2, 3
)
SELECT row_id, sector_id, people, as_of FROM ranked WHERE place = 1
"""

# The last entries of history of what the matrix adds up, and whether nobody is writing at that moment: only then will nothing with a
# lower number be seen later, of a transaction that had not ended. One that ends in between is in the sums, which are read afterwards.
_STAMP_SQL = """
SELECT coalesce((SELECT max(pgh_id) FROM orgs_activityevent), 0), coalesce((SELECT max(pgh_id) FROM orgs_peopleinneedevent), 0),
       coalesce((SELECT max(pgh_id) FROM places_areaevent), 0),
       NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND datname = current_database())
"""
KEPT_FOR_S = 600  # for what no entry tells, such as a writer under another role of the database


@dataclass(frozen=True)
class Sums:
    """What the database added up. work: (area, sector) → organisations, working, planned, targeted, reached."""

    work: dict[tuple[int, int], list[Any]]
    needs: dict[tuple[int, int | None], tuple[Any, datetime]]
    unplaced: int


def sums_of(*, operation: Any, area_ids: Sequence[int]) -> Sums:
    """Added up, or as added up before when history has had no entry since."""
    wanted = sha256(",".join(map(str, area_ids)).encode()).hexdigest()[:24]
    key = f"orgs.coverage:{operation.pk}:{wanted}"
    *stamp, is_quiet = _stamp()
    kept = cache.get(key)
    if kept is not None and kept[0] == stamp:
        return Sums(*kept[1])
    sums = _add_up(operation, area_ids)
    if is_quiet:
        cache.set(key, (stamp, (sums.work, sums.needs, sums.unplaced)), KEPT_FOR_S)
    return sums


def _stamp() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(_STAMP_SQL)
        return list(cursor.fetchone())


def _add_up(operation: Any, area_ids: Sequence[int]) -> Sums:
    parameters = {
        "operation": operation.pk,
        "areas": list(area_ids),
        "ongoing": ActivityStatus.ONGOING.value,
        "planned": [ActivityStatus.PLANNED.value, ActivityStatus.SUSPENDED.value],
        "cancelled": ActivityStatus.CANCELLED.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(_WORK_SQL, parameters)
        work = {(area, sector): [int(figure) for figure in row] for area, sector, *row in cursor.fetchall()}
        cursor.execute(_NEED_SQL, parameters)
        needs = {(area, sector): (people, as_of) for area, sector, people, as_of in cursor.fetchall()}
    return Sums(work, needs, unplaced=work.pop((None, None))[0])


def coverage(*, operation: Any, areas: Sequence[Area], sectors: Sequence[Sector]) -> Coverage:
    """The matrix for areas of one level. A constant number of queries, whatever the number of activities."""
    sums = sums_of(operation=operation, area_ids=[area.pk for area in areas])
    work, needs = sums.work, sums.needs
    cells: dict[tuple[int, int], Cell] = {}
    for area in areas:
        for sector in sectors:
            general = needs.get((area.pk, None)) if sector.serves_people else None
            people, as_of = needs.get((area.pk, sector.pk)) or general or (None, None)
            organisations, working, planned, targeted, reached = work.get((area.pk, sector.pk), (0, 0, 0, 0, 0))
            cells[area.pk, sector.pk] = Cell(
                area_id=area.pk,
                sector_id=sector.pk,
                organisations=organisations,
                working=working,
                planned=planned,
                targeted=targeted,
                reached=reached,
                in_need=int(people) if people is not None else None,
                is_sector_need=(area.pk, sector.pk) in needs,
                need_as_of=as_of,
            )
    return Coverage(
        level=areas[0].level if areas else 0,
        areas=areas,
        sectors=sectors,
        cells=cells,
        unplaced=sums.unplaced,
        needs={area: (int(people), as_of) for (area, sector), (people, as_of) in needs.items() if sector is None},
    )
