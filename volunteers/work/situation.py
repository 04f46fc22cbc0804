"""Plug for ``situation``: volunteers at work, and the hours they gave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.authority import standing_of, visible
from komek.extensions import Viewer
from komek.extensions.situation import Figure
from volunteers.models import Assignment, AssignmentState, Task, TaskState


class TaskFigures:
    key = "volunteers.tasks"
    title = gettext_lazy("Tasks of volunteers")

    def figures(self, viewer: Viewer, day: date, area_ids: Sequence[int] | None = None) -> Sequence[Figure]:
        """Of tasks that began on that day: how many, and the volunteers and hours in them. Numbers only, for all who work here."""
        if viewer.operation is None:
            return []
        begins = timezone.make_aware(datetime.combine(day, time.min))
        tasks = visible(Task.objects.all(), standing_of(viewer.user, viewer.operation)).exclude(
            state=TaskState.CANCELLED
        )
        tasks = tasks.filter(starts_at__gte=begins, starts_at__lt=begins + timedelta(days=1)).order_by()
        if area_ids is None:
            return _figures(None, tasks)
        return [figure for area_id in area_ids for figure in _figures(area_id, tasks.filter(area_id=area_id))]


def _figures(area_id: int | None, tasks: Any) -> list[Figure]:
    counted = tasks.aggregate(n=Count("pk"), at=Max("updated_at"))
    there = (AssignmentState.WORKING, AssignmentState.DONE)
    work = Assignment.objects.filter(task__in=tasks, state__in=there).order_by()
    worked = work.aggregate(people=Count("volunteer", distinct=True), hours=Sum("hours"), at=Max("updated_at"))
    as_of = max(filter(None, (counted["at"], worked["at"])), default=None)
    source = _("Register of volunteers")
    return [
        Figure("volunteer_tasks", _("Tasks of volunteers"), Decimal(counted["n"]), _("tasks"), area_id, as_of, source),
        Figure(
            "volunteers_at_work",
            _("Volunteers at work"),
            Decimal(worked["people"]),
            _("people"),
            area_id,
            as_of,
            source,
        ),
        Figure(
            "volunteer_hours",
            _("Hours volunteers worked"),
            worked["hours"] or Decimal(0),
            _("hours"),
            area_id,
            as_of,
            source,
        ),
    ]
