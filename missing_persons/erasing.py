"""Expiry and erasure: everything said about a person goes, from the rows and from history; a bare tombstone stays.

The tombstone keeps the code, the kind, the days, and the id in another registry, so that a copy that comes back is known and refused.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, NotAllowed, require, standing_of
from komek.records.actor import SYSTEM, Actor, acting
from komek.records.models import Erasure
from komek.records.scrubbing import scrub, scrub_history
from missing_persons.models import (
    Dispute,
    FamilyLink,
    Moderation,
    Note,
    PassedMessage,
    Person,
    PfifTaken,
    Photo,
    Report,
    ReportedName,
    SightingMatch,
    Subscription,
    SuggestedPair,
    Visibility,
)
from missing_persons.photos import drop_files
from missing_persons.policies import is_protection_officer
from missing_persons.refreshing import refresh
from missing_persons.refusals import Refused
from missing_persons.searching import refresh_keys
from missing_persons.texts import one_line

AT_ONCE = 500
REPORT: dict[str, Any] = {
    "reported_by": "", "reporter_relation": "", "reporter_phone": "", "reporter_email": "", "source": "", "sex": "unknown",
    "birth_date": None, "age_from": None, "age_to": None, "born_from": None, "born_to": None, "home_text": "",
    "home_area": None, "last_seen_text": "", "last_seen_area": None, "last_seen_point": None, "height_cm": None, "build": "",
    "hair": "", "eyes": "", "scars": "", "tattoos": "", "clothing": "", "languages": [], "description": "",
    "circumstances": "", "company": "", "moderation_reason": "", "original": {},
}  # fmt: skip
NAME = {"as_written": "", "given": "", "patronymic": "", "family": ""}
NOTE: dict[str, Any] = {
    "reported_by": "", "text": "", "last_known_location": "", "last_known_area": None, "author_phone": "",
    "author_email": "", "moderation_reason": "", "verified_how": "", "original": {},
}  # fmt: skip
PHOTO = {"file": "", "small": "", "sha256": "", "source_url": "", "reported_by": ""}
PERSON: dict[str, Any] = {
    "display_name": "", "sex": "unknown", "born_from": None, "born_to": None, "home_area": None, "home_text": "",
    "last_seen_area": None, "last_seen_text": "", "reported_by": "", "held_back_because": "",
}  # fmt: skip
DISPUTE = {"text": "", "phone": "", "email": "", "decision": "", "reported_by": ""}
SIGHTING: dict[str, Any] = {"names": [], "evidence": [], "sex": "", "birth_year": None, "reason": ""}


@transaction.atomic
def erase_report(*, by: Actor, operation: Any, report: Report, reason: str) -> None:
    """Erase a report, at the wish of who made it or of whom it is about. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.DELETE, report)
    tidy = one_line(reason)[:300]
    if not tidy:
        raise Refused({"reason": _("Say why it is erased. What was in it is not kept.")})
    if report.tombstoned_at is not None:
        raise Refused({"__all__": _("This was erased already.")})
    erase(by=by, report_ids=[report.pk], reason=tidy)


@transaction.atomic
def erase_person(*, by: Actor, operation: Any, person: Person, reason: str) -> None:
    """Erase everything said about a person, at their wish: a protection officer's decision. Raises Refused or NotAllowed."""
    standing = standing_of(by.user, operation)
    require(standing, Action.DELETE, person)
    if not is_protection_officer(standing):
        raise NotAllowed(_("Only a protection officer erases everything about a person."))
    tidy = one_line(reason)[:300]
    if not tidy:
        raise Refused({"reason": _("Say why it is erased. What was in it is not kept.")})
    locked = Person.objects.select_for_update().get(pk=person.pk)
    keys = list(Report.objects.filter(person=locked, tombstoned_at=None).values_list("pk", flat=True))
    erase(by=by, report_ids=keys, reason=tidy)


