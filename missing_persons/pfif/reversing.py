"""Taking a run back: what it made goes, what it changed is as before. What people worked on since stays, and is counted."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import NotAllowed, standing_of
from komek.records.actor import Actor, acting
from missing_persons.models import Joining, Note, Person, PfifRun, PfifTaken, Report, ReportedName, RunState
from missing_persons.pfif import before
from missing_persons.pfif.runs import batched
from missing_persons.policies import sits_at_desk
from missing_persons.refreshing import refresh
from missing_persons.refusals import Refused
from missing_persons.texts import script_of

AT_ONCE = 500


def reverse_run(run: PfifRun, *, by: Actor) -> PfifRun:
    """Take back all that a run brought in. Stopped on the way, it goes on with what is left. Raises Refused or NotAllowed."""
    if by.user is not None and not sits_at_desk(standing_of(by.user, run.operation)):
        raise NotAllowed(_("Only registrars and coordinators of the whole operation take an import back."))
    if run.state not in (RunState.DONE, RunState.FAILED, RunState.REVERSING):
        raise Refused({"__all__": _("This import is not finished, or was taken back already.")})
    by = Actor(by.user, by.channel, by.name, by.reason, batch=f"pfif {run.pk}")
    run.state = RunState.REVERSING
    run.save(update_fields=["state"])
    # The newest first, notes before the persons they are about.
    rows = PfifTaken.objects.filter(run=run).order_by("-pk")
    for kind, step in (("note_id", _notes_back), ("report_id", _reports_back)):
        keys = list(rows.exclude(**{kind: None}).values_list("pk", flat=True))
        for some in batched(keys, AT_ONCE):
            with transaction.atomic(), acting(by):
                taken = list(PfifTaken.objects.filter(pk__in=some).order_by("-pk"))
                counts = step(taken)
                PfifTaken.objects.filter(pk__in=some).delete()
                run.counts = dict(Counter(run.counts) + counts)
                run.beat_at = timezone.now()
                run.save(update_fields=["counts", "beat_at"])
    run.state, run.finished_at = RunState.REVERSED, timezone.now()
    run.save(update_fields=["state", "finished_at"])
    return run


def _notes_back(taken: list[PfifTaken]) -> Counter[str]:
    notes = {note.pk: note for note in Note.objects.filter(pk__in=[row.note_id for row in taken], tombstoned_at=None)}
    made = {row.note_id for row in taken if row.before is None}
    touched = {pk for pk, note in notes.items() if note.verified_at is not None}
    gone = [notes[pk] for pk in made if pk in notes and pk not in touched]
    changed = []
    for row in taken:
        note = notes.get(row.note_id or 0)
        if row.before is not None and note is not None and note.pk not in touched:
            before.set_back(note, row.before)
            changed.append(note)
    persons = {note.person_id for note in (*gone, *changed)}
    Note.objects.filter(pk__in=[note.pk for note in gone]).delete()
    Note.objects.bulk_update(changed, before.NOTE_FIELDS_WRITTEN)
    _refresh(persons)
    return Counter(taken_back=len(gone) + len(changed), kept=len(touched))


def _reports_back(taken: list[PfifTaken]) -> Counter[str]:
    keys = [row.report_id for row in taken]
    reports = {one.pk: one for one in Report.objects.filter(pk__in=keys, tombstoned_at=None).select_related("person")}
    untouched = set(_untouched(Report.objects.filter(pk__in=reports)).values_list("pk", flat=True))
    made = [row.report_id for row in taken if row.before is None and row.report_id in untouched]
    persons = [reports[pk].person_id for pk in made if pk is not None]
    # Nothing hangs on these but what is deleted here, so nothing need be looked for.
    for gone in (ReportedName.objects.filter(report__in=made), Report.objects.filter(pk__in=made)):
        gone._raw_delete(gone.db)
    Person.objects.filter(pk__in=persons).delete()
    changed: list[Report] = []
    for row in taken:
        report = reports.get(row.report_id or 0)
        if row.before is not None and report is not None:
            _set_back(report, row.before)
            changed.append(report)
    Report.objects.bulk_update(changed, before.REPORT_FIELDS_WRITTEN)
    _refresh({report.person_id for report in changed})
    left = sum(1 for row in taken if row.before is None and row.report_id in reports and row.report_id not in untouched)
    return Counter(taken_back=len(made) + len(changed), kept=left)


def _untouched(reports: QuerySet[Any]) -> QuerySet[Any]:
    """Those nobody worked on: not joined with others, verified, noted on, disputed or followed."""
    person = OuterRef("person_id")
    return reports.filter(
        ~Exists(Report.objects.filter(person=person).exclude(pk=OuterRef("pk"))),
        ~Exists(Note.objects.filter(person=person)),
        ~Exists(Joining.objects.filter(Q(source=person) | Q(target=person))),
        person=F("made_person"),
        verified_at=None,
        photos=None,
        subscriptions=None,
        person__disputes=None,
        person__subscriptions=None,
        person__family=None,
        person__family_of=None,
    )


def _set_back(report: Report, kept: dict[str, Any]) -> None:
    before.set_back(report, kept)
    report.updated_at = timezone.now()
    report.names.all().delete()
    ReportedName.objects.bulk_create(
        ReportedName(
            report=report, place=place, script=script_of(parts[0]),
            **dict(zip(before.SPELLING, parts, strict=True)),
        )
        for place, parts in enumerate(kept["names"])
    )  # fmt: skip


def _refresh(persons: set[int]) -> None:
    if persons:
        refresh(Person.objects.select_for_update().filter(pk__in=persons).order_by("pk"))
