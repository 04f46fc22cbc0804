"""Which records are given to other registries, and what of them. Never more than the public may see, unless the key is entitled.

Given are reports that somebody published with the reporter's consent, of persons who are public: never hidden ones, children alone,
deaths nobody confirmed, or what has expired, which is given as a placeholder, so that others let go of it too. Copies of other
registries' records keep their number and source. Phone numbers, e-mail addresses, names of who reported, dates of birth,
descriptions, streets and places where somebody was seen are for entitled keys only.

A record's ``entry_date`` is when it last changed here, in the order of which feeds are read. What changed within the last half minute
waits: a change that took longer to be stored would otherwise be passed over for good.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from missing_persons.ages import ages_on
from missing_persons.models import OF_DEATH, Moderation, NameKind, Note, Report, Sex, Visibility
from missing_persons.models.notes import NoteStatus
from missing_persons.pfif import values
from missing_persons.pfif.records import PfifNote, PfifPerson
from missing_persons.pfif.runs import own_domain
from missing_persons.pfif.translating import KIND_OF_STATUS

SETTLED_AFTER = timedelta(seconds=30)
MOST_NOTES = 200  # inside one person

# What a report says of the status, as a note of its own; of a sighting that the person lives.
STATUS_OF_KIND = {kind: status for status, kind in KIND_OF_STATUS.items()} | {
    "sighted": NoteStatus.BELIEVED_ALIVE,
    "unidentified_living": NoteStatus.BELIEVED_ALIVE,
    "unidentified_dead": NoteStatus.BELIEVED_DEAD,
}


@dataclass(frozen=True)
class Asked:
    """One page of a feed. since: only what was entered then or later, the oldest first; without it the newest first."""

    operation: Any
    since: datetime | None = None
    skip: int = 0
    most: int = 200
    is_personal: bool = False
    has_notes: bool = True
    has_placeholders: bool = True


def given_reports(operation: Any, now: datetime) -> QuerySet[Report]:
    """Reports that may be given, with their person."""
    alive = Q(expiry_date=None) | Q(expiry_date__gt=now)
    kept = Q(person__expires_at=None) | Q(person__expires_at__gt=now)
    return (
        Report.objects.filter(
            alive,
            kept,
            person__operation=operation,
            person__visibility=Visibility.PUBLIC,
            person__joined_into=None,
            person__tombstoned_at=None,
            person__is_child_alone=False,
            tombstoned_at=None,
            moderation=Moderation.PUBLISHED,
            consents_to_publish=True,
        )
        .exclude(kind__in=OF_DEATH, verified_at=None)
        .select_related("person", "made_person", "home_area")
        .prefetch_related("names")
    )


def persons(asked: Asked) -> list[tuple[PfifPerson, list[PfifNote]]]:
    """A page of persons with their notes, in the order of their entry dates."""
    now = timezone.now()
    ordered = _page(given_reports(asked.operation, now), "person__updated_at", asked, now)
    found: list[tuple[datetime, int, Report, bool]] = [
        (report.person.updated_at, report.pk, report, False) for report in ordered
    ]
    if asked.has_placeholders:
        for field, gone in _gone(asked.operation, now):
            found += [(getattr(report, field), report.pk, report, True) for report in _page(gone, field, asked, now)]
        found.sort(key=lambda one: one[:2], reverse=asked.since is None)
    page = found[asked.skip : asked.skip + asked.most]
    notes = (
        _notes_by_report([report for _at, _pk, report, is_gone in page if not is_gone], asked)
        if asked.has_notes
        else {}
    )
    return [
        (
            _placeholder(report) if is_gone else person_of(report, is_personal=asked.is_personal),
            notes.get(report.pk, []),
        )
        for _at, _pk, report, is_gone in page
    ]


def notes(asked: Asked) -> list[PfifNote]:
    """A page of notes by themselves, in the order of their entry dates."""
    now = timezone.now()
    found = _page(_given_notes(asked.operation, now), "updated_at", asked, now)[asked.skip : asked.skip + asked.most]
    numbers = _main_numbers([note.person_id for note in found if note.report is None], asked.operation, now)
    return [
        note_of(note, number, is_personal=asked.is_personal)
        for note in found
        if (number := number_of(note.report) if note.report is not None else numbers.get(note.person_id))
    ]


def _page(queryset: QuerySet[Any], moment: str, asked: Asked, now: datetime) -> list[Any]:
    """Rows up to the end of the page, in order."""
    queryset = queryset.filter(**{f"{moment}__lte": now - SETTLED_AFTER})
    if asked.since is not None:
        queryset = queryset.filter(**{f"{moment}__gte": asked.since})
    order = (moment, "pk") if asked.since is not None else (f"-{moment}", "-pk")
    return list(queryset.order_by(*order)[: asked.skip + asked.most])


def _gone(operation: Any, now: datetime) -> list[tuple[str, QuerySet[Report]]]:
    """Reports that may have been given once and whose time is over, by the field that says since when: erased, or about to be."""
    reports = Report.objects.filter(operation=operation, consents_to_publish=True).select_related("made_person")
    expired = reports.filter(expiry_date__lte=now, tombstoned_at=None, moderation=Moderation.PUBLISHED)
    return [("expiry_date", expired), ("tombstoned_at", reports.exclude(tombstoned_at=None))]


def _given_notes(operation: Any, now: datetime) -> QuerySet[Note]:
    """Notes that somebody released, on reports that are given or on public persons."""
    is_given = (
        (Q(report__expiry_date=None) | Q(report__expiry_date__gt=now))
        & Q(report__tombstoned_at=None, report__moderation=Moderation.PUBLISHED, report__consents_to_publish=True)
        & (~Q(report__kind__in=OF_DEATH) | Q(report__verified_at__isnull=False))
    )
    kept = Q(person__expires_at=None) | Q(person__expires_at__gt=now)
    return (
        Note.objects.filter(
            Q(report=None) | is_given,
            kept,
            operation=operation,
            person__visibility=Visibility.PUBLIC,
            person__joined_into=None,
            person__tombstoned_at=None,
            person__is_child_alone=False,
            moderation=Moderation.PUBLISHED,
            tombstoned_at=None,
        )
        .exclude(status=NoteStatus.BELIEVED_DEAD, verified_at=None)
        .select_related("report__made_person", "person")
    )


def _notes_by_report(reports: Sequence[Report], asked: Asked) -> dict[int, list[PfifNote]]:
    """Report → its notes: what the report itself says, what links it with others of the same person, and what was noted."""
    now = timezone.now()
    first: dict[int, Report] = {}
    siblings = given_reports(asked.operation, now).filter(person__in={report.person_id for report in reports})
    for report in siblings.order_by("pk"):
        first.setdefault(report.person_id, report)
    found: dict[int, list[PfifNote]] = {}
    for report in reports:
        found[report.pk] = _own_notes(report, first.get(report.person_id, report), asked.is_personal)
    main = {report.person_id: report.pk for report in first.values()}
    released = _given_notes(asked.operation, now).filter(person__in=first)
    for note in released.order_by("occurred_at", "pk"):
        report_id = note.report_id or main[note.person_id]
        if report_id in found and len(found[report_id]) < MOST_NOTES:
            number = number_of(note.report or first[note.person_id])
            found[report_id].append(note_of(note, number, is_personal=asked.is_personal))
    return found


def _own_notes(report: Report, main: Report, is_personal: bool) -> list[PfifNote]:
    made: list[PfifNote] = []
    status = STATUS_OF_KIND.get(report.kind, "")
    if not report.is_clone and status:
        made.append(
            _made_note(report, f"report.{report.made_person.code}", status=status, text=str(report.get_kind_display()))
        )
    if main.pk != report.pk:
        text = "The same person."
        made.append(_made_note(report, f"link.{report.made_person.code}", text=text, linked=number_of(main)))
    return made


def _made_note(report: Report, number: str, *, text: str, status: str = "", linked: str = "") -> PfifNote:
    return PfifNote(
        note_record_id=f"{own_domain()}/{number}", person_record_id=number_of(report), linked_person_record_id=linked,
        entry_date=report.person.updated_at, source_date=report.occurred_at, author_name=own_domain(), status=str(status), text=text,
    )  # fmt: skip


def _main_numbers(person_ids: Iterable[int], operation: Any, now: datetime) -> dict[int, str]:
    found: dict[int, str] = {}
    for report in given_reports(operation, now).filter(person__in=set(person_ids)).order_by("pk"):
        found.setdefault(report.person_id, number_of(report))
    return found


def number_of(report: Report) -> str:
    """The record's number: that of its home, or ours."""
    return report.source_record_id if report.is_clone else f"{own_domain()}/{report.made_person.code}"


