"""Who may see and change volunteers and tasks.

A volunteer is seen by those who answer for helpers: volunteer managers and coordinators of the whole operation, those of the
volunteer's own organisation, and the volunteer. What a task is, is known to every approved account; who does it, only to those who
see the volunteer. Health limits: protection officers, and who manages the volunteer.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from komek.accounts.authority import Action, Standing, register_policy
from komek.accounts.roles import Role
from volunteers.models import Assignment, Skill, Task, Volunteer, VolunteerCheck, VolunteerSkill
from volunteers.policies import HANDLERS, decides

READS = (Action.VIEW, Action.EXPORT)


def _works(standing: Standing) -> bool:
    return standing.signed_in and bool(standing.user.may_work)


def manages(standing: Standing, volunteer: Volunteer) -> bool:
    """Whether this standing answers for the volunteer."""
    if not _works(standing):
        return False
    if decides(standing):
        return True
    return volunteer.organisation_id is not None and standing.holds(
        *HANDLERS, organisation_id=volunteer.organisation_id
    )


def may_read_health(standing: Standing, volunteer: Volunteer) -> bool:
    """Whether this standing may look at health limits and next of kin, once it says why."""
    if manages(standing, volunteer):
        return True
    return _works(standing) and standing.holds(Role.PROTECTION_OFFICER, organisation_id=volunteer.organisation_id)


class VolunteerPolicy:
    """Volunteers, and (through ``path``) what belongs to one."""

    def __init__(self, path: str = "") -> None:
        self.path = path

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        if not _works(standing):
            return queryset.none()
        if decides(standing):
            return queryset
        prefix = f"{self.path}__" if self.path else ""
        own = Q(**{f"{prefix}user": standing.user})
        organisations = standing.organisation_ids(*HANDLERS, write=True)
        if organisations:
            own |= Q(**{f"{prefix}organisation__in": organisations})
        return queryset.filter(own)

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not _works(standing):
            return False
        if record is None:
            return decides(standing) or standing.holds_anywhere(*HANDLERS)
        volunteer = getattr(record, self.path) if self.path else record
        if action in READS and volunteer.user_id is not None and volunteer.user_id == standing.user.pk:
            return True
        return manages(standing, volunteer)


class AssignmentPolicy(VolunteerPolicy):
    """Who was asked and who does a task. Who runs the task sees it as well: they must know who comes."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        seen = super().narrow(queryset, standing)
        if not _works(standing) or decides(standing):
            return seen
        organisations = standing.organisation_ids(*HANDLERS, write=True)
        return seen | queryset.filter(task__organisation__in=organisations)

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if super().may(standing, action, record):
            return True
        organisation_id = record.task.organisation_id if record is not None else None
        return organisation_id is not None and standing.holds(*HANDLERS, organisation_id=organisation_id)


class TaskPolicy:
    """Everybody who works here knows the tasks; those who answer for helpers make them, for their organisation or for all."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        return queryset if _works(standing) else queryset.none()

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not _works(standing):
            return False
        if action in READS or decides(standing):
            return True
        if record is None:
            return standing.holds_anywhere(*HANDLERS)
        return record.organisation_id is not None and standing.holds(*HANDLERS, organisation_id=record.organisation_id)


class SkillPolicy:
    """The taxonomy is read by everybody and kept by those who answer for helpers of a whole operation that is no exercise."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        return queryset

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if action in READS:
            return True
        return _works(standing) and decides(standing) and not standing.is_confined


def register() -> None:
    """Called once, when the app is ready."""
    register_policy(Volunteer, VolunteerPolicy())
    register_policy(VolunteerSkill, VolunteerPolicy("volunteer"))
    register_policy(VolunteerCheck, VolunteerPolicy("volunteer"))
    register_policy(Skill, SkillPolicy())
    register_policy(Task, TaskPolicy())
    register_policy(Assignment, AssignmentPolicy("volunteer"))
