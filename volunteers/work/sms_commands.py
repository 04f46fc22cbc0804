"""Texts about tasks: ``TASK``, ``OK T1233``, ``NO T1233 why``, ``DONE T1233 note``; and coming to a task by ``IN T1233``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.records.actor import acting
from komek.records.codes import has_shape_of_code, parse_code
from volunteers.models import Assignment, AssignmentState, Task, Volunteer, VolunteerState
from volunteers.work.offering import begin_work, end_own_work, say_no, say_yes
from volunteers.work.telling import in_short, moment

S = AssignmentState
MOST_SHOWN = 3
HELPING = (VolunteerState.ACCEPTED, VolunteerState.RESTING)


@dataclass(frozen=True)
class About:
    """A task's code, empty when none was named, and the words after it."""

    code: str = ""
    note: str = ""


class TaskCommand:
    key = "TASK"
    aliases: Mapping[str, Sequence[str]] = {
        "ru": ("ЗАДАНИЕ", "ЗАДАЧА"), "tk": ("IŞ",), "uz": ("VAZIFA",), "uz-cyrl": ("ВАЗИФА",), "az": ("TAPŞIRIQ",),
    }  # fmt: skip
    help = gettext_lazy("TASK - what you are asked to do, and what you said yes to; TASK T1233: more about one.")

    def parse(self, arguments: str) -> About:
        """Nothing, or a task's code. Pure. Raises ValueError with a sentence."""
        return About() if not arguments.strip(" .!?") else _about(arguments, "TASK")

    def act(self, command: About, by: Any) -> str:
        """The sender's tasks, the next first; or one of them in full."""
        who = volunteer_of(by)
        if command.code:
            row = _assignment(command.code, who)
            return f"{in_short(row.task)}. {row.task.description[:160]}".strip()
        rows = who.assignments.filter(state__in=(S.OFFERED, S.ACCEPTED, S.WORKING), task__ends_at__gt=timezone.now())
        found = list(rows.select_related("task__site", "task__area").order_by("task__starts_at")[: MOST_SHOWN + 1])
        if not found:
            return _("You have no task now. You will be asked by text.")
        lines = [f"{in_short(row.task)}: {row.get_state_display()}" for row in found[:MOST_SHOWN]]
        return "\n".join(lines + (["…"] if len(found) > MOST_SHOWN else []))


class OkCommand:
    key = "OK"
    is_plain_word = True
    aliases: Mapping[str, Sequence[str]] = {
        "ru": ("ОК", "БЕРУ"),
        "tk": ("BOLÝAR",),
        "uz": ("ROZIMAN",),
        "az": ("RAZIYAM",),
    }
    help = gettext_lazy("OK T1233 - you take the task.")

    def parse(self, arguments: str) -> About:
        """A task's code, or nothing where only one question waits. Pure. Raises ValueError with a sentence."""
        return About() if not arguments.strip(" .!") else _about(arguments, "OK")

    def act(self, command: About, by: Any) -> str:
        """Take the task, or learn that others were quicker."""
        who = volunteer_of(by)
        row = say_yes(by=by, assignment=_assignment(command.code, who) if command.code else _only_question(who))
        if row.state == S.TOO_LATE or row.state not in (S.ACCEPTED, S.WORKING):
            return _("%(code)s has its people now. Thank you all the same.") % {"code": row.task.code}
        return _("Yours: %(task)s. Send IN %(code)s when you are there, DONE %(code)s when finished.") % {
            "task": in_short(row.task), "code": row.task.code,
        }  # fmt: skip


class NoCommand:
    key = "NO"
    is_plain_word = True
    aliases: Mapping[str, Sequence[str]] = {
        "ru": ("ОТКАЗ",),
        "tk": ("BOLANOK",),
        "uz": ("RADETAMAN",),
        "az": ("YOXAM",),
    }
    help = gettext_lazy("NO T1233 reason - you do not take the task, or cannot come after all.")

    def parse(self, arguments: str) -> About:
        """A task's code and perhaps why. Pure. Raises ValueError with a sentence."""
        return _about(arguments, "NO")

    def act(self, command: About, by: Any) -> str:
        """Say no; the next volunteer is asked."""
        row = say_no(by=by, assignment=_assignment(command.code, volunteer_of(by)), note=command.note)
        return _("%(code)s: your no is written down. Thank you for telling us.") % {"code": row.task.code}


