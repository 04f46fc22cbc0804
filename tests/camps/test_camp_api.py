"""Camps and headcounts over the API: the same rules as on the pages."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from camps.models import Camp, Headcount, HeadcountStanding
from komek.places.models import Area
from orgs.models import Opening
from tests.camps.conftest import CampCast
from tests.conftest import Cast, square


def signed_in(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_a_camp_is_added_read_filtered_and_shown_as_geojson(
    camps: CampCast, cast: Cast, areas: dict[str, Area]
) -> None:
    body = {
        "name": "Hippodrome", "camp_type": "spontaneous", "organisation": cast.relief.code, "supporting": [cast.water.code],
        "area": "XX11", "capacity": 400,
        "location": {"type": "Point", "coordinates": [58.2, 38.2]},
    }  # fmt: skip
    made = signed_in(camps.bahar).post("/api/v1/camps/", body, format="json")
    assert made.status_code == 201, made.content
    seen = signed_in(cast.oraz).get(made["Location"]).json()
    assert (seen["area"], seen["supporting"], seen["people_now"], seen["channel"]) == (
        "XX11",
        [cast.water.code],
        None,
        "api",
    )
    found = signed_in(cast.oraz).get("/api/v1/camps/", {"camp_type": "spontaneous", "format": "geojson"}).json()
    assert [feature["properties"]["name"] for feature in found["features"]] == ["Hippodrome"]


def test_a_change_needs_the_version_and_the_right(camps: CampCast, cast: Cast) -> None:
    address = f"/api/v1/camps/{camps.camp.code}/"
    client = signed_in(camps.bahar)
    assert client.patch(address, {"capacity": 900}, format="json").status_code == 428
    tag = client.get(address)["ETag"]
    assert client.patch(address, {"capacity": 900}, format="json", HTTP_IF_MATCH=tag).status_code == 200
    assert client.patch(address, {"capacity": 800}, format="json", HTTP_IF_MATCH=tag).status_code == 412
    other = signed_in(cast.lale)
    assert (
        other.patch(address, {"capacity": 1}, format="json", HTTP_IF_MATCH=other.get(address)["ETag"]).status_code
        == 403
    )


def test_a_perimeter_far_from_the_point_is_refused(camps: CampCast) -> None:
    client, address = signed_in(camps.bahar), f"/api/v1/camps/{camps.camp.code}/"
    far = {"type": "MultiPolygon", "coordinates": square(60, 40, 0.01).coords}
    refused = client.patch(address, {"perimeter": far}, format="json", HTTP_IF_MATCH=client.get(address)["ETag"])
    assert refused.status_code == 422 or refused.status_code == 400
    assert "km away from the site" in refused.content.decode()


def test_a_camp_is_closed_with_a_reason(camps: CampCast) -> None:
    client, address = signed_in(camps.bahar), f"/api/v1/camps/{camps.camp.code}/state/"
    tag = client.get(f"/api/v1/camps/{camps.camp.code}/")["ETag"]
    assert client.post(address, {"opening": "closed"}, format="json", HTTP_IF_MATCH=tag).status_code in (400, 422)
    done = client.post(address, {"opening": "closed", "reason": "flood"}, format="json", HTTP_IF_MATCH=tag)
    assert done.status_code == 200, done.content
    assert Camp.objects.get(pk=camps.camp.pk).opening == Opening.CLOSED


def report(client: APIClient, camps: CampCast, **fields: Any) -> Any:
    body = {"camp": camps.camp.code, "people": 400, "occurred_at": timezone.now().isoformat(), **fields}
    return client.post("/api/v1/headcounts/", body, format="json")


def test_the_same_entry_sent_twice_is_one_headcount(camps: CampCast) -> None:
    client, entry = signed_in(camps.dowlet), str(uuid4())
    first, second = report(client, camps, entry_id=entry), report(client, camps, entry_id=entry)
    assert (first.status_code, second.status_code) == (201, 201), first.content
    assert first.json()["id"] == second.json()["id"]


def test_a_jump_is_asked_about_and_goes_in_confirmed(camps: CampCast) -> None:
    client = signed_in(camps.dowlet)
    assert report(client, camps, occurred_at="2026-11-01T08:00:00Z").status_code == 201
    asked = report(client, camps, people=900)
    assert asked.status_code in (400, 422)
    assert "confirmed" in asked.content.decode()
    assert report(client, camps, people=900, confirmed=True).json()["standing"] == HeadcountStanding.ACCEPTED


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"female": 300, "male": 200}, "make 500"),
        ({"people": -1}, "0"),
        ({"camp": "C9"}, "not a code"),
        ({"occurred_at": "soon"}, "occurred_at"),
    ],
)
def test_bad_input_is_named(camps: CampCast, fields: dict[str, Any], words: str) -> None:
    refused = report(signed_in(camps.dowlet), camps, **fields)
    assert refused.status_code in (400, 422)
    assert words in refused.content.decode()
    assert not Headcount.objects.exists()


def test_only_those_who_work_there_report(camps: CampCast, cast: Cast) -> None:
    for stranger in (cast.lale, cast.oraz, camps.gozel):
        assert report(signed_in(stranger), camps).status_code == 403
    assert APIClient().get("/api/v1/camps/").status_code in (401, 403)
