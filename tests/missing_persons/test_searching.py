"""People are found by name in any spelling; a new report brings its likely pairs; nobody is found who may not be seen."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from komek.operations.models import Operation
from komek.places.models import Area
from missing_persons.checking import NameGiven
from missing_persons.models import Person, Report, SearchEntry
from missing_persons.refusals import Refused
from missing_persons.reporting import correct_own_report, report_by_public
from missing_persons.searching import Query, find_people, refresh_keys, suggest_for
from tests.missing_persons.conftest import PUBLIC, QUAKE, Desk, Tell

pytestmark = pytest.mark.django_db


def _found(name: str, operation: Any, *, public: bool = False, **asked: Any) -> list[str]:
    hits = find_people(Query(name, **asked), operation=operation, public=public)
    return [hit.person.display_name for hit in hits]


def _publish(report: Report) -> Person:
    Person.objects.filter(pk=report.person_id).update(visibility="public")
    SearchEntry.objects.filter(person=report.person_id).update(is_public=True)
    return Person.objects.get(pk=report.person_id)


def test_a_mother_types_latin_and_the_camp_wrote_cyrillic(desk: Desk, tell: Tell) -> None:
    for name in ("Мухаммад Алиев", "Махмуд Алиев", "Мухаммад Каримов", "Maral Ataýewa", "محمد رضایی"):
        tell(name)
    assert _found("Mukhammed Aliyev", desk.operation)[0] == "Мухаммад Алиев"
    assert _found("Aliew Muhammet", desk.operation)[0] == "Мухаммад Алиев"
    assert _found("Rezaei Mohammad", desk.operation)[0] == "محمد رضایی"
    assert _found("Muhamad Aliyv", desk.operation)[0] == "Мухаммад Алиев"  # two slips
    assert _found("Атаева Марал Аннаевна", desk.operation) == ["Maral Ataýewa"]
    assert _found("Zulfiya Rahimova", desk.operation) == []


def test_every_reported_name_finds_and_a_corrected_one_finds_no_more(desk: Desk, tell: Tell) -> None:
    report = report_by_public(
        by=PUBLIC, operation=desk.operation, kind="missing", occurred_at=QUAKE, reported_by="Maral",
        reporter_phone="+99365123456",
        names=[NameGiven(given="Александра", family="Петрова"), NameGiven(as_written="Saşa Petrowa", kind="nickname")],
    )  # fmt: skip
    assert _found("Petrova Aleksandra", desk.operation) == ["Александра Петрова"]
    correct_own_report(by=PUBLIC, report=report, names=[NameGiven(as_written="Ширин Атаева")])
    assert _found("Petrova Aleksandra", desk.operation) == []
    assert _found("Şirin Ataýewa", desk.operation) == ["Ширин Атаева"]
    SearchEntry.objects.all().delete()
    call_command("file_names", stdout=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    assert _found("Şirin Ataýewa", desk.operation) == ["Ширин Атаева"]
    Person.objects.filter(pk=report.person_id).update(tombstoned_at=QUAKE)
    assert _found("Şirin Ataýewa", desk.operation) == []


def test_the_public_finds_the_public_only_and_needs_two_names_in_full(desk: Desk, tell: Tell) -> None:
    shown, hidden = tell("Shirin Atayeva", sex="female", age_from=30, age_to=35), tell("Shirin Atayeva", sex="female")
    _publish(shown)
    asked = {"operation": desk.operation, "public": True}
    assert [hit.person_id for hit in find_people(Query("Ширин Атаева"), **asked)] == [shown.person_id]
    assert {hit.person_id for hit in find_people(Query("Ширин Атаева"), operation=desk.operation, public=False)} == {
        shown.person_id, hidden.person_id
    }  # fmt: skip
    for name in ("", "Shirin", "S. Atayeva", "Sh% *", "Ш. А.", "12 34", "ش"):
        with pytest.raises(Refused) as refused:
            find_people(Query(name), **asked)
        assert "name" in refused.value.message_dict
    # Another sex, another age, another person: not shown to the public.
    assert _found("Ширин Атаева", desk.operation, public=True, sex="male") == []
    assert (
        _found("Ширин Атаева", desk.operation, public=True, born_from=date(1950, 1, 1), born_to=date(1951, 1, 1)) == []
    )
    assert _found("Ширин Аннаева", desk.operation, public=True) == []
    # One name is enough with the age.
    assert _found("Ширин", desk.operation, public=True, born_from=date(1992, 1, 1), born_to=date(1995, 1, 1)) == [
        "Shirin Atayeva"
    ]


def test_another_operation_finds_nothing_and_nothing_costs_as_many_queries(
    desk: Desk, tell: Tell, exercise_operation: Operation
) -> None:
    _publish(tell("Shirin Atayeva"))

    asked = [("Shirin Atayeva", desk.operation), ("Xyzzy Plugh", desk.operation)]
    asked += [("Shirin Atayeva", exercise_operation), ("Shirin Atayeva", None)]
    counts = []
    for name, operation in asked:
        with CaptureQueriesContext(connection) as queries:
            hits = find_people(Query(name), operation=operation, public=True)
        counts.append((len(hits), len(queries)))
    assert [found for found, _queries in counts] == [1, 0, 0, 0]
    assert len({queries for _found, queries in counts}) == 1


def test_namesakes_are_told_apart_by_age_and_place(desk: Desk, tell: Tell, areas: dict[str, Area]) -> None:
    for year in range(1950, 2000, 2):
        tell("Мухаммад Алиев", birth_date=date(year, 5, 1), home_text="Ashgabat" if year == 1970 else "Mary")
    born = {"born_from": date(1984, 1, 1), "born_to": date(1984, 12, 31)}
    first = find_people(Query("Muhammad Aliyev", **born), operation=desk.operation, public=False)[0]
    assert first.person.born_from == date(1984, 5, 1)
    first = find_people(Query("Muhammad Aliyev", place="Ашхабад"), operation=desk.operation, public=False)[0]
    assert first.person.home_text == "Ashgabat"


def test_a_new_report_brings_its_likely_pairs_with_evidence(desk: Desk, tell: Tell) -> None:
    lost = tell("Aman Ataýew", birth_date=date(1980, 3, 5), home_text="Mary")
    tell("Jemal Orazowa", sex="female")
    found = tell("Атаев Аман", kind="found", age_from=44, age_to=47, home_text="Мары")
    (hit,) = suggest_for(found.person)
    assert hit.person_id == lost.person_id
    assert hit.score > 0.05
    told = {part["field"]: (part["verdict"], part["first"], part["second"]) for part in hit.evidence}
    assert told["name"] == ("equal", "Aman Ataýew", "Атаев Аман")
    assert told["born"][0] == "compatible"
    assert told["home"] == ("equal", "Mary", "Мары")
    assert told["last_seen"][0] == "blank"


def test_many_persons_are_filed_in_as_many_queries_as_one(desk: Desk, tell: Tell) -> None:
    ids = [tell(name).person_id for name in ("Aman Ataýew", "Jemal Orazowa", "Ширин Атаева")]
    with CaptureQueriesContext(connection) as for_one:
        refresh_keys(ids[:1])
    with CaptureQueriesContext(connection) as for_all:
        refresh_keys(ids)
    assert len(for_one) == len(for_all)
    assert SearchEntry.objects.filter(person__in=ids).count() == 3
