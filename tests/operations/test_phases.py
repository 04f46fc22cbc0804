"""Relief, recovery, rehabilitation: what an operation was in when, and what is refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from komek.accounts.authority import NotAllowed
from komek.operations.models import Operation, Phase, PhaseChange
from komek.operations.opening import change_operation, close_operation, open_operation
from komek.operations.phases import change_phase, take_back_phase
from tests.conftest import Cast, actor


@pytest.fixture
def quake(cast: Cast) -> Operation:
    return open_operation(by=actor(cast.aina), name="Quake", is_exercise=False, started_at=ago(30))


def ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def test_a_change_of_phase_keeps_when_it_began_when_it_was_entered_and_by_whom(cast: Cast, quake: Operation) -> None:
    began = ago(10)
    change_phase(by=actor(cast.aina), operation=quake, phase=Phase.RECOVERY, began_at=began, note="Camps emptied")
    quake.refresh_from_db()
    assert quake.phase == Phase.RECOVERY
    first, second = quake.phase_changes.all()
    assert (first.phase, first.occurred_at) == (Phase.RELIEF, quake.started_at)
    assert (second.phase, second.occurred_at, second.note) == (Phase.RECOVERY, began, "Camps emptied")
    assert second.entered_at > began
    assert (second.entered_by, second.channel) == (cast.aina, "browser")


def test_phases_may_come_in_any_order(cast: Cast, quake: Operation) -> None:
    change_phase(by=actor(cast.aina), operation=quake, phase=Phase.RECOVERY, began_at=ago(10))
    change_phase(by=actor(cast.aina), operation=quake, phase=Phase.RELIEF, began_at=ago(5), note="A second quake")
    assert [change.phase for change in quake.phase_changes.all()] == ["relief", "recovery", "relief"]


def test_within_the_minute_in_which_it_was_opened_the_next_phase_follows_the_first(
    cast: Cast, quake: Operation
) -> None:
    earlier = quake.started_at - timedelta(seconds=20)
    change = change_phase(by=actor(cast.aina), operation=quake, phase=Phase.RECOVERY, began_at=earlier)
    assert timedelta() < change.occurred_at - quake.started_at < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"phase": "relief"}, "phase", "in this phase already"),
        ({"phase": "party"}, "phase", "no such phase"),
        ({"phase": "recovery", "began_at": -1}, "began_at", "in the future"),
        ({"phase": "recovery", "began_at": 31}, "began_at", "began later than that"),
    ],
)
def test_an_impossible_change_is_refused_at_its_field(
    cast: Cast, quake: Operation, fields: dict[str, Any], field: str, words: str
) -> None:
    if "began_at" in fields:
        fields = {**fields, "began_at": ago(fields["began_at"])}
    with pytest.raises(ValidationError) as refusal:
        change_phase(by=actor(cast.aina), operation=quake, **fields)
    assert words in refusal.value.message_dict[field][0]
    assert quake.phase_changes.count() == 1


def test_a_mistaken_change_is_taken_back_and_history_keeps_it(cast: Cast, quake: Operation) -> None:
    change_phase(by=actor(cast.aina), operation=quake, phase=Phase.RECOVERY, began_at=ago(1))
    assert take_back_phase(by=actor(cast.aina), operation=quake).phase == Phase.RELIEF
    events = PhaseChange.pgh_event_model.objects.filter(phase="recovery").order_by("pgh_id")  # type: ignore[attr-defined]
    assert [event.pgh_label for event in events] == ["insert", "delete"]
    with pytest.raises(ValidationError, match="first phase"):
        take_back_phase(by=actor(cast.aina), operation=quake)


def test_an_operation_that_has_ended_changes_its_phase_no_more(cast: Cast, quake: Operation) -> None:
    change_phase(by=actor(cast.aina), operation=quake, phase=Phase.RECOVERY, began_at=ago(2))
    with pytest.raises(ValidationError, match="last phase"):
        close_operation(by=actor(cast.aina), operation=quake, ended_at=ago(3))
    close_operation(by=actor(cast.aina), operation=quake)
    for call, fields in ((change_phase, {"phase": Phase.RELIEF}), (take_back_phase, {})):
        with pytest.raises(ValidationError, match="has ended"):
            call(by=actor(cast.aina), operation=quake, **fields)  # type: ignore[operator]


def test_the_first_phase_moves_with_the_beginning_but_not_past_the_second(cast: Cast, quake: Operation) -> None:
    change_phase(by=actor(cast.aina), operation=quake, phase=Phase.RECOVERY, began_at=ago(10))
    earlier = ago(40)
    change_operation(by=actor(cast.aina), operation=quake, started_at=earlier)
    assert quake.phase_changes.first().occurred_at == earlier  # type: ignore[union-attr]
    with pytest.raises(ValidationError, match="second phase"):
        change_operation(by=actor(cast.aina), operation=quake, started_at=ago(9))


def test_only_coordinators_of_the_whole_operation_change_the_phase(cast: Cast, quake: Operation) -> None:
    for name in ("murad", "oraz", "pending"):
        with pytest.raises(NotAllowed):
            change_phase(by=actor(getattr(cast, name)), operation=quake, phase=Phase.RECOVERY)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_change_the_phase_at_once_the_second_is_refused(cast: Cast) -> None:
    quake = open_operation(by=actor(cast.aina), name="Quake", is_exercise=False, started_at=ago(30))
    start, results = Barrier(2), []

    def work() -> None:
        start.wait(10)
        try:
            change_phase(by=actor(cast.aina), operation=quake, phase=Phase.RECOVERY)
            results.append("changed")
        except ValidationError:
            results.append("refused")
        finally:
            connection.close()

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    assert sorted(results) == ["changed", "refused"]
    assert quake.phase_changes.count() == 2
