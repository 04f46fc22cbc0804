"""Plug for ``arrivals``: what was sent to a request counts on its line as it leaves, as it comes, and when it will not come."""

from __future__ import annotations

from typing import Any

from aid_requests import promisers
from aid_requests.committing import end
from aid_requests.life_cycle import locked_request
from aid_requests.models import HOLDING, AidRequest, Commitment, CommitmentState, Receipt, RequestLine, Source
from aid_requests.needed import held_by, still_needed
from aid_requests.receipts import TOLD, take_in
from komek.extensions.arrivals import Arrival, Event
from komek.records.actor import Actor, acting


class RequestsArrivals:
    key = "requests"

    def told(self, arrival: Arrival, *, by: Any) -> None:
        """The sender was checked; whoever receives goods need not handle the request they answer."""
        commitment = _commitment(arrival)
        line = commitment.line if commitment is not None else _line(arrival)
        if line is None:
            return
        request = locked_request(line.request)
        line = RequestLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
        line.request = request
        if commitment is not None:
            commitment = Commitment.objects.select_for_update(of=("self",)).get(pk=commitment.pk)
            commitment.line = line
        if arrival.event == Event.DISPATCHED:
            _left(arrival, line, commitment, by)
        elif arrival.event == Event.RECEIVED:
            _came(arrival, line, commitment, by)
        elif commitment is not None and commitment.state in HOLDING:
            end(
                by=by, commitment=commitment, state=CommitmentState.RELEASED, reason=arrival.explanation,
                event=promisers.CANCELLED,
            )  # fmt: skip


def _left(arrival: Arrival, line: RequestLine, commitment: Commitment | None, by: Actor) -> None:
    """It is on the way: also when the promise had lapsed, or nobody had written one down."""
    if commitment is None:
        quantity = min(arrival.sent, still_needed(line))
        if quantity <= 0:
            return
        commitment = Commitment(
            line=line, operation=line.request.operation, source=Source.CONSIGNMENT, quantity=quantity, until=arrival.at,
            title=arrival.delivery,
        )  # fmt: skip
        commitment.stamp(by)
    elif commitment.state in (CommitmentState.ON_THE_WAY, CommitmentState.RECEIVED):
        return
    elif 0 < arrival.sent < commitment.quantity:
        commitment.short = commitment.quantity - commitment.received - arrival.sent
    commitment.state, commitment.ended_at, commitment.reason = CommitmentState.ON_THE_WAY, None, ""
    commitment.delivery, commitment.delivery_url = arrival.delivery[:40], arrival.url[:200]
    with acting(by):
        commitment.save()
    promisers.tell_of(promisers.ON_THE_WAY, by=by, commitment=commitment, quantity=held_by(commitment))


def _came(arrival: Arrival, line: RequestLine, commitment: Commitment | None, by: Actor) -> None:
    receipt = Receipt(
        line=line, operation=line.request.operation, commitment=commitment, explanation=arrival.explanation[:300],
        occurred_at=arrival.at, reported_by="" if by.user else arrival.delivery, key=f"{TOLD}{arrival.key}",
    )  # fmt: skip
    take_in(by=by, receipt=receipt, quantity=arrival.received, sent=arrival.sent)


def _commitment(arrival: Arrival) -> Commitment | None:
    """The promise this answers: by the name it is held under, else by the delivery that brings this item to the request."""
    rows = Commitment.objects.select_related("line__request").order_by("-pk")
    if arrival.reservation and arrival.plug:
        # Two plugs may give the same name to what they hold.
        found = rows.filter(reservation=arrival.reservation, plug=arrival.plug).first()
        if found is not None:
            return found
    request = _request(arrival)
    if request is None or arrival.item_id is None:
        return None
    return rows.filter(
        line__request=request, line__item=arrival.item_id, delivery=arrival.delivery, reservation=""
    ).first()


def _line(arrival: Arrival) -> RequestLine | None:
    """The request's line for this item, an open one first. What the catalogue does not know is found by its promise alone."""
    request = _request(arrival)
    if request is None or arrival.item_id is None:
        return None
    rows = request.lines.filter(item=arrival.item_id).select_related("request")
    return rows.order_by("-is_open", "order", "pk").first()


def _request(arrival: Arrival) -> AidRequest | None:
    """The request that the goods answer, or the one that it was merged into."""
    rows = AidRequest.objects.select_related("merged_into").filter(code=arrival.request_reference)
    request = rows.first() if arrival.request_reference else None
    return request and (request.merged_into or request)


PLUGS = [RequestsArrivals()]
