"""The pages about operations and hazard types, for those who may change them and those who may not."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from komek.accounts.models import User
from komek.accounts.roles import Role
from komek.operations.models import HazardType, Operation
from komek.operations.opening import close_operation, open_operation
from komek.places.models import Area
from komek.places.reference_data import store_names
from komek.web.models import Draft
from tests.conftest import Cast, actor, member, person

BACKEND = "django.contrib.auth.backends.ModelBackend"
BLANK_ROWS = {"affected_areas-TOTAL_FORMS": "2", "affected_areas-INITIAL_FORMS": "0"}


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


@pytest.fixture
def coordinator(cast: Cast) -> Client:
    return browser(cast.aina)


@pytest.fixture
def flood(db: None) -> HazardType:
    return HazardType.objects.create(key="flood", name="Flood", glide_code="FL", names={"ru": "Наводнение"})


def typed(flood: HazardType, **fields: Any) -> dict[str, Any]:
    return {
        "is_exercise": "no", "name": "Flood in Mary", "hazard_types": [flood.pk], "glide_number": "FL-2026-000123-TKM",
        "started_at": "2026-05-01T04:30", "phase": "relief", "summary": "Rivers rose.", "names_tk": "Mary suw joşguny",
        **BLANK_ROWS, **fields,
    }  # fmt: skip


def test_an_operation_is_opened_with_its_areas_and_is_worked_in_at_once(
    coordinator: Client, cast: Cast, flood: HazardType, areas: dict[str, Area]
) -> None:
    store_names(list(areas.values()))
    rows = {"affected_areas-0-area": str(areas["XX11"].pk), "affected_areas-1-area_text": "XX21"}
    response = coordinator.post("/operations/add/", typed(flood, **rows))
    assert response["Location"] == "/operations/flood-in-mary/"
    found = Operation.objects.get(slug="flood-in-mary")
    assert set(found.affected_areas.all()) == {areas["XX11"], areas["XX21"]}
    assert found.started_at.isoformat() == "2026-04-30T23:30:00+00:00"
    cast.aina.refresh_from_db()
    assert cast.aina.current_operation == found
    page = coordinator.get("/operations/flood-in-mary/").content.decode()
    for words in (
        "FL-2026-000123-TKM",
        "West Town",
        "Mary suw joşguny",
        "Rivers rose.",
    ):
        assert words in page
    outlines = coordinator.get("/operations/flood-in-mary/affected.geojson").json()
    assert {feature["properties"]["title"] for feature in outlines["features"]} == {"West Town", "East Town"}


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(coordinator: Client, flood: HazardType) -> None:
    wrong = typed(flood, glide_number="FL-26", is_exercise="", **{"affected_areas-0-area_text": "Atlantis"})
    response = coordinator.post("/operations/add/", wrong)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Nothing is called “Atlantis”" in page
    assert 'value="FL-26"' in page
    assert "Mary suw joşguny" in page
    assert not Operation.objects.filter(name="Flood in Mary").exists()
    response = coordinator.post("/operations/add/", typed(flood, glide_number="FL-26"))
    assert "is not a GLIDE number" in response.content.decode()


def test_saving_a_change_without_changing_anything_changes_nothing(
    coordinator: Client, cast: Cast, flood: HazardType, areas: dict[str, Area]
) -> None:
    began = timezone.now() - timedelta(days=3)
    made = open_operation(
        by=actor(cast.aina), name="Flood", is_exercise=False, hazard_types=[flood], affected_areas=[areas["XX11"]],
        started_at=began, names={"ru": "Паводок"}, glide_number="FL-2026-000123-TKM", summary="x",
    )  # fmt: skip
    flood.is_active = False
    flood.save()
    page = coordinator.get("/operations/flood/change/").content.decode()
    sent: dict[str, Any] = {"hazard_types": [flood.pk], "summary": "x"}
    for tag in re.findall(r"<input[^>]*>", page):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        name = attributes.get("name", "")
        if name in ("version", "name", "glide_number", "started_at") or name.startswith(("names_", "affected_areas-")):
            sent.setdefault(name, attributes.get("value", ""))
    assert "is_exercise" not in page.replace('name="is_exercise_', "")
    assert coordinator.post("/operations/flood/change/", sent).status_code == 302
    fresh = Operation.objects.get(pk=made.pk)
    for name in ("name", "names", "started_at", "glide_number", "summary", "slug"):
        assert getattr(fresh, name) == getattr(made, name), name
    assert list(fresh.affected_areas.all()) == [areas["XX11"]]
    assert list(fresh.hazard_types.all()) == [flood]


def test_an_area_is_taken_away_by_emptying_its_row(coordinator: Client, cast: Cast, areas: dict[str, Area]) -> None:
    cast.operation.affected_areas.set([areas["XX11"], areas["XX12"]])
    rows = {
        "affected_areas-TOTAL_FORMS": "3", "affected_areas-INITIAL_FORMS": "2", "affected_areas-0-area": "",
        "affected_areas-1-area": str(areas["XX12"].pk), "affected_areas-2-area": str(areas["XX12"].pk),
    }  # fmt: skip
    fields = {"name": "Earthquake", "started_at": cast.operation.started_at.strftime("%Y-%m-%dT%H:%M"), **rows}
    assert coordinator.post("/operations/quake/change/", fields).status_code == 302
    assert list(cast.operation.affected_areas.all()) == [areas["XX12"]]


def test_of_two_who_change_at_once_the_second_is_told(coordinator: Client, cast: Cast) -> None:
    fields = {"name": "Mine", "started_at": "2026-01-01T00:00", "version": "2020-01-01T00:00:00+00:00", **BLANK_ROWS}
    response = coordinator.post("/operations/quake/change/", fields)
    assert response.status_code == 422
    assert "Somebody else changed this" in response.content.decode()


def test_a_kept_draft_brings_its_rows_back(coordinator: Client, cast: Cast, areas: dict[str, Area]) -> None:
    kept = {
        "name": ["Half a na"], "affected_areas-TOTAL_FORMS": ["3"], "affected_areas-0-area": [str(areas["XX11"].pk)],
        "affected_areas-0-area_text": ["West Town"], "affected_areas-2-area": [""], "affected_areas-2-area_text": ["Eas"],
    }  # fmt: skip
    Draft.objects.create(user=cast.aina, form_key="/operations/add/", data=kept)
    page = coordinator.get("/operations/add/?draft=restore").content.decode()
    assert 'value="Half a na"' in page
    assert f'name="affected_areas-0-area" value="{areas["XX11"].pk}"' in page
    assert 'value="Eas"' in page


def test_the_phase_is_changed_and_taken_back_on_the_page(coordinator: Client, cast: Cast) -> None:
    Operation.objects.filter(pk=cast.operation.pk).update(started_at=timezone.now() - timedelta(days=20))
    fields = {"phase-phase": "recovery", "phase-began_at": "2026-01-01T00:00", "phase-note": "Camps emptied"}
    future = {**fields, "phase-began_at": "2126-01-01T00:00"}
    response = coordinator.post("/operations/quake/phase/", future)
    assert (response.status_code, "in the future" in response.content.decode()) == (422, True)
    yesterday = timezone.localtime(timezone.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    coordinator.post("/operations/quake/phase/", {**fields, "phase-began_at": yesterday})
    page = coordinator.get("/operations/quake/").content.decode()
    assert "Camps emptied" in page
    cast.operation.refresh_from_db()
    assert cast.operation.phase == "recovery"


def test_an_operation_is_ended_and_opened_again_on_the_page(coordinator: Client, cast: Cast) -> None:
    now = timezone.localtime(timezone.now() - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M")
    Operation.objects.filter(pk=cast.operation.pk).update(started_at=timezone.now() - timedelta(days=2))
    wrong = coordinator.post("/operations/quake/close/", {"close-ended_at": ""})
    assert wrong.status_code == 422
    coordinator.post("/operations/quake/close/", {"close-ended_at": now, "close-reason": "Handed over"})
    assert "This operation ended on" in coordinator.get("/operations/quake/").content.decode()
    coordinator.post("/operations/quake/reopen/")
    assert Operation.objects.get(slug="quake").is_open


CHANGES = ["change/", "phase/", "phase/back/", "close/", "reopen/"]


@pytest.mark.parametrize("name", ["murad", "oraz", "outsider"])
def test_others_read_the_page_and_can_change_nothing_by_its_addresses(cast: Cast, name: str) -> None:
    client = browser(getattr(cast, name))
    page = client.get("/operations/quake/").content.decode()
    assert "End this operation" not in page
    assert "/operations/quake/change/" not in page
    assert "/operations/add/" not in client.get("/operations/").content.decode()
    fields = {"phase-phase": "recovery", "phase-began_at": "2026-11-01T00:00", "close-ended_at": "2026-11-01T00:00"}
    assert [client.post(f"/operations/quake/{end}", fields).status_code for end in CHANGES] == [403] * 5
    assert client.get("/operations/add/").status_code == 403
    assert cast.operation.is_open


def test_an_exercise_is_hidden_from_those_who_take_no_part(cast: Cast, exercise_operation: Operation) -> None:
    member(cast.outsider, cast.water, Role.VIEWER, operation=cast.operation)
    client = browser(cast.outsider)
    assert "Drill" not in client.get("/operations/").content.decode()
    assert client.get("/operations/drill/").status_code == 404
    assert client.post("/operations/choose/", {"operation": exercise_operation.pk}).status_code == 404
    assert browser(cast.pending).get("/operations/quake/").status_code == 404
    assert Client().get("/operations/quake/").status_code == 302


def test_the_administrator_of_an_exercise_is_offered_nothing_in_a_real_operation(
    cast: Cast, exercise_operation: Operation, flood: HazardType
) -> None:
    player = person("Player", current_operation=exercise_operation)
    member(player, cast.ministry, Role.ADMINISTRATOR, operation=exercise_operation)
    client = browser(player)
    assert "/operations/quake/change/" not in client.get("/operations/quake/").content.decode()
    addresses = ("/operations/quake/change/", "/operations/add/", "/hazard-types/add/", "/hazard-types/flood/change/")
    assert [client.get(address).status_code for address in addresses] == [403] * 4
    assert client.get("/operations/drill/change/").status_code == 200


def test_an_operation_that_ended_stands_below_the_open_ones(coordinator: Client, cast: Cast) -> None:
    for name in ("First", "Second"):
        open_operation(by=actor(cast.aina), name=name, is_exercise=False)
    close_operation(by=actor(cast.aina), operation=Operation.objects.get(slug="second"))
    page = coordinator.get("/operations/").content.decode()
    assert page.rindex("/operations/first/") < page.rindex("/operations/second/")


def test_more_areas_and_phases_cost_no_more_queries(coordinator: Client, cast: Cast, areas: dict[str, Area]) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert coordinator.get("/operations/quake/").status_code == 200
        return len(queries)

    coordinator.get("/operations/quake/")
    cast.operation.affected_areas.set([areas["XX11"]])
    few = count()
    cast.operation.affected_areas.set(areas.values())
    assert count() == few


def test_hazard_types_are_listed_added_changed_and_retired_by_administrators(
    administrator: User, flood: HazardType, cast: Cast
) -> None:
    client = browser(administrator)
    assert (
        client.post("/hazard-types/add/", {"key": "tsunami", "name": "Tsunami", "glide_code": "t1"}).status_code == 422
    )
    response = client.post("/hazard-types/add/", {"key": "tsunami", "name": "Tsunami", "glide_code": "ts"})
    assert response["Location"] == "/hazard-types/tsunami/"
    client.post("/hazard-types/tsunami/change/", {"name": "Great wave", "glide_code": "TS", "names_ru": "Цунами"})
    client.post("/hazard-types/tsunami/retire/", {"is_active": "no"})
    page = client.get("/hazard-types/").content.decode()
    assert "Great wave" in page
    assert "out of use" in page
    assert "Цунами" in client.get("/hazard-types/tsunami/").content.decode()
    reader = browser(cast.oraz)
    assert "Great wave" in reader.get("/hazard-types/").content.decode()
    assert reader.post("/hazard-types/tsunami/retire/").status_code == 403
    assert "/hazard-types/add/" not in reader.get("/hazard-types/").content.decode()


def test_areas_are_offered_from_the_operation_on_the_page_not_from_where_one_works(
    coordinator: Client, cast: Cast, exercise_operation: Operation, areas: dict[str, Area]
) -> None:
    store_names(list(areas.values()))
    Area.objects.filter(pk=areas["XX22"].pk).update(operation=exercise_operation)
    coordinator.post("/operations/choose/", {"operation": exercise_operation.pk})

    def offered(query: str) -> set[str]:
        found = coordinator.get(f"/lookup/places.area/?q=East Hills{query}").json()["choices"]
        return {choice["label"] for choice in found}

    assert "East Hills" in offered("") & offered("&operation=drill")
    assert "East Hills" not in offered("&operation=-") | offered("&operation=quake")
    assert 'data-operation="-"' in coordinator.get("/operations/add/").content.decode()
    assert 'data-operation="quake"' in coordinator.get("/operations/quake/change/").content.decode()
