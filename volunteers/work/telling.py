"""What volunteers are told by text about tasks, each in their language and in one message where it can be."""

from __future__ import annotations

from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from komek.records.actor import Actor
from volunteers.models import Assignment, Task
from volunteers.people.registering import tell


def tell_offer(*, by: Actor, assignment: Assignment, task: Task) -> None:
    """The question itself."""
    _tell(by, assignment, "offer", lambda: _("%(task)s. Answer OK %(code)s or NO %(code)s by %(until)s.") % {
        "task": in_short(task), "code": task.code, "until": moment(assignment.answer_until),
    }, expires_after=assignment.answer_until - timezone.now())  # fmt: skip


def tell_too_late(*, by: Actor, assignment: Assignment, task: Task) -> None:
    _tell(
        by, assignment, "late", lambda: _("%(code)s has its people now. Thank you all the same.") % {"code": task.code}
    )


def tell_called_off(*, by: Actor, assignment: Assignment, task: Task) -> None:
    _tell(by, assignment, "off", lambda: _("%(code)s is called off for you. Please do not come. %(why)s") % {
        "code": task.code, "why": by.reason[:80],
    })  # fmt: skip


def in_short(task: Task) -> str:
    """``T1233 Unload lorry, 3.12. 08:00-14:00, Stadium camp``."""
    parts = (f"{task.code} {task.title[:40]}", f"{moment(task.starts_at)}-{_hour(task.ends_at)}", task.where[:30])
    return ", ".join(part for part in parts if part)


def moment(at: Any) -> str:
    """Day and hour, as short as they can be said."""
    local = timezone.localtime(at)
    hour = _hour(at)
    return hour if local.date() == timezone.localdate() else f"{local.day}.{local.month}. {hour}"


def _hour(at: Any) -> str:
    return formats.date_format(timezone.localtime(at), "H:i")


def _tell(by: Actor, assignment: Assignment, what: str, words: Any, expires_after: Any = None) -> None:
    volunteer = assignment.volunteer
    if volunteer.number:
        key = f"task-{what}:{assignment.pk}:{timezone.now():%Y%m%d%H%M%S%f}"
        tell(by=by, volunteer=volunteer, key=key, words=words, expires_after=expires_after)
