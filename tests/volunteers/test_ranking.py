"""Who fits a task: skills, hours, rest, distance. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from volunteers.work.ranking import Candidate, Work, distance_km, judge, most_hours

MONDAY = datetime(2026, 11, 30, 8, tzinfo=UTC)
WORK = Work(MONDAY, MONDAY + timedelta(hours=6), frozenset({"first-aid"}), longitude=58.4, latitude=38.0)
FIT = Candidate(frozenset({"first-aid"}), frozenset({"first-aid"}), longitude=58.4, latitude=38.0, transport="car")


def shift(hours_from_now: float, hours: float) -> tuple[datetime, datetime]:
    begins = MONDAY + timedelta(hours=hours_from_now)
    return begins, begins + timedelta(hours=hours)


def test_the_best_fit_is_near_rested_trusted_and_seen() -> None:
    best = judge(WORK, replace(FIT, is_trusted=True))
    assert best.fits and best.score == 100
    assert any("0.0 km" in one for one in best.reasons) and "trusted" in best.reasons
    for worse in (
        FIT, replace(FIT, seen=frozenset()), replace(FIT, longitude=58.9), replace(FIT, booked=(shift(30, 6),)),
        replace(FIT, longitude=None),
    ):  # fmt: skip
        assert judge(WORK, worse).score < 100
    assert (
        judge(WORK, replace(FIT, longitude=58.5, transport="foot")).score
        < judge(WORK, replace(FIT, longitude=58.5)).score
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"skills": frozenset()}, "lacks a skill"),
        ({"days": frozenset({5, 6})}, "weekday"),
        ({"from_hour": 9, "to_hour": 20}, "hour"),
        ({"from_hour": 8, "to_hour": 13}, "hour"),
        ({"from_hour": 22, "to_hour": 10}, "hour"),
        ({"available_to": date(2026, 11, 29)}, "that day"),
        ({"booked": (shift(5, 3),)}, "another task"),
        ({"booked": (shift(-10, 7),)}, "within 24"),
        ({"booked": tuple(shift(-24 * day, 9) for day in range(1, 6))}, "within 7 days"),
        ({"longitude": 59.4, "reach_km": 20}, "farther"),
    ],
)
def test_what_stands_against_somebody_is_said(change: dict[str, Any], why: str) -> None:
    found = judge(WORK, replace(FIT, **change))
    assert not found.fits and why in found.bars[0]


@pytest.mark.parametrize(
    "change",
    [{"days": frozenset({0})}, {"from_hour": 8, "to_hour": 14}, {"from_hour": 22, "to_hour": 14}, {"booked": (shift(-9, 6),)},
     {"from_hour": 0, "to_hour": 24}, {"reach_km": 1}],
)  # fmt: skip
def test_who_just_fits_is_not_barred(change: dict[str, Any]) -> None:
    assert judge(WORK, replace(FIT, **change)).bars == []


def test_only_the_vetted_work_with_children() -> None:
    with_children = replace(WORK, with_minors=True)
    assert "children" in judge(with_children, FIT).bars[0]
    assert judge(with_children, replace(FIT, is_vetted=True)).fits


def test_hours_are_counted_in_the_fullest_window() -> None:
    assert most_hours([], timedelta(days=1)) == 0
    assert most_hours([shift(0, 6), shift(20, 6)], timedelta(days=1)) == 10
    assert round(distance_km(58.38, 37.95, 58.38, 38.95)) == 111
