"""What piled up: how many requests wait for what, each leading to its list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aid_requests.deadlines import WAITING
from aid_requests.models import AidRequest, DuplicatePair, LineKind, PairState, RequestLine, RequestState
from komek.accounts.authority import Standing, visible
from orgs.policies import coordinates_everything


@dataclass(frozen=True)
class Pile:
    """title, how many, where to look at them; pressing: something should be done now."""

    title: Any
    count: int
    url: str
    pressing: bool = False


def piles(standing: Standing) -> list[Pile]:
    """The piles a coordinator looks at first; three queries, however many requests there are."""
    waiting = visible(AidRequest.objects.filter(state__in=WAITING), standing)
    counted = waiting.aggregate(
        undecided=Count("pk", filter=Q(state__in=(RequestState.SUBMITTED, RequestState.FORWARDED))),
        overdue=Count("pk", filter=Q(due_at__lt=timezone.now())),
        unrouted=Count("pk", filter=Q(responsible=None)),
        mine=Count("pk", filter=Q(claimed_by=standing.user)),
    )
    address = reverse("requests:requests")
    found = [
        Pile(_("To be decided"), counted["undecided"], f"{address}?state=submitted&state=forwarded"),
        Pile(_("Overdue"), counted["overdue"], f"{address}?is_overdue=true", pressing=counted["overdue"] > 0),
        Pile(_("Nobody answers"), counted["unrouted"], f"{address}?is_open=true&is_unrouted=true"),
        Pile(_("I work on"), counted["mine"], f"{address}?is_mine=true"),
    ]
    unknown = visible(RequestLine.objects.filter(item=None, kind=LineKind.GOODS), standing)
    unknown = unknown.filter(request__state__in=WAITING, request__operation=standing.operation)
    found.append(Pile(_("Not in the catalogue"), unknown.count(), reverse("requests:unknown_items")))
    if coordinates_everything(standing) or standing.runs_installation:
        pairs = visible(DuplicatePair.objects.filter(state=PairState.OPEN), standing).count()
        found.append(Pile(_("Possible duplicates"), pairs, reverse("requests:duplicates")))
    return found
