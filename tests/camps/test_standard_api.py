"""Standards, measurements and indicators over the API: the same rules as on the pages."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from camps.headcounts import report_headcount
from camps.models import Camp, Measurement, Standard
from orgs.models import Opening
from tests.camps.conftest import CampCast
from tests.conftest import Cast, actor

Standards = dict[str, Standard]
URL = "/api/v1/measurements/"


def signed_in(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def body(camps: CampCast, **fields: Any) -> dict[str, Any]:
    moment = (timezone.now() - timedelta(hours=1)).isoformat()
    return {"camp": camps.camp.code, "standard": "water", "value": "1800", "occurred_at": moment, **fields}


def visit(camps: CampCast, figures: dict[str, Any], **fields: Any) -> dict[str, Any]:
    moment = (timezone.now() - timedelta(hours=1)).isoformat()
    return {"camp": camps.camp.code, "occurred_at": moment, "figures": figures, **fields}


def test_a_figure_is_added_once_and_read_by_everybody(camps: CampCast, cast: Cast, standards: Standards) -> None:
    sent = body(camps, entry_id=str(uuid4()), source="Tanker's book")
    first, again = (signed_in(camps.dowlet).post(URL, sent, format="json") for _ in range(2))
    assert first.status_code == 201, first.content
    assert again.json()["id"] == first.json()["id"]
    seen = signed_in(cast.oraz).get(URL, {"camp": camps.camp.code, "standard": "water"}).json()["results"]
    assert [(row["value"], row["source"], row["channel"]) for row in seen] == [("1800.000", "Tanker's book", "api")]
    assert signed_in(cast.oraz).get(URL, {"standard": "toilets"}).json()["results"] == []


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"value": "-1"}, "value", "0"),
        ({"value": "many"}, "value", "number"),
        ({"standard": "toilets", "value": "2.5"}, "value", "whole numbers"),
        ({"standard": "dancing"}, "standard", "dancing"),
        ({"camp": "C9999999"}, "camp", "C9999999|not a code|check"),
        ({"occurred_at": "2101-01-01T00:00:00Z"}, "occurred_at", "future"),
        ({"occurred_at": None}, "occurred_at", "null"),
        ({"entry_id": "x"}, "entry_id", "UUID"),
    ],
)
def test_bad_input_is_named_by_field(
    camps: CampCast, standards: Standards, fields: dict[str, Any], field: str, words: str
) -> None:
    answer = signed_in(camps.dowlet).post(URL, body(camps, **fields), format="json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert field in answer.content.decode()
    assert any(word in answer.content.decode() for word in words.split("|")), answer.content
    assert not Measurement.objects.exists()


def test_only_those_who_work_at_the_site_add_and_withdraw(camps: CampCast, cast: Cast, standards: Standards) -> None:
    for user in (cast.lale, cast.oraz, cast.pending):
        assert signed_in(user).post(URL, body(camps), format="json").status_code == 403
    made = signed_in(camps.dowlet).post(URL, body(camps), format="json")
    address = f"{URL}{made.json()['id']}/withdraw/"
    refused = signed_in(cast.lale).post(address, {"reason": "x"}, format="json", HTTP_IF_MATCH=made["ETag"])
    assert refused.status_code == 403
    assert signed_in(camps.dowlet).post(address, {"reason": "x"}, format="json").status_code == 428
    done = signed_in(camps.dowlet).post(address, {"reason": "Other camp"}, format="json", HTTP_IF_MATCH=made["ETag"])
    assert (done.status_code, done.json()["is_withdrawn"]) == (200, True)


def test_a_visit_is_kept_whole_once_or_not_at_all(camps: CampCast, standards: Standards) -> None:
    client, entry = signed_in(camps.dowlet), str(uuid4())
    sent = visit(camps, {"toilets_women": 9, "toilets_men": 4, "complaints": 1}, entry_id=entry)
    first, again = (client.post(f"{URL}visit/", sent, format="json") for _ in range(2))
    assert first.status_code == 201, first.content
    assert {row["standard"]: Decimal(row["value"]) for row in first.json()} == {
        "toilets_women": 9, "toilets_men": 4, "complaints": 1, "toilets": 13,
    }  # fmt: skip
    assert sorted(row["id"] for row in again.json()) == sorted(row["id"] for row in first.json())
    for figures in ({"water": 10, "toilets": 2.5}, {"water": 10, "dancing": 1}, {}, {"water": "x"}, {"water": -1}):
        assert client.post(f"{URL}visit/", visit(camps, figures), format="json").status_code == 400
    assert Measurement.objects.count() == 4


@pytest.fixture
def compared(camps: CampCast, cast: Cast, standards: Standards) -> CampCast:
    then = timezone.now() - timedelta(hours=2)
    Camp.objects.update(opened_on=timezone.localdate() - timedelta(days=90))
    for camp, people, litres in ((camps.camp, 400, 3000), (camps.other, 100, 200)):
        report_headcount(by=actor(cast.aina), operation=camp.operation, camp=camp, people=people, occurred_at=then)
        sent = {"camp": camp.code, "occurred_at": then.isoformat(), "figures": {"water": litres}, "source": "Tanker"}
        assert signed_in(cast.aina).post(f"{URL}visit/", sent, format="json").status_code == 201
    return camps


def test_sites_are_compared_by_one_standard_the_worst_first(compared: CampCast, cast: Cast) -> None:
    rows = signed_in(cast.oraz).get(f"{URL}indicators/", {"standard": "water"}).json()
    assert [(row["camp"], row["gap"], row["is_critical"]) for row in rows] == [
        (compared.other.code, 1300, True), (compared.camp.code, 3000, False),
    ]  # fmt: skip
    (worst, _other) = rows
    assert (worst["value"], worst["wanted"], worst["badness"], worst["people"]) == (2.0, "15.000", 0.8667, 100)
    assert worst["words"] == "1,300 l more water a day"
    assert (worst["measured_by"], worst["step"]) == ("Tanker", "full")
    Camp.objects.filter(pk=compared.other.pk).update(opening=Opening.CLOSED)
    assert len(signed_in(cast.oraz).get(f"{URL}indicators/", {"standard": "water"}).json()) == 1


def test_what_is_not_known_is_null_and_says_what_is_missing(
    compared: CampCast, cast: Cast, standards: Standards
) -> None:
    rows = signed_in(cast.oraz).get(f"{URL}indicators/", {"camp": compared.camp.code}).json()
    assert len(rows) == len(standards)
    (toilets,) = [row for row in rows if row["standard"] == "toilets"]
    assert (toilets["gap"], toilets["badness"], toilets["value"], toilets["missing"]) == (
        None,
        None,
        None,
        "measurement",
    )


@pytest.mark.parametrize(
    ("asked", "field"),
    [({}, "camp"), ({"standard": "dancing"}, "standard"), ({"camp": "C9999999"}, "camp"), ({"camp": "?"}, "camp")],
)
def test_indicators_say_what_was_asked_wrong(compared: CampCast, cast: Cast, asked: dict[str, str], field: str) -> None:
    answer = signed_in(cast.oraz).get(f"{URL}indicators/", asked)
    assert answer.status_code == 400 and field in answer.content.decode()


def test_a_coordinator_changes_a_standard_with_the_version_and_nobody_else_does(
    cast: Cast, standards: Standards
) -> None:
    address, client = "/api/v1/standards/toilets/", signed_in(cast.aina)
    seen = client.get(address)
    assert (seen.json()["target"], seen.json()["share"], seen.json()["item"]) == ("20.000", None, "WAT-SLAB")
    assert client.patch(address, {"target": "25"}, format="json").status_code == 428
    changed = client.patch(address, {"target": "25"}, format="json", HTTP_IF_MATCH=seen["ETag"])
    assert (changed.status_code, changed.json()["target"]) == (200, "25.000")
    assert client.patch(address, {"target": "30"}, format="json", HTTP_IF_MATCH=seen["ETag"]).status_code == 412
    tag = changed["ETag"]
    assert signed_in(cast.murad).patch(address, {"target": "9"}, format="json", HTTP_IF_MATCH=tag).status_code == 403
    for wrong in (
        {"target": "0"},
        {"names": {"ru": 5}},
        {"key": "wc"},
        {"comparison": "guess"},
        {"part_of": "toilets"},
    ):
        answer = client.patch(address, wrong, format="json", HTTP_IF_MATCH=tag)
        assert answer.status_code == 400, (wrong, answer.content)


def test_a_standard_is_added_over_the_api(cast: Cast, standards: Standards) -> None:
    sent = {
        "key": "hand_pumps", "name": "Hand pumps", "comparison": "people_per_unit", "target": "500", "source": "Sphere 2018",
    }  # fmt: skip
    assert signed_in(cast.murad).post("/api/v1/standards/", sent, format="json").status_code == 403
    made = signed_in(cast.aina).post("/api/v1/standards/", sent, format="json")
    assert made.status_code == 201, made.content
    assert signed_in(cast.aina).post("/api/v1/standards/", sent, format="json").status_code == 400
    assert signed_in(cast.aina).delete(made["Location"]).status_code == 405


def test_lists_cost_the_same_queries_for_one_and_for_many(
    compared: CampCast, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(cast.aina)
    client.get(URL)
    for address, asked in ((URL, {}), (f"{URL}indicators/", {"standard": "water"}), ("/api/v1/standards/", {})):
        with django_assert_max_num_queries(9):
            assert client.get(address, asked).status_code == 200
