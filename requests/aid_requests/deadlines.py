"""How long each step may take, by data; and what is overdue."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from aid_requests.models import OPEN_STATES, AidRequest, StepDeadline


def due_at(request: AidRequest, since: datetime) -> datetime | None:
    """When the next step of a request, in its present state since then, is due; ``None`` when nothing is."""
    found = StepDeadline.objects.filter(state=request.state, priority=request.priority).values_list("hours", flat=True)
    hours = found.first()
    return None if hours is None else since + timedelta(hours=hours)


def overdue(requests: QuerySet[AidRequest], now: datetime | None = None) -> QuerySet[AidRequest]:
    """Of these, the open ones whose next step should have been taken."""
    return requests.filter(state__in=OPEN_STATES, due_at__lt=now or timezone.now())
