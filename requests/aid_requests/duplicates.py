"""Requests that may be one: same place, same things, close in time. Both are shown to a coordinator, who decides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.gis.geos import Polygon
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from aid_requests.likeness import CLOSE_IN_TIME, FAR_M, LIKELY, Seen, likeness
from aid_requests.models import AidRequest, DuplicatePair, PairState, RequestState
from orgs.naming import name_key

MOST_COMPARED = 200
METRES_IN_DEGREE = 111_000

REASONS = {
    "place": _("same place"),
    "things": _("same things"),
    "amounts": _("similar amounts"),
    "time": _("within a day"),
    "phone": _("same phone"),
}


def find_for(request: AidRequest) -> list[DuplicatePair]:
    """Compare a request with those near it in place and time, and keep the pairs that may be one. Decided pairs stay so."""
    mine = seen_of(request)
    pairs = []
    for other in _near(request):
        score, why = likeness(mine, seen_of(other))
        if score < LIKELY:
            continue
        first, second = sorted((request, other), key=lambda one: (one.occurred_at, one.pk))
        pair, _is_new = DuplicatePair.objects.update_or_create(
            first=first, second=second, defaults={"likeness": score, "why": why, "operation": request.operation}
        )
        pairs.append(pair)
    return pairs


def refresh_pairs(request: AidRequest) -> None:
    """After a change: pairs that are alike no more and on which nobody decided go; new ones come."""
    found = {pair.pk for pair in find_for(request)}
    undecided = DuplicatePair.objects.filter(Q(first=request) | Q(second=request), state=PairState.OPEN)
    undecided.exclude(pk__in=found).delete()


def pairs_of(request: AidRequest) -> QuerySet[DuplicatePair]:
    """Pairs that a request is part of, the likeliest first."""
    rows = DuplicatePair.objects.filter(Q(first=request) | Q(second=request))
    return rows.select_related("first", "second", "decided_by")


def reasons_in_words(why: Iterable[str]) -> list[Any]:
    """Why two look alike, as sentences' parts."""
    return [REASONS[key] for key in why if key in REASONS]


def seen_of(request: AidRequest) -> Seen:
    """A request as plain data."""
    point = request.location or (request.site.location if request.site is not None else None)
    things: dict[str, float] = {}
    for line in request.lines.all():
        thing = f"item:{line.item_id}" if line.item_id else f"{line.kind}:{name_key(line.skill or line.description)}"
        things[thing] = things.get(thing, 0.0) + float(line.quantity)
    return Seen(
        request.site_id, point.x if point else None, point.y if point else None, request.area_id, things,
        request.occurred_at, str(request.reporter_phone),
    )  # fmt: skip


def _near(request: AidRequest) -> QuerySet[AidRequest]:
    point = request.location or (request.site.location if request.site is not None else None)
    where = Q(site=request.site) if request.site_id is not None else Q(pk=None)
    if point is not None:
        # Degrees of longitude are shorter than those of latitude: the box is generous, the distance is measured later.
        reach = 2 * FAR_M / METRES_IN_DEGREE
        box = Polygon.from_bbox((point.x - reach, point.y - reach, point.x + reach, point.y + reach))
        box.srid = 4326
        where |= Q(location__coveredby=box)
        if request.site_id is None:
            where |= Q(site__location__coveredby=box)
    elif request.area_id is not None and request.site_id is None:
        where |= Q(area=request.area)
    rows = AidRequest.objects.filter(
        where,
        operation=request.operation,
        merged_into=None,
        is_false=False,
        occurred_at__range=(request.occurred_at - CLOSE_IN_TIME, request.occurred_at + CLOSE_IN_TIME),
    )
    rows = rows.exclude(pk=request.pk).exclude(state__in=(RequestState.DRAFT, RequestState.CANCELLED))
    return rows.select_related("site").prefetch_related("lines").order_by("-occurred_at")[:MOST_COMPARED]
