"""Plug for the ``map_layers`` socket: pledges that can be had, where they are."""

from __future__ import annotations

from typing import Any, Literal

from django.contrib.gis.db.models import PointField
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.map_layers import LayerStyle
from volunteers.models import WAITING, Pledge, PledgeState
from volunteers.notices import in_words


class PledgesLayer:
    """Offers that wait or are accepted and have not come. Colour tells the state; who gives is not on the map."""

    key = "volunteers.pledges"
    title = gettext_lazy("Pledges")
    geometry: Literal["point", "line", "polygon"] = "point"
    geometry_field = "place"
    properties: tuple[str, ...] = ("code", "kind", "state", "valid_to")
    time_field: str | None = "occurred_at"
    style = LayerStyle(
        symbol="diamond",
        by="state",
        default="#2563a8",
        colours={"pledged": "#b58900", "accepted": "#1b7f4d", "committed": "#0b5c8a", "on_the_way": "#5b3a9c"},
    )

    def may_view(self, viewer: Viewer) -> bool:
        return viewer.user is not None and viewer.user.may_work

    def queryset(self, viewer: Viewer) -> QuerySet[Any]:
        rows = Pledge.objects.filter(state__in=(PledgeState.PLEDGED, *WAITING), quantity__gt=F("received"))
        place = Coalesce("location", "site__location", output_field=PointField(srid=4326))
        rows = visible(rows, standing_of(viewer.user, viewer.operation)).annotate(place=place)
        return rows.filter(place__isnull=False).select_related("item")

    def popup(self, row: Any) -> dict[str, Any]:
        lines = [(_("Pledged"), in_words(row, row.quantity)), (_("State"), str(row.get_state_display()))]
        if row.received:
            lines.append((_("Received"), in_words(row, row.received)))
        if row.valid_to:
            lines.append((_("Can be had until"), date_format(row.valid_to, "SHORT_DATE_FORMAT")))
        return {"title": row.what, "url": row.get_absolute_url(), "lines": lines}


PLUGS = [PledgesLayer()]
