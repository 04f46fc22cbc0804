"""The exercise's requests: 400 in every state, with lines, promises and what came, and messages nobody gets.

Some are overdue, some nobody answers, some are twice: what a coordinator should find.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import islice
from random import Random
from typing import Any

from django.utils import timezone

from aid_requests import exercise_words as words
from aid_requests.exercise_promises import promises
from aid_requests.lines import in_words, rank_of
from aid_requests.models import (
    AidRequest,
    Appeal,
    LineKind,
    Priority,
    RequestLine,
    RequestState,
    RequestStep,
    StepDeadline,
)
from komek.extensions.exercise import ExerciseContext
from komek.operations.exercises import write_records
from komek.records.actor import Channel
from komek.records.codes import next_codes
from komek.records.models import Approval
from komek.supplies.models import Dimension, Item
from orgs.models import Opening
from orgs.naming import search_key

S = RequestState
REQUESTS = 400
SHOWN = (S.ACCEPTED, S.PARTLY_MET)
MIX = (
    (S.SUBMITTED, 90), (S.VERIFIED, 50), (S.ACCEPTED, 70), (S.FORWARDED, 30), (S.PARTLY_MET, 60), (S.MET, 25),
    (S.CLOSED, 45), (S.REFUSED, 14), (S.CANCELLED, 12), (S.DRAFT, 4),
)  # fmt: skip
PATHS = {
    S.DRAFT: (), S.SUBMITTED: (S.SUBMITTED,), S.VERIFIED: (S.SUBMITTED, S.VERIFIED),
    S.ACCEPTED: (S.SUBMITTED, S.VERIFIED, S.ACCEPTED), S.FORWARDED: (S.SUBMITTED, S.FORWARDED),
    S.PARTLY_MET: (S.SUBMITTED, S.VERIFIED, S.ACCEPTED, S.PARTLY_MET),
    S.MET: (S.SUBMITTED, S.VERIFIED, S.ACCEPTED, S.PARTLY_MET, S.MET),
    S.CLOSED: (S.SUBMITTED, S.VERIFIED, S.ACCEPTED, S.MET, S.CLOSED), S.REFUSED: (S.SUBMITTED, S.REFUSED),
    S.CANCELLED: (S.SUBMITTED, S.VERIFIED, S.CANCELLED),
}  # fmt: skip
PRIORITIES = (Priority.LIFE, *(Priority.HIGH,) * 3, *(Priority.NORMAL,) * 5, *(Priority.LOW,) * 2)


class RequestsExercise:
    """lines_each: how many lines a request has, drawn from these."""

    key = "requests"
    order = 60

    def __init__(self, lines_each: Sequence[int] = (1, 1, 2, 2, 3)) -> None:
        self.lines_each = lines_each

    def load(self, context: ExerciseContext) -> None:
        requests = _requests(context)
        lines = _lines(context, requests, self.lines_each)
        hours = {(row.state, row.priority): row.hours for row in StepDeadline.objects.all()}
        for request in requests:
            _finish(request, request.made_lines, hours)  # type: ignore[attr-defined]
        write_records(context, "requests", requests)
        made, receipts = promises(context, requests, lines)
        write_records(context, "lines", lines)
        write_records(context, "steps", [step for one in requests for step in one.made_steps])  # type: ignore[attr-defined]
        write_records(context, "promises", made)
        write_records(context, "receipts", receipts)
        _appeal(context, lines)
        context.made["requests"] = requests


def _appeal(context: ExerciseContext, lines: list[RequestLine]) -> None:
    """One published appeal with the first needs that may be shown, so that the public's page is not empty."""
    open_ones = (one for one in lines if one.request.is_released and one.item_id and one.request.state in SHOWN)
    chosen = list(islice(open_ones, 8))
    appeal = Appeal(
        operation=context.operation, slug=words.APPEAL["slug"], title=words.APPEAL["title"], text=words.APPEAL["text"],
        texts=words.APPEAL["texts"], published_at=timezone.now(), channel=Channel.COMMAND,
    )  # fmt: skip
    appeal.save()
    appeal.lines.set(chosen)