def _placeholder(report: Report) -> PfifPerson:
    """PFIF asks that the moments of a placeholder are those of its making."""
    over = report.tombstoned_at or report.expiry_date or report.updated_at
    return PfifPerson(
        person_record_id=number_of(report), entry_date=over, source_date=over,
        expiry_date=min(report.expiry_date or over, over),
    )  # fmt: skip


def person_of(report: Report, *, is_personal: bool) -> PfifPerson:
    """A report as another registry gets it."""
    fields = report.original.get("fields", {}) if report.is_clone else {}
    names = list(report.names.all())
    first = names[0] if names else None
    on = report.occurred_at if report.is_clone else report.updated_at
    age = ages_on(report.born_from, report.born_to, on.date())
    found = PfifPerson(
        person_record_id=number_of(report),
        entry_date=report.person.updated_at,
        expiry_date=report.expiry_date,
        source_name=_kept(fields, "source_name") or (own_domain() if not report.is_clone else report.source_domain),
        source_date=on,
        source_url=_kept(fields, "source_url"),
        full_name=tuple(name.as_written for name in names if name.kind == NameKind.FULL) or ("?",),
        given_name=first.given if first else "",
        family_name=first.family if first else "",
        alternate_names=tuple(name.as_written for name in names if name.kind != NameKind.FULL),
        sex=report.sex if report.sex != Sex.UNKNOWN else "",
        age=age,
        home_city=_kept(fields, "home_city") or (report.home_area.name if report.home_area is not None else ""),
        home_state=_kept(fields, "home_state"),
        home_country=_kept(fields, "home_country"),
        photo_url=url if (url := _kept(fields, "photo_url")).startswith(("http://", "https://")) else "",
    )
    if is_personal:
        # Free text may hold anything, and the public does not see it here.
        found.description = report.description or described(report)
        found.author_name = report.reported_by
        found.author_email, found.author_phone = report.reporter_email, report.reporter_phone
        found.date_of_birth = report.birth_date.isoformat() if report.birth_date else _kept(fields, "date_of_birth")
        found.home_street = _kept(fields, "home_street") or ("" if report.is_clone else report.home_text)
        for name in ("home_neighborhood", "home_postal_code"):
            setattr(found, name, _kept(fields, name))
        found.profile_urls = values.lines(str(fields.get("profile_urls", "")))
    return found


