"""Plug for ``demands``: open needs that goods somebody has would fit, nearest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.db.models import F, FloatField, Value, Window
from django.db.models.functions import Coalesce, RowNumber
from django.urls import reverse
from django.utils import timezone

from aid_requests.models import RequestLine
from aid_requests.needed import open_lines
from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.demands import Demand


class RequestDemands:
    key = "requests"

    def nearest(
        self, item_ids: Iterable[int], *, longitude: float | None, latitude: float | None, viewer: Viewer, limit: int
    ) -> Mapping[int, Sequence[Demand]]:
        """One query, however many items: the nearest open lines of each, the more pressing first at the same distance."""
        standing = standing_of(viewer.user, viewer.operation)
        rows = visible(RequestLine.objects.filter(item__in=list(item_ids)), standing)
        rows = open_lines(rows.filter(request__operation=standing.operation))
        away: Any = Value(None, output_field=FloatField())
        if longitude is not None and latitude is not None:
            here = Point(longitude, latitude, srid=4326)
            away = Distance(Coalesce(F("request__location"), F("request__site__location")), here, spheroid=True)
        order = (F("away").asc(nulls_last=True), F("request__rank").asc(), F("pk").asc())
        rows = rows.annotate(away=away).annotate(place=Window(RowNumber(), partition_by=[F("item")], order_by=order))
        rows = rows.filter(place__lte=limit).select_related("request__site", "item").order_by("item", "place")
        found: dict[int, list[Demand]] = defaultdict(list)
        for line in rows.defer("request__search_key", "request__purpose"):
            found[line.item_id].append(demand_of(line))
        return found


def demand_of(line: Any) -> Demand:
    """A line, with ``needed`` and ``away``, as others see it; its page is that of the offers for it."""
    request = line.request
    where = str(request.site or request.landmark)
    wanted = line.wanted_by or request.wanted_by
    away = getattr(line.away, "m", line.away)
    return Demand(
        reference=request.code, title=", ".join(filter(None, (request.title, where))), item_id=line.item_id,
        quantity=line.needed, distance_m=away, wanted_by=timezone.localdate(wanted) if wanted else None,
        url=reverse("requests:match", args=[request.code, line.pk]),
    )  # fmt: skip


PLUGS = [RequestDemands()]
