"""Indicators in words: sentences a person can act on, in the language read, and honest about what is not known."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils.translation import override

from camps.assessing import rule_of
from camps.indicator_words import gap_words, indicator_gap_words, number, standard_words, value_words
from camps.indicators import Figure, Indicator, Step, assess
from camps.models import Standard

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
Standards = dict[str, Standard]


def look(standard: Standard, people: object, value: object, days_open: int | None = None) -> Indicator:
    def figure(amount: object) -> Figure | None:
        return None if amount is None else Figure(Decimal(str(amount)), NOW)

    return assess(rule_of(standard), people=figure(people), measured=figure(value), days_open=days_open)


@pytest.mark.parametrize(
    ("key", "gap", "english", "russian"),
    [
        ("toilets", 38, "38 more toilets", "ещё туалетов: 38"),
        ("toilets", 1, "1 more toilet", "ещё туалетов: 1"),
        ("water", 4200, "4,200 l more water a day", "ещё 4\xa0200 л воды в день"),
        ("covered_area", 2350, "2,350 m² more covered area", "ещё 2\xa0350 м² крытой площади"),
        ("water_distance", 120, "water is 120 m too far away", "вода на 120 м дальше, чем следует"),
        ("complaints", 1, "a way to complain is needed", "нужна возможность пожаловаться"),
    ],
)
def test_a_gap_is_a_sentence_to_act_on(standards: Standards, key: str, gap: int, english: str, russian: str) -> None:
    with override("en"):
        assert gap_words(standards[key], gap) == english
    with override("ru"):
        assert gap_words(standards[key], gap) == russian


def test_a_standard_without_words_of_its_own_still_says_how_many(db: None) -> None:
    assert gap_words(Standard(name="Lamps"), 3) == "3 more: Lamps"


@pytest.mark.parametrize(
    ("key", "step", "words"),
    [
        ("water", Step.FULL, "at least 15 l a day per person"),
        ("water", Step.FIRST, "at least 7.5 l a day per person"),
        ("toilets", Step.FIRST, "at most 50 people for each"),
        ("toilets_women", Step.FULL, "75 % of all; at most 20 people for each"),
        ("covered_area", Step.COLD, "at least 4.5–5.5 m² per person"),
        ("water_distance", Step.FULL, "at most 500 m"),
        ("fire_break", Step.FULL, "at least 30 m"),
        ("education", Step.FULL, "in place"),
    ],
)
def test_what_a_standard_asks_for_is_told_in_its_own_terms(
    standards: Standards, key: str, step: Step, words: str
) -> None:
    assert standard_words(standards[key], step) == words


@pytest.mark.parametrize(
    ("key", "people", "value", "words"),
    [
        ("water", 400, 1800, "4.5 l a day per person"),
        ("water", 400, None, "not known: nothing measured"),
        ("water", None, 1800, "not known: no headcount"),
        ("water", None, None, "not known: no headcount, nothing measured"),
        ("water", 0, 1800, "nobody is here"),
        ("toilets", 400, 10, "40 people for each"),
        ("toilets", 400, 0, "0; needed: 20"),
        ("toilets_women", 400, 8, "8; needed: 15"),
        ("water_distance", None, "620.5", "620.5 m"),
        ("water_queue", None, 1, "1 minute"),
        ("education", None, 0, "not in place"),
        ("education", None, 1, "in place"),
    ],
)
def test_a_value_is_told_beside_its_standard_or_as_not_known(
    standards: Standards, key: str, people: object, value: object, words: str
) -> None:
    assert value_words(standards[key], look(standards[key], people, value)) == words


def test_the_gap_names_the_next_step_while_the_first_one_holds(standards: Standards) -> None:
    toilets = standards["toilets"]
    found = look(toilets, 800, 2, days_open=3)
    assert indicator_gap_words(toilets, found) == "14 more toilets; later: 38 more toilets"
    assert indicator_gap_words(toilets, look(toilets, 800, 40)) == "nothing missing"
    assert indicator_gap_words(toilets, look(toilets, 800, None)) == "not known"


def test_numbers_lose_no_zeros_that_count() -> None:
    assert [number(Decimal(amount)) for amount in ("0", "100", "1000000", "7.50", "0.04", "-3")] == [
        "0", "100", "1,000,000", "7.5", "0", "-3",
    ]  # fmt: skip
