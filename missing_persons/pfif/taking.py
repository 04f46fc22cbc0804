"""Some thousand records of PFIF into the registry at once: a constant number of queries, new rows by COPY.

The steps, for persons and then for notes: what is known already is looked up by its number; what is new is built, what is newer is
changed, what is the same or older is left alone; what stands on the persons is worked out; the search keys are filed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from os import urandom
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.utils import timezone

from komek.records.actor import Actor
from komek.records.codes import next_codes
from komek.records.copying import alike, copy_in, draw_keys
from missing_persons.filing import forms_of, row_of, store_rows
from missing_persons.models import Moderation, Note, Person, PfifRun, PfifTaken, Report, ReportedName, Visibility
from missing_persons.models.reports import follow_key
from missing_persons.pfif import before, translating
from missing_persons.pfif.linking import found_by_number, suggest_linked
from missing_persons.pfif.records import Fault, PfifNote, PfifPerson, domain_of
from missing_persons.pfif.trusting import Source
from missing_persons.refreshing import derive, refresh


def _random_keys(count: int) -> list[UUID]:
    """As ``uuid4`` makes them, asking the system once."""
    drawn = urandom(16 * count)
    return [UUID(bytes=drawn[begin : begin + 16], version=4) for begin in range(0, 16 * count, 16)]


@dataclass
class Chunk:
    """What became of some records. waiting: notes about persons who are not here (yet)."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    waiting: list[PfifNote] = field(default_factory=list)


