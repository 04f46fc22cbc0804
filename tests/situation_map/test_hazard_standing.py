"""Which alerts are in force: updates, cancellations, expiry, and whose word counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

from situation_map.hazards.alerts import Alert, Info, Key
from situation_map.hazards.standing import current

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


def alert(number: str, hour: int, *about: Alert, kind: str = "Alert", lasts: int | None = 6, **more: object) -> Alert:
    sent = NOON.replace(hour=hour)
    info = Info(event="Flood", expires=sent + timedelta(hours=lasts) if lasts is not None else None)
    told = {
        "sender": "met",
        "status": "Actual",
        "infos": (info,),
        "references": tuple(each.key for each in about),
        **more,
    }
    return Alert(identifier=number, sent=sent, kind=kind, **told)


def in_force(*alerts: Alert, now: datetime = NOON) -> list[str]:
    found = [[each.identifier for each in current(order, now).in_force] for order in permutations(alerts)]
    assert all(each == found[0] for each in found), "the order of the list does not matter"
    return found[0]


def test_updates_and_cancels_take_back_what_their_sender_said() -> None:
    first = alert("a", 9)
    second = alert("b", 10, first, kind="Update")
    third = alert("c", 11, second, kind="Cancel")
    assert in_force(first) == ["a"]
    assert in_force(first, first) == ["a"]
    assert in_force(first, second) == ["b"]
    assert in_force(first, second, third) == []
    # What an update replaced does not come back when the update expires.
    assert in_force(first, alert("b", 10, first, kind="Update", lasts=1)) == []
    found = current([first, second, third], NOON)
    assert found.replaced == {first.key: second.key} and found.cancelled == {second.key: third.key}


def test_a_reference_with_the_moment_written_wrong_still_finds_its_alert() -> None:
    first = alert("a", 9)
    cancel = alert("c", 11, kind="Cancel", references=(Key("a", "met", NOON - timedelta(days=1)),))
    assert in_force(first, cancel) == []


def test_nobody_else_and_no_exercise_silences_an_alert() -> None:
    first = alert("a", 9)
    stranger = alert("x", 10, first, kind="Cancel", sender="else")
    exercise = alert("y", 10, first, kind="Cancel", status="Exercise")
    earlier = alert("z", 8, first, kind="Cancel")
    assert in_force(first, stranger, exercise, earlier) == ["a"]
    assert {by.identifier for by, _named in current([first, stranger, exercise, earlier], NOON).idle} == {"x", "y", "z"}
    # An exercise runs beside the real thing and alarms nobody.
    drill = alert("d", 9, status="Exercise")
    assert [each.identifier for each in current([drill, first], NOON).alarming] == ["a"]


def test_an_alert_expires_with_its_last_part_and_without_expiry_after_a_day() -> None:
    assert in_force(alert("a", 6)) == []
    assert in_force(alert("a", 6, lasts=None)) == ["a"]
    assert in_force(alert("a", 6, lasts=None), now=NOON + timedelta(days=1)) == []
    two = alert("a", 6, infos=(Info(expires=NOON - timedelta(hours=1)), Info(expires=NOON + timedelta(hours=1))))
    assert in_force(two) == ["a"]
    later = alert("a", 6, infos=(Info(effective=NOON + timedelta(hours=1)),))
    assert in_force(later) == [] and current([later], NOON).upcoming == [later]


def test_a_later_version_of_an_event_replaces_the_earlier_where_the_identifier_names_the_event() -> None:
    versions = [alert("us1", hour, replaces_own=True, source="USGS") for hour in (8, 9, 10)]
    assert current(versions, NOON).in_force == versions[2:]
    deleted = alert("us1", 11, kind="Cancel", replaces_own=True)
    assert in_force(*versions, deleted) == []
    assert in_force(versions[2], alert("us1", 10, kind="Cancel", replaces_own=True)) == []
    # In CAP the same identifier sent again is another message, and only a reference replaces.
    assert len(current([alert("a", 9), alert("a", 10)], NOON).in_force) == 2
