"""Plugs for the ``map_layers`` socket: sites with people by how full they are, and their perimeters."""

from __future__ import annotations

from typing import Any, Literal

from django.db.models import Case, QuerySet, Value, When
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from camps.models import Camp, CampType
from camps.overview import with_people
from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.map_layers import LayerStyle
from orgs.models import Opening


def level_of(occupancy: float | None) -> str:
    """How full a site is, in words that pick a colour."""
    if occupancy is None:
        return "unknown"
    if occupancy > 100:
        return "crowded"
    return "full" if occupancy >= 90 else "room"


def _with_level(camps: QuerySet[Camp]) -> QuerySet[Camp]:
    """Adds level: ``level_of`` in the database."""
    level = Case(
        When(occupancy=None, then=Value("unknown")), When(occupancy__gt=100, then=Value("crowded")),
        When(occupancy__gte=90, then=Value("full")), default=Value("room"),
    )  # fmt: skip
    return with_people(camps).annotate(level=level)


class CampsLayer:
    """Every site with people and a location. Colour tells how full it is; the popup gives the figures and their age."""

    key = "camps.sites"
    title = gettext_lazy("Camps, hospitals and other sites with people")
    geometry: Literal["point", "line", "polygon"] = "point"
    geometry_field = "location"
    properties: tuple[str, ...] = (
        "code",
        "name",
        "camp_type",
        "opening",
        "capacity",
        "people_now",
        "occupancy",
        "counted_at",
        "level",
    )
    property_titles = {
        "people_now": gettext_lazy("People"),
        # xgettext:no-python-format
        "occupancy": gettext_lazy("Taken, % of places"),
        "counted_at": gettext_lazy("Counted"),
        "level": gettext_lazy("How full"),
    }
    time_field = "occurred_at"
    style = LayerStyle(
        symbol="triangle",
        by="level",
        default="#5b6472",
        colours={"room": "#1b7f4d", "full": "#b58900", "crowded": "#a11f1f", "unknown": "#5b6472"},
        labels={
            "room": gettext_lazy("has room"),
            "full": gettext_lazy("almost full"),
            "crowded": gettext_lazy("more people than places"),
            "unknown": gettext_lazy("not counted, or places not known"),
        },
    )

    def may_view(self, viewer: Viewer) -> bool:
        return viewer.user is not None and viewer.user.may_work

    def queryset(self, viewer: Viewer) -> QuerySet[Any]:
        standing = standing_of(viewer.user, viewer.operation)
        rows = visible(Camp.objects.filter(location__isnull=False), standing)
        return _with_level(rows).defer("perimeter", "about").select_related("organisation")

    def popup(self, row: Any) -> dict[str, Any]:
        lines = [(_("Kind of site"), CampType(row.camp_type).label), (_("State"), Opening(row.opening).label)]
        if row.people_now is not None:
            when = formats.date_format(timezone.localtime(row.counted_at), "SHORT_DATE_FORMAT")
            lines.append((_("People"), f"{row.people_now} ({when})"))
        if row.capacity is not None:
            taken = "" if row.occupancy is None else f" ({round(row.occupancy)} %)"
            lines.append((_("Places"), f"{row.capacity}{taken}"))
        return {"title": row.name, "url": row.get_absolute_url(), "lines": lines}


class PerimetersLayer(CampsLayer):
    """The perimeters, where they were drawn."""

    key = "camps.perimeters"
    title = gettext_lazy("Perimeters of camps")
    geometry = "polygon"
    geometry_field = "perimeter"
    style = LayerStyle(symbol="area", default="#0b5c8a")

    def queryset(self, viewer: Viewer) -> QuerySet[Any]:
        standing = standing_of(viewer.user, viewer.operation)
        rows = visible(Camp.objects.filter(perimeter__isnull=False), standing)
        return _with_level(rows).defer("about").select_related("organisation")


PLUGS = [CampsLayer(), PerimetersLayer()]
