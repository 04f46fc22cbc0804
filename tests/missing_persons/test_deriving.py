"""The status of a person follows from evidence. Pure: no database."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from missing_persons.ages import ages_on, born_of_age, may_be_child, narrowed, parse_ages
from missing_persons.deriving import Evidence, status_from
from missing_persons.models import Status


def said(says: str, day: int, *, verified: bool = True, search: bool = False) -> Evidence:
    at = datetime(2026, 3, day, tzinfo=UTC)
    return Evidence(says, at, verified, f"{says} {day}", is_search=search)


@pytest.mark.parametrize(
    ("evidence", "status", "source"),
    [
        ([], Status.UNCHECKED, ""),
        ([said("alive", 3, verified=False)], Status.UNCHECKED, ""),
        ([said("missing", 1, verified=False, search=True)], Status.MISSING, "missing 1"),
        (
            [said("missing", 1, verified=False, search=True), said("dead", 3, verified=False)],
            Status.MISSING,
            "missing 1",
        ),
        ([said("missing", 1, verified=False, search=True), said("alive", 3)], Status.ALIVE, "alive 3"),
        ([said("alive", 3), said("missing", 5, verified=False, search=True)], Status.ALIVE, "alive 3"),
        ([said("alive", 3), said("missing", 5)], Status.MISSING, "missing 5"),
        ([said("alive", 3), said("safe", 4)], Status.SAFE, "safe 4"),
        ([said("alive", 3), said("dead", 5)], Status.DEAD, "dead 5"),
        ([said("dead", 5), said("missing", 6)], Status.DEAD, "dead 5"),
        ([said("dead", 5), said("alive", 6)], Status.UNCLEAR, "alive 6"),
        ([said("dead", 5), said("alive", 6, verified=False)], Status.DEAD, "dead 5"),
    ],
)
def test_what_was_verified_counts_and_a_death_is_not_undone_by_a_later_word(
    evidence: list[Evidence], status: str, source: str
) -> None:
    found = status_from(evidence)
    assert (found.status, found.source) == (status, source)
    assert status_from(evidence[::-1]) == found, "in whatever order it came in"


def test_ages_become_birthdays_and_back() -> None:
    on = date(2024, 2, 29)
    assert born_of_age(35, 45, on) == (date(1978, 3, 1), date(1989, 2, 28))
    assert born_of_age(None, None, on) == (None, None)
    assert ages_on(*born_of_age(35, 45, on), on) == (35, 45)
    assert (may_be_child(*born_of_age(17, 17, on), on), may_be_child(*born_of_age(18, 18, on), on)) == (True, False)
    assert may_be_child(None, None, on) is False
    assert narrowed([born_of_age(35, 45, on), (None, None), born_of_age(40, 50, on)]) == born_of_age(40, 45, on)
    assert narrowed([born_of_age(10, 12, on), born_of_age(40, 50, on)]) == born_of_age(10, 12, on)
    assert (parse_ages("40"), parse_ages(" 35 – 45 ")) == ((40, 40), (35, 45))
    with pytest.raises(ValueError):
        parse_ages("about forty")