@transaction.atomic
def erase_note(*, by: Actor, operation: Any, note: Note, reason: str) -> None:
    """Erase one note. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.DELETE, note)
    tidy = one_line(reason)[:300]
    if not tidy:
        raise Refused({"reason": _("Say why it is erased. What was in it is not kept.")})
    with acting(by.because(tidy)):
        Note.objects.filter(pk=note.pk).update(verified_at=None, verified_by=None)
        _leave_tombstones(Note, [note.pk], NOTE, timezone.now())
        refresh(Person.objects.select_for_update().filter(pk=note.person_id))


def expire_due(now: datetime | None = None) -> int:
    """Erase reports whose time is over; returns how many. Each batch is a transaction, so that a run may be interrupted."""
    now = now or timezone.now()
    done = 0
    while True:
        with transaction.atomic():
            due = Report.objects.filter(expiry_date__lte=now, tombstoned_at=None).order_by("pk")
            keys = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:AT_ONCE])
            if not keys:
                return done
            erase(by=SYSTEM, report_ids=keys, reason="expired")
            done += len(keys)


@transaction.atomic
def erase(*, by: Actor, report_ids: list[int], reason: str) -> None:
    """Leave bare tombstones of these reports, and of persons of whom nothing else is left. Asks no permission."""
    now = timezone.now()
    persons = set(Report.objects.filter(pk__in=report_ids).values_list("person_id", flat=True))
    with acting(by.because(reason)):
        _leave_tombstones(Report, report_ids, REPORT, now)
        PfifTaken.objects.filter(report_id__in=report_ids).delete()  # what an import changed, to be set back
        names = ReportedName.objects.filter(report__in=report_ids)
        scrub(ReportedName, list(names.values_list("pk", flat=True)), NAME)
        notes = Note.objects.filter(report__in=report_ids)
        _leave_tombstones(Note, list(notes.values_list("pk", flat=True)), NOTE, now)
        photos = Photo.objects.filter(report__in=report_ids)
        for photo in photos.exclude(file=""):
            transaction.on_commit(partial(drop_files, photo))
        scrub(Photo, list(photos.values_list("pk", flat=True)), PHOTO)
        alive = set(Report.objects.filter(person__in=persons, tombstoned_at=None).values_list("person_id", flat=True))
        gone = persons - alive
        # What was worked out from the report stands on persons and in their history: on whom it was joined to, and on whom it made.
        made = set(Report.objects.filter(pk__in=report_ids).values_list("made_person_id", flat=True)) - persons
        derived = {name: value for name, value in PERSON.items() if name not in ("reported_by", "held_back_because")}
        scrub(Person, sorted(made), derived)
        scrub_history(Person, sorted(persons - gone), derived)
        _erase_persons(gone, now)
        refresh(Person.objects.select_for_update().filter(pk__in=(persons | made) - gone))
        Erasure.objects.bulk_create(
            Erasure(
                model="missing_persons.Report",
                record_pk=pk,
                fields=sorted(REPORT),
                reason=reason,
                erased_by=by.name[:150],
            )
            for pk in report_ids
        )


def _leave_tombstones(model: type[Any], keys: list[int], fields: dict[str, Any], now: datetime) -> None:
    scrub(model, keys, fields)
    model.objects.filter(pk__in=keys).update(tombstoned_at=now, moderation=Moderation.HIDDEN)


def _erase_persons(keys: set[int], now: datetime) -> None:
    """Nothing is left of these, nor of those who were joined into them."""
    while True:
        more = set(Person.objects.filter(joined_into__in=keys).values_list("pk", flat=True)) - keys
        if not more:
            break
        keys |= more
    scrub(Person, sorted(keys), PERSON)
    Person.objects.filter(pk__in=keys).update(tombstoned_at=now, visibility=Visibility.HIDDEN)
    refresh_keys(keys)
    notes = Note.objects.filter(person__in=keys, tombstoned_at=None)
    _leave_tombstones(Note, list(notes.values_list("pk", flat=True)), NOTE, now)
    for model, fields in (
        (Dispute, DISPUTE), (PassedMessage, {"text": "", "answer": ""}),
        (SightingMatch, SIGHTING),
    ):  # fmt: skip
        scrub(model, list(model.objects.filter(person__in=keys).values_list("pk", flat=True)), fields)  # type: ignore[attr-defined]
    # A way to reach somebody is asked for by the table itself, so who followed is not scrubbed but deleted.
    Subscription.objects.filter(person__in=keys).delete()
    FamilyLink.objects.filter(person__in=keys).delete()
    FamilyLink.objects.filter(relative__in=keys).delete()
    refresh_keys(keys)  # nothing of them is filed any more
    for side in ("first", "second"):
        SuggestedPair.objects.filter(**{f"{side}__in": keys}).update(evidence=[], reason="")
