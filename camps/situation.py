"""Plug for the ``situation`` socket: people in sites, places, crowded and silent sites."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from camps.models import Camp
from camps.overview import accepted_headcounts, silent
from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.situation import Figure
from orgs.models import Opening


class CampFigures:
    key = "camps"
    title = gettext_lazy("People in camps and other sites")

    def figures(self, viewer: Viewer, day: date, area_ids: Sequence[int] | None = None) -> Sequence[Figure]:
        """Sites, people by the newest headcount of each until the end of ``day``, and places, by area when areas are named."""
        if viewer.operation is None:
            return []
        standing = standing_of(viewer.user, viewer.operation)
        ends = timezone.make_aware(datetime.combine(day, time.min)) + timedelta(days=1)
        camps = visible(Camp.objects.filter(opening=Opening.OPEN, occurred_at__lt=ends), standing)
        if area_ids is None:
            return _figures(None, camps, ends)
        return [figure for area_id in area_ids for figure in _figures(area_id, camps.filter(area_id=area_id), ends)]


def _figures(area_id: int | None, camps: QuerySet[Camp], ends: datetime) -> list[Figure]:
    counted = accepted_headcounts().filter(camp=OuterRef("pk"), occurred_at__lt=ends)
    rows = list(
        camps.annotate(
            people_then=Subquery(counted.values("people")[:1]), counted_then=Subquery(counted.values("occurred_at")[:1])
        ).values("people_then", "counted_then", "capacity")
    )
    people = sum(row["people_then"] or 0 for row in rows)
    places = sum(row["capacity"] or 0 for row in rows)
    crowded = sum(bool(row["capacity"] and (row["people_then"] or 0) > row["capacity"]) for row in rows)
    counted_at = max((row["counted_then"] for row in rows if row["counted_then"]), default=None)
    changed: Any = camps.aggregate(at=Max("updated_at"))["at"]
    counts, register = _("Headcounts of the sites"), _("Register of camps")
    quiet = silent(camps).count()
    now = timezone.now()

    def sites(number: int) -> str:
        return ngettext("site", "sites", number)

    lines: list[tuple[str, str, int, str, Any, str]] = [
        ("camps_open", _("Sites with people"), len(rows), sites(len(rows)), changed, register),
        ("camps_people", _("People in sites"), people, _("people"), counted_at, counts),
        ("camps_places", _("Places in sites"), places, _("places"), changed, register),
        ("camps_crowded", _("Sites with more people than places"), crowded, sites(crowded), counted_at, counts),
        ("camps_silent", _("Silent sites"), quiet, sites(quiet), now, register),
    ]
    return [
        Figure(key, title, Decimal(value), unit, area_id, as_of, source)
        for key, title, value, unit, as_of, source in lines
    ]


PLUGS = [CampFigures()]
