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
from aid_requests.needed import open_lines, with_figures
from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.demands import Demand


class RequestDemands:
    key = "requests"

    def nearest(
        self, item_ids: Iterable[int], *, longitude: float | None, latitude: float | None, viewer: Viewer, limit: int
    ) -> Mapping[int, Sequence[Demand]]:
        """Two queries, however many items: which lines are nearest, the more pressing first at the same distance; then they.

        Ranked on the sphere, which costs a fifth of the spheroid's distance and is the same to half a percent.
        """
        standing = standing_of(viewer.user, viewer.operation)
        rows = visible(RequestLine.objects.filter(item__in=list(item_ids)), standing)
        rows = open_lines(rows.filter(request__operation=standing.operation))
        here = Point(longitude, latitude, srid=4326) if longitude is not None and latitude is not None else None
        place = Coalesce(F("request__location"), F("request__site__location"))
        nothing: Any = Value(None, output_field=FloatField())
        order = (
            (Distance(place, here) if here else nothing).asc(nulls_last=True), F("request__rank").asc(), F("pk").asc()
        )  # fmt: skip
        ranked = rows.annotate(place=Window(RowNumber(), partition_by=[F("item")], order_by=order))
        nearest = dict(ranked.filter(place__lte=limit).order_by().values_list("pk", "place"))
        away = Distance(place, here, spheroid=True) if here else nothing
        chosen = with_figures(RequestLine.objects.filter(pk__in=nearest)).annotate(away=away)
        lines = chosen.select_related("request__site", "item").defer("request__search_key", "request__purpose")
        found: dict[int, list[Demand]] = defaultdict(list)
        for line in sorted(lines, key=lambda line: nearest[line.pk]):
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
