"""Asking volunteers to take a task, and their answers: the first OK wins, and everybody learns what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, require, standing_of, visible
from komek.records.actor import SYSTEM, Actor, acting
from volunteers.models import GOING_ON, TAKEN, Assignment, AssignmentState, Task, TaskState, Volunteer, VolunteerState
from volunteers.refusals import Refused
from volunteers.work.candidates import candidates_for, judged
from volunteers.work.planning import end_work, locked_task, require_going_on, settle
from volunteers.work.telling import tell_called_off, tell_offer, tell_too_late

S = AssignmentState
TIME_TO_ANSWER = timedelta(hours=2)
LEAST_TIME = timedelta(minutes=10)
MOST_AT_ONCE = 100
EARLY = timedelta(hours=3)


@transaction.atomic
def offer_task(
    *, by: Actor, operation: Any, task: Task, volunteers: Iterable[Volunteer], answer_until: datetime | None = None
) -> tuple[list[Assignment], list[tuple[Volunteer, str]]]:
    """Ask these volunteers by text. Returns who was asked, and who was not with the reason. Raises Refused when nobody was, NotAllowed."""
    standing = standing_of(by.user, operation)
    require(standing, Action.CHANGE, task)
    locked = locked_task(task.pk)
    keys = [one.pk for one in volunteers]
    rows = visible(Volunteer.objects.filter(pk__in=keys), standing).select_related("user", "operation", "organisation")
    asked, left = _offer(by, locked, list(rows.order_by("pk")), answer_until)
    if not asked:
        why = left[0][1] if left else _("Choose somebody to ask.")
        raise Refused({"__all__": _("Nobody was asked: %(why)s.") % {"why": why.rstrip(".")}})
    return asked, left


@transaction.atomic
def say_yes(*, by: Actor, assignment: Assignment) -> Assignment:
    """The volunteer takes the task, if there is a place left and no rule stands against it. The caller knows who they are.

    The task is locked first, so of two who say yes to the last place one gets it and the other reads so. Raises Refused.
    """
    task, row = _both_locked(assignment)
    if row.state in (S.ACCEPTED, S.WORKING):
        return row
    require_going_on(task)
    if row.state not in (S.OFFERED, S.LAPSED, S.DECLINED, S.TOO_LATE):
        raise Refused({"__all__": _("You were released from %(code)s. Ask your coordinator.") % {"code": task.code}})
    if task.ends_at <= timezone.now():
        raise Refused({"__all__": _("%(code)s is over. Thank you all the same.") % {"code": task.code}})
    if task.assignments.filter(state__in=TAKEN).count() >= task.wanted:
        if row.state == S.OFFERED:
            _set(by, row, S.TOO_LATE)
        return row
    # Two tasks may be offered at once: whoever takes both must not be torn between them.
    Volunteer.objects.select_for_update(of=("self",)).get(pk=row.volunteer_id)
    bars = judged(task, [row.volunteer])[0].judged.bars
    if bars or row.volunteer.state != VolunteerState.ACCEPTED:
        why = bars[0] if bars else _("you are not registered as ready to help")
        raise Refused({"__all__": _("You cannot take %(code)s: %(why)s.") % {"code": task.code, "why": why}})
    _set(by, row, S.ACCEPTED)
    with acting(by):
        settle(task)
        if task.state == TaskState.FILLED:
            for other in _rows(task).filter(state=S.OFFERED):
                other.state = S.TOO_LATE
                other.save()
                tell_too_late(by=by, assignment=other, task=task)
    return row


@transaction.atomic
def say_no(*, by: Actor, assignment: Assignment, note: str = "") -> Assignment:
    """The volunteer does not take it, or cannot come after all; the next candidate is asked. The caller knows who they are."""
    task, row = _both_locked(assignment)
    if row.state not in (S.OFFERED, S.ACCEPTED, S.LAPSED, S.TOO_LATE, S.DECLINED):
        raise Refused({"__all__": _("%(code)s: too late to say no. Call your coordinator.") % {"code": task.code}})
    was_open = row.state in (S.OFFERED, S.ACCEPTED)
    row.note = note.strip()[:300] or row.note
    _set(by, row, S.DECLINED)
    if was_open and task.state in GOING_ON:
        with acting(by):
            settle(task)
            _ask_next(task)
    return row


@transaction.atomic
def release(*, by: Actor, operation: Any, assignment: Assignment, reason: str) -> Assignment:
    """Who runs the task sends somebody home, or takes back the question. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, assignment.task)
    task, row = _both_locked(assignment)
    if row.state not in (S.OFFERED, S.ACCEPTED, S.WORKING):
        raise Refused({"__all__": _("This is over already.")})
    others = task.assignments.filter(state__in=TAKEN).exclude(pk=row.pk).count()
    if task.with_minors and row.state in TAKEN and others == 1 and task.state in GOING_ON:
        raise Refused(
            {"__all__": _("One person would be left alone with children. Find another first, or call the task off.")}
        )
    _set(by.because(reason) if reason else by, row, S.RELEASED)
    with acting(by):
        settle(task)
        tell_called_off(by=by.because(reason), assignment=row, task=task)
    return row


