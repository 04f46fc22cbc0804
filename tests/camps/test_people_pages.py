"""The pages about the people of a site: who sees them, what they show, how names are found, how many queries they cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from camps.entries import Entry, Member
from camps.headcounts import report_headcount
from camps.models import Camp, Household, Person, RelationToHead
from camps.movements import move_person
from camps.overview import with_registered
from camps.registered import compare, latest_headcount, registered_at
from camps.registration import register_household, register_households
from tests.camps.conftest import CampCast
from tests.conftest import Cast, SignIn, actor

Register = Callable[..., Household]


@pytest.fixture
def register(camps: CampCast) -> Register:
    """A household at Stadium camp: its head and others, each "name sex age"."""

    def make(*people: str, **fields: Any) -> Household:
        members = []
        for text in people:
            name, sex, age = text.rsplit(" ", 2)
            members.append(Member(name, {"f": "female", "m": "male"}[sex], int(age)))
        members[0].relation = RelationToHead.HEAD
        entry = Entry(members[0].name, members=members, **fields)
        return register_household(by=actor(camps.dowlet), operation=camps.camp.operation, camp=camps.camp, entry=entry)

    return make


def people_url(camps: CampCast) -> str:
    return reverse("camps:people", args=[camps.camp.code])


def test_the_list_of_households_is_for_readers_of_names_only(
    camps: CampCast, cast: Cast, register: Register, sign_in: SignIn
) -> None:
    household = register("Myrat Annaýew m 40")
    pages = [people_url(camps), people_url(camps) + "?export=csv", household.get_absolute_url()]
    for reader in (camps.dowlet, camps.bahar, camps.gozel, cast.murad, cast.aina):
        for page in pages:
            answer = sign_in(reader).get(page)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert "Myrat Annaýew" in content.decode()
    for blind in (cast.lale, cast.oraz, cast.outsider, cast.pending):
        for page in [*pages, reverse("history", args=["camps", "household", household.pk])]:
            answer = sign_in(blind).get(page)
            assert answer.status_code in (302, 403, 404), (blind, page)
            assert "Myrat" not in answer.content.decode()


def test_the_search_box_tells_nothing_of_people_to_who_may_not_see_them(
    camps: CampCast, cast: Cast, register: Register, sign_in: SignIn
) -> None:
    household = register("Myrat Annaýew m 40")
    for blind in (cast.lale, cast.oraz):
        for text in ("Myrat", household.code):
            answer = sign_in(blind).get(reverse("search"), {"q": text})
            assert "Annaýew" not in answer.content.decode()


@pytest.mark.parametrize(
    "text", ["Аннаев", "annaev", "myrat annaew", "Annaýew Myrat", "Ogulgerek", "Огулгерек", "A-12"]
)
def test_a_household_is_found_by_any_of_its_names_in_any_script_or_by_its_tent(
    camps: CampCast, register: Register, sign_in: SignIn, text: str
) -> None:
    register("Myrat Annaýew m 40", "Ogulgerek f 38", shelter_unit="A-12")
    register("Baýram Garlyýew m 50", shelter_unit="B-1")
    page = sign_in(camps.dowlet).get(people_url(camps), {"text": text}).content.decode()
    assert "Myrat Annaýew" in page
    assert "Baýram" not in page


def test_a_household_is_found_by_its_code_or_that_of_a_member(
    camps: CampCast, register: Register, sign_in: SignIn
) -> None:
    household = register("Myrat Annaýew m 40", "Ogulgerek f 38")
    register("Baýram Garlyýew m 50")
    for code in (household.code.lower(), f" {household.members.last().code} "):
        page = sign_in(camps.dowlet).get(people_url(camps), {"text": code}).content.decode()
        assert "Myrat Annaýew" in page and "Baýram" not in page


def test_the_count_by_registration_stands_beside_the_latest_report_with_the_difference(
    camps: CampCast, cast: Cast, register: Register, sign_in: SignIn
) -> None:
    household = register("Myrat m 40", "Aýna f 38", "Maral f 3", "Oraz m 71")
    register("Baýram m 50", "Jeren f 17")
    report_headcount(
        by=actor(camps.dowlet), operation=cast.operation, camp=camps.camp, people=9, households=2, female=5, male=4,
        female_0_4=2, occurred_at=timezone.now() - timedelta(hours=1), reported_by="Block leader",
    )  # fmt: skip
    oraz = household.members.get(name="Oraz")
    move_person(by=actor(camps.dowlet), operation=cast.operation, person=oraz, kind="died")
    found = registered_at(camps.camp)
    assert (found.people, found.households, found.of("female"), found.of("male", "60")) == (5, 2, 3, 0)
    lines = {
        str(line.label): (line.registered, line.reported, line.difference)
        for line in compare(found, latest_headcount(camps.camp))
    }
    assert lines["People"] == (5, 9, -4)
    assert lines["Female"] == (3, 5, -2)
    assert lines["Girls 0–4"] == (1, 2, -1)
    assert lines["Girls 12–17"] == (1, None, None)
    page = sign_in(camps.bahar).get(people_url(camps)).content.decode()
    assert "Block leader" in page and "−4" in page
    # The list, the site's page and the API count the same way, those who are not listed by name too.
    grown = Entry("Sapar", size=6)
    register_household(by=actor(camps.dowlet), operation=cast.operation, camp=camps.camp, entry=grown)
    assert (
        registered_at(camps.camp).people == with_registered(Camp.objects.all()).get(pk=camps.camp.pk).registered == 11
    )


@pytest.mark.parametrize(("days", "band"), [(0, "0_4"), (1, "5_11")])
def test_a_birthday_decides_the_age_band_to_the_day(camps: CampCast, register: Register, days: int, band: str) -> None:
    today = timezone.localdate().replace(month=6, day=15)
    register("Maral f 3")
    Person.objects.update(birth_date=today.replace(year=today.year - 5) - timedelta(days=days - 1))
    assert registered_at(camps.camp, today).by == {("female", band): 1}


def test_a_person_who_came_alone_is_listed_where_they_are(
    camps: CampCast, cast: Cast, register: Register, sign_in: SignIn
) -> None:
    household = register("Myrat Annaýew m 40", "Aýna f 38")
    ayna = household.members.get(name="Aýna")
    move_person(by=actor(camps.dowlet), operation=cast.operation, person=ayna, kind="transfer", to_camp=camps.other)
    lale = sign_in(cast.lale)
    page = lale.get(reverse("camps:people", args=[camps.other.code])).content.decode()
    assert "Here without their household" in page and "Aýna" in page
    shown = lale.get(household.get_absolute_url()).content.decode()
    assert "Aýna" in shown and "at a site whose people you may not see" in shown


def test_pages_cost_the_same_number_of_queries_however_many_people(
    camps: CampCast, register: Register, sign_in: SignIn
) -> None:
    client = sign_in(camps.dowlet)
    small = register("Myrat m 40", "Aýna f 38")
    large = register("Baýram m 50", *(f"Child {number} f {number}" for number in range(9)))

    def queries(url: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code == 200
        return len(seen)

    queries(small.get_absolute_url())
    assert queries(small.get_absolute_url()) == queries(large.get_absolute_url())
    few = queries(people_url(camps))
    entries = [Entry(f"Head {number}", members=[Member(f"Head {number}")]) for number in range(60)]
    register_households(by=actor(camps.dowlet), operation=camps.camp.operation, camp=camps.camp, entries=entries)
    assert queries(people_url(camps)) == few


def test_a_household_is_changed_and_a_person_added_and_corrected_through_forms(
    camps: CampCast, register: Register, sign_in: SignIn
) -> None:
    household = register("Myrat m 40")
    client = sign_in(camps.dowlet)
    change = reverse("camps:household_change", args=[household.code])
    form = client.get(change).context["form"]
    answer = client.post(change, {**_typed(form), "phone": "+993 65 111111", "shelter_unit": "C-3"})
    assert answer.status_code == 302
    household.refresh_from_db()
    assert (household.phone, household.shelter_unit, household.size) == ("+993 65 111111", "C-3", 1)
    add = reverse("camps:member_add", args=[household.code])
    form = client.get(add).context["form"]
    typed = {**_typed(form), "name": "Maral", "sex": "female", "age": "7", "relation": "child"}
    client.post(add, typed)
    client.post(add, typed)
    assert household.members.count() == 2
    maral = household.members.get(name="Maral")
    url = reverse("camps:person_change", args=[maral.code])
    form = client.get(url).context["form"]
    client.post(url, {**_typed(form), "birth_date": "2020-05-01", "needs": ["disability"], "may_be_found": "on"})
    maral.refresh_from_db()
    assert (maral.birth_year, maral.needs, maral.may_be_found, maral.consent_version) == (
        2020,
        ["disability"],
        True,
        "1",
    )
    answer = client.post(url, {**_typed(client.get(url).context["form"]), "relation": "head"})
    assert answer.status_code == 422
    assert "is the head of this household" in answer.content.decode()


def test_a_site_that_keeps_head_counts_only_says_so(camps: CampCast, sign_in: SignIn) -> None:
    type(camps.camp).objects.update(registration="none")
    page = sign_in(camps.bahar).get(people_url(camps)).content.decode()
    assert "keeps head counts only" in page
    assert not Household.objects.exists()


def _typed(form: Any) -> dict[str, Any]:
    """What a browser would send back of a form untouched."""
    found = {}
    for bound in form:
        value = bound.value()
        value = value() if callable(value) else value
        if value not in (None, False, []):
            found[bound.html_name] = value
    return found
