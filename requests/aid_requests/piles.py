"""What piled up: how many requests wait for what, each leading to its list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aid_requests.deadlines import WAITING
from aid_requests.models import AidRequest, DuplicatePair, LineKind, PairState, RequestLine, RequestState
from komek.accounts.authority import Standing, visible
from orgs.policies import coordinates_everything

MOST = 5_000
"""Counted no further: who has more than that does not need to know how many."""


@dataclass(frozen=True)
class Pile:
    """title, how many (``is_more``: more than that), where to look at them; pressing: something should be done now."""

    title: Any
    count: int
    url: str
    pressing: bool = False
    is_more: bool = False


def piles(standing: Standing) -> list[Pile]:
    """The piles a coordinator looks at first: a query for each, however many requests there are."""
    waiting = visible(AidRequest.objects.filter(state__in=WAITING), standing)
    address = reverse("requests:requests")
    undecided = waiting.filter(state__in=(RequestState.SUBMITTED, RequestState.FORWARDED))
    found = [
        _pile(_("To be decided"), undecided, f"{address}?state=submitted&state=forwarded"),
        _pile(_("Overdue"), waiting.filter(due_at__lt=timezone.now()), f"{address}?is_overdue=true", is_pressing=True),
        _pile(_("Nobody answers"), waiting.filter(responsible=None), f"{address}?is_open=true&is_unrouted=true"),
        _pile(_("I work on"), waiting.filter(claimed_by=standing.user), f"{address}?is_mine=true"),
    ]
    unknown = visible(RequestLine.objects.filter(item=None, kind=LineKind.GOODS), standing)
    unknown = unknown.filter(request__state__in=WAITING, request__operation=standing.operation)
    found.append(_pile(_("Not in the catalogue"), unknown, reverse("requests:unknown_items")))
    if coordinates_everything(standing) or standing.runs_installation:
        pairs = visible(DuplicatePair.objects.filter(state=PairState.OPEN), standing)
        found.append(_pile(_("Possible duplicates"), pairs, reverse("requests:duplicates")))
    return found


def _pile(title: Any, rows: QuerySet[Any], url: str, *, is_pressing: bool = False) -> Pile:
    counted = rows.order_by().values("pk")[: MOST + 1].count()
    return Pile(title, min(counted, MOST), url, is_pressing and counted > 0, counted > MOST)
