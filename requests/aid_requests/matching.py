"""What could meet a line: the offers of every plug, ranked, with what each would leave for others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from aid_requests.models import RequestLine
from aid_requests.needed import open_figures, still_needed
from komek.extensions import Viewer
from komek.extensions.offers import Need, Offer, offers

MOST_OFFERS = 30
"""How many offers of one plug are looked at."""


@dataclass(frozen=True)
class Match:
    """One offer for a line, in the line's unit. takes: what is suggested to promise; leaves: what the source keeps then.

    covers: the offer is enough for all that is still needed.
    """

    plug: str
    plug_title: Any
    offer: Offer
    takes: Decimal
    leaves: Decimal
    covers: bool

    @property
    def away(self) -> str:
        return kilometres(self.offer.distance_m)


@dataclass(frozen=True)
class Matches:
    """needed: by the line; by_others: still needed of the same item elsewhere in the operation; found: best first."""

    needed: Decimal
    by_others: Decimal
    found: Sequence[Match]


def matches_for(line: RequestLine, viewer: Viewer, needed: Decimal | None = None) -> Matches:
    """Offers for what is still needed of a line: nearest first, at the same place the first to expire."""
    if needed is None:
        needed = still_needed(line)
    found: list[Match] = []
    if needed > 0:
        need = need_of(line, needed)
        for plug in offers:
            for offer in plug.find(need, viewer, MOST_OFFERS):
                takes = min(needed, offer.quantity)
                found.append(Match(plug.key, plug.title, offer, takes, offer.quantity - takes, takes >= needed))
    found.sort(key=_rank)
    return Matches(needed, _needed_by_others(line), found)


def need_of(line: RequestLine, quantity: Decimal) -> Need:
    """The line as the plugs of the socket ``offers`` understand it."""
    request = line.request
    point = request.location or (request.site.location if request.site is not None else None)
    wanted = line.wanted_by or request.wanted_by
    return Need(
        item_id=line.item_id, skill=(line.skill or line.description or None) if line.item_id is None else None,
        quantity=quantity, longitude=point.x if point else None, latitude=point.y if point else None,
        wanted_by=timezone.localdate(wanted) if wanted else None,
    )  # fmt: skip


def kilometres(distance_m: float | None) -> str:
    """A distance in metres as people say it."""
    if distance_m is None:
        return _("not known")
    return _("%(km)s km") % {"km": number_format(distance_m / 1000, 0 if distance_m >= 10_000 else 1)}


def _needed_by_others(line: RequestLine) -> Decimal:
    if line.item_id is None:
        return Decimal(0)
    rows = open_figures().filter(item=line.item_id, request__operation=line.request.operation_id)
    return rows.exclude(line=line).aggregate(sum=Sum("needed"))["sum"] or Decimal(0)


def _rank(match: Match) -> tuple[Any, ...]:
    """Nearest first (to the kilometre), then the first to expire, then what covers all."""
    offer = match.offer
    away = offer.distance_m
    day = offer.usable_until
    return (
        away is None, round((away or 0) / 1000), day is None, day.toordinal() if day else 0, not match.covers,
        match.plug, offer.reference,
    )  # fmt: skip
