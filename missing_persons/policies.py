"""Who may see and change what is kept about the missing, the found and the dead.

The desk of the whole operation (registrars, protection officers and coordinators of an organisation that coordinates it)
sees every person and report. Registrars, protection officers and coordinators of another organisation see the reports that
their own people entered, and persons of whom nobody else reported anything. Viewers see numbers only, the public none of
this. Only a protection officer confirms or publishes a death, and decides about children found alone.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from komek.accounts.authority import Action, Standing, register_policy
from komek.accounts.roles import MANAGERS, Role
from missing_persons.models import (
    Dispute,
    EmergencyNumber,
    FamilyLink,
    Joining,
    Note,
    NoteStatus,
    PassedMessage,
    Person,
    PfifRun,
    Photo,
    Report,
    ReportedName,
    Repository,
    SightingMatch,
    Subscription,
    SuggestedPair,
)

DESK = (*MANAGERS, Role.REGISTRAR, Role.PROTECTION_OFFICER)
REPORTERS = (*DESK, Role.CAMP_MANAGER, Role.VOLUNTEER_MANAGER)


def sits_at_desk(standing: Standing) -> bool:
    """Whether this standing works on the persons of the whole operation."""
    return standing.runs_installation or standing.holds(*DESK)


def is_protection_officer(standing: Standing, organisation_id: int | None = None) -> bool:
    """Whether this standing decides about deaths and children found alone."""
    return standing.runs_installation or standing.holds(Role.PROTECTION_OFFICER, organisation_id=organisation_id)


def _works(standing: Standing) -> bool:
    return bool(standing.signed_in and standing.user.may_work)


class PersonPolicy:
    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        if not _works(standing):
            return queryset.none()
        if sits_at_desk(standing):
            return queryset
        if not standing.holds_anywhere(*REPORTERS):
            return queryset.none()
        # What stands on a person comes from all its reports: where one of them is another's, it could tell where somebody is.
        reports = Report.objects.filter(person=OuterRef("pk"), tombstoned_at=None)
        mine = _own(standing)
        return queryset.filter(Exists(reports.filter(mine)), ~Exists(reports.exclude(mine)))

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not _works(standing):
            return False
        if record is None or sits_at_desk(standing):
            return sits_at_desk(standing) or standing.holds_anywhere(*REPORTERS)
        if action in (Action.VIEW, Action.EXPORT):
            return bool(self.narrow(Person.objects.filter(pk=record.pk), standing).exists())
        return False


def _own(standing: Standing) -> Q:
    return Q(organisation__in=standing.organisation_ids(*REPORTERS, write=True)) | Q(entered_by=standing.user)


class ReportPolicy:
    """Reports and notes: seen by the desk, by the organisation whose people entered them, and by who entered them."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        if not _works(standing):
            return queryset.none()
        return queryset if sits_at_desk(standing) else queryset.filter(_own(standing))

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if not _works(standing):
            return False
        if record is None:
            return standing.runs_installation or standing.holds_anywhere(*REPORTERS)
        if action == Action.ADD:
            return standing.holds_anywhere(*REPORTERS) and (
                record.organisation_id is None or standing.holds(*REPORTERS, organisation_id=record.organisation_id)
            )
        if action == Action.APPROVE:
            # Whether a report is true and may be published. A death is a protection officer's to confirm.
            roles = (Role.PROTECTION_OFFICER,) if says_dead(record) else DESK
            return standing.holds(*roles, organisation_id=record.organisation_id)
        if sits_at_desk(standing):
            return True
        own = standing.holds(*REPORTERS, organisation_id=record.organisation_id) and record.organisation_id is not None
        return bool(own or (record.entered_by_id is not None and record.entered_by_id == standing.user.pk))


def says_dead(record: Report | Note) -> bool:
    """Whether the report or note says that the person died."""
    return record.is_of_death if isinstance(record, Report) else record.status == NoteStatus.BELIEVED_DEAD


class PartPolicy(ReportPolicy):
    """Names and photos: with their report."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        if not _works(standing):
            return queryset.none()
        if sits_at_desk(standing):
            return queryset
        return queryset.filter(report__in=Report.objects.filter(_own(standing)).values("pk"))

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        whole = None if record is None else record.report
        return super().may(standing, Action.CHANGE if action == Action.ADD and whole else action, whole)


class PhotoPolicy(PartPolicy):
    """A photo of the dead is for protection officers only."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        seen = super().narrow(queryset, standing)
        if not _works(standing) or is_protection_officer(standing):
            return seen
        return seen.exclude(report__kind__in=("deceased", "unidentified_dead"))

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if record is not None and record.report.is_of_death and action in (Action.VIEW, Action.EXPORT):
            return _works(standing) and is_protection_officer(standing, record.report.organisation_id)
        return super().may(standing, action, record)


class DeskPolicy:
    """What only the desk of the operation works on: suggestions, joinings, objections, those who look for a person."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        return queryset if _works(standing) and sits_at_desk(standing) else queryset.none()

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        return _works(standing) and sits_at_desk(standing)


class EmergencyNumberPolicy:
    """Everybody who works here sees them; who coordinates the operation keeps them."""

    def narrow(self, queryset: QuerySet[Any], standing: Standing) -> QuerySet[Any]:
        return queryset if _works(standing) else queryset.none()

    def may(self, standing: Standing, action: str, record: Any | None) -> bool:
        if action in (Action.VIEW, Action.EXPORT):
            return _works(standing)
        return _works(standing) and (standing.runs_installation or standing.holds(*MANAGERS))


def register() -> None:
    """Called once, when the app is ready."""
    register_policy(Person, PersonPolicy())
    for model in (Report, Note):
        register_policy(model, ReportPolicy())
    register_policy(ReportedName, PartPolicy())
    register_policy(Photo, PhotoPolicy())
    register_policy(EmergencyNumber, EmergencyNumberPolicy())
    for own in (
        FamilyLink,
        SuggestedPair,
        Joining,
        SightingMatch,
        Dispute,
        Subscription,
        PassedMessage,
        Repository,
        PfifRun,
    ):
        register_policy(own, DeskPolicy())
