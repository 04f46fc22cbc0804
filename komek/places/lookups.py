"""Plugs for ``lookups``: choosing an area or a settlement by typing part of its name or its code."""

from __future__ import annotations

from collections.abc import Sequence

from komek.extensions import Viewer
from komek.extensions.lookups import Choice
from komek.places.finding import areas_in_use
from komek.places.models import Area, Settlement
from komek.places.resolver import Candidate, resolve


def _detail(area: Area) -> str:
    parents = []
    at = area.parent
    while at is not None:
        parents.append(str(at))
        at = at.parent
    return " · ".join([area.pcode, *parents])


class AreaLookup:
    key = "places.area"

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Choice]:
        """Areas by P-code or name; with nothing typed, those the operation affects, else the largest."""
        if not text:
            found = viewer.operation.affected_areas.all() if viewer.operation else Area.objects.none()
            rows = list(found.select_related("parent__parent").defer("geometry")[:limit])
            rows = rows or list(areas_in_use(viewer.operation, 1).select_related("parent").defer("geometry")[:limit])
            return [Choice(str(area.pk), str(area), _detail(area)) for area in rows]
        candidates = resolve(text, operation=viewer.operation, limit=limit, settlements=False).candidates
        return [Choice(str(c.area.pk), str(c.area), _detail(c.area)) for c in candidates if c.area is not None]

    def label(self, value: str, viewer: Viewer) -> Choice | None:
        if not value.isdigit():
            return None
        area = areas_in_use(viewer.operation).filter(pk=int(value)).select_related("parent__parent").first()
        return Choice(value, str(area), _detail(area)) if area else None


class SettlementLookup:
    key = "places.settlement"

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Choice]:
        if not text:
            rows = Settlement.objects.select_related("area").order_by("-population")[:limit]
            return [Choice(str(row.pk), row.name, str(row.area or row.country)) for row in rows]
        candidates = resolve(text, operation=viewer.operation, limit=limit).candidates
        return [_choice(c) for c in candidates if c.settlement is not None]

    def label(self, value: str, viewer: Viewer) -> Choice | None:
        row = Settlement.objects.select_related("area").filter(pk=int(value)).first() if value.isdigit() else None
        return Choice(value, row.name, str(row.area or row.country)) if row else None


def _choice(candidate: Candidate) -> Choice:
    settlement = candidate.settlement
    assert settlement is not None
    return Choice(str(settlement.pk), settlement.name, str(settlement.area or settlement.country))


PLUGS = [AreaLookup(), SettlementLookup()]