@transaction.atomic
def begin_work(*, by: Actor, assignment: Assignment, at: datetime | None = None) -> Assignment:
    """They are there. The caller knows who they are, or that somebody entitled saw them. Raises Refused."""
    task, row = _both_locked(assignment)
    if row.state == S.WORKING:
        return row
    if row.state != S.ACCEPTED:
        raise Refused({"__all__": _("Say OK %(code)s first.") % {"code": task.code}})
    require_going_on(task)
    now = min(at or timezone.now(), timezone.now())
    if now < task.starts_at - EARLY:
        raise Refused({"__all__": _("%(code)s has not begun yet.") % {"code": task.code}})
    if task.with_minors and task.assignments.filter(state__in=TAKEN).count() < 2:
        raise Refused(
            {
                "__all__": _(
                    "Nobody works alone with children. Wait for the second person; your coordinator looks for one."
                )
            }
        )
    row.started_at = now
    _set(by, row, S.WORKING)
    return row


@transaction.atomic
def end_own_work(*, by: Actor, assignment: Assignment, note: str = "", at: datetime | None = None) -> Assignment:
    """They have finished. The caller knows who they are. Raises Refused."""
    task, row = _both_locked(assignment)
    if row.state == S.DONE:
        row.note = note.strip()[:300] or row.note
        with acting(by):
            row.save()
        return row
    if row.state not in (S.ACCEPTED, S.WORKING):
        raise Refused({"__all__": _("You did not say OK to %(code)s.") % {"code": task.code}})
    now = min(at or timezone.now(), timezone.now())
    if row.started_at is None and now < task.starts_at:
        raise Refused({"__all__": _("%(code)s has not begun yet.") % {"code": task.code}})
    row.note = note.strip()[:300] or row.note
    end_work(row, task, now)
    _set(by, row, S.DONE)
    return row


