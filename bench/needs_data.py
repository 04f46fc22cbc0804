"""The invented requests, promises and pledges that ``needs.py`` measures on: the exercise's own mix, many times over, by COPY."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any

AT_ONCE = 10_000
"""So many requests are made in one go: what they need in memory stays within a few hundred megabytes."""

APPEAL = "bench-appeal"
PHONES = 20_000
PAIRS = 1_000


def make(operation: Any, requests: int, pledges: int) -> None:
    """What is missing of so many requests of three lines each and so many pledges; then an appeal that the public sees.

    operation: with the exercise in it. It is made a real one, so that the public pages have something to show.
    """
    from aid_requests.models import AidRequest, Appeal
    from komek.records.actor import Actor, Channel
    from volunteers.models import Pledge

    by = Actor(user=None, channel=Channel.COMMAND, name="bench", reason="bench")
    held = {"operation": operation}
    more_requests = requests - AidRequest.objects.filter(**held).count()
    more_pledges = pledges - Pledge.objects.filter(**held).count()
    if more_requests <= 0 and more_pledges <= 0 and Appeal.objects.filter(slug=APPEAL).exists():
        return
    with timed(f"{max(more_requests, 0)} requests"):
        for first in range(0, more_requests, AT_ONCE):
            _requests(by, operation, min(AT_ONCE, more_requests - first), first)
    with timed(f"{max(more_pledges, 0)} pledges"):
        _pledges(by, operation, more_pledges)
    with timed("reporters, pairs, an appeal"):
        _beside(by, operation)
    with timed("VACUUM ANALYZE"):
        _settle()


@contextmanager
def timed(what: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    print(f"made {what} in {time.perf_counter() - began:.0f} s", flush=True)


def _requests(by: Any, operation: Any, count: int, first: int) -> None:
    from django.db import transaction

    from aid_requests.exercise import REQUESTS, RequestsExercise
    from komek.records.actor import acting

    context = _context(operation, -(-count // REQUESTS), f"requests {first}")
    with transaction.atomic(), acting(by):
        RequestsExercise(lines_each=(3,)).load(context)
    print(f"  {first + count}", flush=True)


def _pledges(by: Any, operation: Any, count: int) -> None:
    from django.db import transaction

    from komek.records.actor import acting
    from volunteers.exercise import PLEDGES, PledgesExercise

    if count <= 0:
        return
    with transaction.atomic(), acting(by):
        PledgesExercise().load(_context(operation, -(-count // PLEDGES), "pledges"))


def _context(operation: Any, scale: int, seed: str) -> Any:
    """What the exercise's parts before this one left, read from the database."""
    from camps.models import Camp
    from komek.extensions.exercise import ExerciseContext
    from orgs.models import Organisation

    areas = list(operation.affected_areas.exclude(centre=None).order_by("pk"))
    made = {
        "camps": list(Camp.objects.filter(operation=operation).order_by("pk")),
        "organisations": list(Organisation.objects.filter(operation=operation).order_by("pk")),
        "areas": {"affected": areas},
    }
    return ExerciseContext(operation, scale, Random(seed), lambda *_: None, made)


def _beside(by: Any, operation: Any) -> None:
    """Every third request is reported from one of 20,000 phones; some pairs look alike; an appeal is published."""
    import pgtrigger
    from django.db import connection, transaction
    from django.utils import timezone

    from aid_requests.models import AidRequest, Appeal, DuplicatePair, RequestLine
    from komek.operations.models import Operation
    from komek.records.actor import acting
    from komek.records.copying import create_many

    with transaction.atomic(), acting(by):
        with pgtrigger.ignore("operations.Operation:kind_is_fixed"):
            Operation.objects.filter(pk=operation.pk).update(is_exercise=False)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE requests_aidrequest SET reporter_phone = '+99365' || lpad((id * 7919 %% %s)::text, 6, '0')"
                " WHERE operation_id = %s AND id %% 3 = 0 AND reporter_phone = ''",
                [PHONES, operation.pk],
            )
        keys = list(AidRequest.objects.filter(operation=operation, state="submitted").values_list("pk", flat=True))
        twos = list(zip(keys[: 2 * PAIRS : 2], keys[1 : 2 * PAIRS : 2], strict=False))
        if not DuplicatePair.objects.filter(operation=operation).exists():
            create_many([
                DuplicatePair(operation=operation, first_id=one, second_id=other, likeness=0.6 + 0.4 * place / PAIRS, why=["place"])
                for place, (one, other) in enumerate(twos)
            ])  # fmt: skip
        appeal, _made = Appeal.objects.get_or_create(
            slug=APPEAL, operation=operation,
            defaults={"title": "Winter", "published_at": timezone.now() - timedelta(days=1), "channel": "command"},
        )  # fmt: skip
        released = RequestLine.objects.filter(request__operation=operation, request__is_released=True)
        appeal.lines.set(released.order_by("pk")[:40])


def _settle() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
