"""The catalogue by API: read by everybody who works here, changed by who may, by the same rules as on the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from komek.accounts.models import User
from komek.api.tokens import issue_token
from komek.supplies.models import CatalogueVersion, Item, KitContent, Need, Pack
from komek.supplies.reference_data import Catalogue
from tests.conftest import Cast, actor

BASE = "/api/v1/supplies/"
Program = Callable[..., APIClient]


@pytest.fixture(autouse=True)
def _shipped(cast: Cast) -> Iterator[None]:
    caches["memory"].clear()
    Catalogue().load(lambda line: None)
    yield
    caches["memory"].clear()


@pytest.fixture
def program() -> Program:
    def make(user: User, *scopes: str) -> APIClient:
        _token, text = issue_token(by=actor(user), name="program", scopes=scopes or ("supplies:write",))
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
        return client

    return make


def change(client: APIClient, address: str, method: str = "patch", **fields: Any) -> Any:
    tag = client.get(address).headers.get("ETag", "*")
    return getattr(client, method)(address, fields, format="json", headers={"If-Match": tag})


def version() -> int:
    newest = CatalogueVersion.objects.first()
    assert newest
    return newest.number


@pytest.mark.parametrize("resource", ["units", "categories", "items", "packs", "kits", "needs"])
def test_everybody_who_works_here_reads_and_nobody_else(cast: Cast, program: Program, resource: str) -> None:
    for user in (cast.aina, cast.oraz, cast.outsider):
        found = program(user, "supplies:read").get(f"{BASE}{resource}/")
        assert found.status_code == 200, found.content
        assert found.json()["results"]
    assert program(cast.aina, "organisations:write").get(f"{BASE}{resource}/").status_code == 403
    waiting = APIClient()
    waiting.force_login(cast.pending, "django.contrib.auth.backends.ModelBackend")
    assert waiting.get(f"{BASE}{resource}/").status_code == 403
    assert APIClient().get(f"{BASE}{resource}/").status_code == 401


def one_of_each() -> dict[str, tuple[str, dict[str, Any]]]:
    """Resource → an address of one, and a change of it."""
    pack, need = Pack.objects.first(), Need.objects.first()
    assert pack and need
    return {
        "units": ("units/kg/", {"name": "kilo"}),
        "categories": ("categories/food/", {"name": "Food and drink"}),
        "items": ("items/FOD-RICE/", {"description": "Long grain"}),
        "packs": (f"packs/{pack.pk}/", {"name": "sack"}),
        "kits": ("kits/KIT-HYG/", {"contents": [{"item": "FOD-RICE", "quantity": "1"}]}),
        "needs": (f"needs/{need.pk}/", {"note": "Changed"}),
    }


@pytest.mark.parametrize("resource", ["units", "categories", "items", "packs", "kits", "needs"])
def test_each_part_is_changed_by_who_may_and_every_change_raises_the_version(
    cast: Cast, program: Program, resource: str
) -> None:
    address, fields = one_of_each()[resource]
    for user, scope in ((cast.oraz, "supplies:write"), (cast.murad, "supplies:write"), (cast.aina, "supplies:read")):
        refused = change(program(user, scope), BASE + address, **fields)
        assert refused.status_code == 403, (user, refused.content)
    before = version()
    answer = change(program(cast.aina), BASE + address, **fields)
    assert answer.status_code == 200, answer.content
    assert version() == before + 1
    stale = program(cast.aina).patch(BASE + address, fields, format="json", headers={"If-Match": '"old"'})
    assert stale.status_code == 412
    assert program(cast.aina).patch(BASE + address, fields, format="json").status_code == 428


def test_an_item_is_added_found_in_any_language_retired_and_used_again(cast: Cast, program: Program) -> None:
    client = program(cast.aina)
    sent = {
        "code": "LAMP-SOL", "name": "Solar lamp", "names": {"ru": "Солнечный фонарь"}, "aliases": {"tk": ["yşyk"]},
        "category": "tools", "unit": "pc", "weight_kg": "0.35", "external_codes": {"ifrc": "ELIGLAMP"},
    }  # fmt: skip
    made = client.post(f"{BASE}items/", sent, format="json")
    assert made.status_code == 201, made.content
    assert made.headers["Location"].endswith("/api/v1/supplies/items/LAMP-SOL/")
    found = client.get(f"{BASE}items/", {"text": "солнечный ФОНАРЬ"}).json()["results"]
    assert "LAMP-SOL" in [row["code"] for row in found]
    again = client.post(f"{BASE}items/", sent, format="json")
    assert (again.status_code, again.json()["errors"][0]["field"]) == (400, "code")
    assert change(client, f"{BASE}items/LAMP-SOL/", is_active=False).json()["is_active"] is True
    tag = client.get(f"{BASE}items/LAMP-SOL/").headers["ETag"]
    act = client.post(
        f"{BASE}items/LAMP-SOL/retire/", {"replaced_by": "HOU-BLK"}, format="json", headers={"If-Match": tag}
    )
    assert (act.json()["is_active"], act.json()["replaced_by"]) == (False, "HOU-BLK")
    back = client.post(f"{BASE}items/LAMP-SOL/use-again/", headers={"If-Match": act.headers["ETag"]})
    assert (back.json()["is_active"], back.json()["replaced_by"]) == (True, None)
    event = Item.objects.get(code="LAMP-SOL").events.order_by("pgh_id").first()  # type: ignore[attr-defined]
    assert (event.pgh_context["channel"], event.pgh_context["user"]) == ("api", cast.aina.pk)


@pytest.mark.parametrize(
    ("resource", "fields", "field", "words"),
    [
        ("items", {"code": "X", "name": "x", "category": "nope", "unit": "pc"}, "category", "nope"),
        ("items", {"code": "X", "name": "x", "category": "food", "unit": "pc", "names": {"fr": "x"}}, "names", "languages"),
        ("items", {"code": "X", "name": "x", "category": "food", "unit": "pc", "coldest_c": 8, "warmest_c": 2},
         "warmest_c", "swapped"),
        ("items", {"code": "X", "name": "x", "category": "food", "unit": "pc", "weight_kg": -1}, "weight_kg", "less than"),
        ("packs", {"item": "FOD-RICE", "name": "bag", "quantity": 0}, "quantity", "more than"),
        ("packs", {"item": "FOD-RICE", "name": "sack of 25 kg", "quantity": 5}, "name", "of this name already"),
        ("packs", {"item": "FOD-RICE", "name": "bag", "quantity": 5, "gtin": "4006381333932"}, "gtin", "wrong digit"),
        ("needs", {"item": "FOD-RICE", "quantity": 1, "source": ""}, "source", "blank"),
        ("needs", {"item": "FOD-RICE", "quantity": 1, "source": "x", "whom": "horse"}, "whom", "horse"),
        ("units", {"symbol": "x", "name": "x", "dimension": "mass", "factor": -1}, "factor", "more than nothing"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(
    cast: Cast, program: Program, resource: str, fields: dict[str, Any], field: str, words: str
) -> None:
    answer = program(cast.aina).post(f"{BASE}{resource}/", fields, format="json")
    assert answer.status_code == 400, answer.content
    (fault,) = answer.json()["errors"]
    assert fault["field"].split(".")[0] == field
    assert words in fault["sentence"]


def test_a_kit_is_given_contents_in_units_that_convert(cast: Cast, program: Program) -> None:
    client = program(cast.aina)
    contents = [{"item": "FOD-RICE", "quantity": "2500", "unit": "g"}, {"item": "HOU-BLK", "quantity": 2}]
    answer = change(client, f"{BASE}kits/HOU-BLK/", contents=[])
    assert answer.status_code == 200
    answer = change(client, f"{BASE}kits/KIT-WIN/", contents=contents)
    assert answer.status_code == 200, answer.content
    assert {(row["item"], Decimal(row["quantity"]), row["unit"]) for row in answer.json()["contents"]} == {
        ("FOD-RICE", Decimal("2.5"), "kg"), ("HOU-BLK", Decimal(2), "pc")
    }  # fmt: skip
    for wrong, words in (
        ([{"item": "FOD-RICE", "quantity": 1, "unit": "l"}], "l cannot be counted in kg"),
        ([{"item": "KIT-WIN", "quantity": 1}], "The kit would hold itself"),
        ([{"item": "FOD-RICE", "quantity": 1}, {"item": "FOD-RICE", "quantity": 2}], "in two rows"),
        ([{"item": "FOD-RICE", "quantity": 0}], "more than zero"),
    ):
        refused = change(client, f"{BASE}kits/KIT-WIN/", contents=wrong)
        assert refused.status_code == 400
        assert words in refused.content.decode()
    assert KitContent.objects.filter(kit__code="KIT-WIN").count() == 2
    listed = [row["code"] for row in client.get(f"{BASE}kits/").json()["results"]]
    assert "KIT-WIN" in listed
    assert "HOU-BLK" not in listed


def test_a_unit_that_items_are_counted_in_keeps_its_size_and_categories_lie_in_no_circle(
    cast: Cast, program: Program
) -> None:
    client = program(cast.aina)
    refused = change(client, f"{BASE}units/kg/", factor="1000")
    assert "its size cannot change" in refused.content.decode()
    made = client.post(f"{BASE}categories/", {"key": "grain", "name": "Grain", "parent": "food"}, format="json")
    assert made.status_code == 201, made.content
    refused = change(client, f"{BASE}categories/food/", parent="grain")
    assert "cannot lie inside itself" in refused.content.decode()


def test_packs_and_needs_are_removed_and_history_keeps_them(cast: Cast, program: Program) -> None:
    client = program(cast.aina)
    pack, need = Pack.objects.first(), Need.objects.first()
    assert pack and need
    before = version()
    for address in (f"{BASE}packs/{pack.pk}/", f"{BASE}needs/{need.pk}/"):
        assert change(client, address, "delete").status_code == 204
    assert version() == before + 2
    assert Pack.pgh_event_model.objects.filter(pgh_obj_id=pack.pk, pgh_label="delete").exists()  # type: ignore[attr-defined]
    assert client.delete(f"{BASE}items/HOU-BLK/").status_code == 405


def test_lists_cost_the_same_queries_however_many_rows(cast: Cast, program: Program) -> None:
    client = program(cast.aina)

    def count(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    for resource in ("items", "kits", "packs", "needs"):
        client.get(f"{BASE}{resource}/?limit=1")
        assert count(f"{BASE}{resource}/?limit=1") == count(f"{BASE}{resource}/?limit=100"), resource
