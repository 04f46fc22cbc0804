"""Reporting a person: what is kept, what is refused in a sentence, what waits for whom."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from django.utils import timezone

from komek.accounts.authority import NotAllowed
from missing_persons.checking import NameGiven
from missing_persons.models import Person, Report, Status, Visibility
from missing_persons.noting import add_note, verify_note
from missing_persons.refusals import Refused
from missing_persons.reporting import correct_report, report_by_public, report_person
from tests.conftest import actor
from tests.missing_persons.conftest import PUBLIC, QUAKE, Desk, Tell


def test_a_report_makes_a_person_of_its_own_who_waits_to_be_looked_at(tell: Tell) -> None:
    key = uuid.uuid4()
    report = tell("Aman Ataev", "Аман Атаев", age_from=35, age_to=45, entry_id=key)
    person = report.person
    assert (person.display_name, person.sex, person.status) == ("Aman Ataev", "male", Status.MISSING)
    assert (person.born_from, person.born_to) == (date(1980, 3, 2), date(1991, 3, 1))
    assert person.visibility == Visibility.WAITING
    assert [(name.as_written, name.script) for name in report.names.all()] == [
        ("Aman Ataev", "latin"), ("Аман Атаев", "cyrillic"),
    ]  # fmt: skip
    assert tell("Aman Ataev", entry_id=key).pk == report.pk, "sent twice"
    assert Person.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"names": []}, "names"),
        ({"names": ["\u202e\u0000  "]}, "names"),
        ({"names": ["a" * 10_000]}, "names"),
        ({"age_from": 200}, "age_from"),
        ({"age_from": 45, "age_to": 35}, "age_to"),
        ({"birth_year": 1700}, "birth_year"),
        ({"occurred_at": timezone.now() + timedelta(days=1)}, "occurred_at"),
        ({"names": [], "kind": "unidentified_living"}, "description"),
        ({"reporter_email": "maral at mail"}, "reporter_email"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_nothing_is_kept(
    desk: Desk, fields: dict[str, object], field: str
) -> None:
    given = {"kind": "missing", "names": ["Aman Ataev"], **fields}
    names = [NameGiven(as_written=name) for name in given.pop("names")]  # type: ignore[attr-defined]
    with pytest.raises(Refused) as refusal:
        report_by_public(by=PUBLIC, operation=desk.operation, names=names, **given)  # type: ignore[arg-type]
    assert list(refusal.value.message_dict) == [field]
    assert not Report.objects.exists() and not Person.objects.exists()


def test_characters_that_turn_the_writing_around_are_dropped_and_the_original_is_kept(tell: Tell) -> None:
    report = tell("Aman\u202e Ataev\u0000")
    assert report.person.display_name == "Aman Ataev"
    assert report.original["names"][0]["as_written"] == "Aman\u202e Ataev␀"


def test_a_correction_is_a_new_version_and_an_organisations_registrar_sees_only_its_own(desk: Desk, tell: Tell) -> None:
    other = tell()
    own = report_person(
        by=actor(desk.dowlet), operation=desk.operation, organisation=desk.cast.relief, kind="found",
        names=[NameGiven(given="Aýna", family="Orazowa")], occurred_at=QUAKE, age_from=30, consents_to_publish=True,
    )  # fmt: skip
    assert own.person.visibility == Visibility.PUBLIC, "a registrar's own report needs nobody else's look"
    correct_report(
        by=actor(desk.dowlet),
        operation=desk.operation,
        report=own,
        names=[NameGiven("Aýna Orazowa"), NameGiven("Айна")],
    )
    own.person.refresh_from_db()
    assert own.person.display_name == "Aýna Orazowa"
    assert own.names.count() == 2
    with pytest.raises(NotAllowed):
        correct_report(by=actor(desk.dowlet), operation=desk.operation, report=other, hair="grey")
    with pytest.raises(NotAllowed):
        add_note(by=actor(desk.dowlet), operation=desk.operation, person=other.person, text="I know him")


def test_a_child_found_alone_is_never_public_even_when_a_registrar_reports_it(desk: Desk) -> None:
    report = report_person(
        by=actor(desk.nurjan), operation=desk.operation, kind="found", names=[NameGiven("Jeren")], age_from=6,
        occurred_at=QUAKE, consents_to_publish=True,
    )  # fmt: skip
    assert report.person.is_child_alone and report.person.visibility == Visibility.HIDDEN


def test_a_death_rests_on_a_protection_officer(desk: Desk, tell: Tell) -> None:
    missing = tell()
    with pytest.raises(Refused, match="last seen"):
        add_note(
            by=actor(desk.nurjan), operation=desk.operation, person=missing.person, status="believed_alive",
            occurred_at=QUAKE - timedelta(days=3),
        )  # fmt: skip
    note = add_note(by=actor(desk.nurjan), operation=desk.operation, person=missing.person, status="believed_dead")
    missing.person.refresh_from_db()
    assert (note.moderation, missing.person.status) == ("held", Status.MISSING)
    with pytest.raises(NotAllowed):
        verify_note(by=actor(desk.nurjan), operation=desk.operation, note=note, how="seen")
    verify_note(by=actor(desk.gozel), operation=desk.operation, note=note, how="identified by his brother")
    missing.person.refresh_from_db()
    assert (missing.person.status, missing.person.status_source) == (Status.DEAD, f"note {note.pk}")


def test_a_report_that_comes_to_say_something_else_is_looked_at_again(desk: Desk) -> None:
    by, operation = actor(desk.nurjan), desk.operation
    report = report_person(
        by=by, operation=operation, kind="found", names=[NameGiven("Aman")], age_from=40, occurred_at=QUAKE,
        is_verified=True, consents_to_publish=True,
    )  # fmt: skip
    assert (report.person.status, report.consents.count()) == (Status.ALIVE, 1)
    correct_report(by=by, operation=operation, report=report, kind="deceased", consents_to_publish=False)
    report.refresh_from_db()
    person = Person.objects.get()
    assert (report.moderation, report.verified_at, person.status) == ("held", None, Status.UNCHECKED)
    assert report.consents.get().ended_at is not None
