"""Tasks in the search box, and on the coordinator's desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from komek.accounts.authority import Standing, standing_of, visible
from komek.extensions import Viewer
from komek.extensions.alerts import Alert
from komek.extensions.search import Hit
from orgs.filters import matching_text
from volunteers.models import GOING_ON, TAKEN, Assignment, AssignmentState, Task
from volunteers.policies import HANDLERS, decides
from volunteers.work.filters import lacking, unfinished
from volunteers.work.telling import in_short, moment

OVERDUE = timedelta(hours=2)


class TaskSearch:
    key = "volunteers.tasks"
    title = gettext_lazy("Tasks")

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Hit]:
        rows = visible(Task.objects.select_related("site", "area"), standing_of(viewer.user, viewer.operation))
        code = text.upper().replace(" ", "")
        return [
            Hit(
                row.title, row.get_absolute_url(), self.title, in_short(row), row.code, 1.0 if row.code == code else 0.6
            )
            for row in matching_text(rows.defer("area__geometry"), text).order_by("-starts_at", "-pk")[:limit]
        ]


class TaskAlerts:
    """For those who run tasks: nobody alone with children, who has not come back, what lacks people, what was never ended."""

    key = "volunteers.tasks"
    title = gettext_lazy("Tasks")

    def alerts(self, viewer: Viewer, limit: int) -> Sequence[Alert]:
        standing = standing_of(viewer.user, viewer.operation)
        if not standing.signed_in or not standing.user.may_work:
            return []
        rows = _run_by(standing)
        if rows is None:
            return []
        found = [*_alone(rows, limit), *_not_back(rows, limit), *_lacking(rows, limit), *_unfinished(rows, limit)]
        return sorted(found, key=lambda alert: -alert.urgency)[:limit]


def _run_by(standing: Standing) -> Q | None:
    """Which tasks this standing runs; ``None``: none."""
    known = Q(operation=standing.operation)
    if decides(standing):
        return known
    organisations = standing.organisation_ids(*HANDLERS, write=True)
    return known & Q(organisation__in=organisations) if organisations else None


def _alone(rows: Q, limit: int) -> list[Alert]:
    near = Task.objects.filter(
        rows, with_minors=True, state__in=GOING_ON, starts_at__lt=timezone.now() + timedelta(hours=12),
        ends_at__gt=timezone.now(),
    )  # fmt: skip
    alone = near.annotate(taken=Count("assignments", filter=Q(assignments__state__in=TAKEN))).filter(taken=1)
    return [
        Alert(
            f"volunteers.alone.{row.code}", _("One person would be alone with children: %(task)s") % {"task": row.title},
            in_short(row), row.get_absolute_url(), gettext_lazy("Find a second, or call it off"), 88, row.starts_at,
        )
        for row in alone[:limit]
    ]  # fmt: skip


def _not_back(rows: Q, limit: int) -> list[Alert]:
    tasks = Task.objects.filter(rows, ends_at__lt=timezone.now() - OVERDUE)
    late = Assignment.objects.filter(task__in=tasks, state=AssignmentState.WORKING).select_related("task", "volunteer")
    return [
        Alert(
            f"volunteers.not_back.{row.pk}",
            _("%(who)s has not said that %(code)s is over") % {"who": row.volunteer, "code": row.task.code},
            _("Should have finished by %(when)s") % {"when": moment(row.task.ends_at)}, row.task.get_absolute_url(),
            gettext_lazy("Call them"), 84, row.task.ends_at,
        )
        for row in late.order_by("task__ends_at")[:limit]
    ]  # fmt: skip


def _lacking(rows: Q, limit: int) -> list[Alert]:
    tasks = lacking(Task.objects.filter(rows)).annotate(
        taken=Count("assignments", filter=Q(assignments__state__in=TAKEN)),
        open_questions=Count("assignments", filter=Q(assignments__state=AssignmentState.OFFERED)),
    )
    now = timezone.now()
    return [
        Alert(
            f"volunteers.lacking.{row.code}",
            ngettext("%(n)d person is missing: %(task)s", "%(n)d people are missing: %(task)s", row.wanted - row.taken)
            % {"n": row.wanted - row.taken, "task": row.title},
            _("%(task)s; %(n)d have not answered yet") % {"task": in_short(row), "n": row.open_questions},
            row.get_absolute_url(), gettext_lazy("Ask more volunteers"),
            66 if row.starts_at < now + timedelta(hours=3) else 45, row.state_since,
        )
        for row in tasks.select_related("site", "area").order_by("starts_at", "pk")[:limit]
    ]  # fmt: skip


def _unfinished(rows: Q, limit: int) -> list[Alert]:
    return [
        Alert(
            f"volunteers.unfinished.{row.code}", _("The time of a task is over: %(task)s") % {"task": row.title},
            in_short(row), row.get_absolute_url(), gettext_lazy("Say that it is done, and who came"), 30, row.ends_at,
        )
        for row in unfinished(Task.objects.filter(rows)).select_related("site", "area").order_by("ends_at")[:limit]
    ]  # fmt: skip
