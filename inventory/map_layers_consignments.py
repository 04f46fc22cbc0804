"""Map layer: consignments on their way, where they were seen last, else where they left."""

from __future__ import annotations

from typing import Any, Literal

from django.contrib.gis.db.models import PointField
from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.consignments import UNDER_WAY
from inventory.models import Consignment, ConsignmentState, Position
from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.map_layers import LayerStyle


class ConsignmentsLayer:
    """Consignments that have left and are not received in full."""

    key = "inventory.consignments"
    title = gettext_lazy("Consignments on the way")
    geometry: Literal["point", "line", "polygon"] = "point"
    geometry_field = "place"
    properties: tuple[str, ...] = ("code", "state", "vehicle", "dispatched_at", "expected_at", "seen_at")
    property_titles = {"seen_at": gettext_lazy("Seen")}
    time_field = "dispatched_at"
    style = LayerStyle(
        symbol="diamond", by="state", default="#2563a8", colours={"arrived": "#1b7f4d", "partly": "#b58900"}
    )

    def may_view(self, viewer: Viewer) -> bool:
        return viewer.user is not None and viewer.user.may_work

    def queryset(self, viewer: Viewer) -> QuerySet[Any]:
        standing = standing_of(viewer.user, viewer.operation)
        rows = Consignment.objects.filter(state__in=(*UNDER_WAY, ConsignmentState.PARTLY_RECEIVED))
        seen = Position.objects.filter(consignment=OuterRef("pk")).order_by("-occurred_at", "-pk")
        place = Coalesce(Subquery(seen.values("location")[:1]), "origin__location", output_field=PointField(srid=4326))
        rows = visible(rows, standing).annotate(place=place, seen_at=Max("positions__occurred_at"))
        return rows.filter(place__isnull=False).select_related("origin", "destination")

    def popup(self, row: Any) -> dict[str, Any]:
        lines = [
            (_("State"), row.get_state_display()),
            (_("From"), str(row.origin or row.sender)),
            (_("To"), str(row.destination)),
        ]
        for label, moment in ((_("Seen"), row.seen_at), (_("Expected"), row.expected_at)):
            if moment:
                lines.append((label, formats.date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT")))
        return {"title": row.code, "url": row.get_absolute_url(), "lines": lines}


PLUGS = [ConsignmentsLayer()]
