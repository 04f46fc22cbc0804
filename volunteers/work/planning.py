"""Making tasks, changing them, calling them off and ending them. Pages, API and imports call these."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from orgs.naming import search_key
from orgs.sites import area_holding
from volunteers.models import GOING_ON, LIVE, TAKEN, AssignmentState, Skill, Task, TaskState
from volunteers.refusals import Refused
from volunteers.work.ranking import RULES
from volunteers.work.telling import tell_called_off

EDITABLE = frozenset((
    "title", "description", "organisation", "site", "location", "landmark", "area", "starts_at", "ends_at", "wanted",
    "with_minors", "asks_around", "occurred_at", "reported_by",
))  # fmt: skip
MOST_WANTED = 500


@transaction.atomic
def create_task(*, by: Actor, operation: Any, skills: Iterable[Skill] = (), **fields: Any) -> Task:
    """A task that looks for people. Nobody is asked yet. Raises Refused or NotAllowed."""
    task = Task(operation=operation)
    task.stamp(by)
    _assign(task, fields)
    require(standing_of(by.user, operation), Action.ADD, task)
    _prepare(task)
    if task.ends_at <= timezone.now():
        raise Refused({"ends_at": _("This time is past. Give when the task ends.")})
    with acting(by):
        task.save()
        task.skills.set(skills)
    return task


@transaction.atomic
def change_task(*, by: Actor, operation: Any, task: Task, skills: Iterable[Skill] | None = None, **fields: Any) -> Task:
    """Change a task that goes on. What is not named stays. Who said yes to other times has to be asked anew. Raises Refused, NotAllowed."""
    standing = standing_of(by.user, operation)
    require(standing, Action.CHANGE, task)
    locked = locked_task(task.pk)
    require_going_on(locked)
    before = (locked.starts_at, locked.ends_at, locked.with_minors)
    _assign(locked, fields)
    require(standing, Action.CHANGE, locked)
    _prepare(locked)
    taken = locked.assignments.filter(state__in=TAKEN).count()
    if taken and before != (locked.starts_at, locked.ends_at, locked.with_minors):
        raise Refused(
            {
                "starts_at": _(
                    "People said yes to this task as it was. Call it off and make a new one, so that they are told."
                )
            }
        )
    if locked.wanted < taken:
        raise Refused({"wanted": _("%(n)d people said yes already. Release some of them first.") % {"n": taken}})
    with acting(by):
        locked.save()
        if skills is not None:
            locked.skills.set(skills)
        settle(locked)
    return locked


@transaction.atomic
def cancel_task(*, by: Actor, operation: Any, task: Task, reason: str) -> Task:
    """Call a task off; everybody who was asked or said yes is told. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, task)
    locked = locked_task(task.pk)
    require_going_on(locked)
    if not reason.strip():
        raise Refused({"reason": _("Say why it is called off: those who said yes read it.")})
    now = timezone.now()
    with acting(by.because(reason)):
        for row in locked.assignments.select_related("volunteer__user", "volunteer__operation").filter(state__in=LIVE):
            row.state, row.ended_at = AssignmentState.RELEASED, now
            row.save()
            tell_called_off(by=by, assignment=row, task=locked)
        _end(locked, TaskState.CANCELLED, reason)
    return locked


@transaction.atomic
def finish_task(*, by: Actor, operation: Any, task: Task, reason: str = "") -> Task:
    """The work is done. Who said yes and was never written down as there did not come. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, task)
    locked = locked_task(task.pk)
    require_going_on(locked)
    if locked.starts_at > timezone.now():
        raise Refused({"__all__": _("This task has not begun. Call it off if it is not needed.")})
    now = timezone.now()
    with acting(by):
        for row in locked.assignments.filter(state__in=LIVE):
            if row.state == AssignmentState.WORKING:
                end_work(row, locked, now)
            else:
                is_yes = row.state == AssignmentState.ACCEPTED
                row.state = AssignmentState.ABSENT if is_yes else AssignmentState.LAPSED
            row.save()
        _end(locked, TaskState.DONE, reason)
    return locked


def end_work(row: Any, task: Task, at: Any) -> None:
    """They worked until now, or until the task's end where they forgot to say so. The caller saves."""
    row.state, row.ended_at = AssignmentState.DONE, at
    began = row.started_at or task.starts_at
    row.hours = round(
        max(min(at, max(task.ends_at, began) + timedelta(hours=2)) - began, timedelta()).total_seconds() / 3600, 2
    )


def settle(task: Task) -> None:
    """Whether it has its people follows from who said yes. The task is locked; saved when its state changes."""
    taken = task.assignments.filter(state__in=TAKEN).count()
    after = TaskState.FILLED if taken >= task.wanted else TaskState.OPEN
    if task.state in GOING_ON and task.state != after:
        task.state, task.state_since = after, timezone.now()
        task.save()


def locked_task(pk: int) -> Task:
    """The task as it is now, locked until the transaction ends."""
    return (
        Task.objects.select_for_update(of=("self",))
        .select_related("operation", "organisation", "site", "area")
        .get(pk=pk)
    )


def require_going_on(task: Task) -> None:
    """Raise Refused, with a sentence, for a task that has ended."""
    if task.state not in GOING_ON:
        raise Refused(
            {"__all__": _("%(code)s is “%(state)s”. Nothing can be changed in it any more.")
             % {"code": task.code, "state": task.get_state_display()}}
        )  # fmt: skip


def search_key_of(task: Task) -> str:
    """What a task is found by."""
    return search_key([task.title, task.landmark, task.site.name if task.site_id and task.site else ""])


def _assign(task: Task, fields: dict[str, Any]) -> None:
    unknown = set(fields) - EDITABLE
    if unknown:
        raise TypeError(f"not a field of a task: {sorted(unknown)}")
    for name, value in fields.items():
        setattr(task, name, value)


def _prepare(task: Task) -> None:
    task.title = " ".join(task.title.split())
    if not task.title:
        raise Refused({"title": _("Say what is to do.")})
    if task.starts_at is None or task.ends_at is None or task.ends_at <= task.starts_at:
        raise Refused({"ends_at": _("The task ends before it begins. Check the two times.")})
    if task.hours > RULES.most_in_24_h:
        raise Refused(
            {"ends_at": _("Nobody works longer than %(n)d hours at a stretch. Make one task for each shift.")
             % {"n": RULES.most_in_24_h}}
        )  # fmt: skip
    if not 1 <= (task.wanted or 0) <= MOST_WANTED:
        raise Refused({"wanted": _("Ask for 1 to %(most)d people.") % {"most": MOST_WANTED}})
    if task.with_minors and task.wanted < 2:
        raise Refused({"wanted": _("With children there are two people at least. Ask for two or more.")})
    if not (task.site_id or task.location or task.landmark or task.area_id):
        raise Refused({"site": _("Say where: a site, a point, an area, or an address.")})
    spot = task.location or (task.site.location if task.site_id and task.site else None)
    if task.area_id is None and spot is not None:
        task.area = area_holding(spot, task.operation)
    task.search_key = search_key_of(task)


def _end(task: Task, state: str, reason: str) -> None:
    task.state, task.state_since, task.state_reason = state, timezone.now(), reason.strip()[:300]
    task.save()
