"""Plug for the ``map_layers`` socket: warehouses, by how full they are and by what expires in them."""

from __future__ import annotations

from typing import Any, Literal

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from inventory.expiring import DAYS
from inventory.fill import with_level
from inventory.models import LorryAccess, Warehouse
from inventory.seeing import warehouses_seen
from komek.accounts.authority import standing_of
from komek.extensions import Viewer
from komek.extensions.map_layers import LayerStyle
from orgs.models import Opening


class WarehousesLayer:
    """Every warehouse with a location. Colour tells what presses most: expired, expiring, full; the popup gives the figures."""

    key = "inventory.warehouses"
    title = gettext_lazy("Warehouses")
    geometry: Literal["point", "line", "polygon"] = "point"
    geometry_field = "location"
    properties: tuple[str, ...] = ("code", "name", "opening", "batches", "fill", "expiring", "expired", "level")
    property_titles = {
        "batches": gettext_lazy("Batches in stock"),
        "fill": gettext_lazy("How full, %"),
        "expiring": gettext_lazy("Batches that expire soon"),
        "expired": gettext_lazy("Batches that have expired"),
        "level": gettext_lazy("What presses most"),
    }
    time_field: str | None = "occurred_at"
    style = LayerStyle(
        symbol="square",
        by="level",
        default="#5b6472",
        colours={
            "room": "#1b7f4d",
            "full": "#0b5c8a",
            "expiring": "#b58900",
            "expired": "#a11f1f",
            "unknown": "#5b6472",
        },
        labels={
            "room": gettext_lazy("has room"),
            "full": gettext_lazy("almost full"),
            "expiring": gettext_lazy("stock expires soon"),
            "expired": gettext_lazy("stock has expired"),
            "unknown": gettext_lazy("size not known"),
        },
    )

    def may_view(self, viewer: Viewer) -> bool:
        return viewer.user is not None and viewer.user.may_work

    def queryset(self, viewer: Viewer) -> QuerySet[Any]:
        rows = warehouses_seen(standing_of(viewer.user, viewer.operation)).filter(location__isnull=False)
        return with_level(rows, timezone.localdate()).defer("about")

    def popup(self, row: Any) -> dict[str, Any]:
        lines = [(_("State"), Opening(row.opening).label), (_("Batches in stock"), str(row.batches))]
        if row.fill is not None:
            lines.append(
                (_("How full"), _("%(share)d %% of %(room)d m³") % {"share": round(row.fill), "room": row.volume_m3})
            )
        if row.expiring:
            lines.append((_("Expires within %(n)d days") % {"n": DAYS}, _batches(row.expiring)))
        if row.expired:
            lines.append((_("Expired"), _batches(row.expired)))
        if row.lorry_access != LorryAccess.UNKNOWN:
            lines.append((_("Access for lorries"), LorryAccess(row.lorry_access).label))
        return {"title": row.name, "url": Warehouse.get_absolute_url(row), "lines": lines}


def _batches(number: int) -> str:
    return ngettext("%(n)d batch", "%(n)d batches", number) % {"n": number}


PLUGS = [WarehousesLayer()]
