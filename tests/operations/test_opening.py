"""Opening, changing, closing and reopening an operation, and who may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from komek.accounts.authority import NotAllowed, standing_of, visible
from komek.accounts.models import User
from komek.accounts.roles import Role
from komek.operations.models import HazardType, Operation, Phase
from komek.operations.opening import change_operation, close_operation, open_operation, reopen
from komek.places.models import Area
from tests.conftest import Cast, actor, member, person


@pytest.fixture
def hazards(db: None) -> dict[str, HazardType]:
    rows = (("earthquake", "EQ"), ("flood", "FL"), ("landslide", "LS"))
    return {key: HazardType.objects.create(key=key, name=key.title(), glide_code=code) for key, code in rows}


def opened(cast: Cast, **fields: Any) -> Operation:
    return open_operation(by=actor(cast.aina), **{"name": "Flood in Mary", "is_exercise": False, **fields})


def refused(call: Any, **fields: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refusal:
        call(**fields)
    found = refusal.value
    return found.message_dict if hasattr(found, "error_dict") else {"": found.messages}


def test_an_operation_opens_with_all_that_is_known_of_it(
    cast: Cast, hazards: dict[str, HazardType], areas: dict[str, Area]
) -> None:
    found = opened(
        cast, name="  Flood  in Mary ", names={"tk": "Mary suw joşguny", "ru": " "}, glide_number="fl2026000123tkm",
        hazard_types=[hazards["flood"]], affected_areas=[areas["XX11"]], summary="Rivers rose.",
    )  # fmt: skip
    found.refresh_from_db()
    assert (found.slug, found.name, found.names) == ("flood-in-mary", "Flood in Mary", {"tk": "Mary suw joşguny"})
    assert found.glide_number == "FL-2026-000123-TKM"
    assert found.is_open
    assert list(found.affected_areas.all()) == [areas["XX11"]]
    (first,) = found.phase_changes.all()
    assert (first.phase, first.occurred_at, first.entered_by) == (Phase.RELIEF, found.started_at, cast.aina)


def test_names_that_read_the_same_get_addresses_of_their_own(cast: Cast) -> None:
    assert [opened(cast, name=name).slug for name in ("Сель", "Sel", "Add", "???")] == [
        "sel", "sel-2", "add-2", "operation"
    ]  # fmt: skip


def test_whether_it_is_an_exercise_never_changes_not_even_by_sql(cast: Cast) -> None:
    found = opened(cast)
    with pytest.raises(ValueError, match="is_exercise"):
        change_operation(by=actor(cast.aina), operation=found, is_exercise=True)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE operations_operation SET is_exercise = true")


def test_what_is_wrong_is_said_at_its_field(cast: Cast, hazards: dict[str, HazardType]) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    by = actor(cast.aina)
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"name": " "}, "name", "Give the operation a name"),
        ({"names": {"fr": "Crue"}}, "names", "not one of the languages"),
        ({"started_at": tomorrow}, "started_at", "Is it an exercise"),
        ({"glide_number": "FL-2026-1"}, "glide_number", "six digits"),
        ({"phase": "party"}, "phase", "no such phase"),
        (
            {"glide_number": "EQ-2026-000001-TKM", "hazard_types": [hazards["flood"]]},
            "glide_number",
            "Tick that hazard",
        ),
    ]
    for fields, field, words in wrong:
        faults = refused(open_operation, by=by, **{"name": "Flood", "is_exercise": False, **fields})
        assert words in faults[field][0]
    assert Operation.objects.count() == 1
    assert opened(cast, is_exercise=True, started_at=tomorrow).is_open


def test_two_real_operations_never_share_a_glide_number_but_an_exercise_may_borrow_it(
    cast: Cast, hazards: dict[str, HazardType]
) -> None:
    opened(cast, glide_number="FL-2026-000123-TKM")
    faults = refused(
        open_operation, by=actor(cast.aina), name="Again", is_exercise=False, glide_number="FL-2026-000123-TKM"
    )
    assert "“Flood in Mary” has this GLIDE number already" in faults["glide_number"][0]
    opened(cast, name="Practice", is_exercise=True, glide_number="FL-2026-000123-TKM")


def test_an_area_invented_for_an_exercise_affects_no_other_operation(cast: Cast, areas: dict[str, Area]) -> None:
    exercise = opened(cast, is_exercise=True)
    invented = areas["XX22"]
    invented.operation = exercise
    invented.save()
    change_operation(by=actor(cast.aina), operation=exercise, affected_areas=[invented])
    faults = refused(change_operation, by=actor(cast.aina), operation=cast.operation, affected_areas=[invented])
    assert "invented for another exercise" in faults["affected_areas"][0]


def test_only_what_is_named_changes(cast: Cast, hazards: dict[str, HazardType], areas: dict[str, Area]) -> None:
    found = opened(cast, hazard_types=[hazards["flood"]], affected_areas=[areas["XX11"]], summary="Rivers rose.")
    change_operation(by=actor(cast.aina), operation=found, names={"ru": "Паводок"})
    found.refresh_from_db()
    assert (found.summary, found.names, found.slug) == ("Rivers rose.", {"ru": "Паводок"}, "flood-in-mary")
    assert list(found.hazard_types.all()) == [hazards["flood"]]
    assert list(found.affected_areas.all()) == [areas["XX11"]]


@pytest.mark.django_db(transaction=True)
def test_history_knows_who_added_and_took_away_an_area(cast: Cast, areas: dict[str, Area]) -> None:
    found = opened(cast, affected_areas=[areas["XX11"]])
    change_operation(by=actor(cast.aina), operation=found, affected_areas=[areas["XX12"]])
    from komek.records.changes import changes_of

    lines = [
        (change.who, field.before, field.after)
        for change in changes_of(found)
        for field in change.fields
        if field.label == "Affected areas"
    ]
    assert lines == [("Aina", "West Town", "West Hills"), ("Aina", "", "West Town")]


def test_an_operation_is_closed_once_and_may_be_opened_again(cast: Cast) -> None:
    by = actor(cast.aina)
    ended = timezone.now() - timedelta(hours=1)
    Operation.objects.filter(pk=cast.operation.pk).update(started_at=timezone.now() - timedelta(days=9))
    assert not close_operation(by=by, operation=cast.operation, ended_at=ended, reason="Handed over").is_open
    assert "ended already" in refused(close_operation, by=by, operation=cast.operation)[""][0]
    event = cast.operation.events.order_by("-pgh_id").first()
    assert event.pgh_context["reason"] == "Handed over"
    assert reopen(by=by, operation=cast.operation).is_open
    assert "is open" in refused(reopen, by=by, operation=cast.operation)[""][0]


def test_an_end_before_the_beginning_or_in_the_future_is_refused(cast: Cast) -> None:
    for ended_at, words in (
        (timezone.now() + timedelta(hours=1), "in the future"),
        (cast.operation.started_at - timedelta(days=1), "cannot end before"),
    ):
        faults = refused(close_operation, by=actor(cast.aina), operation=cast.operation, ended_at=ended_at)
        assert words in faults["ended_at"][0]


@pytest.mark.parametrize("name", ["murad", "oraz", "outsider", "pending"])
def test_people_who_do_not_coordinate_the_whole_operation_change_nothing(cast: Cast, name: str) -> None:
    by = actor(getattr(cast, name))
    with pytest.raises(NotAllowed):
        open_operation(by=by, name="x", is_exercise=True)
    for call in (change_operation, close_operation, reopen):
        with pytest.raises(NotAllowed):
            call(by=by, operation=cast.operation)


def test_who_coordinates_or_even_administers_an_exercise_only_touches_nothing_real(
    cast: Cast, exercise_operation: Operation
) -> None:
    for role in (Role.COORDINATOR, Role.ADMINISTRATOR):
        player = person(f"Player {role}", current_operation=exercise_operation)
        member(player, cast.ministry, role, operation=exercise_operation)
        by = actor(player)
        change_operation(by=by, operation=exercise_operation, summary="All went well.")
        with pytest.raises(NotAllowed):
            change_operation(by=by, operation=cast.operation, summary="Gone wrong.")
        with pytest.raises(NotAllowed):
            open_operation(by=by, name="x", is_exercise=False)


def test_an_administrator_opens_and_changes(administrator: User, cast: Cast) -> None:
    by = actor(administrator)
    assert change_operation(by=by, operation=open_operation(by=by, name="Sel", is_exercise=False), summary="x").summary


def seen(user: User) -> set[str]:
    return set(visible(Operation.objects.all(), standing_of(user)).values_list("slug", flat=True))


def test_real_operations_are_seen_by_all_and_an_exercise_by_those_who_take_part(
    cast: Cast, exercise_operation: Operation
) -> None:
    member(cast.outsider, cast.water, Role.VIEWER, operation=cast.operation)
    assert seen(cast.outsider) == {"quake"}
    assert seen(cast.pending) == set()
    assert seen(cast.oraz) == {"quake", "drill"}
    player = person("Player")
    member(player, cast.water, Role.VIEWER, operation=exercise_operation)
    assert seen(player) == {"quake", "drill"}


def test_while_no_real_operation_is_open_everybody_sees_the_open_exercise(
    cast: Cast, exercise_operation: Operation
) -> None:
    Operation.objects.create(
        slug="old-drill", name="x", is_exercise=True, started_at=timezone.now(), ended_at=timezone.now() + timedelta(1)
    )
    close_operation(by=actor(cast.aina), operation=cast.operation)
    assert seen(cast.outsider) == {"quake", "drill"}