def _requests(context: ExerciseContext) -> list[AidRequest]:
    random, count = context.random, REQUESTS * context.scale
    states = [state for state, number in MIX for _ in range(number)]
    sites = [one for one in context.made.get("camps") or context.made["sites"] if one.opening != Opening.CLOSED]
    able = [one for one in context.made["organisations"] if one.approval == Approval.APPROVED]
    made = []
    for number, code in enumerate(next_codes(AidRequest.CODE_LETTER, count)):
        state = states[number % len(states)]
        now = timezone.now()
        asked = now - timedelta(
            hours=random.uniform(1, 60) if state in (S.SUBMITTED, S.DRAFT) else random.uniform(30, 480)
        )
        request = AidRequest(
            code=code, operation=context.operation, state=state, occurred_at=asked, entered_at=asked,
            channel=random.choice((Channel.BROWSER, Channel.SMS, Channel.BROWSER, Channel.API)),
            purpose=random.choice(words.PURPOSES), people=random.choice((None, 12, 40, 150, 400, 900)),
            reporter_name=random.choice(words.REPORTERS), is_released=random.random() < 0.4 and state not in (S.DRAFT,),
            follow_key=f"{random.getrandbits(60):015x}",
        )  # fmt: skip
        if number % 8 == 7:
            district = random.choice(context.made["areas"]["affected"])
            request.area, request.location, request.landmark = district, district.centre, random.choice(words.LANDMARKS)
        else:
            request.site = random.choice(sites)
            request.area_id, request.asked_by_id = request.site.area_id, request.site.organisation_id
        if number % 17 != 3:
            request.responsible = random.choice(able[:20])
        request.made_steps = _steps(request, now, random)  # type: ignore[attr-defined]
        made.append(request)
    return made


def _steps(request: AidRequest, now: Any, random: Random) -> list[RequestStep]:
    path = PATHS[RequestState(request.state)]
    moments = sorted(request.occurred_at + (now - request.occurred_at) * random.random() * 0.9 for _ in path[1:])
    steps, before = [], ""
    for after, moment in zip(path, [request.occurred_at, *moments][: len(path)], strict=True):
        steps.append(
            RequestStep(
                request=request, operation=request.operation, before=before, after=after, occurred_at=moment,
                channel=Channel.COMMAND, reason=words.REASONS.get(after, ""),
                forwarded_to=request.responsible if after == S.FORWARDED else None,
            )
        )  # fmt: skip
        before = after
    request.state_since = steps[-1].occurred_at if steps else None
    return steps


def _lines(context: ExerciseContext, requests: list[AidRequest], lines_each: Sequence[int]) -> list[RequestLine]:
    random = context.random
    items = list(Item.objects.filter(is_active=True).select_related("unit").order_by("code")[:40])
    made = []
    for request in requests:
        request.made_lines = []  # type: ignore[attr-defined]
        for order in range(random.choice(lines_each)):
            line = RequestLine(
                request=request, order=order, priority=random.choice(PRIORITIES), people=request.people,
                wanted_by=request.occurred_at + timedelta(days=random.uniform(2, 30)) if random.random() < 0.7 else None,
            )  # fmt: skip
            _what(line, items, random)
            request.made_lines.append(line)  # type: ignore[attr-defined]
            made.append(line)
    return made


def _what(line: RequestLine, items: list[Item], random: Random) -> None:
    chance = random.random()
    if items and chance < 0.8:
        item = random.choice(items)
        counted = item.unit.dimension == Dimension.COUNT
        line.item, line.unit = item, item.unit.symbol
        line.quantity = Decimal(random.choice((20, 50, 100, 200, 350, 600) if counted else (50, 100, 250, 500, 2000)))
    elif chance < 0.9:
        line.kind, line.skill = LineKind.PEOPLE, random.choice(words.SKILLS)
        line.quantity = Decimal(random.randint(1, 6))
    else:
        line.kind, line.description = random.choice(words.SERVICES)
        line.quantity = Decimal(random.randint(1, 4) if line.kind != LineKind.GOODS else 30)


def _finish(request: AidRequest, lines: list[RequestLine], hours: dict[tuple[str, str], int]) -> None:
    """What a request takes over from its lines, without asking the database for each."""
    request.priority = min((Priority(line.priority) for line in lines), key=lambda priority: priority.rank)
    request.wanted_by = min((line.wanted_by for line in lines if line.wanted_by), default=None)
    request.rank = rank_of(request)
    request.title = ", ".join(in_words(line) for line in lines)[:200]
    most = hours.get((request.state, request.priority))
    request.due_at = request.state_since + timedelta(hours=most) if most and request.state_since else None
    request.search_key = search_key([request.title, request.purpose, request.landmark, str(request.site or "")])


PLUGS = [RequestsExercise()]
