"""Plugs for the ``map_layers`` socket: sites by kind, and areas by how many organisations work there."""

from __future__ import annotations

from typing import Any, Literal

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.map_layers import LayerStyle
from orgs.models import Damage, Site, SiteKind


class SitesLayer:
    """Every site with a location. Colour tells the damage; the popup tells the rest."""

    key = "orgs.sites"
    title = _("Sites")
    geometry: Literal["point", "line", "polygon"] = "point"
    geometry_field = "location"
    properties = ("code", "name", "kind", "opening", "damage", "organisation__name")
    time_field = "occurred_at"
    style = LayerStyle(
        symbol="square",
        by="damage",
        default="#5b6472",
        colours={
            Damage.NONE: "#1b7f4d",
            Damage.LIGHT: "#b58900",
            Damage.SEVERE: "#c2410c",
            Damage.DESTROYED: "#7f1d1d",
        },
    )

    def may_view(self, viewer: Viewer) -> bool:
        return viewer.user is not None and viewer.user.may_work

    def queryset(self, viewer: Viewer) -> QuerySet[Any]:
        standing = standing_of(viewer.user, viewer.operation)
        return visible(Site.objects.filter(location__isnull=False), standing).select_related("organisation")

    def popup(self, row: Any) -> dict[str, Any]:
        lines = [(_("Kind"), SiteKind(row.kind).label), (_("Damage"), Damage(row.damage).label)]
        if row.organisation:
            lines.insert(0, (_("Run by"), str(row.organisation)))
        return {"title": row.name, "url": row.get_absolute_url(), "lines": lines}


PLUGS = [SitesLayer()]