class DoneCommand:
    key = "DONE"
    aliases: Mapping[str, Sequence[str]] = {
        "ru": ("ГОТОВО", "СДЕЛАНО"), "tk": ("TAMAM",), "uz": ("TAYYOR",), "uz-cyrl": ("ТАЙЁР",), "az": ("HAZIR",),
    }  # fmt: skip
    help = gettext_lazy("DONE T1233 note - you have finished the task.")

    def parse(self, arguments: str) -> About:
        """A task's code and perhaps a note. Pure. Raises ValueError with a sentence."""
        return _about(arguments, "DONE")

    def act(self, command: About, by: Any) -> str:
        """The hours are counted."""
        row = end_own_work(
            by=by, assignment=_assignment(command.code, volunteer_of(by)), note=command.note, at=by.occurred_at
        )
        return _("%(code)s is done: %(hours)s h. Thank you, %(name)s!") % {
            "code": row.task.code, "hours": row.hours, "name": row.volunteer.name[:30],
        }  # fmt: skip


def come_to_task(code: str, by: Any) -> str:
    """``IN T1233``: the sender is there."""
    row = begin_work(by=by, assignment=_assignment(code, volunteer_of(by)), at=by.occurred_at)
    return _("You are at %(code)s, until %(until)s. Send DONE %(code)s when you have finished.") % {
        "code": row.task.code, "until": moment(row.task.ends_at),
    }  # fmt: skip


def leave_tasks(by: Any) -> list[Assignment]:
    """``OUT``: whatever the sender was working on is finished."""
    found = _volunteers(by).first()
    rows = found.assignments.filter(state=S.WORKING) if found is not None else ()
    return [end_own_work(by=by, assignment=row, at=by.occurred_at) for row in rows]


def volunteer_of(by: Any) -> Volunteer:
    """The volunteer who sends, by their account or their number. Raises ValidationError when the number is nobody's."""
    found = _volunteers(by).select_related("operation", "user").first()
    if found is None:
        raise ValidationError(_("Your number is not registered as a volunteer's. Call your coordinator."))
    if found.phone_heard_at is None and str(found.phone or "") == by.number:
        found.phone_heard_at = timezone.now()
        with acting(by):
            found.save(update_fields=["phone_heard_at", "updated_at"])
    return found


def _volunteers(by: Any) -> Any:
    who = Q(phone=by.number) if by.user is None else Q(user=by.user) | Q(phone=by.number, user=None)
    return Volunteer.objects.filter(who, operation=by.operation, state__in=HELPING).order_by("-user", "pk")


def _about(arguments: str, verb: str) -> About:
    """``T1233 the lorry broke`` → the code and the words after it; the code may be written as two words."""
    words = arguments.split()
    for taken in (2, 1):
        candidate = "".join(words[:taken]).strip(".,:;!")
        is_two = taken == 2 and len(words) >= 2 and len(words[0]) == 1
        if (taken == 1 or is_two) and has_shape_of_code(candidate):
            return About(parse_code(candidate, "T"), " ".join(words[taken:])[:300])
    raise ValueError(_("Which task? Write its code: %(example)s") % {"example": f"{verb} T1233"})


def _assignment(code: str, who: Volunteer) -> Assignment:
    rows = Assignment.objects.select_related("task__site", "task__area", "volunteer")
    found = rows.filter(task__code=code, volunteer=who).first()
    if found is None:
        is_known = Task.objects.filter(code=code, operation=who.operation).exists()
        raise ValidationError(
            _("%(code)s was not offered to you. Send TASK to see yours.") % {"code": code} if is_known
            else _("No task here has the code %(code)s.") % {"code": code}
        )  # fmt: skip
    return found


def _only_question(who: Volunteer) -> Assignment:
    found = list(who.assignments.filter(state=S.OFFERED).select_related("task__site", "task__area", "volunteer")[:2])
    if len(found) != 1:
        raise ValidationError(_("Which task? Write its code: %(example)s") % {"example": "OK T1233"})
    return found[0]


TASKS = [TaskCommand(), OkCommand(), NoCommand(), DoneCommand()]
