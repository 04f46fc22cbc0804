"""What the public may know: needs that the requester released, in real operations. Never who asks, nor the exact place."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from aid_requests.models import Appeal, RequestLine
from aid_requests.needed import open_lines, with_figures
from komek.supplies.models import Item


def released(lines: QuerySet[RequestLine]) -> QuerySet[RequestLine]:
    """Of these, what the requester lets the public see. Of an exercise too: there appeals are practised, not shown."""
    return lines.filter(request__is_released=True, request__is_false=False, request__merged_into=None)


def in_public(lines: QuerySet[RequestLine]) -> QuerySet[RequestLine]:
    """Released lines of real operations that go on. Exercises are never public."""
    return released(lines).filter(request__operation__is_exercise=False, request__operation__ended_at=None)


def practised(operation: Any) -> Any:
    """The exercise that this reader takes part in, else ``None``. There the public's pages are practised, under its mark."""
    return operation if operation and operation.is_exercise and operation.ended_at is None else None


def public_needs(text: str = "", exercise: Any = None) -> QuerySet[Any]:
    """Released lines of which something is still needed, the most pressing first; with an exercise, of it alone."""
    every = RequestLine.objects.all()
    rows = open_lines(in_public(every) if exercise is None else released(every).filter(request__operation=exercise))
    if text:
        items = list(Item.objects.filter(name__icontains=text).order_by().values_list("pk", flat=True))
        rows = rows.filter(Q(item__in=items) | Q(description__icontains=text) | Q(skill__icontains=text))
    rows = rows.select_related("item__unit", "request__area", "request__operation").defer(
        "request__area__geometry", "request__search_key", "request__reporter_name", "request__reporter_phone"
    )
    return rows.order_by("request__rank", "request__occurred_at", "pk")


def lines_of(appeal: Appeal) -> list[Any]:
    """The needs of an appeal as the public sees them, with ``percent`` of what came or is promised."""
    rows = with_figures(released(appeal.lines.all())).select_related("item__unit", "request__area")
    found = list(rows.defer("request__area__geometry").order_by("request__rank", "pk"))
    for line in found:
        line.percent = percent_of(line)  # type: ignore[attr-defined]
    return found


def percent_of(line: Any) -> int:
    """How much of a line came or is promised, 0 to 100; a line that is closed needs nothing."""
    if not line.is_open:
        return 100
    return min(100, int(100 * (line.quantity - line.needed) / line.quantity))


def progress_of(lines: list[Any]) -> int:
    """Of several needs, each counting the same, 0 to 100: units of different things are never added up."""
    return sum(line.percent for line in lines) // len(lines) if lines else 0
