"""A proposal of who gets what: open needs of goods against what every plug offers, shared out item by item. Changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils import timezone

from aid_requests.models import RequestLine
from aid_requests.needed import open_lines
from aid_requests.planning.problem import Held, Problem, Wanted
from aid_requests.planning.solver import Answer, solve
from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.offers import Offer, offers
from komek.supplies.models import Dimension, Item

MOST_LINES = 2_000
"""The most pressing needs are planned first; the rest waits for the next proposal."""

MOST_SOURCES = 200


@dataclass
class Row:
    """One proposed promise, in the line's unit. by_hand: what the greedy answer gives the same need from the same source.

    refused: why it could not be promised, after it was tried.
    """

    line: Any
    plug: str
    offer: str
    title: str
    km: float | None
    quantity: Decimal
    by_hand: Decimal
    refused: str = ""
    is_taken: bool = True


@dataclass
class Proposal:
    """rows: by need, the most pressing first. met, served: needs that get all, and that get some; sums of quantities would mix
    items. worth: see ``planning.problem``. unmet: needs that get nothing. is_same: it is what one would do by hand.
    """

    rows: list[Row] = field(default_factory=list)
    lines: int = 0
    met: int = 0
    met_by_hand: int = 0
    served: int = 0
    served_by_hand: int = 0
    worth: float = 0.0
    worth_by_hand: float = 0.0
    unmet: list[Any] = field(default_factory=list)
    is_solved: bool = True
    is_same: bool = True


def propose(viewer: Viewer, item: Item | None = None, priorities: Sequence[str] = ()) -> Proposal:
    """Share out what is offered among the most pressing open needs, of one item or of all."""
    by_item: dict[int, list[Any]] = defaultdict(list)
    for line in _needs(viewer, item, priorities):
        by_item[line.item_id].append(line)
    made, offered = Proposal(), _offers(by_item, viewer)
    for lines in by_item.values():
        found = offered[lines[0].item_id]
        problem = problem_of(lines, [offer for _plug, offer in found])
        _add(made, lines, found, problem, solve(problem))
    made.rows.sort(key=lambda row: (row.line.request.rank, row.line.request.occurred_at, row.line.pk, -row.quantity))
    made.lines = sum(len(lines) for lines in by_item.values())
    return made


def problem_of(lines: Sequence[Any], found: Sequence[Offer]) -> Problem:
    """Lines of one item, each with ``needed``, and the offers of it, as plain data."""
    now = timezone.now()
    wanted = []
    for place, line in enumerate(lines):
        request = line.request
        point = request.location or (request.site.location if request.site is not None else None)
        until = line.wanted_by or request.wanted_by
        wanted.append(
            Wanted(
                place, float(line.needed), line.priority, line.people or request.people or 0,
                (until - now).total_seconds() / 3600 if until else None, point.x if point else None, point.y if point else None,
            )
        )  # fmt: skip
    held = [Held(one.reference, float(one.quantity), one.longitude, one.latitude) for one in found]
    counted = lines[0].item.unit.dimension == Dimension.COUNT
    return Problem(wanted, held, step=1.0 if counted else 0.001)


def _needs(viewer: Viewer, item: Item | None, priorities: Sequence[str]) -> list[Any]:
    standing = standing_of(viewer.user, viewer.operation)
    rows = visible(RequestLine.objects.exclude(item=None), standing).filter(request__operation=standing.operation)
    if item is not None:
        rows = rows.filter(item=item)
    if priorities:
        rows = rows.filter(priority__in=priorities)
    rows = open_lines(rows).select_related("request__site", "request__operation", "request__responsible", "item__unit")
    order = (F("request__rank").asc(), F("request__occurred_at").asc(), F("pk").asc())
    return list(rows.defer("request__search_key", "request__purpose").order_by(*order)[:MOST_LINES])


def _offers(item_ids: Collection[int], viewer: Viewer) -> dict[int, list[tuple[str, Offer]]]:
    """By item what every plug offers of it, with the plug's key. The number of queries does not grow with the items."""
    found: dict[int, list[tuple[str, Offer]]] = defaultdict(list)
    for plug in offers:
        for item, some in plug.of_items(item_ids, viewer, MOST_SOURCES).items():
            found[item] += [(plug.key, offer) for offer in some]
    return found


def _add(
    made: Proposal, lines: Sequence[Any], found: Sequence[tuple[str, Offer]], problem: Problem, answer: Answer
) -> None:
    given: dict[int, Decimal] = defaultdict(Decimal)
    by_hand: dict[int, Decimal] = defaultdict(Decimal)
    for (need, _source), quantity in answer.by_hand.items():
        by_hand[need] += _exact(quantity)
    for (need, source), quantity in answer.best.items():
        plug, offer = found[source]
        given[need] += _exact(quantity)
        km = problem.km(need, source) if offer.longitude is not None else None
        hand = _exact(answer.by_hand.get((need, source), 0.0))
        made.rows.append(
            Row(lines[need], plug, offer.reference, offer.public_title or offer.title, km, _exact(quantity), hand)
        )
    for need, line in enumerate(lines):
        made.met += given[need] >= line.needed
        made.met_by_hand += by_hand[need] >= line.needed
        made.served += given[need] > 0
        made.served_by_hand += by_hand[need] > 0
        if not given[need]:
            made.unmet.append(line)
    made.worth += answer.worth
    made.worth_by_hand += answer.worth_by_hand
    made.is_solved = made.is_solved and answer.is_solved
    made.is_same = made.is_same and answer.best == answer.by_hand


def _exact(quantity: float) -> Decimal:
    return Decimal(repr(round(quantity, 6)))
