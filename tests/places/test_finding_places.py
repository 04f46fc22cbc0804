"""A place is found from the search box, on a page and by the API: ranked, near the asker, never chosen for them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from komek.places.keys import plain, search_key
from komek.places.models import Area, PlaceName, Settlement
from komek.places.resolver import resolve
from orgs.models import Site
from tests.conftest import Cast, point

API = "/api/v1/places/resolve"


@pytest.fixture
def towns(areas: dict[str, Area]) -> list[Settlement]:
    """Two Bereketlis, one in the west and one in the east, the second also called Берекетли."""
    made = []
    for pcode, lon in (("XX11", 58.5), ("XX21", 60.5)):
        town = Settlement.objects.create(
            name="Bereketli", country="XX", population=5000, location=point(lon, 38.5), area=areas[pcode]
        )
        PlaceName.objects.create(
            settlement=town, name="Bereketli", key=search_key("Bereketli"), plain=plain("Bereketli")
        )
        made.append(town)
    return made


@pytest.fixture
def murads(client: Client, cast: Cast) -> Client:
    client.force_login(cast.murad, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_search_box_finds_settlements_and_leads_to_their_page(murads: Client, towns: list[Settlement]) -> None:
    page = murads.get("/search/", {"q": "Берекетли"}).content.decode()
    assert f'href="/places/settlements/{towns[0].pk}/"' in page
    assert "West Town" in page
    page = murads.get(f"/places/settlements/{towns[0].pk}/").content.decode()
    assert "5,000" in page
    assert f"/history/places/settlement/{towns[0].pk}/" in page
    assert murads.get(f"/places/settlements/{towns[0].pk}.geojson").json()["features"][0]["geometry"]["type"] == "Point"


def test_the_page_shows_all_that_may_be_meant_and_says_so(murads: Client, towns: list[Settlement]) -> None:
    page = murads.get("/places/find/", {"q": "Bereketli"}).content.decode()
    assert "More than one place may be meant" in page
    assert all(f"/places/settlements/{town.pk}/" in page for town in towns)
    assert "by its code" in murads.get("/places/find/", {"q": "XX21"}).content.decode()
    assert "The first one is meant" in murads.get("/places/find/", {"q": "38.5, 60.5"}).content.decode()
    assert "swapped" in murads.get("/places/find/", {"q": "160.5, 38.5"}).content.decode()
    assert "as coordinates" in murads.get("/places/find/", {"q": "Bereketli", "near": "here"}).content.decode()
    assert "No such place is known" in murads.get("/places/find/", {"q": "Xyzzyqwerty"}).content.decode()


def test_the_api_ranks_by_nearness_and_says_whether_it_is_certain(murads: Client, towns: list[Settlement]) -> None:
    far = murads.get(API, {"text": "bereketli"}).json()
    assert (far["is_certain"], len(far["candidates"])) == (False, 2)
    near = murads.get(API, {"text": "bereketli", "near": "38.5, 60.4"}).json()
    assert near["candidates"][0]["settlement"] == towns[1].pk
    assert near["candidates"][0]["area"]["pcode"] == "XX21"
    within = murads.get(API, {"text": "bereketli", "within": "XX1"}).json()
    assert [one["settlement"] for one in within["candidates"]] == [towns[0].pk]
    code = murads.get(API, {"text": "XX21"}).json()
    assert (code["is_certain"], code["candidates"][0]["how"]) == (True, "code")


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({}, "text"), ({"text": "x" * 201}, "text"), ({"text": "a", "near": "there"}, "near"),
        ({"text": "a", "near": "95, 190"}, "near"), ({"text": "a", "limit": "0"}, "limit"),
        ({"text": "a", "within": "ZZ9"}, "within"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_a_sentence(murads: Client, query: dict[str, str], name: str) -> None:
    answer = murads.get(API, query)
    assert answer.status_code == 400
    assert name in str(answer.json())


def test_nobody_without_an_account_may_ask(client: Client, db: Any) -> None:
    assert client.get(API, {"text": "a"}).status_code in (401, 403)
    assert client.get("/places/find/").status_code == 302


def test_a_list_is_narrowed_by_an_area_that_the_exercise_invented_in_that_exercise_only(
    murads: Client, cast: Cast, areas: dict[str, Area], exercise_operation: Any
) -> None:
    from orgs.filters import areas_called

    Area.objects.filter(pk=areas["XX22"].pk).update(operation=exercise_operation)
    PlaceName.objects.create(
        area=areas["XX22"], name="East Hills", key=search_key("East Hills"), plain=plain("East Hills")
    )
    Site.objects.create(name="Here", operation=cast.operation, area=areas["XX22"])
    for text in ("XX22", "East Hills", str(areas["XX22"].pk)):
        assert areas_called(text, exercise_operation) == [areas["XX22"].pk]
        assert areas_called(text, cast.operation) == []
        assert "Here" not in murads.get("/sites/", {"area": text}).content.decode()
        assert murads.get("/api/v1/sites/", {"area": text}).json()["results"] == []


def test_places_of_one_name_are_never_told_apart_silently(towns: list[Settlement]) -> None:
    """However the gazetteer spells them, and also behind a short plus code."""
    PlaceName.objects.create(
        settlement=towns[0], kind="alias", name="Bereketly", key=search_key("Bereketly"), plain=plain("Bereketly")
    )
    assert not resolve("Bereketly").is_certain
    assert not resolve("Bereketli", limit=1).is_certain
    found = resolve("GG22+22 Bereketli")
    assert len(found.candidates) == 2
    assert not found.is_certain
    assert {round(one.point.x) for one in found.candidates if one.point} == {59, 61}
    assert resolve("GG22+22", near=point(60.5, 38.5)).is_certain
    guessed = resolve("GG22+22 Xyzzyqwerty", near=point(60.5, 38.5))
    assert guessed.candidates
    assert not guessed.is_certain
