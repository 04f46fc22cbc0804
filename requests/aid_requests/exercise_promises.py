"""The exercise's promises and receipts, so that what is received, promised and still needed agrees with each request's state."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.utils import timezone

from aid_requests import exercise_words as words
from aid_requests.models import (
    AidRequest,
    Commitment,
    CommitmentState,
    LineKind,
    Receipt,
    RequestLine,
    RequestState,
    Source,
)
from komek.extensions.exercise import ExerciseContext
from komek.records.actor import Channel
from komek.records.models import Approval

S, C = RequestState, CommitmentState


def promises(
    context: ExerciseContext, requests: list[AidRequest], lines: list[RequestLine]
) -> tuple[list[Commitment], list[Receipt]]:
    """Not stored yet; fills in what each line received."""
    random = context.random
    givers = [one for one in context.made["organisations"] if one.approval == Approval.APPROVED]
    made: list[Commitment] = []
    receipts: list[Receipt] = []

    def promise(line: RequestLine, quantity: Decimal, state: str) -> Commitment | None:
        if quantity <= 0:
            return None
        one = _commitment(line, quantity, state, random.choice(givers), random)
        made.append(one)
        if state == C.RECEIVED:
            short = _part(quantity, random) if random.random() < 0.25 else Decimal(0)
            one.received, one.short = quantity - short, short
            one.reason = random.choice(words.SHORT) if short else ""
            one.ended_at = line.request.state_since
            receipts.append(_receipt(one, random))
            line.received += one.received
        return one

    for request in requests:
        for place, line in enumerate(request.made_lines):  # type: ignore[attr-defined]
            _promise_line(request, line, place, promise, random)
    return made, receipts


def _promise_line(request: AidRequest, line: RequestLine, place: int, promise: Any, random: Random) -> None:
    state, whole = RequestState(request.state), line.quantity
    if state in (S.MET, S.CLOSED):
        while line.received < whole:
            promise(line, whole - line.received, C.RECEIVED)
    elif state == S.PARTLY_MET:
        if place == 0:
            promise(line, _part(whole, random), C.RECEIVED)
        if random.random() < 0.5:
            promise(line, _part(whole - line.received, random), random.choice((C.ON_THE_WAY, C.OPEN)))
    elif state == S.ACCEPTED and random.random() < 0.6:
        promise(line, _part(whole, random), random.choice((C.OPEN, C.ON_THE_WAY, C.LAPSED, C.OPEN)))
    elif state == S.CANCELLED and random.random() < 0.5:
        promise(line, _part(whole, random), C.RELEASED)


def _part(whole: Decimal, random: Random) -> Decimal:
    """Some of it, whole units; never all."""
    return Decimal(int(whole * Decimal(random.choice(("0.2", "0.4", "0.5", "0.8")))))


def _commitment(line: RequestLine, quantity: Decimal, state: str, giver: Any, random: Random) -> Commitment:
    request, now = line.request, timezone.now()
    source = Source.VOLUNTEER if line.kind == LineKind.PEOPLE else random.choice((Source.PURCHASE, Source.OTHER))
    until = now + timedelta(hours=random.uniform(6, 100)) if state == C.OPEN else request.state_since
    return Commitment(
        line=line, operation=request.operation, source=source, organisation=giver, quantity=quantity, state=state, until=until,
        occurred_at=request.state_since, channel=Channel.COMMAND,
        ended_at=request.state_since if state in (C.LAPSED, C.RELEASED) else None,
        reason=request.made_steps[-1].reason if state == C.RELEASED else "",
    )  # fmt: skip


def _receipt(one: Commitment, random: Random) -> Receipt:
    return Receipt(
        line=one.line, commitment=one, operation=one.operation, quantity=one.received, explanation=one.reason,
        reported_by=random.choice(words.REPORTERS), occurred_at=one.line.request.state_since, channel=Channel.COMMAND,
    )  # fmt: skip
