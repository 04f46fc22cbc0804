"""Pages by cursor, order, filters, fields, GeoJSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from komek.operations.models import HazardType, Operation
from komek.places.models import Settlement
from komek.records.models import Approval
from orgs.models import Organisation, Site
from tests.api.conftest import BASE
from tests.conftest import Cast, point, square

pytestmark = pytest.mark.urls("tests.api.urls")


@pytest.fixture
def client(cast: Cast, with_token: Callable[..., APIClient]) -> APIClient:
    return with_token(cast.aina)


@pytest.fixture
def many(cast: Cast) -> list[Organisation]:
    """Twelve more, four to a name, so that the order has ties."""
    for number in range(12):
        Organisation.objects.create(
            name=f"Group {number // 4}", country=("TM", "UZ", "")[number % 3], approval=Approval.APPROVED
        )
    return list(Organisation.objects.all())


def walk(client: APIClient, address: str, link: str = "next") -> list[list[str]]:
    pages = []
    following: str | None = address
    while following:
        body = client.get(following).json()
        pages.append([row["code"] for row in body["results"]])
        following = body[link]
        assert len(pages) < 50
    return pages


@pytest.mark.parametrize("sort", ["name", "-name", "country,-name", "-entered_at"])
def test_pages_show_every_row_once_in_order_and_back_again(
    client: APIClient, many: list[Organisation], sort: str
) -> None:
    whole = [row["code"] for row in client.get(f"{BASE}?sort={sort}&limit=500").json()["results"]]
    assert len(whole) == len(many)
    pages = walk(client, f"{BASE}?sort={sort}&limit=4")
    assert [code for page in pages for code in page] == whole
    last = client.get(f"{BASE}?sort={sort}&limit=4")
    while last.json()["next"]:
        last = client.get(last.json()["next"])
    back = walk(client, last.json()["previous"], "previous")
    assert [code for page in reversed(back) for code in page] == whole[: len(whole) - len(pages[-1])]


def test_rows_added_before_the_cursor_neither_repeat_nor_hide_others(
    client: APIClient, many: list[Organisation]
) -> None:
    first = client.get(f"{BASE}?limit=5").json()
    Organisation.objects.create(name="Aaa", approval=Approval.APPROVED)
    second = client.get(first["next"]).json()
    seen = [row["code"] for row in first["results"] + second["results"]]
    assert len(seen) == len(set(seen))


def test_empty_values_come_last_and_are_not_lost(client: APIClient, cast: Cast) -> None:
    now = timezone.now()
    for number in range(6):
        Operation.objects.create(
            slug=f"op{number}", name=f"Op {number}", started_at=now - timedelta(days=9),
            ended_at=now - timedelta(days=number) if number % 2 else None,
        )  # fmt: skip
    for sort in ("ended_at", "-ended_at"):
        slugs: list[str] = []
        following: str | None = f"/api/v1/operations/?sort={sort}&limit=2"
        while following:
            body = client.get(following).json()
            slugs += [row["slug"] for row in body["results"]]
            following = body["next"]
        assert sorted(slugs) == ["op0", "op1", "op2", "op3", "op4", "op5", "quake"]
        assert set(slugs[:3]) == {"op1", "op3", "op5"}


def test_nothing_is_counted_unless_asked(client: APIClient, many: list[Organisation]) -> None:
    assert "count" not in client.get(f"{BASE}?limit=2").json()
    assert client.get(f"{BASE}?limit=2&count=1").json()["count"] == len(many)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=many", "limit"),
        ("cursor=rubbish", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=WzEsMl0=", "cursor"),
        ("sort=password", "sort"),
        ("fields=name,password", "fields"),
        ("updated_since=yesterday", "updated_since"),
        ("updated_since=2026-02-31", "updated_since"),
        ("kind=pirates", "kind"),
        ("secotr=health", "secotr"),
    ],
)
def test_a_wrong_parameter_is_named_with_a_sentence(client: APIClient, query: str, field: str) -> None:
    response = client.get(f"{BASE}?{query}")
    assert response.status_code == 400, response.content
    assert response.json()["errors"][0]["field"] == field
    assert response.json()["errors"][0]["sentence"].endswith((".", "choices."))


def test_a_cursor_of_another_order_is_refused(client: APIClient, many: list[Organisation]) -> None:
    following = client.get(f"{BASE}?limit=2").json()["next"]
    assert client.get(f"{following}&sort=-name").status_code == 400


def test_only_the_fields_asked_for_are_given(client: APIClient, cast: Cast) -> None:
    assert client.get(f"{BASE}?fields=code,name&limit=1").json()["results"][0].keys() == {"code", "name"}
    assert client.get(f"{BASE}{cast.relief.code}/?fields=name").json() == {"name": "Relief Society"}


def test_what_changed_since_a_moment(client: APIClient, cast: Cast) -> None:
    moment = timezone.now()
    cast.relief.save()
    for text in (moment.isoformat(), moment.isoformat().replace("+", "%2B")):
        rows = client.get(f"{BASE}?updated_since={text}").json()["results"]
        assert [row["code"] for row in rows] == [cast.relief.code]


def test_the_pages_filters_work_here(client: APIClient, cast: Cast) -> None:
    rows = client.get(f"{BASE}?kind=government").json()["results"]
    assert [row["code"] for row in rows] == [cast.ministry.code]


def test_a_list_asks_the_database_equally_often_however_long_it_is(client: APIClient, many: Any) -> None:
    client.get(BASE)
    with CaptureQueriesContext(
        connection,
    ) as short:
        client.get(f"{BASE}?limit=1")
    with CaptureQueriesContext(connection) as long:
        client.get(f"{BASE}?limit=500")
    assert len(short) == len(long) <= 10


@pytest.fixture
def sites(cast: Cast) -> list[Site]:
    return [
        Site.objects.create(
            name=f"Site {number}", organisation=cast.relief, location=point(58.1234567 + number, 38),
            operation=cast.operation,
        )
        for number in range(3)
    ]  # fmt: skip


def test_a_list_as_geojson_is_a_feature_collection_with_its_next_page(client: APIClient, sites: list[Site]) -> None:
    for response in (
        client.get("/api/test/sites/?format=geojson&limit=2"),
        client.get("/api/test/sites/?limit=2", headers={"Accept": "application/geo+json"}),
    ):
        assert response["Content-Type"] == "application/geo+json"
        body = response.json()
        assert (body["type"], body["numberReturned"]) == ("FeatureCollection", 2)
        assert body["features"][0] == {
            "type": "Feature",
            "id": sites[0].code,
            "geometry": {"type": "Point", "coordinates": [58.123457, 38]},
            "properties": {"code": sites[0].code, "name": "Site 0"},
        }
        assert [link["rel"] for link in body["links"]] == ["next"]


def test_one_record_as_geojson_is_a_feature(client: APIClient, sites: list[Site]) -> None:
    body = client.get(f"/api/test/sites/{sites[0].code}/?format=geojson").json()
    assert (body["type"], body["id"]) == ("Feature", sites[0].code)


def test_a_box_keeps_what_lies_in_it(client: APIClient, sites: list[Site]) -> None:
    rows = client.get("/api/test/sites/?bbox=58.5,37,59.5,39").json()["results"]
    assert [row["name"] for row in rows] == ["Site 1"]
    for wrong in ("1,2,3", "38,58,39,999", "60,37,59,39", "a,b,c,d", "nan,1,2,3"):
        assert client.get(f"/api/test/sites/?bbox={wrong}").status_code == 400


def test_operations_and_hazards_can_be_read_and_an_operation_is_never_deleted(client: APIClient, cast: Cast) -> None:
    quake = HazardType.objects.create(key="earthquake-x", name="Earthquake", glide_code="EQ")
    cast.operation.hazard_types.add(quake)
    cast.operation.affected_geometry = square(58, 38)
    cast.operation.save()
    row = client.get("/api/v1/operations/?hazard=earthquake-x").json()["results"][0]
    assert (row["slug"], row["hazards"], row["is_open"]) == ("quake", ["earthquake-x"], True)
    feature = client.get("/api/v1/operations/quake/?format=geojson").json()
    assert feature["geometry"]["type"] == "MultiPolygon"
    assert client.get("/api/v1/hazard-types/earthquake-x/").json()["glide_code"] == "EQ"
    assert client.delete("/api/v1/operations/quake/").status_code == 405


def test_a_nested_change_changes_the_version_of_the_operation(client: APIClient, cast: Cast) -> None:
    tag = client.get("/api/v1/operations/quake/")["ETag"]
    assert client.get("/api/v1/operations/quake/", headers={"If-None-Match": tag}).status_code == 304
    cast.operation.hazard_types.add(HazardType.objects.create(key="flood-x", name="Flood"))
    assert client.get("/api/v1/operations/quake/", headers={"If-None-Match": tag}).status_code == 200


def test_the_root_lists_every_resource(client: APIClient) -> None:
    body = client.get("/api/v1/").json()
    assert body["operations"].endswith("/api/v1/operations/")


def test_areas_are_read_by_their_opaque_code_and_as_boundaries(client: APIClient, areas: dict[str, Any]) -> None:
    areas["XX11"].pcode = "XX.1/1".replace("/", "-")
    areas["XX11"].save()
    body = client.get("/api/v1/areas/XX.1-1/").json()
    assert (body["name"], body["parent"], body["country"]) == ("West Town", "XX1", "XX")
    rows = client.get("/api/v1/areas/?parent=XX2&sort=pcode").json()["results"]
    assert [row["pcode"] for row in rows] == ["XX21", "XX22"]
    features = client.get("/api/v1/areas/?level=2&format=geojson").json()["features"]
    assert len(features) == 4
    assert {feature["geometry"]["type"] for feature in features} == {"MultiPolygon"}


def test_areas_of_an_edition_not_in_use_are_not_shown(client: APIClient, areas: dict[str, Any]) -> None:
    generation = areas["XX"].generation
    generation.state = "retired"
    generation.save()
    assert client.get("/api/v1/areas/").json()["results"] == []


def test_a_list_of_areas_asks_the_database_equally_often(client: APIClient, areas: dict[str, Any]) -> None:
    client.get("/api/v1/areas/")
    with CaptureQueriesContext(connection) as short:
        client.get("/api/v1/areas/?limit=1")
    with CaptureQueriesContext(connection) as long:
        client.get("/api/v1/areas/")
    assert len(short) == len(long)


def test_settlements_are_found_by_name_area_and_box(client: APIClient, areas: dict[str, Any]) -> None:
    town = Settlement.objects.create(name="Testtown", country="XX", location=point(58.5, 38.5), area=areas["XX11"])
    Settlement.objects.create(name="Elsewhere", country="XX", location=point(61.5, 38.5), area=areas["XX22"])
    for query in ("name=testt", "area=XX11", "bbox=58,38,59,39"):
        rows = client.get(f"/api/v1/settlements/?{query}").json()["results"]
        assert [row["id"] for row in rows] == [town.pk]
    # a wide box ends at its parallel, not at the great circle between its corners, which bulges past these towns
    assert client.get("/api/v1/settlements/?bbox=20,38,100,38.4").json()["results"] == []
    assert client.get("/api/v1/settlements/?format=geojson").json()["numberReturned"] == 2
    assert client.get("/api/v1/settlements/words/").status_code == 404