class Taker:
    """Takes chunks of one run, each inside a transaction and ``acting``."""

    def __init__(self, run: PfifRun, source: Source, by: Actor) -> None:
        self.run, self.source, self.by = run, source, by

    def take(self, records: Iterable[PfifPerson | PfifNote]) -> Chunk:
        """Bring in persons and notes in any order."""
        with connection.cursor() as cursor:
            # Two imports of the same records at once would both find them new.
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtext('missing_persons.pfif'), %s)", [self.run.operation_id]
            )
        self.now = timezone.now()
        self.chunk = Chunk()
        self.taken: list[PfifTaken] = []
        persons: dict[str, PfifPerson] = {}
        notes: dict[str, PfifNote] = {}
        for record in records:
            if isinstance(record, PfifPerson):
                self._keep_newer(persons, record.person_record_id, record)
            else:
                self._keep_newer(notes, record.note_record_id, record)
        by_person: dict[str, list[PfifNote]] = {}
        for note in notes.values():
            by_person.setdefault(note.person_record_id, []).append(note)
        new_numbers = self._take_persons(persons, by_person)
        fresh_notes = self._take_notes(notes) if notes else []
        suggest_linked(self.run.operation, fresh_notes, new_numbers, self.source.own_domain)
        if self.taken:
            copy_in(self.taken)
        return self.chunk

    def knows(self, records: Sequence[PfifPerson | PfifNote]) -> bool:
        """Whether all of these are here already, the same or newer."""
        for kind, model, name in ((PfifPerson, Report, "person_record_id"), (PfifNote, Note, "note_record_id")):
            given = {getattr(record, name): record for record in records if isinstance(record, kind)}
            ours = {number for number in given if domain_of(number) == self.source.own_domain}
            rows: Any = model.objects.filter(operation=self.run.operation, source_record_id__in=given)  # type: ignore[attr-defined]
            known = {row.source_record_id: row for row in rows}
            if given.keys() - known.keys() - ours:
                return False
            if any(
                row.tombstoned_at is None and translating.is_newer(given[number], row) for number, row in known.items()
            ):
                return False
        return True

    def _keep_newer(self, kept: dict[str, Any], number: str, record: Any) -> None:
        """Of a record that stands twice the newer counts."""
        other = kept.get(number)
        if other is None or (record.entry_date or datetime.min.replace(tzinfo=self.now.tzinfo)) >= (
            other.entry_date or datetime.min.replace(tzinfo=self.now.tzinfo)
        ):
            kept[number] = record
        if other is not None:
            self.chunk.counts["same"] += 1

    # -- persons ----------------------------------------------------------------------------------------------------

    def _take_persons(self, persons: dict[str, PfifPerson], notes: dict[str, list[PfifNote]]) -> list[str]:
        """Returns the numbers of the new ones."""
        if not persons:
            return []
        known = {
            report.source_record_id: report
            for report in Report.objects.filter(operation=self.run.operation, source_record_id__in=persons).order_by()
        }
        fresh: list[PfifPerson] = []
        changed: list[tuple[Report, PfifPerson]] = []
        for number, given in persons.items():
            report = known.get(number)
            if report is None:
                if given.is_placeholder or translating.has_expired(given, self.now):
                    self.chunk.counts["expired"] += 1
                else:
                    fresh.append(given)
            elif report.tombstoned_at is not None or not translating.is_newer(given, report):
                self.chunk.counts["same"] += 1
            elif self._may_change(report, given):
                changed.append((report, given))
        if fresh:
            self._make(fresh, notes)
        if changed:
            self._change(changed, notes)
        return [given.person_record_id for given in fresh]

    def _may_change(self, known: Report | Note, given: PfifPerson | PfifNote) -> bool:
        """What came from its home is not overwritten by who only hands it on."""
        via = known.original.get("via", "")
        if self.source.speaks_for(given.domain) or via == self.source.domain:
            return True
        self.chunk.faults.append(
            Fault(given.line, "handed_on", {"domain": given.domain[:100]}, known.source_record_id, is_lost=True)
        )
        return False

    def _make(self, fresh: Sequence[PfifPerson], notes: dict[str, list[PfifNote]]) -> None:
        person_like = self._stamped(Person(operation_id=self.run.operation_id, visibility=Visibility.WAITING))
        report_like = self._stamped(Report(operation_id=self.run.operation_id))
        persons = [alike(person_like, code=code) for code in next_codes(Person.CODE_LETTER, len(fresh))]
        reports = [alike(report_like, entry_id=key, follow_key=follow_key()) for key in _random_keys(len(fresh))]
        draw_keys(persons)
        draw_keys(reports)
        spelt: list[list[ReportedName]] = []
        for given, person, report in zip(fresh, persons, reports, strict=True):
            report.person_id = report.made_person_id = person.pk
            kind = translating.kind_of(given, notes.get(given.person_record_id, ()))
            translating.fill_report(report, given, kind=kind, via=self.source.domain, now=self.now)
            translating.settle(report, publishes=self.source.publishes, by_id=self._user_id, now=self.now)
            written = translating.names_of(report, given)
            report._prefetched_objects_cache = {"names": written}
            spelt.append(written)
            derive(person, [report], [])
        copy_in(persons)
        copy_in(reports)
        copy_in([name for written in spelt for name in written])
        taken = PfifTaken(run_id=self.run.pk)
        self.taken += [alike(taken, report_id=report.pk) for report in reports]
        store_rows(row_of(person, forms_of(written)) for person, written in zip(persons, spelt, strict=True))
        self.chunk.counts["new"] += len(fresh)

    def _change(self, changed: Sequence[tuple[Report, PfifPerson]], notes: dict[str, list[PfifNote]]) -> None:
        reports = [report for report, _given in changed]
        spelt: dict[int, list[ReportedName]] = {}
        for name in ReportedName.objects.filter(report__in=reports).order_by("place", "pk"):
            spelt.setdefault(name.report_id, []).append(name)
        names: list[ReportedName] = []
        rewritten: list[int] = []
        for report, given in changed:
            self.taken.append(
                PfifTaken(run=self.run, report_id=report.pk, before=before.of_report(report, spelt.get(report.pk, [])))
            )
            if given.is_placeholder or translating.has_expired(given, self.now):
                # Out of every search and feed at once; the rules of expiry erase it.
                report.expiry_date = given.expiry_date
                report.source_entry_date = given.entry_date
                report.moderation = Moderation.HIDDEN
                self.chunk.counts["expired"] += 1
            else:
                was_public = report.moderation == Moderation.PUBLISHED
                kind = translating.kind_of(given, notes.get(given.person_record_id, ()))
                translating.fill_report(report, given, kind=kind, via=self.source.domain, now=self.now)
                if report.moderation != Moderation.HIDDEN:
                    publishes = self.source.publishes or (was_public and report.consents_to_publish)
                    translating.settle(report, publishes=publishes, by_id=self._user_id, now=self.now)
                written = translating.names_of(report, given)
                if before.spelling(written) != before.spelling(spelt.get(report.pk, [])):
                    names += written
                    rewritten.append(report.pk)
                self.chunk.counts["changed"] += 1
            report.updated_at = self.now
        Report.objects.bulk_update(reports, before.REPORT_FIELDS_WRITTEN, batch_size=500)
        if rewritten:
            ReportedName.objects.filter(report__in=rewritten).delete()
            ReportedName.objects.bulk_create(names)
        refresh(
            Person.objects.select_for_update().filter(pk__in={report.person_id for report in reports}).order_by("pk")
        )

    # -- notes ------------------------------------------------------------------------------------------------------

    def _take_notes(self, notes: dict[str, PfifNote]) -> list[Note]:
        """Returns the new ones."""
        known = {
            note.source_record_id: note
            for note in Note.objects.filter(operation=self.run.operation, source_record_id__in=notes).order_by()
        }
        found = found_by_number(
            self.run.operation, {note.person_record_id for note in notes.values()}, self.source.own_domain
        )
        note_like = self._stamped(Note(operation_id=self.run.operation_id))
        fresh: list[Note] = []
        changed: list[Note] = []
        for number, given in notes.items():
            note = known.get(number)
            if note is None:
                if given.person_record_id not in found:
                    self.chunk.waiting.append(given)
                    continue
                report_id, person_id = found[given.person_record_id]
                note = alike(note_like, person_id=person_id, report_id=report_id, entry_id=uuid4())
                translating.fill_note(note, given, via=self.source.domain, now=self.now)
                fresh.append(note)
            elif note.tombstoned_at is not None or not translating.is_newer(given, note):
                self.chunk.counts["same"] += 1
            elif self._may_change(note, given):
                self.taken.append(PfifTaken(run=self.run, note_id=note.pk, before=before.of_note(note)))
                translating.fill_note(note, given, via=self.source.domain, now=self.now)
                note.verified_at = note.verified_by = None  # what somebody made sure of is not what it says now
                note.updated_at = self.now
                changed.append(note)
        copy_in(fresh)
        self.taken += [PfifTaken(run=self.run, note_id=note.pk) for note in fresh]
        self.chunk.counts["notes_new"] += len(fresh)
        if changed:
            Note.objects.bulk_update(changed, before.NOTE_FIELDS_WRITTEN, batch_size=500)
            touched = {note.person_id for note in changed}
            refresh(Person.objects.select_for_update().filter(pk__in=touched).order_by("pk"))
            self.chunk.counts["notes_changed"] += len(changed)
        return fresh

    # -- both -------------------------------------------------------------------------------------------------------

    @property
    def _user_id(self) -> int | None:
        return getattr(self.by.user, "pk", None)

    def _stamped(self, record: Any) -> Any:
        """Who enters it, through which door, when."""
        record.entered_by_id = self._user_id
        record.channel = self.by.channel
        record.entered_at = record.updated_at = self.now
        return record
