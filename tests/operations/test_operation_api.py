"""Operations and hazard types by API and as a table: the same functions, rules and sentences as on the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from komek.accounts.authority import standing_of
from komek.accounts.models import User
from komek.accounts.roles import Role
from komek.api.tokens import issue_token
from komek.exchange import importing
from komek.exchange.exporting import FORMATS, chosen_columns
from komek.exchange.models import ImportBatch
from komek.exchange.reversing import reverse_batch
from komek.extensions import Viewer
from komek.extensions.exchange import exchange
from komek.operations.models import HazardType, Operation
from komek.operations.opening import open_operation
from komek.operations.reference_data import HazardTypes
from komek.places.models import Area
from komek.records.actor import Channel
from tests.conftest import Cast, actor, member, person

OPERATIONS, HAZARDS = "/api/v1/operations/", "/api/v1/hazard-types/"
Program = Callable[..., APIClient]


@pytest.fixture(autouse=True)
def _no_earlier_requests(db: None) -> Iterator[None]:
    caches["memory"].clear()
    HazardTypes().load(lambda line: None)
    yield
    caches["memory"].clear()


@pytest.fixture
def program() -> Program:
    def make(user: User, *scopes: str) -> APIClient:
        asked = scopes or ("operations:write", "hazard-types:write")
        _token, text = issue_token(by=actor(user), name="program", scopes=asked)
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
        return client

    return make


def act(client: APIClient, address: str, method: str = "patch", at: str = "", **fields: Any) -> Any:
    tag = client.get(address).headers.get("ETag", "*")
    return getattr(client, method)(address + at, fields, format="json", headers={"If-Match": tag})


def test_an_operation_is_opened_changed_moved_on_ended_and_opened_again(
    cast: Cast, areas: dict[str, Area], program: Program
) -> None:
    client = program(cast.aina)
    began = timezone.now() - timedelta(days=9)
    sent = {
        "name": "Flood in Mary", "names": {"tk": "Mary suw joşguny"}, "is_exercise": False, "hazards": ["flood"],
        "glide_number": "fl-2026-000123-tkm", "affected_areas": ["XX11", "xx21"], "started_at": began.isoformat(),
    }  # fmt: skip
    made = client.post(OPERATIONS, sent, format="json")
    assert made.status_code == 201, made.content
    row = made.json()
    assert (row["slug"], row["glide_number"], row["phase"]) == ("flood-in-mary", "FL-2026-000123-TKM", "relief")
    assert row["affected_areas"] == ["XX11", "XX21"]
    one = f"{OPERATIONS}flood-in-mary/"
    assert act(client, one, affected_areas=["XX12"]).json()["affected_areas"] == ["XX12"]
    assert act(client, one, summary="Rivers rose.").json()["affected_areas"] == ["XX12"]
    moved = act(client, one, "post", "phase/", phase="recovery", note="Water fell")
    assert moved.status_code == 200, moved.content
    assert [(phase["phase"], phase["note"]) for phase in moved.json()["phases"]] == [
        ("relief", ""),
        ("recovery", "Water fell"),
    ]
    assert act(client, one, "post", "phase/back/").json()["phase"] == "relief"
    ended = act(client, one, "post", "close/", reason="Handed over").json()
    assert (ended["is_open"], ended["ended_at"] is not None) == (False, True)
    assert act(client, one, "post", "reopen/").json()["is_open"] is True
    events = Operation.objects.get(slug="flood-in-mary").events.all()  # type: ignore[attr-defined]
    assert {event.pgh_context["channel"] for event in events} == {"api"}


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"is_exercise": None}, "is_exercise", ""),
        ({"hazards": ["flood"], "glide_number": "EQ-2026-000123-TKM"}, "glide_number", "Tick that hazard"),
        ({"glide_number": "EQ-26"}, "glide_number", "is not a GLIDE number"),
        ({"affected_areas": ["XX99"]}, "affected_areas", "No area has the P-code"),
        ({"names": {"fr": "x"}}, "names", "languages here"),
        ({"started_at": "2126-01-01T00:00:00Z"}, "started_at", "Is it an exercise"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    cast: Cast, areas: dict[str, Area], program: Program, fields: dict[str, Any], field: str, words: str
) -> None:
    sent = {"name": "Flood", "is_exercise": False, **fields}
    answer = program(cast.aina).post(OPERATIONS, sent, format="json")
    assert answer.status_code == 400, answer.content
    (fault,) = answer.json()["errors"]
    assert fault["field"].split(".")[0] == field
    assert words in fault["sentence"]


def test_what_is_fixed_is_not_changed_by_the_back_door(cast: Cast, program: Program) -> None:
    client = program(cast.aina)
    for fields, words in (({"is_exercise": True}, "never changes"), ({"phase": "recovery"}, "at /phase/")):
        answer = act(client, f"{OPERATIONS}quake/", **fields)
        assert (answer.status_code, words in answer.content.decode()) == (400, True)
    answer = act(client, f"{OPERATIONS}quake/", slug="other", is_exercise=False, phase="relief", ended_at="2026-01-01")
    assert (answer.json()["slug"], answer.json()["ended_at"]) == ("quake", None)


def test_only_coordinators_change_and_an_exercise_s_administrator_touches_nothing_real(
    cast: Cast, exercise_operation: Operation, program: Program
) -> None:
    player = person("Player", current_operation=exercise_operation)
    member(player, cast.ministry, Role.ADMINISTRATOR, operation=exercise_operation)
    for user in (cast.murad, cast.oraz, player):
        client = program(user)
        assert client.post(OPERATIONS, {"name": "x", "is_exercise": False}, format="json").status_code == 403
        for at in ("", "phase/", "phase/back/", "close/", "reopen/"):
            method = "post" if at else "patch"
            assert act(client, f"{OPERATIONS}quake/", method, at, phase="recovery").status_code == 403, (user, at)
        assert client.post(HAZARDS, {"key": "x", "name": "x"}, format="json").status_code == 403
        assert act(client, f"{HAZARDS}flood/", name="x").status_code == 403
    assert act(program(player), f"{OPERATIONS}drill/", summary="x").status_code == 200
    assert act(program(cast.aina, "operations:read"), f"{OPERATIONS}quake/", summary="x").status_code == 403


def test_an_exercise_is_neither_listed_nor_named_by_those_who_take_no_part(
    cast: Cast, exercise_operation: Operation, program: Program
) -> None:
    member(cast.outsider, cast.water, Role.VIEWER, operation=cast.operation)
    client = program(cast.outsider)
    assert [row["slug"] for row in client.get(OPERATIONS).json()["results"]] == ["quake"]
    assert client.get(f"{OPERATIONS}drill/").status_code == 404
    assert client.get(OPERATIONS, headers={"Komek-Operation": "drill"}).status_code == 400
    assert program(cast.aina).get(OPERATIONS, headers={"Komek-Operation": "drill"}).status_code == 200


def test_hazard_types_are_kept_by_administrators(administrator: User, cast: Cast, program: Program) -> None:
    client = program(administrator)
    made = client.post(HAZARDS, {"key": "tsunami", "name": "Tsunami", "glide_code": "ts"}, format="json")
    assert (made.status_code, made.json()["glide_code"]) == (201, "TS")
    twin = client.post(HAZARDS, {"key": "tsunami", "name": "x"}, format="json")
    assert (twin.status_code, "this key already" in twin.content.decode()) == (400, True)
    assert act(client, f"{HAZARDS}tsunami/", is_active=False).json()["is_active"] is False
    assert act(client, f"{HAZARDS}tsunami/", key="wave").status_code == 400
    assert program(cast.oraz).get(f"{HAZARDS}tsunami/").json()["name"] == "Tsunami"
    assert act(client, f"{HAZARDS}tsunami/", "delete").status_code == 405


def test_a_list_of_operations_costs_the_same_queries_however_many_areas(
    cast: Cast, areas: dict[str, Area], program: Program
) -> None:
    client = program(cast.aina)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(OPERATIONS).status_code == 200
        return len(queries)

    cast.operation.affected_areas.set([areas["XX11"]])
    client.get(OPERATIONS)
    few = count()
    for name in ("a", "b", "c"):
        open_operation(by=actor(cast.aina), name=name, is_exercise=False, affected_areas=areas.values())
    assert count() == few


# -- hazard types as a table


def bring(by: User, operation: Operation, content: bytes | str, name: str = "t.csv") -> ImportBatch:
    resource: Any = exchange.get("operations.hazardtype")
    data = content.encode() if isinstance(content, str) else content
    asking = actor(by, Channel.IMPORT)
    batch = importing.receive(by=asking, operation=operation, resource=resource, content=data, name=name)
    mapping = {int(place): ours for place, ours in batch.mapping.items()}
    importing.match_columns(batch, mapping, create_missing=False)
    importing.check(batch)
    return batch


@pytest.mark.parametrize("form", list(FORMATS))
def test_the_list_of_hazards_comes_back_unchanged(cast: Cast, administrator: User, form: str) -> None:
    resource: Any = exchange.get("operations.hazardtype")
    records = resource.export_queryset(Viewer(user=cast.oraz, operation=cast.operation)).order_by("pk")
    content = b"".join(FORMATS[form][2](resource, chosen_columns(resource), records, is_exercise=False))
    batch = bring(administrator, cast.operation, content, f"x.{FORMATS[form][0]}")
    assert batch.counts == {"unchanged": HazardType.objects.count()}


def test_hazards_are_added_and_translated_from_a_file_and_taken_back(cast: Cast, administrator: User) -> None:
    text = "key,name,Name (English),GLIDE letters,in use\ntsunami,Tsunami,,ts,yes\nFLOOD,Flood,High water,FL,no\nx,x,,E1,\n"
    batch = bring(administrator, cast.operation, text)
    assert batch.counts == {"create": 1, "update": 1, "refused": 1}
    importing.apply(batch)
    assert HazardType.objects.get(key="tsunami").glide_code == "TS"
    flood = HazardType.objects.get(key="flood")
    assert (flood.names["en"], flood.is_active) == ("High water", False)
    reverse_batch(by=actor(administrator), batch=batch, standing=standing_of(administrator, cast.operation))
    flood.refresh_from_db()
    assert ("en" in flood.names, flood.is_active) == (False, True)
    assert not HazardType.objects.filter(key="tsunami").exists()


def test_nobody_but_administrators_of_the_installation_imports_hazards(
    cast: Cast, exercise_operation: Operation
) -> None:
    player = person("Player", current_operation=exercise_operation)
    member(player, cast.ministry, Role.ADMINISTRATOR, operation=exercise_operation)
    for user, operation in ((cast.aina, cast.operation), (player, exercise_operation)):
        batch = bring(user, operation, "key,name\nflood,Mine\ntsunami,Mine\n")
        assert batch.counts == {"refused": 2}
        importing.apply(batch)
    assert not HazardType.objects.filter(name="Mine").exists()
