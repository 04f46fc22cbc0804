"""When cases are an alert: thresholds, rises against the weeks before, rates; silence is neither zero nor all-clear."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camps.health_alerts import LAPSES_AFTER_DAYS, Rule, Threshold, alert_of

TODAY = date(2026, 3, 30)
WEEK = 7


def days(*newest_first: int | None) -> dict[date, int]:
    """Cases by day, today first; ``None`` for a day nobody reported."""
    return {TODAY - timedelta(days=ago): cases for ago, cases in enumerate(newest_first) if cases is not None}


def rules(counts: dict[date, int], threshold: Threshold, population: int | None = None) -> list[Rule]:
    found = alert_of(counts, threshold, today=TODAY, population=population)
    return [reason.rule for reason in found.reasons] if found else []


def test_one_case_of_measles_is_an_alert_that_says_how_many_since_when() -> None:
    found = alert_of(days(0, 0, 1, 0, 0), Threshold(WEEK, cases=1), today=TODAY)
    assert found is not None
    assert (found.cases, found.reported_days) == (1, 5)
    assert found.since == TODAY - timedelta(days=2)
    assert (found.starts, found.ends) == (TODAY - timedelta(days=6), TODAY)


def test_below_the_threshold_there_is_no_alert() -> None:
    assert rules(days(1, 1, 1, 1), Threshold(WEEK, cases=5)) == []
    assert rules(days(1, 1, 1, 2), Threshold(WEEK, cases=5)) == [Rule.CASES]


def test_cases_outside_the_window_do_not_count() -> None:
    assert rules(days(0, 0, 0, 0, 0, 0, 0, 9), Threshold(WEEK, cases=5)) == []


def test_a_rise_is_measured_against_the_three_windows_before() -> None:
    before = [1] * 21
    assert rules(days(*[2] * 7, *before), Threshold(WEEK, ratio=Decimal(2))) == [Rule.RATIO]
    assert rules(days(1, *[2] * 6, *before), Threshold(WEEK, ratio=Decimal(2))) == []


def test_days_without_a_report_do_not_pull_the_average_down() -> None:
    """Ten cases a day as always, reported every second day only: no rise, although half the days are missing."""
    patchy = days(*[10] * 7, *[10, None] * 10, 10)
    assert rules(patchy, Threshold(WEEK, ratio=Decimal("1.5"))) == []
    taken_for_zero = {TODAY - timedelta(days=ago): 0 for ago in range(28)} | patchy
    assert rules(taken_for_zero, Threshold(WEEK, ratio=Decimal("1.5"))) == [Rule.RATIO]


def test_a_window_reported_in_part_is_compared_with_as_many_days_before() -> None:
    """Three days reported with twice the usual cases are a rise; the four missing are not zeros."""
    half = days(6, 6, 6, None, None, None, None, *[3] * 21)
    found = alert_of(half, Threshold(WEEK, ratio=Decimal(2)), today=TODAY)
    assert found is not None
    assert (found.reported_days, found.reasons[0].average) == (3, Decimal("9.0"))


def test_too_little_is_known_from_before_to_speak_of_a_rise() -> None:
    assert rules(days(*[9] * 7, *[1] * 6), Threshold(WEEK, ratio=Decimal(2))) == []
    assert rules(days(*[9] * 7, *[1] * 7), Threshold(WEEK, ratio=Decimal(2))) == [Rule.RATIO]


def test_a_case_or_two_after_quiet_weeks_is_no_rise() -> None:
    assert rules(days(2, *[0] * 27), Threshold(WEEK, ratio=Decimal(2))) == []
    assert rules(days(3, *[0] * 27), Threshold(WEEK, ratio=Decimal(2))) == [Rule.RATIO]


def test_a_rate_needs_a_head_count() -> None:
    threshold = Threshold(WEEK, per_10000=Decimal(5))
    assert rules(days(3), threshold, population=6_000) == [Rule.PER_10000]
    assert rules(days(3), threshold, population=6_001) == []
    assert rules(days(3), threshold, population=None) == []
    assert rules(days(3), threshold, population=0) == []


def test_an_alert_does_not_end_because_a_site_falls_silent() -> None:
    silent = {TODAY - timedelta(days=LAPSES_AFTER_DAYS): 4}
    found = alert_of(silent, Threshold(WEEK, cases=1), today=TODAY)
    assert found is not None
    assert found.ends == TODAY - timedelta(days=LAPSES_AFTER_DAYS)
    long_silent = {TODAY - timedelta(days=LAPSES_AFTER_DAYS + 1): 4}
    assert alert_of(long_silent, Threshold(WEEK, cases=1), today=TODAY) is None


def test_an_alert_ends_when_reports_say_so() -> None:
    assert alert_of(days(*[0] * 7, 4), Threshold(WEEK, cases=1), today=TODAY) is None


def test_since_is_where_the_unbroken_run_began() -> None:
    found = alert_of(days(1, 0, 0, 0, 1, *[0] * 10, 1), Threshold(WEEK, cases=1), today=TODAY)
    assert found is not None
    assert found.since == TODAY - timedelta(days=4)


# --- properties

COUNTS = st.dictionaries(st.integers(-3, 60), st.integers(0, 40), max_size=40).map(
    lambda found: {TODAY - timedelta(days=ago): cases for ago, cases in found.items()}
)
NUMBERS = st.decimals(Decimal("0.1"), 50, places=1)
THRESHOLDS = st.builds(
    Threshold,
    window_days=st.integers(1, 14),
    cases=st.none() | st.integers(1, 60),
    ratio=st.none() | NUMBERS,
    per_10000=st.none() | NUMBERS,
)
PEOPLE = st.none() | st.integers(0, 50_000)


@given(COUNTS, THRESHOLDS, PEOPLE)
def test_an_alert_is_always_over_every_limit_it_names(
    counts: dict[date, int], threshold: Threshold, people: int | None
) -> None:
    found = alert_of(counts, threshold, today=TODAY, population=people)
    if found is None:
        return
    inside = {day: cases for day, cases in counts.items() if found.starts <= day <= found.ends}
    assert found.cases == sum(inside.values()) > 0
    assert found.reported_days == len(inside) <= threshold.window_days
    assert found.since in counts and found.since <= found.ends <= TODAY
    assert found.reasons
    for reason in found.reasons:
        assert reason.value >= reason.limit - Decimal("0.1")  # a limit is rounded to be read


@given(COUNTS, THRESHOLDS, PEOPLE, st.integers(0, 20))
def test_more_cases_on_the_newest_day_never_end_an_alert(
    counts: dict[date, int], threshold: Threshold, people: int | None, more: int
) -> None:
    known = [day for day in counts if day <= TODAY]
    before = set(rules(counts, threshold, people))
    if known:
        counts = {**counts, max(known): counts[max(known)] + more}
    assert before <= set(rules(counts, threshold, people))


@given(COUNTS, THRESHOLDS, PEOPLE)
def test_days_to_come_and_the_order_of_days_change_nothing(
    counts: dict[date, int], threshold: Threshold, people: int | None
) -> None:
    past = {day: counts[day] for day in sorted(counts, reverse=True) if day <= TODAY}
    assert alert_of(counts, threshold, today=TODAY, population=people) == alert_of(
        past, threshold, today=TODAY, population=people
    )


@given(COUNTS, PEOPLE)
def test_without_a_rule_or_a_case_there_is_never_an_alert(counts: dict[date, int], people: int | None) -> None:
    assert alert_of(counts, Threshold(WEEK), today=TODAY, population=people) is None
    none_ill = dict.fromkeys(counts, 0)
    strictest = Threshold(WEEK, 1, Decimal("0.1"), Decimal("0.1"))
    assert alert_of(none_ill, strictest, today=TODAY, population=people) is None


@given(COUNTS, THRESHOLDS)
def test_with_every_day_reported_the_rules_are_the_plain_ones(counts: dict[date, int], threshold: Threshold) -> None:
    full = {TODAY - timedelta(days=ago): 0 for ago in range(70)} | {day: n for day, n in counts.items() if day <= TODAY}
    width = threshold.window_days

    def window(number: int) -> int:
        ends = TODAY - timedelta(days=width * number)
        return sum(full.get(ends - timedelta(days=ago), 0) for ago in range(width))

    cases, before = window(0), window(1) + window(2) + window(3)
    expected = []
    if threshold.cases is not None and cases >= threshold.cases:
        expected.append(Rule.CASES)
    if threshold.ratio is not None and cases >= 3 and 3 * cases >= threshold.ratio * before:
        expected.append(Rule.RATIO)
    assert rules(full, threshold) == expected


@pytest.mark.parametrize("silence", range(20))
def test_an_alert_is_the_same_on_every_day_of_a_silence_until_it_lapses(silence: int) -> None:
    counts = days(2, 3, 1, 0, 4)
    later = TODAY + timedelta(days=silence)
    found = alert_of(counts, Threshold(WEEK, cases=5), today=later)
    if silence > LAPSES_AFTER_DAYS:
        assert found is None
    else:
        assert found == alert_of(counts, Threshold(WEEK, cases=5), today=TODAY)


def test_reported_days_in_a_row_are_judged_one_by_one() -> None:
    """``since`` steps over days that nobody reported, but not over a long silence."""
    near = days(1, None, None, 1, *[None] * 30, 1)
    found = alert_of(near, Threshold(WEEK, cases=1), today=TODAY)
    assert found is not None
    assert found.since == TODAY - timedelta(days=3)
    assert all(later - earlier <= timedelta(days=31) for earlier, later in pairwise(sorted(near)))
