"""How long each step may take, by data; and what is overdue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from aid_requests.models import OPEN_STATES, AidRequest, Priority, RequestState, StepDeadline
from aid_requests.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting

WAITING = (*OPEN_STATES, RequestState.MET)
"""States in which somebody has to take the next step: a request that is met waits for the requester to confirm."""

MOST_HOURS = 24 * 90


def due_at(request: AidRequest, since: datetime) -> datetime | None:
    """When the next step of a request, in its present state since then, is due; ``None`` when nothing is."""
    if request.state not in WAITING:
        return None
    found = StepDeadline.objects.filter(state=request.state, priority=request.priority).values_list("hours", flat=True)
    hours = found.first()
    return None if hours is None else since + timedelta(hours=hours)


def overdue(requests: QuerySet[AidRequest], now: datetime | None = None) -> QuerySet[AidRequest]:
    """Of these, the ones whose next step should have been taken."""
    return requests.filter(state__in=WAITING, due_at__lt=now or timezone.now())


@transaction.atomic
def set_deadlines(*, by: Actor, operation: Any, hours: Mapping[tuple[str, str], int | None]) -> int:
    """Say how many hours a request of a priority may stay in a state; ``None`` for as long as it takes.

    hours: (state, priority) → hours. Open requests get their new deadlines at once; returns how many rules changed.
    Raises Refused or NotAllowed.
    """
    require(standing_of(by.user, operation), Action.CHANGE, StepDeadline)
    for (state, priority), number in hours.items():
        if state not in WAITING or priority not in Priority.values:
            raise TypeError(f"no such step or priority: {state}, {priority}")
        if number is not None and not 1 <= number <= MOST_HOURS:
            raise Refused({"hours": _("Give between 1 and %(most)s hours.") % {"most": MOST_HOURS}})
    known = {(row.state, row.priority): row for row in StepDeadline.objects.select_for_update()}
    changed = 0
    with acting(by):
        for key, number in hours.items():
            row = known.get(key)
            if (row.hours if row else None) == number:
                continue
            changed += 1
            _keep(row, key, number)
            _date_anew(*key, number)
    return changed


def _keep(row: StepDeadline | None, key: tuple[str, str], number: int | None) -> None:
    if number is None and row is not None:
        row.delete()
    elif row is not None and number is not None:
        row.hours = number
        row.save()
    elif number is not None:
        StepDeadline.objects.create(state=key[0], priority=key[1], hours=number)


def _date_anew(state: str, priority: str, number: int | None) -> None:
    rows = AidRequest.objects.filter(state=state, priority=priority)
    if number is None:
        rows.update(due_at=None)
        return
    wait = Value(timedelta(hours=number), output_field=DurationField())
    rows.update(due_at=ExpressionWrapper(F("state_since") + wait, output_field=DateTimeField()))