@transaction.atomic
def mark(*, by: Actor, operation: Any, assignment: Assignment, came: bool, feedback: str = "") -> Assignment:
    """Who runs the task writes down that somebody came, or did not. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, assignment.task)
    if came:
        return begin_work(by=by, assignment=assignment)
    task, row = _both_locked(assignment)
    if row.state != S.ACCEPTED or task.starts_at > timezone.now():
        raise Refused({"__all__": _("Only who said yes, and should be there by now, can be missing.")})
    row.feedback = feedback.strip()[:300]
    _set(by, row, S.ABSENT)
    with acting(by):
        settle(task)
        _ask_next(task)
    return row


def lapse_offers(now: datetime | None = None) -> int:
    """Questions nobody answered in time lapse, and the next candidates are asked. Each task in a transaction of its own; how many."""
    moment = now or timezone.now()
    due = Assignment.objects.filter(state=S.OFFERED, answer_until__lte=moment).values_list("task", flat=True).distinct()
    lapsed = 0
    for pk in list(due):
        with transaction.atomic(), acting(SYSTEM):
            task = locked_task(pk)
            for row in _rows(task).filter(state=S.OFFERED, answer_until__lte=moment):
                row.state = S.LAPSED
                row.save()
                lapsed += 1
            _ask_next(task)
    return lapsed


def _offer(
    by: Actor, task: Task, volunteers: list[Volunteer], answer_until: datetime | None = None
) -> tuple[list[Assignment], list[tuple[Volunteer, str]]]:
    require_going_on(task)
    now = timezone.now()
    if task.state == TaskState.FILLED:
        raise Refused({"__all__": _("%(code)s has its people already.") % {"code": task.code}})
    if task.ends_at <= now:
        raise Refused({"__all__": _("This task is over.")})
    if len(volunteers) > MOST_AT_ONCE:
        raise Refused({"__all__": _("Ask %(most)d people at most at once.") % {"most": MOST_AT_ONCE}})
    until = answer_until or min(now + TIME_TO_ANSWER, max(task.starts_at - LEAST_TIME, now + LEAST_TIME))
    if until <= now:
        raise Refused({"answer_until": _("Give a time to come, so that they can answer.")})
    known = {row.volunteer_id: row for row in task.assignments.all()}
    asked: list[Assignment] = []
    left: list[tuple[Volunteer, str]] = []
    with acting(by):
        for one in judged(task, volunteers):
            why = _why_not(one.volunteer, known, one.judged.bars)
            if why:
                left.append((one.volunteer, why))
                continue
            row = known.get(one.volunteer.pk) or Assignment(
                task=task, volunteer=one.volunteer, operation=task.operation
            )
            row.volunteer = one.volunteer
            row.state, row.answer_until, row.answered_at = S.OFFERED, until, None
            if row.pk is None:
                row.stamp(by)
            row.save()
            tell_offer(by=by, assignment=row, task=task)
            asked.append(row)
    return asked, left


def _why_not(volunteer: Volunteer, known: dict[int, Assignment], bars: list[str]) -> str:
    if volunteer.state != VolunteerState.ACCEPTED:
        return _("%(who)s is not accepted as a volunteer") % {"who": volunteer}
    row = known.get(volunteer.pk)
    if row is not None and row.state in (S.OFFERED, *TAKEN):
        return _("%(who)s was asked already") % {"who": volunteer}
    return _("%(who)s: %(why)s") % {"who": volunteer, "why": bars[0]} if bars else ""


def _ask_next(task: Task) -> None:
    """As many more as are missing, when the task asks around by itself and was offered to somebody before."""
    now = timezone.now()
    if task.state != TaskState.OPEN or not task.asks_around or task.starts_at <= now + LEAST_TIME:
        return
    states = list(task.assignments.values_list("state", flat=True))
    missing = task.wanted - sum(state in TAKEN or state == S.OFFERED for state in states)
    if missing <= 0:
        return
    # Within the organisation that runs the task; those of others are theirs to lend.
    found = candidates_for(task, None, limit=MOST_AT_ONCE)
    fit = [one.volunteer for one in found if task.organisation_id in (None, one.volunteer.organisation_id)]
    if fit:
        _offer(SYSTEM, task, fit[:missing])


def _both_locked(assignment: Assignment) -> tuple[Task, Assignment]:
    """The task first, at every door, so that nobody waits in a circle."""
    task = locked_task(assignment.task_id)
    row = _rows(task).select_for_update(of=("self",)).get(pk=assignment.pk)
    row.task = task
    return task, row


def _rows(task: Task) -> Any:
    return task.assignments.select_related("volunteer__user", "volunteer__operation")


def _set(by: Actor, row: Assignment, state: str) -> None:
    row.state = state
    if row.answered_at is None:
        row.answered_at = timezone.now()
    with acting(by):
        row.save()
