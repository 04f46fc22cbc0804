"""Households and people as tables: back and forth without a change, nobody entered twice, closed to those who may not see names."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from camps.entries import Entry, Member
from camps.models import Camp, Headcount, Household, Movement, Person, RegistrationLevel, RelationToHead
from camps.movements import move_person
from camps.registration import register_household
from camps.sites import register_camp
from komek.accounts.authority import standing_of
from komek.accounts.roles import Role
from komek.exchange.exporting import FORMATS, chosen_columns
from komek.exchange.reversing import reverse_batch
from komek.extensions import Viewer
from komek.extensions.exchange import exchange
from komek.operations.models import Operation
from tests.camps.conftest import CampCast
from tests.camps.test_camp_exchange import bring, sentences, written
from tests.conftest import Cast, actor, member, point


@pytest.mark.parametrize("name", list(FORMATS))
@pytest.mark.parametrize("key", ["camps.household", "camps.person"])
def test_what_is_exported_comes_back_unchanged(camps: CampCast, cast: Cast, name: str, key: str) -> None:
    members = [
        Member("Maral Annaýewa", sex="female", age=34, relation=RelationToHead.HEAD, may_be_found=True),
        Member(
            "Мырат Аннаев", sex="male", age=6, relation=RelationToHead.CHILD, needs=["disability", "chronic"], note="=2"
        ),
    ]
    entry = Entry(
        "Maral Annaýewa", members=members, phone="+99361000000", origin="Köne", card_number="HH-1", shelter_unit="T-4"
    )
    register_household(by=actor(camps.dowlet), operation=cast.operation, camp=camps.camp, entry=entry)
    resource: Any = exchange.get(key)
    records = resource.export_queryset(Viewer(user=cast.aina, operation=cast.operation)).order_by("pk")
    content = b"".join(FORMATS[name][2](resource, chosen_columns(resource), records, is_exercise=False))
    batch = bring(cast, key, content, name=f"x.{FORMATS[name][0]}")
    assert set(batch.counts) == {"unchanged"}, (sentences(batch), list(batch.rows.values_list("changes", flat=True)))


HOUSEHOLDS = (
    "site,household id,head,members,origin\n"
    "Stadium camp,HH-1,Maral Annaýewa,4,Köne\nStadium camp,HH-2,Мырат Аннаев,2,Ak suw\nStadium camp,,Sona Orazowa,3,\n"
)


def test_a_list_of_households_goes_in_once_with_the_arrivals_of_its_people(camps: CampCast, cast: Cast) -> None:
    Camp.objects.filter(pk=camps.camp.pk).update(registration=RegistrationLevel.HOUSEHOLDS)
    written(cast, bring(cast, "camps.household", HOUSEHOLDS, by=camps.dowlet))
    assert sorted(Household.objects.values_list("head_name", "size", "unlisted")) == [
        ("Maral Annaýewa", 4, 4), ("Sona Orazowa", 3, 3), ("Мырат Аннаев", 2, 2)
    ]  # fmt: skip
    assert Movement.objects.count() == 3
    again = bring(cast, "camps.household", HOUSEHOLDS, by=camps.dowlet)
    assert set(again.counts) == {"unchanged"}, sentences(again)


def test_households_of_a_file_are_taken_back_with_their_heads_but_not_those_of_whom_something_was_said_since(
    camps: CampCast, cast: Cast
) -> None:
    batch = written(cast, bring(cast, "camps.household", HOUSEHOLDS, by=camps.dowlet))
    assert (Person.objects.count(), Movement.objects.count()) == (3, 6)
    maral = Person.objects.get(name="Maral Annaýewa")
    move_person(by=actor(camps.dowlet), operation=cast.operation, person=maral, kind="absent")
    result = reverse_batch(by=actor(camps.dowlet), batch=batch, standing=standing_of(camps.dowlet, cast.operation))
    assert (result.removed, list(result.left)) == (2, [2])
    assert (Household.objects.get().head_name, Person.objects.get()) == ("Maral Annaýewa", maral)
    assert Movement.objects.count() == 3


def test_people_are_added_to_their_households_by_ration_card(camps: CampCast, cast: Cast) -> None:
    Camp.objects.filter(pk=camps.camp.pk).update(registration=RegistrationLevel.HOUSEHOLDS)
    written(cast, bring(cast, "camps.household", HOUSEHOLDS, by=camps.dowlet))
    text = "household id,name,sex,year of birth,relation\nHH-1,Maral Annaýewa,f,1990,head\nHH-1,Leýla,f,2015,child\nHH-2,Гость,м,,\n"
    written(cast, bring(cast, "camps.person", text, by=camps.dowlet))
    assert sorted(Household.objects.values_list("card_number", "size", "unlisted")) == [
        ("", 3, 3),
        ("HH-1", 4, 2),
        ("HH-2", 2, 1),
    ]
    assert Person.objects.filter(household__card_number="HH-1", sex="female").count() == 2
    again = bring(cast, "camps.person", text, by=camps.dowlet)
    assert set(again.counts) == {"unchanged"}, sentences(again)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("Stadium camp,HH-9,,4,", "must be filled in"),
        ("Stadium camp,HH-9,Maral,400,", "not plausible"),
        ("Stadium camp,HH-9,Maral,-1,", "whole number|negative|at least one"),
        ("Nowhere,HH-9,Maral,4,", "not known"),
    ],
)
def test_a_faulty_household_is_refused_in_words(camps: CampCast, cast: Cast, row: str, words: str) -> None:
    batch = written(
        cast, bring(cast, "camps.household", f"site,household id,head,members,origin\n{row}\n", by=camps.dowlet)
    )
    assert any(word in sentences(batch) for word in words.split("|")), sentences(batch)
    assert not Household.objects.exists()


def test_a_site_that_keeps_head_counts_only_takes_no_households(camps: CampCast, cast: Cast) -> None:
    Camp.objects.filter(pk=camps.camp.pk).update(registration=RegistrationLevel.NONE)
    batch = bring(cast, "camps.household", HOUSEHOLDS, by=camps.dowlet)
    assert "head counts only" in sentences(batch)


def test_names_leave_only_with_those_who_may_see_them(camps: CampCast, cast: Cast) -> None:
    entry = Entry("Maral", members=[Member("Maral", relation=RelationToHead.HEAD)])
    register_household(
        by=actor(camps.dowlet), operation=cast.operation, camp=camps.camp, entry=entry, occurred_at=timezone.now()
    )
    for key in ("camps.household", "camps.person"):
        resource: Any = exchange.get(key)
        seen = {
            person.name: resource.export_queryset(Viewer(user=person, operation=cast.operation)).count()
            for person in (camps.dowlet, camps.gozel, cast.aina, cast.oraz, cast.lale, cast.outsider)
        }
        assert seen == {"Dowlet": 1, "Gozel": 1, "Aina": 1, "Oraz": 0, "Lale": 0, "Outsider": 0}, key
    refused = bring(cast, "camps.household", HOUSEHOLDS, by=cast.lale)
    assert "belongs to another organisation" in sentences(refused)


def test_an_exercise_imports_into_itself(cast: Cast, exercise_operation: Operation) -> None:
    """Rows are bound to the operation before anybody asks who may write them."""
    member(cast.aina, cast.ministry, Role.COORDINATOR, exercise_operation)
    drill = Cast(**{**vars(cast), "operation": exercise_operation})
    register_camp(
        by=actor(cast.aina), operation=exercise_operation, organisation=None, name="Stadium camp", location=point(58.4, 38.2),
        registration=RegistrationLevel.HOUSEHOLDS,
    )  # fmt: skip
    written(drill, bring(drill, "camps.household", HOUSEHOLDS))
    written(drill, bring(drill, "camps.headcount", "site,date,people\nStadium camp,2026-01-01,40\n"))
    assert set(Household.objects.values_list("operation", flat=True)) == {exercise_operation.pk}
    assert Headcount.objects.get().operation == exercise_operation
