"""Plug for the ``map_layers`` socket: how many persons are looked for, by the area where they were last seen. Never a home."""

from __future__ import annotations

from typing import Any, Literal

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.authority import in_operation, standing_of
from komek.extensions import Viewer
from komek.extensions.map_layers import LayerStyle
from komek.places.models import Area
from missing_persons.filters import listed
from missing_persons.models import Person, Status
from missing_persons.policies import sits_at_desk

FEWEST = 3
"""Where fewer are looked for, the number could tell who: seen by the desk only."""


class MissingByArea:
    """Areas with persons who are not found yet, drawn at the area's centre."""

    key = "missing_persons.by_area"
    title = gettext_lazy("Missing persons, by area")
    geometry: Literal["point", "line", "polygon"] = "point"
    geometry_field = "centre"
    properties: tuple[str, ...] = ("pcode", "name", "missing_now")
    property_titles = {"missing_now": gettext_lazy("Looked for")}
    time_field: str | None = None
    style = LayerStyle(symbol="circle", default="#7a2b8c")

    def may_view(self, viewer: Viewer) -> bool:
        return viewer.user is not None and viewer.user.may_work

    def queryset(self, viewer: Viewer) -> QuerySet[Any]:
        if not self.may_view(viewer):
            return Area.objects.none()
        standing = standing_of(viewer.user, viewer.operation)
        looked_for = listed(in_operation(Person.objects.all(), viewer.operation)).filter(
            status__in=(Status.MISSING, Status.UNCLEAR), last_seen_area=OuterRef("pk")
        )
        counted = looked_for.order_by().values("last_seen_area").annotate(n=Count("pk")).values("n")
        least = 1 if sits_at_desk(standing) else FEWEST
        rows = Area.objects.filter(centre__isnull=False).annotate(missing_now=Subquery(counted))
        return rows.filter(missing_now__gte=least).defer("geometry")

    def popup(self, row: Any) -> dict[str, Any]:
        return {"title": str(row), "url": row.get_absolute_url(), "lines": [(_("Looked for"), str(row.missing_now))]}


PLUGS = [MissingByArea()]
