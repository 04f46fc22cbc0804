"""When somebody may have been born, from what people say: a date, a year, an age, “35–45”. Pure functions."""

from __future__ import annotations

import re
from datetime import date, timedelta

OLDEST = 120
"""Years. Nobody older is verified alive but one (J. Calment, 122); a larger number is a slip."""
CHILD_BELOW = 18

AGES = re.compile(r"\s*(\d{1,3})\s*(?:[-–—]\s*(\d{1,3})\s*)?")

Range = tuple[date | None, date | None]


def born_of_age(age_from: int | None, age_to: int | None, on: date) -> Range:
    """First and last possible birthday of somebody who is between the ages (in whole years, either may be unknown) on a day."""
    low, high = age_from, age_to
    if low is None and high is None:
        return None, None
    low = high if low is None else low
    high = low if high is None else high
    assert low is not None and high is not None
    return _years_before(on, high + 1) + timedelta(days=1), _years_before(on, low)


def parse_ages(text: str) -> tuple[int, int]:
    """``40`` → (40, 40); ``35–45`` → (35, 45). Raises ValueError when it is neither."""
    found = AGES.fullmatch(text)
    if found is None:
        raise ValueError(text)
    low = int(found[1])
    return low, int(found[2] or low)


def born_in_year(year: int) -> Range:
    """First and last day of a year."""
    return date(year, 1, 1), date(year, 12, 31)


def ages_on(born_from: date | None, born_to: date | None, on: date) -> tuple[int, int] | None:
    """Youngest and oldest possible age in whole years on a day; ``None`` when nothing is known."""
    first, last = born_from or born_to, born_to or born_from
    if first is None or last is None:
        return None
    return max(_age(last, on), 0), max(_age(first, on), 0)


def may_be_child(born_from: date | None, born_to: date | None, on: date) -> bool:
    """Whether the person may be under 18 on the day. Nothing known: no."""
    ages = ages_on(born_from, born_to, on)
    return ages is not None and ages[0] < CHILD_BELOW


def narrowed(ranges: list[Range]) -> Range:
    """What several reports say together: the days all allow; where they contradict each other, what the first says."""
    known = [(first, last) for first, last in ranges if first is not None and last is not None]
    if not known:
        return None, None
    begin, end = max(first for first, _last in known), min(last for _first, last in known)
    return (begin, end) if begin <= end else known[0]


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
