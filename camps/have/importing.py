"""Bringing an EDXL-HAVE document in: keep it, show what it would record, record it.

Nothing is recorded before somebody has seen what it would be. A second run records nothing: a report is known by the
hospital and the moment, and one that says something else of the same moment is refused rather than mixed in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from camps.have.checking import checked
from camps.have.matching import Hospitals
from camps.have.reading import Facility, Message, read
from camps.hospitals import FIGURES, STATUSES, faults_of, latest_reports, report_hospital
from camps.models import Camp, CampType, HaveImport, HaveImportState, HospitalReport, ServiceStatus
from camps.refusals import Refused
from komek.accounts.authority import Action, Standing, may, require, standing_of, visible
from komek.records.actor import Actor, Channel, acting

NOTE_LENGTH = 500
SOURCE_LENGTH = 200


class Outcome(StrEnum):
    RECORD = "record"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


OUTCOMES = {
    Outcome.RECORD: gettext_lazy("to be recorded"),
    Outcome.UNCHANGED: gettext_lazy("known already"),
    Outcome.REFUSED: gettext_lazy("refused"),
}
BECAME = {**OUTCOMES, Outcome.RECORD: gettext_lazy("recorded")}


@dataclass
class Planned:
    """What would become of one hospital in the document. sentences: how it was found, faults, what is left out."""

    facility: Facility
    camp: Camp | None = None
    outcome: Outcome = Outcome.REFUSED
    sentences: list[str] = field(default_factory=list)

    def values(self) -> dict[str, Any]:
        """Keyword arguments of ``report_hospital``."""
        facility = self.facility
        return {
            **facility.statuses,
            **facility.figures,
            "services": facility.services,
            "note": facility.note[:NOTE_LENGTH],
        }

    def beds(self) -> list[dict[str, Any]]:
        return [{"kind": row.kind, "total": row.total, "available": row.available} for row in self.facility.beds]


@dataclass
class Plan:
    """What would become of a document. warnings: of the document as a whole."""

    message: Message
    rows: list[Planned]
    warnings: list[str]

    def count(self, outcome: Outcome) -> int:
        return sum(row.outcome == outcome for row in self.rows)

    @property
    def to_record(self) -> int:
        return self.count(Outcome.RECORD)


@transaction.atomic
def receive(*, by: Actor, operation: Any, content: bytes, file_name: str = "") -> HaveImport:
    """Keep a document to be looked at. Raises HaveFault when it cannot be read, Refused or NotAllowed; then nothing is kept.

    The same document sent again by the same person gives the one kept before.
    """
    kept = HaveImport(operation=operation, file_name=file_name[:255], content=content)
    kept.sha256 = sha256(content).hexdigest()
    kept.stamp(by)
    require(standing_of(by.user, operation), Action.ADD, kept)
    _message, _warnings = _open(content, operation)
    earlier: HaveImport | None = HaveImport.objects.filter(
        sha256=kept.sha256, operation=operation, entered_by=by.user, state=HaveImportState.CHECKED
    ).first()
    if earlier is not None:
        return earlier
    with acting(by):
        kept.save()
    return kept


def plan(content: bytes, *, operation: Any, standing: Standing) -> Plan:
    """What a document would record now. Writes nothing. Raises HaveFault, or Refused for an exercise in a real operation."""
    message, warnings = _open(content, operation)
    camps = visible(Camp.objects.filter(camp_type=CampType.HOSPITAL).select_related("organisation"), standing)
    hospitals = Hospitals(camps.prefetch_related("supporting"))
    rows = [Planned(facility) for facility in message.facilities]
    for row in rows:
        match = hospitals.meant_by(row.facility.external_id, row.facility.name)
        row.camp = match.camp
        row.sentences.append(match.sentence)
    _refuse_repeated(rows)
    known, newest = _known_reports(rows), latest_reports([row.camp.pk for row in rows if row.camp is not None])
    for row in rows:
        _decide(row, known, newest, standing)
    return Plan(message, rows, warnings)


@transaction.atomic
def record(*, by: Actor, operation: Any, document: HaveImport) -> HaveImport:
    """Record what a kept document says, once. What is refused for one hospital does not hold back the others."""
    standing = standing_of(by.user, operation)
    require(standing, Action.CHANGE, document)
    locked: HaveImport = HaveImport.objects.select_for_update(of=("self",)).get(pk=document.pk)
    if locked.state == HaveImportState.RECORDED:
        return locked
    planned = plan(bytes(locked.content), operation=operation, standing=standing)
    importer = Actor(
        user=by.user, channel=Channel.IMPORT, name=by.name, reason=str(locked)[:200], batch=f"have-{locked.pk}"
    )
    for row in planned.rows:
        if row.outcome == Outcome.RECORD:
            _record_one(row, planned.message, importer, operation)
    locked.result = [shown(row) for row in planned.rows]
    locked.state, locked.recorded_at = HaveImportState.RECORDED, timezone.now()
    with acting(by):
        locked.save(update_fields=["result", "state", "recorded_at", "updated_at"])
    return locked


def shown(row: Planned) -> dict[str, Any]:
    """A planned row as pages and the API show it."""
    facility = row.facility
    return {
        "external_id": facility.external_id,
        "name": facility.name,
        "reported_at": facility.reported_at.isoformat() if facility.reported_at else None,
        "code": row.camp.code if row.camp else None,
        "outcome": row.outcome.value,
        "sentences": [str(sentence) for sentence in row.sentences],
        "free_beds": sum(bed.available for bed in facility.beds) if facility.beds else None,
        "beds": sum(bed.total for bed in facility.beds) if facility.beds else None,
        "overall": str(facility.statuses.get("overall", ServiceStatus.UNKNOWN)),
    }


def _open(content: bytes, operation: Any) -> tuple[Message, list[str]]:
    document = checked(content)
    message = read(document)
    if message.is_exercise and not getattr(operation, "is_exercise", False):
        raise Refused(
            {
                "__all__": _(
                    "This document is of an exercise. It cannot go into a real operation; switch to the exercise."
                )
            }
        )
    return message, document.warnings


def _refuse_repeated(rows: list[Planned]) -> None:
    seen: set[int] = set()
    for row in rows:
        if row.camp is None:
            continue
        if row.camp.pk in seen:
            row.facility.faults.append(_("This hospital stands in the document twice. Only the first is taken."))
        seen.add(row.camp.pk)


def _decide(
    row: Planned,
    known: dict[tuple[int, datetime], list[HospitalReport]],
    newest: dict[int, HospitalReport],
    standing: Standing,
) -> None:
    facility, camp = row.facility, row.camp
    row.sentences += facility.warnings
    if camp is None or facility.faults or facility.reported_at is None:
        row.sentences += facility.faults
        return
    draft = HospitalReport(camp=camp, operation_id=camp.operation_id, occurred_at=facility.reported_at, **row.values())
    if not may(standing, Action.ADD, draft):
        row.sentences.append(_("You may not report for this hospital. Ask those who run it, or a coordinator."))
        return
    earlier = known.get((camp.pk, facility.reported_at), [])
    if any(_says_the_same(report, row) for report in earlier):
        row.outcome = Outcome.UNCHANGED
        return
    if earlier:
        row.sentences.append(
            _("A report of this hospital for the same moment is known, with other figures. "
              "Enter what is right by hand, or ask for a document of a later moment.")
        )  # fmt: skip
        return
    faults = faults_of(draft, facility.beds)
    if faults:
        row.sentences += [str(sentence) for sentence in faults.values()]
        return
    if len(facility.note) > NOTE_LENGTH:
        row.sentences.append(_("The note is longer than is kept; its end is cut off."))
    if camp.pk in newest and newest[camp.pk].occurred_at > facility.reported_at:
        row.sentences.append(
            _("A newer report is known. This one goes into the history and does not become the latest.")
        )
    row.outcome = Outcome.RECORD


def _known_reports(rows: list[Planned]) -> dict[tuple[int, datetime], list[HospitalReport]]:
    """(hospital, second) → reports that are there for it already."""
    wanted = {
        (row.camp.pk, row.facility.reported_at)
        for row in rows
        if row.camp is not None and row.facility.reported_at is not None
    }
    if not wanted:
        return {}
    moments = [moment for _camp, moment in wanted]
    reports = HospitalReport.objects.filter(
        camp__in={camp for camp, _moment in wanted},
        occurred_at__gte=min(moments), occurred_at__lt=max(moments) + timedelta(seconds=1),
    ).prefetch_related("beds")  # fmt: skip
    found: dict[tuple[int, datetime], list[HospitalReport]] = {}
    for report in reports:
        key = (report.camp_id, report.occurred_at.replace(microsecond=0))
        if key in wanted:
            found.setdefault(key, []).append(report)
    return found


def _says_the_same(report: HospitalReport, row: Planned) -> bool:
    facility = row.facility
    unknown = str(ServiceStatus.UNKNOWN)
    return (
        all(getattr(report, name) == str(facility.statuses.get(name, unknown)) for name in STATUSES)
        and all(getattr(report, name) == facility.figures.get(name) for name in FIGURES)
        and _known(report.services) == _known(facility.services)
        and {(bed.kind, bed.total, bed.available) for bed in report.beds.all()}
        == {(bed.kind, bed.total, bed.available) for bed in facility.beds}
    )


def _known(services: dict[str, str]) -> dict[str, str]:
    return {key: str(status) for key, status in services.items() if status != ServiceStatus.UNKNOWN}


def _record_one(row: Planned, message: Message, by: Actor, operation: Any) -> None:
    camp, facility = row.camp, row.facility
    if camp is None or facility.reported_at is None:  # such a row is never to be recorded
        return
    identity = f"edxl-have:{camp.pk}:{facility.external_id}:{facility.reported_at.isoformat()}"
    report_hospital(
        by=by,
        operation=operation,
        camp=camp,
        occurred_at=facility.reported_at,
        beds=row.beds(),
        entry_id=uuid5(NAMESPACE_URL, identity),
        source=f"EDXL-HAVE: {message.sender or facility.external_id}"[:SOURCE_LENGTH],
        reported_by=(message.sender or by.name)[:SOURCE_LENGTH],
        **row.values(),
    )
