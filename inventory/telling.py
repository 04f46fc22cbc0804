"""Telling who asked for goods what became of them, through the socket ``arrivals``, in the transaction in which it happens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Sum
from django.utils import timezone

from inventory.models import Consignment, ConsignmentLine, Delivery
from komek.extensions.arrivals import Arrival, Event, arrivals
from komek.records.actor import Actor

NONE = Decimal(0)


@dataclass(frozen=True)
class Outcome:
    """What became of one line, in the item's base unit. Of a delivery: only what this delivery accounts for."""

    line: ConsignmentLine
    sent: Decimal
    received: Decimal = NONE
    explanation: str = ""


def reservation_name(line: ConsignmentLine) -> str:
    """The name under which the goods of this line were held, as the plug of the socket ``offers`` gave it."""
    return str(line.reservation_id or "")


def tell_dispatched(consignment: Consignment, *, by: Actor) -> None:
    """The goods have left."""
    loaded = dict(consignment.parcels.values_list("line").annotate(total=Sum("quantity")))
    rows = [Outcome(line, loaded.get(line.pk, NONE)) for line in _lines(consignment)]
    _tell(Event.DISPATCHED, consignment, rows, at=consignment.dispatched_at or timezone.now(), by=by)


def tell_received(delivery: Delivery, *, by: Actor) -> None:
    """Goods have come: per line what this delivery accounts for, and how much of it in good order."""
    lines: dict[int, Outcome] = {}
    for row in delivery.lines.select_related("parcel__line__item").order_by("pk"):
        before = lines.get(row.parcel.line_id, Outcome(row.parcel.line, NONE))
        words = (before.explanation, row.explanation)
        lines[row.parcel.line_id] = Outcome(
            row.parcel.line,
            before.sent + row.good + row.damaged + row.short - row.over,
            before.received + row.good,
            "; ".join(dict.fromkeys(word for word in words if word)),
        )
    _tell(Event.RECEIVED, delivery.consignment, lines.values(), at=delivery.occurred_at, by=by, part=f"-{delivery.pk}")


def tell_cancelled(consignment: Consignment, *, by: Actor) -> None:
    """The goods will not come."""
    rows = [Outcome(line, line.quantity, explanation=consignment.cancel_reason) for line in _lines(consignment)]
    _tell(Event.CANCELLED, consignment, rows, at=timezone.now(), by=by)


def _lines(consignment: Consignment) -> Iterable[ConsignmentLine]:
    return consignment.lines.select_related("item", "reservation").order_by("order", "pk")


def _tell(
    event: Event, consignment: Consignment, rows: Iterable[Outcome], *, at: datetime, by: Actor, part: str = ""
) -> None:
    for row in rows:
        name = reservation_name(row.line)
        if not consignment.request_reference and not name:
            continue
        arrival = Arrival(
            event=event, key=f"{consignment.code}-{event}-{row.line.pk}{part}",
            request_reference=consignment.request_reference, reservation=name, item_id=row.line.item_id,
            sent=row.sent, received=row.received, explanation=row.explanation, at=at, delivery=consignment.code,
            url=consignment.get_absolute_url(), plug="inventory.stock" if name else "",
        )  # fmt: skip
        for plug in arrivals:
            plug.told(arrival, by=by)
