"""Reporting a person, and correcting what was reported. Public forms, registrars' pages, API, SMS and imports call these."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, NotAllowed, may, require, standing_of
from komek.records.actor import Actor, acting
from komek.records.codes import next_codes
from komek.records.copying import create_many
from missing_persons.checking import NameGiven, assign, faults_of, tidy_names
from missing_persons.consent import follow_choice
from missing_persons.models import OF_DEATH, Moderation, Person, Report, ReportedName, Visibility
from missing_persons.refreshing import is_child_alone, refresh
from missing_persons.refusals import Refused
from missing_persons.texts import script_of


@transaction.atomic
def report_person(
    *, by: Actor, operation: Any, kind: str, names: Sequence[NameGiven] = (), organisation: Any = None,
    entry_id: UUID | None = None, is_verified: bool = False, **fields: Any,
) -> Report:  # fmt: skip
    """Write down a report, by somebody with an account. It makes a person of its own; sent again, the first report comes back.

    organisation: whose people enter it. is_verified: whoever enters it made sure of it themselves, which a registrar may say,
    and of a death a protection officer. fields: see ``missing_persons.checking.EDITABLE``. Raises Refused or NotAllowed.
    """
    standing = standing_of(by.user, operation)
    report = Report(operation=operation, kind=kind, organisation=organisation)
    report.stamp(by)
    require(standing, Action.ADD, report)
    decides = may(standing, Action.APPROVE, report)
    if is_verified and not decides:
        raise NotAllowed(_("You may not say that this is verified. Leave it open; somebody entitled looks at it."))
    return _keep_new(by, report, names, entry_id, fields, is_trusted=decides, is_verified=is_verified)


@transaction.atomic
def report_by_public(
    *,
    by: Actor,
    operation: Any,
    kind: str,
    names: Sequence[NameGiven] = (),
    entry_id: UUID | None = None,
    **fields: Any,
) -> Report:
    """A report by somebody without an account: it waits until a registrar has looked at it. Raises Refused.

    The caller has kept out robots and floods. ``report.code`` and ``report.follow_key`` are what the reporter follows it by.
    """
    report = Report(operation=operation, kind=kind)
    report.stamp(by)
    return _keep_new(by, report, names, entry_id, fields, is_trusted=False, is_verified=False)


@transaction.atomic
def correct_report(
    *, by: Actor, operation: Any, report: Report, names: Sequence[NameGiven] | None = None, **fields: Any
) -> Report:
    """Correct a report: a new version of it, the earlier ones stay in its history. What is not named stays.

    Raises Refused or NotAllowed.
    """
    require(standing_of(by.user, operation), Action.CHANGE, report)
    return _correct(by, report, names, fields)


@transaction.atomic
def correct_own_report(*, by: Actor, report: Report, names: Sequence[NameGiven] | None = None, **fields: Any) -> Report:
    """The same by who reported it, without an account; the caller has checked their key. It waits to be looked at again."""
    return _correct(by, report, names, fields, waits=True)


def _correct(
    by: Actor, report: Report, names: Sequence[NameGiven] | None, fields: dict[str, Any], *, waits: bool = False
) -> Report:
    locked = Report.objects.select_for_update().get(pk=report.pk)
    if locked.tombstoned_at is not None:
        raise Refused({"__all__": _("This report was erased. Nothing of it can be changed.")})
    tidy, faults = tidy_names(names) if names is not None else (names_of(locked), {})
    kind_before = locked.kind
    assign(locked, fields)
    faults = faults_of(locked, tidy, birth_year=fields.get("birth_year")) | faults
    if faults:
        raise Refused(faults)
    if waits or locked.kind != kind_before:
        # What was verified and released said something else.
        locked.moderation = Moderation.HELD if locked.is_of_death else Moderation.WAITING
        locked.verified_at = locked.verified_by = None
    with acting(by):
        locked.save()
        follow_choice(locked, by=by)
        if names is not None and tidy != names_of(locked):
            rewrite_names(locked, tidy)
        refresh([Person.objects.select_for_update().get(pk=locked.person_id)])
    return locked


def _keep_new(
    by: Actor, report: Report, names: Sequence[NameGiven], entry_id: UUID | None, fields: dict[str, Any], *,
    is_trusted: bool, is_verified: bool,
) -> Report:  # fmt: skip
    try:
        with transaction.atomic():
            return _keep(by, report, names, entry_id, fields, is_trusted=is_trusted, is_verified=is_verified)
    except IntegrityError:
        # Somebody sent this entry at the same moment and was done first: theirs is found now.
        earlier = _entered_before(entry_id, report)
        if earlier is None:
            raise
        return earlier


def _keep(
    by: Actor, report: Report, names: Sequence[NameGiven], entry_id: UUID | None, fields: dict[str, Any], *,
    is_trusted: bool, is_verified: bool,
) -> Report:  # fmt: skip
    earlier = _entered_before(entry_id, report)
    if earlier is not None:
        return earlier
    given = {name: value for name, value in fields.items() if value not in (None, "", [])}
    tidy, faults = tidy_names(names)
    assign(report, given)
    faults = faults_of(report, tidy, birth_year=given.get("birth_year")) | faults
    if faults:
        raise Refused(faults)
    report.entry_id = entry_id or report.entry_id
    report.original = as_given(report.kind, names, given)
    settle_moderation(report, by, is_trusted=is_trusted, is_verified=is_verified)
    with acting(by):
        person = new_person(report)
        person.save()
        report.person = report.made_person = person
        report.save()
        _write_names(report, tidy)
        follow_choice(report, by=by)
        refresh([person])
    return report


def write_reports(reports: Sequence[tuple[Report, Sequence[NameGiven]]]) -> None:
    """Store checked new reports with their names, each with a person of its own, in a constant number of queries.

    Asks no permission and checks nothing: for imports, which have. In the caller's transaction, inside ``acting``.
    """
    if not reports:
        return
    persons = [new_person(report) for report, _names in reports]
    for person, code in zip(persons, next_codes(Person.CODE_LETTER, len(persons)), strict=True):
        person.code = code
    create_many(persons)
    for (report, _names), person in zip(reports, persons, strict=True):
        report.person = report.made_person = person
    create_many([report for report, _names in reports])
    create_many([name for report, names in reports for name in _name_rows(report, names)])
    refresh(persons)


def rewrite_names(report: Report, names: Sequence[NameGiven]) -> None:
    """Other names in place of those that stood there; history keeps these."""
    report.names.all().delete()
    _write_names(report, names)


def new_person(report: Report) -> Person:
    """The person a new report makes, not saved. What stands on it follows from the report."""
    person = Person(
        operation=report.operation,
        occurred_at=report.occurred_at,
        channel=report.channel,
        visibility=Visibility.WAITING,
    )
    person.entered_by_id = report.entered_by_id
    return person


def as_given(kind: str, names: Sequence[NameGiven], fields: dict[str, Any]) -> dict[str, Any]:
    """Everything as it was given, for ``Report.original``: before anything was tidied."""
    plain = {
        name: value if isinstance(value, str | int | float | bool | list) else str(getattr(value, "pk", None) or value)
        for name, value in fields.items()
    }
    spelt = [
        {
            key: part
            for key in ("as_written", "given", "patronymic", "family", "kind")
            if (part := str(getattr(name, key)))
        }
        for name in names
    ]
    # PostgreSQL keeps no NUL in JSON.
    return {"kind": str(kind), "names": _without_nul(spelt), **_without_nul(plain)}


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "␀")
    if isinstance(value, dict):
        return {key: _without_nul(part) for key, part in value.items()}
    return [_without_nul(part) for part in value] if isinstance(value, list) else value


def settle_moderation(report: Report, by: Actor, *, is_trusted: bool, is_verified: bool) -> None:
    """Whether a new report waits, is held, or is published at once. is_trusted: by somebody who decides that anyway."""
    now: datetime = timezone.now()
    if report.kind in OF_DEATH and not is_verified:
        report.moderation = Moderation.HELD
    elif is_trusted and not is_child_alone(report):
        report.moderation = Moderation.PUBLISHED if report.consents_to_publish else Moderation.HIDDEN
        report.moderated_at, report.moderated_by = now, by.user
    elif is_child_alone(report):
        report.moderation = Moderation.HELD
    if is_verified:
        report.verified_at, report.verified_by = now, by.user


def _write_names(report: Report, names: Sequence[NameGiven]) -> None:
    ReportedName.objects.bulk_create(_name_rows(report, names))


def _name_rows(report: Report, names: Sequence[NameGiven]) -> list[ReportedName]:
    return [
        ReportedName(
            report=report, as_written=name.as_written, given=name.given, patronymic=name.patronymic, family=name.family,
            kind=name.kind, script=script_of(name.as_written), place=place,
        )
        for place, name in enumerate(names)
    ]  # fmt: skip


def names_of(report: Report) -> list[NameGiven]:
    """The names of a stored report, in order."""
    return [
        NameGiven(name.as_written, name.given, name.patronymic, name.family, name.kind) for name in report.names.all()
    ]


def _entered_before(entry_id: UUID | None, report: Report) -> Report | None:
    earlier = Report.objects.filter(entry_id=entry_id).first() if entry_id is not None else None
    if earlier is not None and earlier.operation_id != report.operation_id:
        raise Refused({"__all__": _("This report was sent elsewhere already. Reload the page and try again.")})
    return earlier
