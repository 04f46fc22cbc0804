"""Areas and settlements can be taken out as tables and maps, not brought in: editions of boundaries have a way of their own."""

from __future__ import annotations

import json

import pytest
from django.contrib.gis.geos import Point
from django.test import Client

from komek.operations.models import Operation
from komek.places.models import Area, Settlement
from tests.conftest import Cast


def taken(client: Client, key: str, kind: str) -> str:
    answer = client.get(f"/exchange/{key}/export/?format={kind}")
    assert answer.status_code == 200
    return answer.getvalue().decode()


@pytest.fixture
def client(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.aina, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_areas_in_use_are_taken_out_with_names_codes_and_boundaries(
    client: Client, exercise_operation: Operation, areas: dict[str, Area]
) -> None:
    one = areas["XX11"]
    Area.objects.filter(pk=one.pk).update(names={"ru": "Область"}, centre=Point(58.5, 38.25))
    table = taken(client, "places.area", "hxl")
    assert "#adm+code" in table.splitlines()[1]
    assert all(area.pcode in table for area in areas.values())
    assert "Область" in table
    assert "58.5,38.25" in table
    map_of_them = json.loads(taken(client, "places.area", "geojson"))
    shapes = {f["properties"]["pcode"]: f["geometry"] for f in map_of_them["features"]}
    assert shapes[one.pcode]["type"] == "MultiPolygon"
    Area.objects.filter(pk=one.pk).update(operation=exercise_operation)
    assert "West Town" not in taken(client, "places.area", "csv"), "invented for an exercise, seen only there"


def test_settlements_are_taken_out_with_their_area_and_where_they_come_from(
    client: Client, areas: dict[str, Area]
) -> None:
    one = areas["XX11"]
    Settlement.objects.create(
        name="Tejen", country="TM", location=Point(60.5, 37.38), area=one, population=77024, geonames_id=601734
    )
    Settlement.objects.create(name="Nowhere", country="TM", location=Point(60.6, 37.4))
    lines = taken(client, "places.settlement", "csv").splitlines()
    assert lines[1].startswith("Nowhere,TM,,,,60.6,37.4,,")
    assert lines[2].startswith(f"Tejen,TM,{one.pcode},{one.name},77024,60.5,37.38,601734,")
    assert "CC BY 4.0" in lines[2]
    point = json.loads(taken(client, "places.settlement", "geojson"))["features"][1]["geometry"]
    assert point == {"type": "Point", "coordinates": [60.5, 37.38]}


def test_nobody_brings_them_in_this_way(administrator: object, areas: dict[str, Area]) -> None:
    client = Client()
    client.force_login(administrator, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type]
    page = client.get("/exchange/").content.decode()
    for key in ("places.area", "places.settlement"):
        assert f"/exchange/{key}/export/" in page
        assert f"/exchange/{key}/import/" not in page
        assert client.get(f"/exchange/{key}/import/").status_code == 404
        assert client.get(f"/exchange/{key}/template.xlsx").status_code == 404
