"""What leaves the registration of people: sightings by consent, and hits in the search box for those who may see names."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from camps.entries import Entry, Member
from camps.households import change_person
from camps.models import Household, Person
from camps.movements import move_person
from camps.registration import register_household
from komek.extensions import Viewer
from komek.extensions.search import search
from komek.extensions.sightings import Sighting, sightings
from komek.operations.models import Operation
from komek.records.models import ProtectedRead
from tests.camps.conftest import CampCast
from tests.conftest import Cast, SignIn, actor

LONG_AGO = timezone.now() - timedelta(days=400)


@pytest.fixture
def family(camps: CampCast, cast: Cast) -> Household:
    members = [
        Member("Maral Annaýewa", "female", 34, relation="head", may_be_found=True, note="diabetic"),
        Member("Мырат Аннаев", "male", 6, relation="child"),
    ]
    entry = Entry("Maral Annaýewa", members=members, phone="+99361000000")
    at = timezone.now() - timedelta(days=3)
    return register_household(
        by=actor(camps.dowlet), operation=cast.operation, camp=camps.camp, entry=entry, occurred_at=at
    )


def told(operation: Any, moment: Any = LONG_AGO) -> list[Sighting]:
    plug = sightings.get("camps.people")
    assert plug is not None
    return list(plug.since(moment, operation))


def still_told(operation: Any, *people: Person) -> set[str]:
    plug = sightings.get("camps.people")
    assert plug is not None
    return set(plug.still_told([one.code for one in people], operation))


def change(camps: CampCast, person: Person, **fields: Any) -> None:
    change_person(by=actor(camps.dowlet), operation=camps.camp.operation, person=person, **fields)


def test_relatives_are_told_where_and_when_of_who_agreed_and_nothing_else(
    camps: CampCast, cast: Cast, family: Household, exercise_operation: Operation
) -> None:
    maral = family.members.get(relation="head")
    (seen,) = told(cast.operation)
    year = timezone.localdate().year - 34
    assert seen == Sighting(maral.code, ("Maral Annaýewa",), "female", year, family.occurred_at, camps.camp.pk)
    assert told(exercise_operation) == []
    assert told(cast.operation, timezone.now()) == []


def test_a_step_brings_the_sighting_up_to_date(camps: CampCast, cast: Cast, family: Household) -> None:
    maral, before = family.members.get(relation="head"), timezone.now()
    step = move_person(
        by=actor(camps.dowlet), operation=cast.operation, person=maral, kind="transfer", to_camp=camps.other
    )
    assert [(one.seen_at, one.site_id) for one in told(cast.operation, before)] == [(step.occurred_at, camps.other.pk)]


def test_consent_taken_back_a_death_and_a_child_alone_are_never_told(
    camps: CampCast, cast: Cast, family: Household
) -> None:
    maral, child = family.members.order_by("pk")
    change(camps, child, may_be_found=True)
    assert len(told(cast.operation)) == 2
    assert still_told(cast.operation, maral, child) == {maral.code, child.code}
    change(camps, maral, may_be_found=False)
    assert [one.reference for one in told(cast.operation)] == [child.code]
    assert still_told(cast.operation, maral, child) == {child.code}
    Person.objects.filter(pk=child.pk).update(needs=["unaccompanied"])
    assert told(cast.operation) == []
    change(camps, maral, may_be_found=True)
    assert still_told(cast.operation, maral, child) == {maral.code}
    move_person(by=actor(camps.dowlet), operation=cast.operation, person=maral, kind="died", reason="illness")
    assert told(cast.operation) == []
    assert still_told(cast.operation, maral, child) == set()


@pytest.mark.parametrize("text", ["Мырат Аннаев", "annayev", "code"])
def test_people_are_found_by_name_and_code_by_those_who_may_see_them(
    camps: CampCast, cast: Cast, family: Household, text: str
) -> None:
    plug = search.get("camps.people")
    assert plug is not None
    child = family.members.get(relation="child")
    wanted = child.code if text == "code" else text
    for user in (camps.dowlet, camps.gozel, cast.aina):
        hits = plug.find(wanted, Viewer(user=user, operation=cast.operation), 5)
        assert child.code in {hit.code for hit in hits}
        assert ProtectedRead.objects.filter(reader=user, record_code=child.code).exists()
    for user in (cast.oraz, cast.lale, cast.outsider, cast.pending, None):
        assert not plug.find(wanted, Viewer(user=user, operation=cast.operation), 5)


def test_a_code_in_the_search_box_leads_straight_to_the_household_and_to_the_site(
    camps: CampCast, cast: Cast, family: Household, sign_in: SignIn
) -> None:
    client = sign_in(camps.dowlet)
    assert client.get("/search/", {"q": family.code})["Location"] == family.get_absolute_url()
    assert client.get("/search/", {"q": family.members.first().code})["Location"] == family.get_absolute_url()
    assert (
        client.get("/search/", {"q": camps.camp.code}, follow=True)
        .redirect_chain[-1][0]
        .endswith(camps.camp.get_absolute_url())
    )
    nothing = sign_in(cast.lale).get("/search/", {"q": "Annaýewa"}).content.decode()
    assert family.code not in nothing
    assert "Maral" not in nothing
