"""Indicators: value, the figure that applies, the gap that closes it, and what is not known. Pure, with properties."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camps.indicators import Figure, Indicator, Kind, Missing, Rule, Step, assess, items_for
from camps.models import Comparison

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
WATER = Rule(Kind.PER_PERSON, target=Decimal(15), first=Decimal("7.5"))
TOILETS = Rule(Kind.PEOPLE_PER_UNIT, target=Decimal(20), first=Decimal(50), first_days=30)
WOMEN = Rule(Kind.PEOPLE_PER_UNIT, target=Decimal(20), first=Decimal(50), first_days=30, share=Decimal("0.75"))
MEN = Rule(Kind.PEOPLE_PER_UNIT, target=Decimal(20), first=Decimal(50), first_days=30, share=Decimal("0.25"))
COVER = Rule(Kind.PER_PERSON, target=Decimal("3.5"), target_cold=Decimal("4.5"))
DISTANCE = Rule(Kind.AT_MOST, target=Decimal(500))
FIRE_BREAK = Rule(Kind.AT_LEAST, target=Decimal(30))
SCHOOL = Rule(Kind.IN_PLACE)
RULES = (WATER, TOILETS, WOMEN, MEN, COVER, DISTANCE, FIRE_BREAK, SCHOOL)


def look(rule: Rule, people: object = None, value: object = None, **more: object) -> Indicator:
    def figure(number: object) -> Figure | None:
        return None if number is None else Figure(Decimal(str(number)), NOW)

    return assess(rule, people=figure(people), measured=figure(value), **more)  # type: ignore[arg-type]


def test_comparisons_are_the_same_words_as_the_models() -> None:
    assert {kind.value for kind in Kind} == set(Comparison.values)


def test_water_is_told_per_person_with_the_litres_that_are_missing_a_day() -> None:
    found = look(WATER, 400, 1800)
    assert (found.value, found.gap, found.needed, found.badness) == (Decimal("4.5"), 4200, 6000, Decimal("0.7"))
    assert found.is_critical
    assert not look(WATER, 400, 3000).is_critical


def test_toilets_are_one_for_fifty_in_the_first_days_then_one_for_twenty() -> None:
    early = look(TOILETS, 800, 2, days_open=29)
    assert (early.step, early.wanted, early.gap, early.gap_in_full) == (Step.FIRST, 50, 14, 38)
    later = look(TOILETS, 800, 2, days_open=30)
    assert (later.step, later.gap, later.gap_in_full, later.value) == (Step.FULL, 38, None, 400)


def test_a_site_whose_opening_day_is_not_known_is_held_to_the_full_figure() -> None:
    assert look(TOILETS, 800, 2).step == Step.FULL


def test_three_toilets_of_four_are_for_women() -> None:
    assert (look(WOMEN, 400, 8).gap, look(MEN, 400, 8).gap) == (7, 0)
    assert (look(WOMEN, 400, 8).needed, look(MEN, 400, 8).needed) == (15, 5)
    assert look(WOMEN, 400, 8).value is None


def test_the_cold_asks_for_more_covered_area() -> None:
    assert (look(COVER, 1000, 1150).gap, look(COVER, 1000, 1150).step) == (2350, Step.FULL)
    assert (look(COVER, 1000, 1150, is_cold=True).gap, look(COVER, 1000, 1150, is_cold=True).step) == (3350, Step.COLD)


def test_distances_are_told_in_metres_too_far_and_need_no_headcount() -> None:
    assert (look(DISTANCE, None, 620).gap, look(DISTANCE, None, 500).gap) == (120, 0)
    assert look(FIRE_BREAK, None, "18.5").gap == 12


def test_what_is_in_place_or_not_is_one_or_nothing() -> None:
    assert (look(SCHOOL, None, 0).gap, look(SCHOOL, None, 1).gap) == (1, 0)
    assert (look(SCHOOL, None, 0).badness, look(SCHOOL, None, 1).badness) == (1, 0)


@pytest.mark.parametrize(
    ("rule", "people", "value", "missing"),
    [
        (WATER, None, 100, Missing.HEADCOUNT),
        (WATER, 100, None, Missing.MEASUREMENT),
        (TOILETS, None, None, Missing.BOTH),
        (DISTANCE, 100, None, Missing.MEASUREMENT),
        (SCHOOL, None, None, Missing.MEASUREMENT),
    ],
)
def test_what_is_not_known_is_never_a_zero(rule: Rule, people: object, value: object, missing: Missing) -> None:
    found = look(rule, people, value)
    assert found.missing == missing
    assert not found.is_known
    answers = (found.value, found.gap, found.badness, found.reached, found.is_critical, found.needed, found.gap_in_full)
    assert answers == (None,) * 7


def test_nothing_measured_as_nothing_is_a_gap_and_not_unknown() -> None:
    found = look(TOILETS, 100, 0)
    assert (found.gap, found.badness, found.value) == (5, 1, None)


def test_a_site_that_nobody_is_in_misses_nothing() -> None:
    found = look(WATER, 0, 0)
    assert (found.gap, found.badness, found.value) == (0, 0, None)


def test_the_age_is_that_of_the_older_figure_it_rests_on() -> None:
    people, value = Figure(Decimal(10), NOW - timedelta(days=9)), Figure(Decimal(10), NOW - timedelta(days=2))
    assert assess(WATER, people=people, measured=value).age(NOW) == timedelta(days=9)
    assert assess(DISTANCE, people=people, measured=value).age(NOW) == timedelta(days=2)
    assert assess(DISTANCE, people=None, measured=None).age(NOW) is None
    assert Figure(Decimal(1), NOW + timedelta(minutes=5)).age(NOW) == timedelta(0)


def test_a_part_of_an_item_is_a_whole_item() -> None:
    assert items_for(2350, Decimal(16)) == 147
    assert items_for(0, Decimal(16)) == 0


rules = st.sampled_from(RULES)
heads = st.integers(0, 500_000)
amounts = st.decimals(0, 10_000_000, places=3, allow_nan=False)
days = st.none() | st.integers(0, 100)


def closed(rule: Rule, value: Decimal, gap: int) -> Decimal:
    return value - gap if rule.kind == Kind.AT_MOST else value + gap


@given(rules, heads, amounts, st.booleans(), days)
def test_adding_the_gap_closes_it_and_one_unit_less_does_not(
    rule: Rule, people: int, value: Decimal, is_cold: bool, days_open: int | None
) -> None:
    gap = look(rule, people, value, is_cold=is_cold, days_open=days_open).gap
    assert gap is not None and gap >= 0
    after = look(rule, people, closed(rule, value, gap), is_cold=is_cold, days_open=days_open)
    assert (after.gap, after.badness) == (0, 0)
    if gap:
        assert look(rule, people, closed(rule, value, gap - 1), is_cold=is_cold, days_open=days_open).gap == 1


@given(rules, heads, amounts, st.booleans(), days)
def test_badness_lies_between_nothing_and_one_and_is_nothing_exactly_when_there_is_no_gap(
    rule: Rule, people: int, value: Decimal, is_cold: bool, days_open: int | None
) -> None:
    found = look(rule, people, value, is_cold=is_cold, days_open=days_open)
    assert found.badness is not None and found.reached is not None
    assert 0 <= found.badness <= 1
    assert (found.badness == 0) == (found.gap == 0)
    assert found.reached + found.badness == 1


@given(rules, heads, amounts, amounts, days)
def test_more_of_it_is_never_worse(
    rule: Rule, people: int, value: Decimal, more: Decimal, days_open: int | None
) -> None:
    before, after = value, value + more
    if rule.kind == Kind.AT_MOST:
        before, after = after, before
    worse, better = look(rule, people, before, days_open=days_open), look(rule, people, after, days_open=days_open)
    assert better.gap <= worse.gap  # type: ignore[operator]
    assert better.badness <= worse.badness  # type: ignore[operator]


@given(rules, heads, st.integers(0, 100_000), amounts)
def test_more_people_never_need_less(rule: Rule, people: int, more: int, value: Decimal) -> None:
    few, many = look(rule, people, value), look(rule, people + more, value)
    assert many.gap >= few.gap  # type: ignore[operator]
    assert many.badness >= few.badness  # type: ignore[operator]


@given(heads, st.integers(0, 1000))
def test_the_parts_of_toilets_are_never_fewer_than_the_whole(people: int, value: int) -> None:
    assert look(WOMEN, people, 0).needed + look(MEN, people, 0).needed >= look(TOILETS, people, value).needed  # type: ignore[operator]


@given(st.integers(0, 10**7), st.decimals("0.001", 1000, places=3))
def test_the_items_asked_for_close_the_gap_and_one_less_would_not(gap: int, covers: Decimal) -> None:
    items = items_for(gap, covers)
    assert items * covers >= gap
    assert gap == 0 or (items - 1) * covers < gap
