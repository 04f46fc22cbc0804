"""Hazard types are data that administrators of the installation keep."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from komek.accounts.authority import NotAllowed
from komek.accounts.models import User
from komek.accounts.roles import Role
from komek.operations.hazards import add_hazard_type, change_hazard_type, retire_hazard_type
from komek.operations.models import HazardType, Operation
from komek.operations.opening import open_operation
from tests.conftest import Cast, actor, member, person


def test_a_hazard_type_is_added_with_its_glide_letters_and_a_number_may_use_them(administrator: User) -> None:
    by = actor(administrator)
    made = add_hazard_type(by=by, key="Tsunami", name=" Tsunami ", names={"ru": "Цунами"}, glide_code="ts")
    assert (made.key, made.name, made.glide_code, made.is_active) == ("tsunami", "Tsunami", "TS", True)
    opened = open_operation(by=by, name="Wave", is_exercise=False, glide_number="TS-2026-000001-TKM")
    assert opened.glide_number == "TS-2026-000001-TKM"


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"key": "цунами"}, "key", "Latin letters"),
        ({"key": "a" * 41}, "key", "at most 40"),
        ({"name": ""}, "name", "Give the hazard type a name"),
        ({"glide_code": "E1"}, "glide_code", "two Latin letters"),
        ({"names": {"xx": "x"}}, "names", "not one of the languages"),
        ({"key": "flood"}, "key", "with this key already"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    administrator: User, fields: dict[str, Any], field: str, words: str
) -> None:
    HazardType.objects.create(key="flood", name="Flood")
    with pytest.raises(ValidationError) as refusal:
        add_hazard_type(by=actor(administrator), **{"key": "tsunami", "name": "Tsunami", **fields})
    assert words in refusal.value.message_dict[field][0]


def test_a_retired_hazard_type_stays_with_the_operations_that_have_it(administrator: User) -> None:
    flood = HazardType.objects.create(key="flood", name="Flood", glide_code="FL")
    operation = open_operation(by=actor(administrator), name="x", is_exercise=False, hazard_types=[flood])
    assert not retire_hazard_type(by=actor(administrator), hazard_type=flood).is_active
    assert list(operation.hazard_types.all()) == [flood]
    assert retire_hazard_type(by=actor(administrator), hazard_type=flood, is_active=True).is_active


def test_only_administrators_of_the_installation_change_hazard_types(cast: Cast, exercise_operation: Operation) -> None:
    flood = HazardType.objects.create(key="flood", name="Flood")
    player = person("Player", current_operation=exercise_operation)
    member(player, cast.ministry, Role.ADMINISTRATOR, operation=exercise_operation)
    for user in (cast.aina, cast.murad, cast.oraz, cast.pending, player):
        with pytest.raises(NotAllowed):
            change_hazard_type(by=actor(user), hazard_type=flood, name="Water")
        with pytest.raises(NotAllowed):
            add_hazard_type(by=actor(user), key="x", name="x")
    chief = person("Chief")
    member(chief, cast.ministry, Role.ADMINISTRATOR)
    assert change_hazard_type(by=actor(chief), hazard_type=flood, name="Water").name == "Water"
