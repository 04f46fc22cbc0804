"""The exercise's missing: 1,500 invented people, of 400 of whom there are two reports, 300 of them still to be joined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.utils import timezone

from komek.accounts.roles import Role
from komek.extensions.exercise import ExerciseContext
from komek.operations.exercises import write_records
from komek.records.actor import Channel
from komek.records.codes import next_codes
from missing_persons.ages import born_of_age
from missing_persons.exercise_names import (
    CLOTHES,
    FAMILIES,
    FEMALE,
    HAIR,
    LANGUAGES,
    MALE,
    MARKS,
    PLACES,
    TOLD,
    WOMANS_ENDING,
)
from missing_persons.models import (
    LIVING,
    OF_DEATH,
    UNIDENTIFIED,
    Moderation,
    Note,
    NoteStatus,
    Person,
    Report,
    ReportedName,
    ReportKind,
    Sex,
    SuggestedPair,
)
from missing_persons.refreshing import derive, is_child_alone
from missing_persons.searching import refresh_keys
from missing_persons.texts import script_of
from orgs.exercise_accounts import open_account

PEOPLE = 1500
TWICE_OF = 15
"""Of every fifteen people, three are reported twice and not joined yet, one is joined."""
AT_ONCE = 5000
K = ReportKind
KINDS = (
    K.MISSING, K.MISSING, K.FOUND, K.MISSING, K.SEEKING, K.MISSING, K.SAFE, K.MISSING, K.MISSING, K.FOUND,
    K.MISSING, K.SIGHTED, K.MISSING, K.DECEASED, K.MISSING, K.SEEKING, K.FOUND, K.MISSING, K.UNIDENTIFIED_LIVING,
    K.MISSING, K.MISSING, K.UNIDENTIFIED_DEAD,
)  # fmt: skip


@dataclass
class _Human:
    """An invented person, and what is said about them."""

    number: int
    sex: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    age: int
    looks: dict[str, Any]
    entries: list[_Entry] = field(default_factory=list)

    def name(self, language: int, *, family_first: bool = False) -> str:
        family = self.family[language] + (WOMANS_ENDING[language] if self.sex == Sex.FEMALE else "")
        parts = (family, self.given[language]) if family_first else (self.given[language], family)
        return " ".join(parts)


@dataclass
class _Entry:
    """A person of the registry with its reports, their names and notes, none of it stored."""

    person: Person
    reports: list[Report] = field(default_factory=list)
    names: list[list[ReportedName]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


class PersonsExercise:
    key = "missing_persons"
    order = 62

    def load(self, context: ExerciseContext) -> None:
        total = PEOPLE * context.scale
        for begin in range(0, total, AT_ONCE):
            numbers = range(begin, min(begin + AT_ONCE, total))
            _store(context, [_human(context, number) for number in numbers], total)
        _open_desk(context)


def _open_desk(context: ExerciseContext) -> None:
    """Who works on all persons: those of a camp's organisation see only what it entered."""
    coordinating = next((one for one in context.made.get("organisations", ()) if one.coordinates_operation), None)
    if coordinating is None:
        return
    for name, email, role, language in (
        ("Maral Hojaýewa", "desk@kopetdag.example.org", Role.REGISTRAR, "tk"),
        ("Нигара Азимова", "safeguard@kopetdag.example.org", Role.PROTECTION_OFFICER, "ru"),
    ):
        open_account(context, name, email, role, language, coordinating)


