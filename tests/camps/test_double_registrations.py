"""One person registered at two sites: found, told in a sentence, answered by a person, and never a leak between sites."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from rest_framework.test import APIClient

from camps.double_answers import answer_flag, waiting, waiting_elsewhere
from camps.double_candidates import letters_apart
from camps.double_registrations import compare, compare_newcomers
from camps.entries import Entry, Member
from camps.models import Camp, DuplicateFlag, Household, Person, Presence
from camps.refusals import Refused
from camps.registration import register_household
from komek.accounts.authority import NotAllowed, standing_of
from komek.accounts.models import User
from komek.operations.models import Operation
from tests.camps.conftest import CampCast
from tests.conftest import Cast, SignIn, actor

HEAD = {"sex": "male", "age": 40, "relation": "head"}


def enter(cast: Cast, camp: Camp, *names: str, by: User, phone: str = "", **details: Any) -> Household:
    members = [
        Member(name, **{**HEAD, **details, **({} if not place else {"relation": "relative"})})
        for place, name in enumerate(names)
    ]
    entry = Entry(names[0], members=members, phone=phone)
    return register_household(by=actor(by), operation=cast.operation, camp=camp, entry=entry)


def pairs() -> set[tuple[str, str]]:
    return {(flag.first.name, flag.second.name) for flag in DuplicateFlag.objects.select_related("first", "second")}


def test_the_same_name_in_another_script_at_another_site_is_flagged(camps: CampCast, cast: Cast) -> None:
    enter(cast, camps.camp, "Myrat Annaýew", by=camps.dowlet)
    enter(cast, camps.other, "Аннаев Мырат", by=cast.lale, age=41)
    assert pairs() == {("Myrat Annaýew", "Аннаев Мырат")}
    flag = DuplicateFlag.objects.get()
    assert 0 < flag.likeness <= 1
    compare([flag.first_id, flag.second_id])
    assert DuplicateFlag.objects.count() == 1


@pytest.mark.parametrize("details", [{"age": 70}, {"sex": "female"}, {"birth_date": date(1985, 3, 3), "age": None}])
def test_who_differs_in_age_sex_or_date_of_birth_is_not(camps: CampCast, cast: Cast, details: dict[str, Any]) -> None:
    enter(cast, camps.camp, "Myrat Annaýew", by=camps.dowlet, birth_date=date(1986, 3, 3), age=None)
    enter(cast, camps.other, "Myrat Annaýew", by=cast.lale, **details)
    assert pairs() == set()


@pytest.mark.parametrize(
    ("one", "other", "letters"),
    [
        ("Myrat Annaýew", "Myrat Anmaýew", 1), ("Myrat Annaýew", "Атнаев Мырат", 1), ("Myrat Annaýew", "Myat Annaýew", 1),
        ("Myrat Hojamyradow", "Myrat Hojemirodaw", 2), ("Sona Durdyýewa", "Günel Durdyýewa", None),
        ("Myrat Annaýew", "Myrat Orazow", None),
    ],
)  # fmt: skip
def test_a_slip_is_a_letter_in_one_word_and_two_in_a_long_one(one: str, other: str, letters: int | None) -> None:
    assert letters_apart(one, other) == letters


def test_a_slip_of_the_pen_is_flagged_where_sex_and_year_fit_and_another_sign_is_there(
    camps: CampCast, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    enter(cast, camps.camp, "Myrat Hojamyradow", "Aýna Hojamyradowa", by=camps.dowlet, phone="+99361000000")
    for other, details in (
        ("Myrat Hojamyrtadow", {}),  # the same year, and nobody else is near
        ("Mirat Hojamyrodaw", {"phone": "+99361000000", "age": 41}),  # two letters, but the same telephone
    ):
        enter(cast, camps.other, other, by=cast.lale, **details)
        assert pairs() == {("Myrat Hojamyradow", other)}, other
        DuplicateFlag.objects.all().delete()
        Person.objects.filter(name=other).update(presence=Presence.LEFT)
    for other, details in (
        ("Myrat Hojamyrodaw", {}),  # two letters, and no other sign
        ("Myrat Hojamyrtadow", {"age": 41}),
        ("Myrat Hojamyrtadow", {"age": 45, "phone": "+99361000000"}),
        ("Myrat Hojamyrtadow", {"sex": "female", "phone": "+99361000000"}),
    ):
        enter(cast, camps.other, other, by=cast.lale, **details)
        assert pairs() == set(), (other, details)
        Person.objects.filter(name=other).update(presence=Presence.LEFT)
    for _number in range(5):
        enter(cast, camps.other, "Myrat Hojamyradow", by=cast.lale)
    with django_assert_max_num_queries(9):
        compare(list(Person.objects.values_list("pk", flat=True)))


def test_a_common_name_needs_one_sign_more(camps: CampCast, cast: Cast) -> None:
    for number in range(6):
        enter(cast, camps.camp, "Myrat Annaýew", f"Guest{number}", by=camps.dowlet, phone=f"+9936500000{number}")
    DuplicateFlag.objects.all().delete()
    enter(cast, camps.other, "Myrat Annaýew", by=cast.lale)
    assert pairs() == set()
    enter(cast, camps.other, "Myrat Annaýew", by=cast.lale, phone="+99365000003")
    assert DuplicateFlag.objects.get().first.household.phone == "+99365000003"


def test_families_of_one_name_are_not_doubles_of_themselves_nor_those_who_left(camps: CampCast, cast: Cast) -> None:
    family = enter(cast, camps.camp, "Myrat Annaýew", "Myrat Annaýew", by=camps.dowlet)
    assert pairs() == set()
    family.members.update(presence=Presence.LEFT)
    enter(cast, camps.other, "Myrat Annaýew", by=cast.lale)
    assert pairs() == set()


def test_an_exercise_is_never_compared_with_what_is_real(
    camps: CampCast, cast: Cast, exercise_operation: Operation
) -> None:
    real = enter(cast, camps.camp, "Myrat Annaýew", by=camps.dowlet)
    drill = enter(cast, camps.other, "Myrat Annaýew", by=cast.lale)
    DuplicateFlag.objects.all().delete()
    Person.objects.filter(household=drill).update(operation=exercise_operation, compared_at=None)
    Person.objects.filter(household=real).update(operation=None, compared_at=None)
    assert compare_newcomers() == 2
    assert not DuplicateFlag.objects.exists()
    Person.objects.filter(household=drill).update(operation=cast.operation, compared_at=None)
    compare_newcomers()
    assert DuplicateFlag.objects.count() == 1


def test_each_site_is_told_without_learning_names_of_the_other(camps: CampCast, cast: Cast, sign_in: SignIn) -> None:
    enter(cast, camps.other, "Myrat Annaýew", by=cast.lale, phone="+99365111111")
    page = f"/camps/{camps.camp.code}/people/list/"
    row = {"row_id": "6f6b2a0e-3b1c-4c0e-9d39-3f1d8d9f0a01", "name": "Мырат Аннаев", "sex": "m", "age": "40"}
    answer = sign_in(camps.dowlet).post(page, {**row, "action": "save"}, follow=True).content.decode()
    assert "may be registered at another site already" in answer
    assert camps.other.name not in answer
    assert "+99365111111" not in answer
    assert not waiting(standing_of(camps.dowlet, cast.operation)).exists()
    assert waiting_elsewhere(camps.camp, standing_of(camps.dowlet, cast.operation)) == 1
    people = sign_in(camps.dowlet).get(f"/camps/{camps.camp.code}/people/").content.decode()
    assert "may also be registered at a site whose names you may not see" in people
    seen = sign_in(cast.aina).get("/double-registrations/").content.decode()
    assert "Myrat Annaýew" in seen
    assert "Мырат Аннаев" in seen
    for stranger in (camps.dowlet, cast.lale, camps.gozel):
        assert "Annaýew" not in sign_in(stranger).get("/double-registrations/").content.decode()
    assert sign_in(cast.oraz).get("/double-registrations/").status_code == 403


def test_the_same_person_on_one_day_is_said_in_words(camps: CampCast, cast: Cast, sign_in: SignIn) -> None:
    camps.other.supporting.add(cast.relief)
    enter(cast, camps.other, "Myrat Annaýew", by=cast.lale)
    household = enter(cast, camps.camp, "Somebody Else", by=camps.dowlet)
    fields = {
        "name": "Myrat Annaýew",
        "sex": "male",
        "age": 40,
        "relation": "relative",
        "entry_id": "6f6b2a0e-3b1c-4c0e-9d39-3f1d8d9f0a02",
    }
    answer = sign_in(camps.dowlet).post(f"/camps/households/{household.code}/members/add/", fields, follow=True)
    assert "was registered at School 12 on the same day" in answer.content.decode()


def test_the_answer_same_checks_the_earlier_registration_out(camps: CampCast, cast: Cast, sign_in: SignIn) -> None:
    enter(cast, camps.camp, "Myrat Annaýew", by=camps.dowlet)
    enter(cast, camps.other, "Myrat Annaýew", by=cast.lale)
    flag = DuplicateFlag.objects.get()
    with pytest.raises(NotAllowed):
        answer_flag(by=actor(camps.dowlet), operation=cast.operation, flag=flag, answer="same")
    page = sign_in(cast.aina).post("/double-registrations/", {"flag": flag.pk, "answer": "same"}, follow=True)
    assert "One registration was checked out" in page.content.decode()
    assert sorted(Person.objects.values_list("camp__name", "presence")) == [
        ("School 12", "present"),
        ("Stadium camp", "left"),
    ]
    flag.refresh_from_db()
    assert (flag.answer, flag.step.reason) == ("same", f"Registered twice; goes on as {flag.second.code}")
    with pytest.raises(Refused, match="checked out already"):
        answer_flag(by=actor(cast.aina), operation=cast.operation, flag=flag, answer="different")


def test_over_the_api_and_two_people_stay_two(camps: CampCast, cast: Cast) -> None:
    enter(cast, camps.camp, "Myrat Annaýew", by=camps.dowlet)
    enter(cast, camps.other, "Myrat Annaýew", by=cast.lale)
    clients = {}
    for user in (cast.aina, camps.dowlet):
        clients[user] = APIClient()
        clients[user].force_authenticate(user)
    found = (
        clients[cast.aina].get("/api/v1/double-registrations/", {"camp": camps.camp.code, "answer": "waiting"}).json()
    )
    assert [row["second"]["camp"] for row in found["results"]] == [camps.other.code]
    assert clients[camps.dowlet].get("/api/v1/double-registrations/").json()["results"] == []
    address = f"/api/v1/double-registrations/{found['results'][0]['id']}/answer/"
    assert clients[camps.dowlet].post(address, {"answer": "different"}, format="json").status_code == 404
    done = clients[cast.aina].post(address, {"answer": "different", "reason": "asked both"}, format="json")
    assert (done.status_code, done.json()["answer"]) == (200, "different"), done.content
    compare_newcomers()
    assert not waiting(standing_of(cast.aina, cast.operation)).exists()
