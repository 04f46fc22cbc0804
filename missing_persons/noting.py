"""Notes on a person, and making sure of notes and reports."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from missing_persons.checking import CLOCK_SLACK, LONGEST_TEXT
from missing_persons.models import (
    LOOKED_FOR,
    Moderation,
    Note,
    NoteStatus,
    Person,
    Report,
)
from missing_persons.refreshing import refresh
from missing_persons.refusals import Refused
from missing_persons.texts import one_line, several_lines

ALIVE_AGAIN = (NoteStatus.BELIEVED_ALIVE, NoteStatus.IS_NOTE_AUTHOR)


@transaction.atomic
def add_note(
    *, by: Actor, operation: Any, person: Person, report: Report | None = None, organisation: Any = None, **fields: Any
) -> Note:
    """Write down what somebody with an account learnt about a person. Raises Refused or NotAllowed.

    fields: status, text, last_known_location, last_known_area, contact_made, author_phone, author_email, reported_by, occurred_at,
    entry_id.
    """
    standing = standing_of(by.user, operation)
    require(standing, Action.VIEW, person)
    note = Note(operation=person.operation, person=person, report=report, organisation=organisation)
    require(standing, Action.ADD, note)
    return _keep_note(by, note, fields)


@transaction.atomic
def add_note_by_public(*, by: Actor, person: Person, report: Report | None = None, **fields: Any) -> Note:
    """The same without an account: it waits to be looked at. The caller has kept out robots and floods. Raises Refused."""
    return _keep_note(by, Note(operation=person.operation, person=person, report=report), fields)


@transaction.atomic
def verify_note(*, by: Actor, operation: Any, note: Note, how: str) -> Note:
    """Say that somebody made sure of a note, and how; of a death only a protection officer. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.APPROVE, note)
    locked = Note.objects.select_for_update().get(pk=note.pk)
    _refuse_erased(locked)
    locked.verified_how = _said_how(how)
    locked.verified_at, locked.verified_by = timezone.now(), by.user
    with acting(by.because(locked.verified_how)):
        locked.save()
        refresh([Person.objects.select_for_update().get(pk=locked.person_id)])
    return locked


@transaction.atomic
def verify_report(*, by: Actor, operation: Any, report: Report, how: str) -> Report:
    """The same for what a report says. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.APPROVE, report)
    locked = Report.objects.select_for_update().get(pk=report.pk)
    _refuse_erased(locked)
    reason = _said_how(how)
    locked.verified_at, locked.verified_by = timezone.now(), by.user
    with acting(by.because(reason)):
        locked.save()
        refresh([Person.objects.select_for_update().get(pk=locked.person_id)])
    return locked


@transaction.atomic
def doubt(*, by: Actor, operation: Any, evidence: Note | Report, why: str) -> Note | Report:
    """Take back that a note or report was verified. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.APPROVE, evidence)
    locked = type(evidence).objects.select_for_update().get(pk=evidence.pk)  # type: ignore[attr-defined]
    reason = one_line(why)[:300]
    if not reason:
        raise Refused({"why": _("Say why this is not certain any more.")})
    locked.verified_at = locked.verified_by = None
    with acting(by.because(reason)):
        locked.save()
        refresh([Person.objects.select_for_update().get(pk=locked.person_id)])
    return locked


def _keep_note(by: Actor, note: Note, fields: dict[str, Any]) -> Note:
    entry_id: UUID | None = fields.pop("entry_id", None)
    earlier = Note.objects.filter(entry_id=entry_id).first() if entry_id is not None else None
    if earlier is not None:
        if earlier.person_id != note.person_id:
            raise Refused({"__all__": _("This note was sent elsewhere already. Reload the page and try again.")})
        return earlier
    note.stamp(by)
    note.entry_id = entry_id or note.entry_id
    note.original = {name: str(value).replace("\x00", "␀") for name, value in fields.items() if value not in (None, "")}
    _assign(note, fields)
    person = Person.objects.select_for_update().get(pk=note.person_id)
    faults = _faults_of(note, person)
    if faults:
        raise Refused(faults)
    if note.status == NoteStatus.BELIEVED_DEAD:
        note.moderation = Moderation.HELD
    with acting(by):
        note.save()
        refresh([person])
    return note


def _assign(note: Note, fields: dict[str, Any]) -> None:
    for name in ("last_known_location", "author_phone", "author_email", "reported_by"):
        if fields.get(name):
            setattr(note, name, one_line(fields.pop(name)))
    note.text = several_lines(fields.pop("text", ""))
    for name, value in fields.items():
        if name not in ("status", "last_known_area", "contact_made", "occurred_at", "last_known_location",
                        "author_phone", "author_email", "reported_by"):  # fmt: skip
            raise TypeError(f"not a field of a note that people give: {name}")
        if value not in (None, ""):
            setattr(note, name, value)


def _faults_of(note: Note, person: Person) -> dict[str, Any]:
    faults: dict[str, Any] = {}
    if person.joined_into_id is not None:
        faults["__all__"] = _("This person was found to be another. Write the note there: %(code)s.") % {
            "code": person.current.code
        }
    if person.tombstoned_at is not None:
        faults["__all__"] = _("This entry was erased. Make a new report instead.")
    if not note.text and not note.status:
        faults["text"] = _("Write what you know, or choose a status.")
    for name in ("last_known_location", "author_phone", "author_email", "reported_by"):
        most = note._meta.get_field(name).max_length
        if most is not None and len(getattr(note, name)) > most:
            faults[name] = _("This is longer than %(most)d characters. Shorten it.") % {"most": most}
    if len(note.text) > LONGEST_TEXT:
        faults["text"] = _("This is longer than %(most)d characters. Shorten it.") % {"most": LONGEST_TEXT}
    if note.status not in NoteStatus.values:
        faults["status"] = _("Choose one of the statuses.")
    if note.occurred_at > timezone.now() + CLOCK_SLACK:
        faults["occurred_at"] = _("This lies in the future. Give the moment as of when it holds.")
    elif note.status in ALIVE_AGAIN and (last := _last_seen(person)) is not None and note.occurred_at < last:
        faults["occurred_at"] = _(
            "The person was last seen on %(day)s, after the moment you give. When were they found? Give that day."
        ) % {"day": timezone.localdate(last).isoformat()}
    return faults


def _last_seen(person: Person) -> datetime | None:
    """When the person was last seen before they went missing, as the newest report of a search says."""
    return (
        Report.objects.filter(person=person, kind__in=LOOKED_FOR, tombstoned_at=None)
        .order_by("-occurred_at")
        .values_list("occurred_at", flat=True)
        .first()
    )


def _said_how(how: str) -> str:
    reason = one_line(how)[:300]
    if not reason:
        raise Refused({"how": _("Say how you made sure, such as “spoke to them by phone”.")})
    return reason


def _refuse_erased(evidence: Note | Report) -> None:
    if evidence.tombstoned_at is not None:
        raise Refused({"__all__": _("This was erased. Nothing of it can be changed.")})
