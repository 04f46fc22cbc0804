"""What a record of PFIF is in the registry: a report with its names, or a note. Builds them and stores nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from komek.records.copying import alike
from missing_persons.checking import LONGEST_TEXT, MOST_NAMES
from missing_persons.models import (
    OF_DEATH,
    Moderation,
    NameKind,
    Note,
    NoteStatus,
    Report,
    ReportedName,
    ReportKind,
    Sex,
)
from missing_persons.pfif import values
from missing_persons.pfif.records import PfifNote, PfifPerson
from missing_persons.refreshing import is_child_alone
from missing_persons.texts import script_of

# What the newest note says the record is about. A person record alone says only that somebody asks.
KIND_OF_STATUS = {
    NoteStatus.INFORMATION_SOUGHT: ReportKind.SEEKING,
    NoteStatus.BELIEVED_MISSING: ReportKind.MISSING,
    NoteStatus.IS_NOTE_AUTHOR: ReportKind.SAFE,
    NoteStatus.BELIEVED_ALIVE: ReportKind.FOUND,
    NoteStatus.BELIEVED_DEAD: ReportKind.DECEASED,
}


def kind_of(person: PfifPerson, notes: Sequence[PfifNote]) -> str | None:
    """The kind of report that the notes of a record make it; ``None`` where none has a status and somebody is named."""
    said = [note for note in notes if note.status]
    newest = max(said, key=lambda note: _at(note) or datetime.min.replace(tzinfo=values.UTC), default=None)
    if not person.full_name and not person.alternate_names:
        is_dead = newest is not None and newest.status == NoteStatus.BELIEVED_DEAD
        return str(ReportKind.UNIDENTIFIED_DEAD if is_dead else ReportKind.UNIDENTIFIED_LIVING)
    return None if newest is None else str(KIND_OF_STATUS[NoteStatus(newest.status)])


def fill_report(report: Report, person: PfifPerson, *, kind: str | None, via: str, now: datetime) -> None:
    """Set on a report, new or known, what the record says. via: the domain it was handed on by."""
    report.kind = kind or report.kind or ReportKind.SEEKING
    report.occurred_at = min(person.source_date or person.entry_date or now, now)
    report.reported_by = person.author_name[:200]
    report.reporter_phone = person.author_phone[:60]
    report.reporter_email = person.author_email[:254]
    report.source = " ".join(part for part in (person.source_name, person.source_url) if part)[:300]
    report.sex = person.sex or Sex.UNKNOWN
    _fill_age(report, person)
    report.home_text = ", ".join(filter(None, map(person.__getattribute__, HOME)))[:300]
    report.description = person.description[:LONGEST_TEXT]
    report.source_domain = person.domain
    report.source_record_id = person.person_record_id
    report.source_entry_date = person.entry_date
    report.expiry_date = person.expiry_date
    report.is_clone = True
    report.original = {"pfif": person.version, "via": via, "fields": dict(person.original)}


HOME = ("home_street", "home_neighborhood", "home_city", "home_state", "home_postal_code", "home_country")


def _fill_age(report: Report, person: PfifPerson) -> None:
    report.birth_date = report.born_from = report.born_to = None
    report.age_from, report.age_to = person.age or (None, None)
    if person.born is not None:
        report.born_from, report.born_to = person.born
        report.birth_date = person.born[0] if person.born[0] == person.born[1] else None
    elif person.age is not None:
        report.born_from, report.born_to = values.born_from_age(person.age, report.occurred_at.date())


def settle(report: Report, *, publishes: bool, by_id: int | None, now: datetime) -> None:
    """Whether the report may be shown. A death and a child alone wait for a protection officer, however trusted the source."""
    report.consents_to_publish = publishes
    report.moderated_at, report.moderated_by_id = None, None
    if report.kind in OF_DEATH or is_child_alone(report):
        report.moderation = Moderation.HELD
    elif publishes:
        report.moderation = Moderation.PUBLISHED
        report.moderated_at, report.moderated_by_id = now, by_id
    else:
        report.moderation = Moderation.WAITING


def names_of(report: Report, person: PfifPerson) -> list[ReportedName]:
    """The record's names: the whole first, with its parts, then further whole names, then other names."""
    if not person.full_name and not person.alternate_names:
        return []
    first, *others = person.full_name or person.alternate_names
    alternative = person.alternate_names if person.full_name else person.alternate_names[1:]
    written = [
        (
            first,
            person.given_name[:150],
            person.family_name[:150],
            NameKind.FULL if person.full_name else NameKind.ALTERNATIVE,
        )
    ]
    written += [
        (name, "", "", NameKind.FULL if person.full_name else NameKind.ALTERNATIVE) for name in others[: MOST_NAMES - 1]
    ]
    if person.full_name:
        written += [(name, "", "", NameKind.ALTERNATIVE) for name in alternative]
    return [
        alike(_A_NAME, report_id=report.pk, as_written=whole[:300], given=given, family=family, kind=kind,
              script=script_of(whole), place=place)
        for place, (whole, given, family, kind) in enumerate(written[:MOST_NAMES])
    ]  # fmt: skip


_A_NAME = ReportedName()


def fill_note(note: Note, given: PfifNote, *, via: str, now: datetime) -> None:
    """Set on a note, new or known, what the record says."""
    note.status = given.status
    note.text = given.text[:LONGEST_TEXT]
    note.occurred_at = min(_at(given) or now, now)
    note.reported_by = given.author_name[:200]
    note.author_phone = given.author_phone[:60]
    note.author_email = given.author_email[:254]
    note.last_known_location = given.last_known_location.replace("\n", ", ")[:300]
    note.contact_made = given.author_made_contact
    note.moderation = Moderation.HELD if given.status == NoteStatus.BELIEVED_DEAD else Moderation.WAITING
    note.source_domain = given.domain
    note.source_record_id = given.note_record_id
    note.source_entry_date = given.entry_date
    note.linked_record_id = given.linked_person_record_id
    note.is_clone = True
    note.original = {"pfif": given.version, "via": via, "fields": dict(given.original)}


def _at(note: PfifNote) -> datetime | None:
    return note.source_date or note.entry_date


def is_newer(given: PfifPerson | PfifNote, known: Any) -> bool:
    """Whether a record says more than the one that is here: by its entry date, or without one by what it says."""
    if given.entry_date is None or known.source_entry_date is None:
        return bool(known.original.get("fields") != dict(given.original))
    return bool(given.entry_date > known.source_entry_date)


def has_expired(given: PfifPerson, now: datetime | None = None) -> bool:
    """Whether the record's time is over, as its home says."""
    return given.expiry_date is not None and given.expiry_date <= (now or timezone.now())
