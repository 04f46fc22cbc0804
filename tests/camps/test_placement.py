"""Where to send the next people: the ranking, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from camps.placement import Place, placed, propose

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def place(key: int, room: int = 600, **other: Any) -> Place:
    told = {"access": "any", "counted_at": NOW, "latitude": 38.0, "longitude": 58.0, "worst_gap": 0.0, **other}
    return Place(key=key, room=room, **told)


def order(*places: Place) -> list[int]:
    return [one.key for one in propose(places, people=500, now=NOW, latitude=38.0, longitude=58.0)]


def test_the_nearer_the_better_served_the_reachable_and_the_fresher_site_comes_first() -> None:
    good = place(1)
    for worse in (
        place(0, latitude=39.0), place(0, worst_gap=0.9), place(0, access="foot"),
        place(0, counted_at=NOW - timedelta(days=9)), place(0, room=499),
    ):  # fmt: skip
        assert order(worse, good) == [1, 0], worse


def test_full_and_cut_off_sites_are_left_out_and_the_rest_take_all_between_them() -> None:
    found = propose(
        [place(1, room=0), place(2, access="none"), place(3, room=300), place(4, room=400, latitude=38.5)],
        people=500, now=NOW, latitude=38.0, longitude=58.0,
    )  # fmt: skip
    assert [(one.key, one.people) for one in found] == [(3, 300), (4, 200)]
    assert placed(found) == 500 and round(found[1].distance_km or 0) == 56


def test_what_should_be_asked_by_telephone_first_is_named() -> None:
    (doubtful,) = propose(
        [place(1, access="off_road", counted_at=None, worst_gap=None)], people=5, now=NOW, latitude=None, longitude=None
    )
    assert doubtful.doubts == ("old_figures", "hard_to_reach", "services_unknown", "distance_unknown")
