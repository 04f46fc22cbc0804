"""Plug for ``demands``: open needs that goods somebody has would fit, nearest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import Any

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, FloatField, OuterRef, Subquery, Value, When
from django.urls import reverse
from django.utils import timezone

from aid_requests.models import LineFigures, RequestLine
from aid_requests.models.places import is_within, nearness
from aid_requests.needed import open_figures, with_figures
from komek.accounts.authority import Standing, standing_of, visible
from komek.extensions import Viewer
from komek.extensions.demands import Demand
from komek.supplies.models import Item

MANY = 300
"""Measured: from so many lines of an item, times the square root of how many are looked for, walking outwards costs less than
measuring all.
"""


class RequestDemands:
    key = "requests"

    def nearest(
        self, item_ids: Iterable[int], *, longitude: float | None, latitude: float | None, viewer: Viewer, limit: int
    ) -> Mapping[int, Sequence[Demand]]:
        """Three queries, however many items: how far one must go for enough of each; the lines within that, the nearest first and the
        more pressing first at the same place; and they themselves.
        """
        here = Point(longitude, latitude, srid=4326) if longitude is not None and latitude is not None else None
        nearest = _nearest(list(item_ids), here, standing_of(viewer.user, viewer.operation), limit)
        nothing: Any = Value(None, output_field=FloatField())
        away = Distance("request__place", here, spheroid=True) if here else nothing
        rows = with_figures(RequestLine.objects.filter(pk__in=[pk for pks in nearest.values() for pk in pks]))
        rows = rows.annotate(away=away).select_related("request__site", "item")
        lines = {line.pk: line for line in rows.defer("request__search_key", "request__purpose")}
        return {item: [demand_of(lines[pk]) for pk in pks if pk in lines] for item, pks in nearest.items()}


def _nearest(item_ids: list[int], here: Point | None, standing: Standing, limit: int) -> dict[int, Sequence[int]]:
    """By item the open lines of it, nearest first."""
    items = Item.objects.filter(pk__in=item_ids).order_by()
    rows = visible(open_figures().filter(item=OuterRef("pk")), standing).filter(request__operation=standing.operation)
    order = ("request__rank", "line")
    if here is not None:
        away = nearness("request__place", here)
        # Sorted by nothing but the distance, so that an index walks outwards until there are enough; not for what few ask for, of
        # which it would walk past everybody else's.
        furthest = Subquery(rows.order_by(away.asc()).values(away=away)[limit - 1 : limit])
        many = int(MANY * sqrt(limit))
        one_more = Subquery(
            LineFigures.objects.filter(item=OuterRef("pk"), needed__gt=0).values("line")[many : many + 1]
        )
        rows_of_many = items.annotate(one_more=one_more)
        reach = dict(rows_of_many.filter(one_more__isnull=False).annotate(reach=furthest).values_list("pk", "reach"))
        cases = [When(pk=item, then=Value(metres + 0.1)) for item, metres in reach.items() if metres is not None]
        items = items.annotate(reach=Case(*cases, default=None, output_field=FloatField()))
        is_near = is_within("request__place", here, OuterRef("reach"))
        near = ArraySubquery(rows.filter(is_near).order_by(away.asc(), *order).values("line")[:limit])
        # Fewer than enough, or some whose place nobody knows: all there are.
        every = ArraySubquery(rows.order_by(away.asc(nulls_last=True), *order).values("line")[:limit])
        lines: Any = Case(When(reach=None, then=every), default=near)
    else:
        lines = ArraySubquery(rows.order_by(*order).values("line")[:limit])
    return {item: pks for item, pks in items.annotate(lines=lines).values_list("pk", "lines") if pks}


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