def _store(context: ExerciseContext, humans: list[_Human], total: int) -> None:
    entries = [entry for human in humans for entry in human.entries]
    for entry, code in zip(entries, next_codes(Person.CODE_LETTER, len(entries)), strict=True):
        entry.person.code = code
        for report, names in zip(entry.reports, entry.names, strict=True):
            report._prefetched_objects_cache = {"names": names}  # type: ignore[attr-defined]
        derive(entry.person, entry.reports, entry.notes)
        entry.person.status_source = _source(entry)
        entry.person.compared_at = timezone.now()
    write_records(context, "missing persons", (entry.person for entry in entries), len(entries))
    reports = [report for entry in entries for report in _bound(entry)]
    write_records(context, "reports of persons", reports)
    write_records(context, "names of persons", list(_names(entries)))
    write_records(context, "notes on persons", [note for entry in entries for note in entry.notes])
    pairs = [_pair(context, human.entries) for human in humans if len(human.entries) > 1]
    write_records(context, "possibly one person", pairs)
    refresh_keys([entry.person.pk for entry in entries])


def _source(entry: _Entry) -> str:
    """Keys are not known yet: what kind of evidence it is."""
    return (
        ""
        if entry.person.status_at is None
        else ("note" if any(note.verified_at for note in entry.notes) else "report")
    )


def _bound(entry: _Entry) -> list[Report]:
    for report in entry.reports:
        report.person = report.made_person = entry.person
    for note in entry.notes:
        note.person = entry.person
    return entry.reports


def _names(entries: list[_Entry]) -> Iterator[ReportedName]:
    for entry in entries:
        for report, names in zip(entry.reports, entry.names, strict=True):
            for name in names:
                name.report = report
                yield name


def _human(context: ExerciseContext, number: int) -> _Human:
    random = context.random
    sex = Sex.FEMALE if random.random() < 0.45 else Sex.MALE
    age = random.choice((random.randint(0, 17), random.randint(18, 45), random.randint(18, 60), random.randint(60, 90)))
    given = random.choice(FEMALE if sex == Sex.FEMALE else MALE)
    human = _Human(number, sex, given, random.choice(FAMILIES), age, _looks(context, age))
    kind = KINDS[number % len(KINDS)]
    language = number % len(LANGUAGES)
    first = _entry(context, human, kind, language)
    human.entries.append(first)
    turn = number % TWICE_OF
    if turn in (0, 5, 10) or turn == 7:  # somebody else wrote about the same person, in another language
        found = K.FOUND if kind not in LIVING else K.MISSING
        other = _entry(context, human, found if kind not in OF_DEATH else K.SEEKING, (language + 1) % len(LANGUAGES))
        if turn == 7:
            first.reports += other.reports
            first.names += other.names
        else:
            human.entries.append(other)
    return human


def _looks(context: ExerciseContext, age: int) -> dict[str, Any]:
    """What stays the same of a person whoever tells it; each report knows a part of it."""
    random = context.random
    return {
        "height_cm": random.randint(150, 190) if age > 17 else None, "hair": random.choice(HAIR),
        "scars": random.choice(MARKS), "home_text": random.choice(PLACES),
        "home_area": random.choice(context.made["areas"]["affected"]),
    }  # fmt: skip


def _entry(context: ExerciseContext, human: _Human, kind: str, language: int) -> _Entry:
    random, now = context.random, timezone.now()
    occurred = context.operation.started_at + timedelta(hours=random.randint(0, 60))
    entered = min(occurred + timedelta(hours=random.randint(2, 90)), now)
    person = Person(operation=context.operation, occurred_at=occurred, entered_at=entered, channel=Channel.COMMAND)
    report = _report(context, human, kind, language, occurred, entered)
    entry = _Entry(person, [report], [[] if kind in UNIDENTIFIED else _written(random, human, language)])
    if random.random() < 0.2:
        entry.notes.append(_note(context, entry, language, min(entered + timedelta(hours=5), now)))
    return entry


