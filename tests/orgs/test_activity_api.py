"""Sites and activities over the API: the same rules as on the pages."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from komek.operations.models import Operation
from komek.places.models import Area
from orgs.models import Activity, Sector, Site
from tests.conftest import Cast, point


@pytest.fixture
def wash(db: None) -> Sector:
    return Sector.objects.get_or_create(key="wash", defaults={"name": "Water"})[0]


def signed_in(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_a_manager_records_an_activity_and_everybody_reads_it(cast: Cast, areas: dict[str, Area], wash: Sector) -> None:
    body = {"title": "Wells", "organisation": cast.relief.code, "sector": "wash", "area": "XX11", "reached": 12}
    made = signed_in(cast.murad).post("/api/v1/activities/", body, format="json")
    assert made.status_code == 201, made.content
    seen = signed_in(cast.lale).get(made["Location"])
    assert (seen.json()["area"], seen.json()["reached"], seen.json()["channel"]) == ("XX11", 12, "api")


def test_nobody_records_or_changes_for_another_organisation(cast: Cast, areas: dict[str, Area], wash: Sector) -> None:
    body = {"title": "Wells", "organisation": cast.water.code, "sector": "wash", "area": "XX11"}
    assert signed_in(cast.murad).post("/api/v1/activities/", body, format="json").status_code == 403
    activity = Activity.objects.create(
        operation=cast.operation, organisation=cast.water, sector=wash, area=areas["XX11"], title="Theirs"
    )
    client = signed_in(cast.murad)
    tag = client.get(f"/api/v1/activities/{activity.code}/")["ETag"]
    refused = client.patch(f"/api/v1/activities/{activity.code}/", {"title": "Mine"}, format="json", HTTP_IF_MATCH=tag)
    assert refused.status_code == 403
    assert refused["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("area", "XX99", "No area has the P-code"),
        ("sector", "dancing", "dancing"),
        ("organisation", "O0000", "not a code|wrong letter|no organisation"),
        ("reached", -4, "0"),
        ("reached_girls", 50, "more than the total"),
    ],
)
def test_bad_input_is_named_by_field(
    cast: Cast, areas: dict[str, Area], wash: Sector, field: str, value: Any, words: str
) -> None:
    import re

    body = {
        "title": "Wells",
        "organisation": cast.relief.code,
        "sector": "wash",
        "area": "XX11",
        "reached": 5,
        field: value,
    }
    refused = signed_in(cast.murad).post("/api/v1/activities/", body, format="json")
    assert refused.status_code in (400, 422)
    assert re.search(words, refused.content.decode())
    assert not Activity.objects.exists()


def test_sites_come_as_geojson(cast: Cast, areas: dict[str, Area]) -> None:
    Site.objects.create(name="Camp", organisation=cast.relief, operation=cast.operation, location=point(58.5, 38.5))
    collection = signed_in(cast.oraz).get("/api/v1/sites/?format=geojson").json()
    assert collection["features"][0]["geometry"] == {"type": "Point", "coordinates": [58.5, 38.5]}


def test_a_site_finds_its_area_from_its_location(cast: Cast, areas: dict[str, Area]) -> None:
    from komek.places.finding import rebuild_parts

    rebuild_parts(areas["XX"].generation)
    body = {
        "name": "Store", "kind": "warehouse", "organisation": cast.relief.code,
        "location": {"type": "Point", "coordinates": [59.5, 38.5]},
    }  # fmt: skip
    made = signed_in(cast.murad).post("/api/v1/sites/", body, format="json")
    assert made.status_code == 201, made.content
    assert made.json()["area"] == "XX12"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("area=XX1", {"West"}),
        ("area=XX12", {"West"}),
        ("area=XX2", {"East"}),
        ("sector=wash", {"West", "East"}),
        ("status=planned", {"East"}),
        ("text=wes", {"West"}),
        ("organisation_kind=national_ngo", {"West"}),
    ],
)
def test_filters_find_what_people_expect(
    cast: Cast, areas: dict[str, Area], wash: Sector, query: str, found: set[str]
) -> None:
    base = {"operation": cast.operation, "sector": wash}
    Activity.objects.create(organisation=cast.relief, area=areas["XX12"], title="West", **base)
    Activity.objects.create(organisation=cast.water, area=areas["XX21"], title="East", status="planned", **base)
    rows = signed_in(cast.oraz).get(f"/api/v1/activities/?{query}").json()["results"]
    assert {row["title"] for row in rows} == found


def test_the_coverage_matrix_names_the_gap(cast: Cast, areas: dict[str, Area], wash: Sector) -> None:
    client = signed_in(cast.aina)
    made = client.post(
        "/api/v1/people-in-need/", {"area": "XX11", "sector": "wash", "people": 40, "source": "visit"}, format="json"
    )
    assert made.status_code == 201, made.content
    cells = client.get("/api/v1/activities/coverage/?level=2").json()["cells"]
    assert [(cell["area"], cell["sector"], cell["state"]) for cell in cells] == [("XX11", "wash", "gap")]


def test_a_real_operation_never_shows_an_exercises_sites(cast: Cast, exercise_operation: Operation) -> None:
    Site.objects.create(name="Played", operation=exercise_operation)
    assert signed_in(cast.aina).get("/api/v1/sites/").json()["results"] == []
