"""When cases of a syndrome at a site are an alert. Pure: no database, no clock.

Days without a report are not days with zero cases. They are left out of every average, and a window ends at the newest day
reported, so that an alert ends because reports say so and not because a site fell silent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

# After so many days without a report the state is not known any more: the site is silent, which is an alert of its own.
LAPSES_AFTER_DAYS = 14
# The average that a rise is measured against: so many windows before (WHO, EWARN guidelines 2012: three weeks).
WINDOWS_BEFORE = 3
# With fewer cases a rise says nothing: one case after a quiet month is no doubling.
FEWEST_FOR_RISE = 3


@dataclass(frozen=True)
class Threshold:
    """What raises an alert; ``None`` for a rule that is not used. window_days: how many days are looked at together."""

    window_days: int
    cases: int | None = None
    ratio: Decimal | None = None
    per_10000: Decimal | None = None


class Rule(StrEnum):
    CASES = "cases"
    RATIO = "ratio"
    PER_10000 = "per_10000"


@dataclass(frozen=True)
class Reason:
    """One rule that is met. value: what was found; limit: from where it alerts, both in the rule's unit.

    For a rise: cases in the window, and the ratio times the average (``average``) of as many reported days before.
    """

    rule: Rule
    value: Decimal
    limit: Decimal
    average: Decimal | None = None


@dataclass(frozen=True)
class HealthAlert:
    """Cases over a threshold. starts, ends: first and last day of the window; since: when the alert began, as reported.

    reported_days: on how many of the window's days somebody reported; the rest is not known.
    """

    cases: int
    starts: date
    ends: date
    since: date
    reported_days: int
    reasons: tuple[Reason, ...]


def alert_of(
    counts: Mapping[date, int], threshold: Threshold, *, today: date, population: int | None = None
) -> HealthAlert | None:
    """The alert that stands on ``today``, or ``None``. counts: day → cases, reported days only; later days are not looked at."""
    known = {day: cases for day, cases in counts.items() if day <= today}
    if not known or threshold.window_days < 1:
        return None
    newest = max(known)
    if (today - newest).days > LAPSES_AFTER_DAYS:
        return None
    reasons = _reasons(known, threshold, newest, population)
    if not reasons:
        return None
    window = _window(known, newest, threshold.window_days)
    return HealthAlert(
        cases=sum(window.values()),
        starts=newest - timedelta(days=threshold.window_days - 1),
        ends=newest,
        since=_since(known, threshold, newest, population),
        reported_days=len(window),
        reasons=reasons,
    )


def _since(known: dict[date, int], threshold: Threshold, newest: date, population: int | None) -> date:
    """The first reported day of the unbroken run of reported days on which the alert stood."""
    since = newest
    for day in sorted((day for day in known if day < newest), reverse=True):
        if (since - day).days > LAPSES_AFTER_DAYS or not _reasons(known, threshold, day, population):
            break
        since = day
    return since


def _reasons(known: dict[date, int], threshold: Threshold, ends: date, population: int | None) -> tuple[Reason, ...]:
    """Every rule that is met in the window that ends on a day."""
    window = _window(known, ends, threshold.window_days)
    cases = sum(window.values())
    if not cases:
        return ()
    found = []
    if threshold.cases is not None and cases >= threshold.cases:
        found.append(Reason(Rule.CASES, Decimal(cases), Decimal(threshold.cases)))
    if threshold.ratio is not None and cases >= FEWEST_FOR_RISE:
        before = _before(known, ends, threshold.window_days)
        # Multiplied out, not divided, so that a tie is a tie.
        if before is not None and cases * before.days >= threshold.ratio * before.cases * len(window):
            average = Decimal(before.cases * len(window)) / before.days
            found.append(Reason(Rule.RATIO, Decimal(cases), _shown(threshold.ratio * average), _shown(average)))
    if threshold.per_10000 is not None and population:
        rate = Decimal(cases) * 10_000 / population
        if rate >= threshold.per_10000:
            found.append(Reason(Rule.PER_10000, _shown(rate), threshold.per_10000))
    return tuple(found)


@dataclass(frozen=True)
class _Before:
    cases: int
    days: int


def _before(known: dict[date, int], ends: date, window_days: int) -> _Before | None:
    """Cases and reported days of the three windows before, for an average by reported day.

    ``None`` when fewer days than one window holds were reported: too little to compare with.
    """
    found = _window(known, ends - timedelta(days=window_days), window_days * WINDOWS_BEFORE)
    return _Before(sum(found.values()), len(found)) if len(found) >= window_days else None


def _shown(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


def _window(known: dict[date, int], ends: date, days: int) -> dict[date, int]:
    """The reported days of a window, both ends included."""
    first = ends - timedelta(days=days - 1)
    return {day: cases for day, cases in known.items() if first <= day <= ends}