def _report(
    context: ExerciseContext, human: _Human, kind: str, language: int, occurred: datetime, entered: datetime
) -> Report:
    random = context.random
    low = max(0, human.age - random.randint(0, 3))
    high = min(110, human.age + random.randint(0, 3))
    on: date = timezone.localdate(occurred)
    born = born_of_age(low, high, on)
    report = Report(
        operation=context.operation, kind=kind, sex=human.sex, age_from=low, age_to=high, born_from=born[0], born_to=born[1],
        occurred_at=occurred, entered_at=entered, channel=random.choice((Channel.BROWSER, Channel.SMS, Channel.IMPORT)),
        entry_id=UUID(int=random.getrandbits(128), version=4), language=LANGUAGES[language],
        reported_by=f"{random.choice(FEMALE)[language]} {human.family[language]}a",
        reporter_relation=random.choice(("mother", "brother", "neighbour", "сестра", "dogany")),
        reporter_phone=f"+99361{random.randint(100000, 999999)}", last_seen_text=random.choice(PLACES),
        last_seen_area=random.choice(context.made["areas"]["affected"]),
        **{name: value for name, value in human.looks.items() if value and random.random() < 0.8},
        clothing=random.choice(CLOTHES), circumstances=TOLD[language],
        description=random.choice(CLOTHES) or "about middle height", consents_to_publish=random.random() < 0.8,
        company=random.choice(("family", "alone", "")) if kind in LIVING else "",
    )  # fmt: skip
    _looked_at(random, report, entered)
    return report


def _looked_at(random: Random, report: Report, entered: datetime) -> None:
    """What registrars made of it: most was looked at, much of what says alive was verified, deaths are slow."""
    is_verified = random.random() < (0.7 if report.kind in LIVING else 0.5 if report.kind in OF_DEATH else 0.2)
    if is_verified:
        report.verified_at = entered
    if report.kind in OF_DEATH or is_child_alone(report):
        report.moderation = Moderation.HELD if random.random() < 0.5 and not is_verified else Moderation.HIDDEN
    elif random.random() < 0.94:
        report.moderation = Moderation.PUBLISHED if report.consents_to_publish else Moderation.HIDDEN
        report.moderated_at = entered


def _written(random: Random, human: _Human, language: int) -> list[ReportedName]:
    forms = [human.name(language, family_first=random.random() < 0.4)]
    if random.random() < 0.3:
        forms.append(human.name(1 if language != 1 else 0))
    return [
        ReportedName(as_written=form, script=script_of(form), place=place, kind="alternative" if place else "full")
        for place, form in enumerate(forms)
    ]


def _note(context: ExerciseContext, entry: _Entry, language: int, at: datetime) -> Note:
    random = context.random
    status = random.choice(
        (NoteStatus.BELIEVED_ALIVE, NoteStatus.BELIEVED_MISSING, NoteStatus.INFORMATION_SOUGHT, NoteStatus.UNSPECIFIED)
    )
    is_verified = status == NoteStatus.BELIEVED_ALIVE and random.random() < 0.4
    return Note(
        operation=context.operation, status=status, text=TOLD[language], occurred_at=at, entered_at=at,
        reported_by=random.choice(MALE)[language], channel=Channel.BROWSER, verified_at=at if is_verified else None,
        verified_how="spoke to them by phone" if is_verified else "", moderation=Moderation.HIDDEN,
        entry_id=UUID(int=random.getrandbits(128), version=4),
    )  # fmt: skip


def _pair(context: ExerciseContext, entries: list[_Entry]) -> SuggestedPair:
    first, second = sorted((entry.person for entry in entries[:2]), key=lambda person: person.pk)
    evidence: Any = [
        {"field": "name", "verdict": "compatible" if first.display_name and second.display_name else "blank"},
        {"field": "sex", "verdict": "equal"},
        {"field": "born", "verdict": "compatible"},
        {"field": "home", "verdict": _verdict(first.home_area_id, second.home_area_id)},
        {"field": "last_seen", "verdict": _verdict(first.last_seen_area_id, second.last_seen_area_id)},
    ]
    return SuggestedPair(
        operation=context.operation, first=first, second=second, score=round(context.random.uniform(0.6, 0.99), 3),
        evidence=evidence,
    )  # fmt: skip


def _verdict(one: int | None, other: int | None) -> str:
    if one is None or other is None:
        return "blank"
    return "equal" if one == other else "different"


PLUGS = [PersonsExercise()]
