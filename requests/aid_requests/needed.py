"""Still needed = asked − received − open commitments, never less than 0.

Derived here for every decision and for the rows at hand. Where very many lines are looked through, the database keeps the same
figures beside the lines (``models.figures``); ``kept_figures`` compares the two.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Case, DecimalField, F, OuterRef, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest

from aid_requests.models import HOLDING, OPEN_STATES, AidRequest, Commitment, LineFigures, LineKind, RequestLine

AMOUNT: DecimalField[Any, Any] = DecimalField(max_digits=20, decimal_places=6)
NONE = Decimal(0)

HELD = Greatest(F("quantity") - F("received") - F("short"), Value(NONE), output_field=AMOUNT)
"""What one commitment still holds for its line, as long as it is open or on the way."""


def held_by(commitment: Commitment) -> Decimal:
    """As ``HELD``, for a commitment at hand; nothing when it ended."""
    if commitment.state not in HOLDING:
        return NONE
    return max(commitment.quantity - commitment.received - commitment.short, NONE)


def promised_to(line: RequestLine) -> Decimal:
    """What is promised to a line and has not come yet, in its unit."""
    return line.commitments.filter(state__in=HOLDING).aggregate(sum=Sum(HELD))["sum"] or NONE


def rest_of(quantity: Decimal, received: Decimal, promised: Decimal) -> Decimal:
    """The formula itself, in the line's unit."""
    return max(quantity - received - promised, NONE)


def still_needed(line: RequestLine) -> Decimal:
    """Of a line, in its unit; 0 when nobody needs more of it."""
    return rest_of(line.quantity, line.received, promised_to(line)) if line.is_open else NONE


def with_figures(lines: QuerySet[RequestLine]) -> QuerySet[RequestLine]:
    """Lines with ``promised`` and ``needed``, from the database."""
    held = Commitment.objects.filter(line=OuterRef("pk"), state__in=HOLDING).order_by().values("line")
    promised = Coalesce(Subquery(held.annotate(sum=Sum(HELD)).values("sum")), Value(NONE), output_field=AMOUNT)
    rest = Greatest(F("quantity") - F("received") - F("promised"), Value(NONE), output_field=AMOUNT)
    return lines.annotate(promised=promised).annotate(
        needed=Case(When(is_open=True, then=rest), default=Value(NONE), output_field=AMOUNT)
    )


def open_lines(lines: QuerySet[RequestLine] | None = None) -> QuerySet[Any]:
    """Lines of open requests of which something is still needed, with ``promised`` and ``needed``.

    Found by the figures that the database keeps beside the derivation (``models.figures``): there may be very many.
    """
    rows = RequestLine.objects.all() if lines is None else lines
    rows = rows.filter(figures__needed__gt=0, request__state__in=OPEN_STATES, request__merged_into=None)
    return rows.annotate(promised=F("figures__promised"), needed=F("figures__needed"))


def open_figures() -> QuerySet[LineFigures]:
    """The same as figures alone, for sums."""
    rows = LineFigures.objects.filter(needed__gt=0)
    return rows.filter(request__state__in=OPEN_STATES, request__merged_into=None)


def lines_with_figures(record: AidRequest) -> list[RequestLine]:
    """The lines of one request, each with ``promised``, ``needed`` and ``is_unknown``: not in the catalogue."""
    found = list(with_figures(record.lines.select_related("item__unit", "sector")))
    for line in found:
        line.is_unknown = line.item_id is None and line.kind == LineKind.GOODS  # type: ignore[attr-defined]
    return found