def described(report: Report) -> str:
    """What the person looks like, from the parts of the report."""
    parts = [f"{report.height_cm} cm"] if report.height_cm else []
    parts += [report.build, report.hair, report.eyes, report.scars, report.tattoos, report.clothing]
    return "; ".join(part for part in parts if part)


def note_of(note: Note, person_number: str, *, is_personal: bool) -> PfifNote:
    """A note as another registry gets it."""
    found = PfifNote(
        note_record_id=note.source_record_id if note.is_clone else f"{own_domain()}/note.{note.pk}",
        person_record_id=person_number,
        linked_person_record_id=note.linked_record_id,
        entry_date=note.updated_at,
        source_date=note.occurred_at.astimezone(UTC),
        author_made_contact=note.contact_made,
        status=note.status,
        text=note.text,
    )
    if is_personal:
        fields = note.original.get("fields", {}) if note.is_clone else {}
        found.author_name, found.author_email, found.author_phone = (
            note.reported_by,
            note.author_email,
            note.author_phone,
        )
        found.last_known_location = note.last_known_location
        found.email_of_found_person = _kept(fields, "email_of_found_person")
        found.phone_of_found_person = _kept(fields, "phone_of_found_person")
    return found


def _kept(fields: dict[str, Any], name: str) -> str:
    return values.one_line(str(fields.get(name, "")))[:500]
