"""Households, people and their steps over the API: the same rules as on the pages, and no names to those who may not see them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from camps.models import Household, Movement, Person, Presence
from komek.accounts.models import User
from komek.records.models import ProtectedRead
from tests.camps.conftest import CampCast
from tests.conftest import Cast


def signed_in(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def body(camps: CampCast, **fields: Any) -> dict[str, Any]:
    members = [
        {"name": "Maral Annaýewa", "sex": "female", "age": 34, "relation": "head", "may_be_found": True},
        {"name": "Мырат", "sex": "male", "birth_date": "2019-04-01", "relation": "child", "needs": ["disability"]},
    ]
    return {"camp": camps.camp.code, "head_name": "Maral Annaýewa", "card_number": "HH-7", "members": members, **fields}


@pytest.fixture
def registered(camps: CampCast) -> Household:
    made = signed_in(camps.dowlet).post("/api/v1/households/", body(camps), format="json")
    assert made.status_code == 201, made.content
    return Household.objects.get(code=made.json()["code"])


def test_a_household_sent_twice_is_one_with_its_people_checked_in(camps: CampCast) -> None:
    client, sent = signed_in(camps.dowlet), body(camps, entry_id=str(uuid4()))
    codes = {client.post("/api/v1/households/", sent, format="json").json()["code"] for _again in range(2)}
    assert len(codes) == Household.objects.count() == 1
    assert (Person.objects.count(), Movement.objects.filter(kind="check_in").count()) == (2, 2)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"text": "мырат"}, 1), ({"text": "HH-7"}, 2), ({"sex": "male"}, 1), ({"presence": "left"}, 0),
        ({"camp": "other"}, 0), ({"camp": "camp"}, 2), ({"household": "H"}, 2),
    ],
)  # fmt: skip
def test_people_are_found_by_each_filter(
    camps: CampCast, registered: Household, query: dict[str, str], found: int
) -> None:
    named = {"camp": camps.camp.code, "other": camps.other.code, "H": registered.code}
    asked = {key: named.get(value, value) for key, value in query.items()}
    assert len(signed_in(camps.dowlet).get("/api/v1/persons/", asked).json()["results"]) == found


def test_people_are_changed_with_the_version_and_moved_by_a_step(camps: CampCast, registered: Household) -> None:
    client = signed_in(camps.dowlet)
    person = registered.members.get(relation="child")
    address = f"/api/v1/persons/{person.code}/"
    assert client.patch(address, {"name": "Myrat"}, format="json").status_code == 428
    tag = client.get(address)["ETag"]
    assert client.patch(address, {"name": "Myrat"}, format="json", HTTP_IF_MATCH=tag).json()["name"] == "Myrat"
    entry = {"code": person.code, "kind": "check_out", "entry_id": str(uuid4())}
    for _again in range(2):
        step = client.post("/api/v1/movements/step/", entry, format="json")
        assert (step.status_code, len(step.json())) == (201, 1), step.content
    person.refresh_from_db()
    assert (person.presence, person.movements.count()) == (Presence.LEFT, 2)
    listed = client.get("/api/v1/movements/", {"camp": camps.camp.code, "kind": "check_out"}).json()["results"]
    assert [(row["person"], row["household"]) for row in listed] == [(person.code, registered.code)]


def test_a_card_of_another_site_is_checked_in_by_its_code_once_confirmed(
    camps: CampCast, registered: Household, cast: Cast
) -> None:
    client, step = signed_in(cast.lale), {"code": registered.code, "kind": "check_in", "camp": camps.other.code}
    asked = client.post("/api/v1/movements/step/", step, format="json")
    assert asked.status_code in (400, 422)
    assert "still checked in at Stadium camp" in asked.content.decode()
    assert "Maral" not in asked.content.decode()
    assert client.post("/api/v1/movements/step/", {**step, "confirmed": True}, format="json").status_code == 201
    assert set(Person.objects.values_list("camp", flat=True)) == {camps.other.pk}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"members": [{"name": "A", "age": 400}]}, "120"),
        ({"size": 1}, "The list names 2 people"),
        ({"arrived_on": "2100-01-01"}, "future"),
        ({"camp": "C9"}, "not a code"),
        ({"members": [{"name": "A", "may_be_found": True, "needs": ["unaccompanied"]}]}, "never shown to people who search"),
    ],
)  # fmt: skip
def test_bad_input_is_named_and_nothing_is_half_written(camps: CampCast, fields: dict[str, Any], words: str) -> None:
    refused = signed_in(camps.dowlet).post("/api/v1/households/", body(camps, **fields), format="json")
    assert refused.status_code in (400, 422)
    assert words in refused.content.decode()
    assert not Household.objects.exists()


def test_names_go_only_to_those_who_may_see_them_and_reading_is_written_down(
    camps: CampCast, registered: Household, cast: Cast
) -> None:
    before = ProtectedRead.objects.count()
    for stranger in (cast.lale, cast.oraz, cast.outsider):
        for address in ("households", "persons", "movements"):
            answer = signed_in(stranger).get(f"/api/v1/{address}/")
            assert answer.status_code == 403 or answer.json()["results"] == []
        assert signed_in(stranger).get(f"/api/v1/households/{registered.code}/").status_code in (403, 404)
        assert signed_in(stranger).post("/api/v1/households/", body(camps), format="json").status_code == 403
    assert ProtectedRead.objects.count() == before
    assert signed_in(camps.gozel).get(f"/api/v1/households/{registered.code}/").status_code == 200
    read = ProtectedRead.objects.latest("pk")
    assert (read.reader, read.record_code, read.part) == (camps.gozel, registered.code, "names")
