"""Which areas there are and which hold a point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.gis.geos import Point
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from komek.places.models import Area, AreaPart, Generation, GenerationState
from komek.places.successors import Successor, old_areas_called, successors_of


def areas_in_use(operation: Any, level: int | None = None) -> QuerySet[Area]:
    """Areas of the editions in use; an exercise's invented areas only in that exercise."""
    found = Area.objects.filter(Q(operation=None) | Q(operation=operation), generation__state=GenerationState.ACTIVE)
    return found if level is None else found.filter(level=level)


def areas_at(point: Point, *, operation: Any = None) -> list[Area]:
    """Areas in use that hold the point, the largest first. ``point``: EPSG:4326."""
    held = AreaPart.objects.filter(geometry__intersects=point).values("area_id")
    return list(areas_in_use(operation).filter(pk__in=held).defer("geometry").order_by("level", "pk"))


def inside_areas(area_ids: list[int]) -> list[int]:
    """These areas and every area inside them, at any depth. One query."""
    if not area_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE inside(id) AS (
                SELECT id FROM places_area WHERE id = ANY(%s)
                UNION SELECT child.id FROM inside JOIN places_area child ON child.parent_id = inside.id
            ) SELECT id FROM inside
            """,
            [area_ids],
        )
        return [area_id for (area_id,) in cursor.fetchall()]


class UnknownPcode(ValueError):
    """No area in use has this P-code. The message says whether an older edition had it, and what took its place.

    successors: areas in use that cover the area of an older edition, the largest share first.
    """

    def __init__(self, message: str, successors: Sequence[Successor] = ()) -> None:
        super().__init__(message)
        self.successors = list(successors)


def area_for_pcode(pcode: str, *, operation: Any = None) -> Area:
    """The area in use with this P-code or code in another system. Raises UnknownPcode with a sentence."""
    text = pcode.strip()
    by_code = Q(pcode__iexact=text) | Q(codes__code__iexact=text)
    found = areas_in_use(operation).filter(by_code).defer("geometry").distinct()[:2]
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        raise UnknownPcode(_("“%(code)s” names more than one area. Give the P-code.") % {"code": text})
    older = old_areas_called([text], operation).get(text.upper())
    if older is not None:
        raise _of_older_edition(text, older)
    loaded: Generation | None = Generation.objects.filter(areas__pcode__iexact=text).first()
    if loaded is not None:
        raise UnknownPcode(
            _("The P-code “%(code)s” belongs to the boundaries “%(edition)s”, which are not in use. Give today's code.")
            % {"code": text, "edition": loaded}
        )
    raise UnknownPcode(_("No area has the P-code “%(code)s”. Check it for a missing or wrong letter.") % {"code": text})


def _of_older_edition(code: str, older: Area) -> UnknownPcode:
    successors = successors_of([older.pk])[older.pk]
    sentence = _(
        "The P-code “%(code)s” belongs to the boundaries “%(edition)s”, which are not in use. Give today's code."
    ) % {"code": code, "edition": older.generation}
    if successors:
        shares = "; ".join(f"{s.area} ({s.area.pcode}), {s.share * 100:.0f} %" for s in successors)
        sentence = f"{sentence} {_('The area is now: %(areas)s.') % {'areas': shares}}"
    return UnknownPcode(sentence, successors)


def rebuild_parts(generation: Generation, operation: Any = None) -> int:
    """Cut the boundaries of an edition into small pieces again; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM places_areapart USING places_area area WHERE area.id = area_id AND area.generation_id = %s "
            "AND area.operation_id IS NOT DISTINCT FROM %s",
            [generation.pk, getattr(operation, "pk", None)],
        )
        cursor.execute(
            "INSERT INTO places_areapart (area_id, geometry) SELECT id, ST_Subdivide(geometry, 128) FROM places_area "
            "WHERE generation_id = %s AND geometry IS NOT NULL AND operation_id IS NOT DISTINCT FROM %s",
            [generation.pk, getattr(operation, "pk", None)],
        )
        return int(cursor.rowcount)
