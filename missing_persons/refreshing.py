"""What stands on a person is worked out from its reports and notes, after every change of these."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from missing_persons.ages import may_be_child, narrowed
from missing_persons.deriving import OF_NOTE, OF_REPORT, Evidence, status_from
from missing_persons.models import (
    LIVING,
    LOOKED_FOR,
    Company,
    Dispute,
    DisputeKind,
    DisputeState,
    Moderation,
    Note,
    Person,
    Report,
    ReportKind,
    Sex,
    Visibility,
)
from missing_persons.searching import refresh_keys
from missing_persons.telling import tell_of

DERIVED = (
    "display_name", "sex", "born_from", "born_to", "home_area", "home_text", "last_seen_area", "last_seen_text", "occurred_at",
    "is_child_alone", "status", "status_at", "status_source", "public_status",
    "visibility", "expires_at", "updated_at", "compared_at",
)  # fmt: skip


@transaction.atomic
def refresh(persons: Iterable[Person]) -> None:
    """Work out and store what follows from the reports and notes of these persons, in a constant number of queries.

    Call inside ``acting``, with the persons locked or new.
    """
    ids = {person.pk: person for person in persons}
    reports: dict[int, list[Report]] = {}
    for report in Report.objects.filter(person__in=ids, tombstoned_at=None).order_by("pk").prefetch_related("names"):
        reports.setdefault(report.person_id, []).append(report)
    notes: dict[int, list[Note]] = {}
    for note in Note.objects.filter(person__in=ids, tombstoned_at=None).order_by("pk"):
        notes.setdefault(note.person_id, []).append(note)
    in_danger = set(
        Dispute.objects.filter(person__in=ids, state=DisputeState.OPEN, kind=DisputeKind.DANGER).values_list(
            "person", flat=True
        )
    )
    for pk, person in ids.items():
        derive(person, reports.get(pk, []), notes.get(pk, []), is_in_danger=pk in in_danger)
    Person.objects.bulk_update(ids.values(), DERIVED, batch_size=500)
    refresh_keys(ids)
    tell_of(ids)


def derive(person: Person, reports: list[Report], notes: list[Note], *, is_in_danger: bool = False) -> None:
    """Set on the person what follows from its reports (the oldest first, names at hand) and notes. Saves nothing."""
    person.updated_at = timezone.now()
    person.compared_at = None
    if not reports:
        person.visibility = Visibility.HIDDEN
        return
    person.display_name = next((name for report in reports if (name := main_name(report))), "")
    told = [report.sex for report in reports if report.sex != Sex.UNKNOWN]
    person.sex = told[0] if told else Sex.UNKNOWN
    person.born_from, person.born_to = narrowed([(report.born_from, report.born_to) for report in reports])
    newest = sorted(reports, key=lambda report: report.occurred_at, reverse=True)
    person.occurred_at = newest[0].occurred_at
    for place in ("home", "last_seen"):
        said = next((one for one in newest if getattr(one, f"{place}_text") or getattr(one, f"{place}_area_id")), None)
        setattr(person, f"{place}_text", getattr(said, f"{place}_text", ""))
        setattr(person, f"{place}_area_id", getattr(said, f"{place}_area_id", None))
    person.is_child_alone = any(is_child_alone(report, person) for report in reports)
    found = status_from(_evidence(reports, notes))
    person.status, person.status_at, person.status_source = found.status, found.at, found.source
    published = [report for report in reports if is_published(report)]
    told_to_all = [note for note in notes if note.moderation == Moderation.PUBLISHED]
    person.public_status = status_from(_evidence(published, told_to_all)).status
    ends = [report.expiry_date for report in reports]
    person.expires_at = None if None in ends else max(end for end in ends if end is not None)
    person.visibility = visibility_of(person, reports, is_in_danger=is_in_danger)


def _evidence(reports: list[Report], notes: list[Note]) -> list[Evidence]:
    return [*map(evidence_of_report, reports), *filter(None, map(evidence_of_note, notes))]


def is_published(report: Report) -> bool:
    """Whether somebody released the report and the reporter agreed. Whether the person is public is asked beside this."""
    return report.moderation == Moderation.PUBLISHED and report.consents_to_publish and report.tombstoned_at is None


def main_name(report: Report) -> str:
    """The name a report is shown under: its first."""
    # Of reports that are not stored yet, as an import makes them by the thousand, the names are at hand.
    at_hand = getattr(report, "_prefetched_objects_cache", {})
    names = list(at_hand["names"] if "names" in at_hand else report.names.all())
    return names[0].as_written if names else ""


def is_child_alone(report: Report, person: Person | None = None) -> bool:
    """Whether a report is of a child found without family, or may be: who may be under 18 and of whose company nothing is known.

    person: whose age is asked when the report itself gives none.
    """
    if report.kind == ReportKind.SAFE or report.kind not in LIVING:
        return False
    if report.company != Company.UNKNOWN:
        return report.company == Company.ALONE and _young(report, person)
    return _young(report, person)


def _young(report: Report, person: Person | None) -> bool:
    on: date = timezone.localdate(report.occurred_at)
    born = (report.born_from, report.born_to)
    if born == (None, None) and person is not None:
        born = (person.born_from, person.born_to)
    # Nobody's age known and said to be alone: taken for a child, until somebody says otherwise.
    if born == (None, None):
        return report.company == Company.ALONE
    return may_be_child(*born, on)


def visibility_of(person: Person, reports: list[Report], *, is_in_danger: bool = False) -> str:
    """Public is whom somebody published with the reporter's consent, unless it is a child alone or was held back."""
    if person.is_held_back or person.is_child_alone or is_in_danger or person.joined_into_id is not None:
        return Visibility.HIDDEN
    if any(map(is_published, reports)):
        return Visibility.PUBLIC
    if any(report.moderation in (Moderation.WAITING, Moderation.HELD) for report in reports):
        return Visibility.WAITING
    return Visibility.HIDDEN


def evidence_of_report(report: Report) -> Evidence:
    """What a report says of the status."""
    return Evidence(
        says=OF_REPORT[ReportKind(report.kind)],
        at=report.occurred_at,
        is_verified=report.verified_at is not None,
        source=f"report {report.pk}",
        is_search=report.kind in LOOKED_FOR,
    )


def evidence_of_note(note: Note) -> Evidence | None:
    """What a note says of the status; ``None`` when it says nothing of it."""
    says: Any = OF_NOTE.get(note.status)  # type: ignore[call-overload]
    if says is None:
        return None
    return Evidence(says=says, at=note.occurred_at, is_verified=note.verified_at is not None, source=f"note {note.pk}")
