"""A point is described in words people use: areas, then distance and direction from the nearest settlement."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from komek.places.describing import bearing, describe_point, direction_of
from komek.places.finding import rebuild_parts
from komek.places.keys import plain, search_key
from komek.places.models import Area, PlaceName, Settlement
from tests.conftest import Cast, point

pytestmark = pytest.mark.django_db
URL = "/api/v1/places/describe"


@pytest.fixture
def town(areas: dict[str, Area]) -> Settlement:
    rebuild_parts(areas["XX"].generation)
    areas["XX1"].names = {"ru": "Запад", "en": "West"}
    areas["XX1"].save()
    made = Settlement.objects.create(country="XX", name="Obasy", location=point(58.5, 38.5), area=areas["XX11"])
    Settlement.objects.create(country="XX", name="Faraway", location=point(59.5, 39.5))
    PlaceName.objects.create(
        settlement=made, language="ru", name="Обасы", key=search_key("Обасы"), plain=plain("Обасы")
    )
    return made


def test_a_point_is_told_by_its_areas_and_its_nearest_settlement(town: Settlement) -> None:
    found = describe_point(point(58.532, 38.525), "en")
    assert found.text == "West › West Town, 3.9 km north-east of Obasy"
    assert [area.pcode for area in found.areas] == ["XX1", "XX11"]
    assert found.settlement == town
    assert found.distance_m == pytest.approx(3940, abs=30)


def test_names_and_words_are_in_the_language_asked_for(town: Settlement) -> None:
    assert describe_point(point(58.532, 38.525), "ru").text.startswith("Запад › West Town, 3,9 ")
    assert "Обасы" in describe_point(point(58.532, 38.525), "ru").text


def test_in_a_settlement_no_distance_is_given(town: Settlement) -> None:
    assert describe_point(point(58.505, 38.505), "en").text == "West › West Town, in or beside Obasy"


def test_far_distances_are_whole_kilometres(town: Settlement) -> None:
    assert describe_point(point(58.5, 38.2), "en").text == "West › West Town, 33 km south of Obasy"


def test_outside_every_area_only_the_settlement_is_told_and_far_from_all_nothing(town: Settlement) -> None:
    assert describe_point(point(57.9, 38.5), "en").text == "52 km west of Obasy"
    assert describe_point(point(10, 10), "en").text == ""


def test_an_area_that_is_only_a_country_is_told(town: Settlement) -> None:
    assert describe_point(point(59.5, 41.0), "en").text.startswith("Testland")


@pytest.mark.parametrize(
    ("lat", "lon", "direction"),
    [(1, 0, "N"), (1, 1, "NE"), (0, 1, "E"), (-1, 1, "SE"), (-1, 0, "S"), (-1, -1, "SW"), (0, -1, "W"), (1, -1, "NW")],
)
def test_directions(lat: float, lon: float, direction: str) -> None:
    assert direction_of(bearing((0, 0), (lat, lon))) == direction


def test_directions_hold_across_the_date_line_and_far_north() -> None:
    assert direction_of(bearing((60, 179.9), (60, -179.9))) == "E"
    assert direction_of(bearing((70, 50), (70.5, 51.46))) == "NE"


@pytest.fixture
def api(client: Client, cast: Cast) -> Client:
    client.force_login(cast.oraz, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_api_answers_in_words_and_figures(api: Client, town: Settlement) -> None:
    answer = api.get(URL, {"lat": "38.525", "lon": "58.532"}).json()
    assert answer["text"] == "West › West Town, 3.9 km north-east of Obasy"
    assert answer["areas"][-1] == {"pcode": "XX11", "name": "West Town", "level": 2}
    assert (answer["settlement"], answer["direction"]) == ("Obasy", "NE")


@pytest.mark.parametrize(
    "query",
    [{}, {"lat": "x", "lon": "1"}, {"lat": "nan", "lon": "1"}, {"lat": "inf", "lon": "1"}, {"lat": "1", "lon": "200"}],
)
def test_what_is_no_place_on_earth_is_refused_in_a_sentence(api: Client, query: dict[str, str]) -> None:
    answer = api.get(URL, query)
    assert answer.status_code == 400
    assert "degrees" in answer.json()["detail"]


def test_swapped_coordinates_are_told(api: Client) -> None:
    assert "swapped" in api.get(URL, {"lat": "120.5", "lon": "38.5"}).json()["detail"]


def test_the_public_may_not_ask(client: Client, db: Any) -> None:
    assert client.get(URL, {"lat": "1", "lon": "1"}).status_code in (401, 403)
