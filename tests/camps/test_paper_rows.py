"""Rows of a paper list, as people type and paste them, into households."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from camps.paper_rows import COLUMNS, MOST_ROWS, PaperList, read_rows

PEOPLE, HOUSEHOLDS = "people", "households"
YEAR = timezone.localdate().year


def read(*lines: str, level: str = PEOPLE) -> PaperList:
    """Lines of cells with bars between, in the order of the columns."""
    rows = [dict(zip(COLUMNS[level], (cell.strip() for cell in line.split("|")), strict=False)) for line in lines]  # type: ignore[index]
    return read_rows(rows, level=level, shared={})


def shape(found: PaperList) -> list[tuple[str, list[str]]]:
    return [(entry.head_name, [member.name for member in entry.members]) for entry in found.entries]


@pytest.mark.parametrize(
    "lines",
    [
        ("1|Myrat", "|Aýna", "2|Baýram", "|Maral"),
        ("1|Myrat", "1|Aýna", "2|Baýram", "2|Maral"),
        ("|Myrat||| h", "|Aýna|||c", "|Baýram|||глава", "|Maral|||дочь"),
        ("|Myrat", "|Aýna", "", "2|Baýram", "|Maral"),
    ],
)
def test_a_household_begins_with_a_number_or_a_head(lines: tuple[str, ...]) -> None:
    found = read(*lines)
    assert shape(found) == [("Myrat", ["Myrat", "Aýna"]), ("Baýram", ["Baýram", "Maral"])]
    assert [entry.members[0].relation for entry in found.entries] == ["head", "head"]
    assert found.faults == {}


def test_the_head_need_not_stand_first() -> None:
    assert shape(read("1|Aýna|f|5|c", "1|Myrat|m|40|h")) == [("Myrat", ["Aýna", "Myrat"])]


def test_a_number_that_comes_back_is_asked_about() -> None:
    assert "stands further up" in read("1|Myrat", "2|Aýna", "1|Maral").faults[2, "number"]


@pytest.mark.parametrize(
    ("text", "age", "born"),
    [
        ("34", 34, None), ("34.0", 34, None), ("0", 0, None), ("6 m", 0, None), ("18 мес", 1, None), ("", None, None),
        (str(YEAR - 30), 30, None), ("12.03.1991", None, "1991-03-12"), ("1991-03-12", None, "1991-03-12"),
    ],
)  # fmt: skip
def test_ages_are_read_as_people_write_them(text: str, age: int | None, born: str | None) -> None:
    member = read(f"1|Myrat|m|{text}").entries[0].members[0]
    assert (member.age, str(member.birth_date) if member.birth_date else None) == (age, born)


@pytest.mark.parametrize(
    ("words", "sex"),
    [("f F ж Женский a aýal ayol аёл qadın", "female"), ("m М муж erkek эркак kişi", "male"), ("? unknown", "unknown")],
)
def test_sex_is_understood_in_the_languages_of_the_region(words: str, sex: str) -> None:
    for word in words.split():
        assert read(f"1|Myrat|{word}").entries[0].members[0].sex == sex


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("d", ["disability"]),
        ("d, c", ["disability", "chronic"]),
        ("d c d", ["disability", "chronic"]),
        ("беременная", ["pregnant"]),
        ("older alone", ["older_alone"]),
        ("", []),
    ],
)
def test_needs_are_letters_or_words(text: str, needs: list[str]) -> None:
    assert read(f"1|Myrat|m|40|h|{text}").entries[0].members[0].needs == needs


@pytest.mark.parametrize(
    ("line", "column", "sentence"),
    [
        ("1||f|12", "name", "Write the person's name"),
        ("1|Myrat|x", "sex", "“x” is not understood"),
        ("1|Myrat|m|old", "age", "“old” is not an age"),
        ("1|Myrat|m|31.02.1990", "age", "is not an age"),
        ("1|Myrat|m|412", "age", "412 is not plausible"),
        ("1|Myrat|m|40|uncle?", "relation", "is not understood"),
        ("1|Myrat|m|40|h|z", "needs", "“z” is not understood"),
        ("1|Myrat|m|40|h||" + "A" * 61, "tent", "longer than 60"),
        ("1|" + "M" * 201, "name", "longer than 200"),
    ],
)
def test_what_is_wrong_is_said_at_its_row_and_column(line: str, column: str, sentence: str) -> None:
    found = read("7|Aýna|f|30|h", line)
    assert list(found.faults) == [(1, column)]
    assert sentence in found.faults[1, column]


def test_two_heads_under_one_number_are_refused() -> None:
    assert "one head" in read("1|Myrat|m||h", "1|Aýna|f||h").faults[0, "relation"]


def test_what_a_household_shares_may_stand_at_any_of_its_rows() -> None:
    entry = read("1|Myrat|||||A-1|65 111|Mary", "|Aýna|||||A-1||", "|Maral|||||A-2||").entries[0]
    assert (entry.shelter_unit, entry.phone, entry.origin) == ("A-1, A-2", "65 111", "Mary")


def test_a_list_of_households_only_takes_a_number_of_people() -> None:
    found = read("1|Myrat|6|A-1", "2|Aýna||A-2", "3|Oraz|many", "4|Maral|0", level=HOUSEHOLDS)
    assert [(entry.head_name, entry.size) for entry in found.entries][:2] == [("Myrat", 6), ("Aýna", 1)]
    assert "“many” is not a number" in found.faults[2, "people"]
    assert "at least one person" in found.faults[3, "people"]


def test_rows_keep_their_own_id_and_a_row_without_one_gets_one() -> None:
    one, other = uuid4(), uuid4()
    found = read_rows(
        [
            {"name": "Myrat", "row_id": str(one)},
            {"name": "Aýna", "row_id": str(other)},
            {"name": "Maral", "row_id": "x"},
        ],
        level=PEOPLE,
        shared={"reported_by": "Block leader"},
    )
    entry = found.entries[0]
    assert (entry.entry_id, entry.reported_by) == (one, "Block leader")
    assert [member.entry_id for member in entry.members][:2] == [one, other]
    assert entry.members[2].entry_id is not None


def test_a_list_that_is_too_long_is_refused_in_words() -> None:
    assert "in parts" in read(*["1|Myrat"] * (MOST_ROWS + 1)).faults[MOST_ROWS, "name"]


_texts = st.dictionaries(st.sampled_from(COLUMNS["people"]), st.text(max_size=12), max_size=9)  # type: ignore[index]


@given(st.lists(_texts, max_size=8), st.sampled_from([PEOPLE, HOUSEHOLDS]))
@settings(deadline=None)
def test_whatever_is_typed_becomes_households_or_faults_and_no_row_is_lost(
    rows: list[dict[str, Any]], level: str
) -> None:
    found = read_rows(rows, level=level, shared={})
    typed = [row for row in rows if any("".join(c for c in text if c.isprintable()).strip() for text in row.values())]
    assert sum(len(entry.members) or 1 for entry in found.entries) == len(typed)
    for entry in found.entries:
        assert "\x00" not in entry.head_name
    assert all(sentence for sentence in found.faults.values())
