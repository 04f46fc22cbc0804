"""What the registry tells the desk, the figures, the map and the search box, and to whom."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from komek.accounts.models import User
from komek.extensions import Viewer
from komek.places.models import Area
from missing_persons.alerts import PersonAlerts
from missing_persons.disputing import object_to
from missing_persons.lookups import PersonLookup
from missing_persons.map_layers import MissingByArea
from missing_persons.noting import add_note, verify_note, verify_report
from missing_persons.search import PersonSearch
from missing_persons.situation import PersonFigures
from tests.conftest import Cast, actor
from tests.missing_persons.conftest import PUBLIC, Desk, Tell


@pytest.fixture
def many(desk: Desk, tell: Tell, areas: dict[str, Area]) -> None:
    """Two missing in XX11 and one in XX21, one of the first two dead as a note says; one found; a child alone; a confirmed death."""
    by, operation = actor(desk.gozel), desk.operation
    first = tell("Aman Ataev", last_seen_area=areas["XX11"])
    tell("Bahar Orazowa", last_seen_area=areas["XX11"])
    tell("Serdar Meredow", last_seen_area=areas["XX21"])
    add_note(by=by, operation=operation, person=first.person, status="believed_dead", text="buried, they say")
    found = tell("Maral", kind="found", age_from=40)
    verify_report(by=by, operation=operation, report=found, how="seen")
    tell("Jeren", kind="found", age_from=6)
    dead = tell("Bayram", kind="deceased")
    verify_report(by=by, operation=operation, report=dead, how="identified by his son")
    object_to(by=PUBLIC, person=first.person, kind="danger")


def view(user: User | None, desk: Desk) -> Viewer:
    return Viewer(user=user, operation=desk.operation)


def test_figures_are_numbers_for_every_account_and_nobody_else(desk: Desk, cast: Cast, many: None) -> None:
    today = timezone.localdate()
    told = {one.indicator: int(one.value) for one in PersonFigures().figures(view(cast.oraz, desk), today)}
    assert told == {
        "persons_open": 3, "persons_found_alive": 1, "persons_dead_confirmed": 1, "persons_dead_unconfirmed": 1,
        "persons_children_alone": 1,
    }  # fmt: skip
    assert PersonFigures().figures(view(None, desk), today) == []
    assert all(one.value == 0 for one in PersonFigures().figures(view(cast.oraz, desk), today - timedelta(days=9)))


def test_alerts_come_to_whom_they_concern(desk: Desk, cast: Cast, many: None, tell: Tell) -> None:
    def keys(user: User) -> list[str]:
        return [one.key.split(".")[1] for one in PersonAlerts().alerts(view(user, desk), 9)]

    assert keys(desk.gozel) == ["danger", "held", "held_notes", "children", "waiting"]
    assert keys(desk.nurjan) == ["danger", "waiting"]
    assert keys(desk.dowlet) == keys(cast.oraz) == []
    dead = tell("Bayram Dowletow", kind="deceased")
    verify_report(by=actor(desk.gozel), operation=desk.operation, report=dead, how="papers")
    seen = add_note(by=actor(desk.nurjan), operation=desk.operation, person=dead.person, status="believed_alive")
    verify_note(by=actor(desk.nurjan), operation=desk.operation, note=seen, how="I spoke to him")
    assert "unclear" in keys(desk.nurjan)


def test_the_map_counts_by_area_and_hides_small_numbers_from_others(
    desk: Desk, cast: Cast, many: None, tell: Tell, areas: dict[str, Area]
) -> None:
    def counted(user: User) -> dict[str, int]:
        return {row.pcode: row.missing_now for row in MissingByArea().queryset(view(user, desk))}

    assert counted(desk.nurjan) == {"XX11": 2, "XX21": 1}
    assert counted(cast.oraz) == {}
    tell("Sona", last_seen_area=areas["XX11"])
    assert counted(cast.oraz) == {"XX11": 3}


def test_persons_are_searched_by_those_who_may(desk: Desk, cast: Cast, many: None) -> None:
    for plug in (PersonSearch(), PersonLookup()):
        assert len(plug.find("Оразова Бахар", view(desk.nurjan, desk), 5)) == 1
        assert len(plug.find("Оразова Бахар", view(cast.oraz, desk), 5)) == 0
        assert len(plug.find("Оразова Бахар", view(desk.dowlet, desk), 5)) == 0
