"""Telling those who asked for something what became of a pledge promised to them, through the socket ``arrivals``."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from komek.extensions.arrivals import Arrival, Event, arrivals
from komek.records.actor import Actor
from volunteers.models import PledgeReceipt, PledgeUse

NOTHING = Decimal(0)


def tell_dispatched(use: PledgeUse, *, by: Actor) -> None:
    """A promised part is on its way."""
    _tell(use, Event.DISPATCHED, key="sent", sent=use.quantity - use.received, received=NOTHING, by=by)


def tell_received(receipt: PledgeReceipt, *, by: Actor) -> None:
    """A promised part came, or some of it. When it is the last of it, what is short is said to have been sent as well."""
    use = receipt.use
    if use is None:
        return
    missing = max(use.quantity - use.received, NOTHING) if use.ended_at is not None else NOTHING
    _tell(
        use, Event.RECEIVED, key=f"came.{receipt.pk}", sent=receipt.quantity + missing, received=receipt.quantity,
        explanation=receipt.note, by=by, at=receipt.occurred_at,
    )  # fmt: skip


def tell_cancelled(use: PledgeUse, *, by: Actor, explanation: str) -> None:
    """A promised part, or what is left of it, will not come."""
    rest = max(use.quantity - use.received, NOTHING)
    _tell(use, Event.CANCELLED, key="cancelled", sent=rest, received=NOTHING, explanation=explanation, by=by)


def _tell(
    use: PledgeUse,
    event: Event,
    *,
    key: str,
    sent: Decimal,
    received: Decimal,
    by: Actor,
    explanation: str = "",
    at: datetime | None = None,
) -> None:
    pledge = use.pledge
    if not use.reference:
        return
    arrival = Arrival(
        event=event, key=f"pledge.{pledge.code}.{use.pk}.{key}", request_reference=use.reference, reservation=str(use.pk),
        item_id=pledge.item_id, sent=sent, received=received, explanation=explanation, at=at or timezone.now(),
        delivery=pledge.code, url=pledge.get_absolute_url(), plug="volunteers.pledges",
    )  # fmt: skip
    for plug in arrivals:
        plug.told(arrival, by=by)
