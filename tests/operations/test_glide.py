"""GLIDE numbers: typed in any way that is right, refused with a sentence that says which part is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komek.operations.glide import COUNTRIES, WrongGlide, parse_glide

KNOWN = {"EQ", "FL"}


def parsed(text: str) -> str:
    return str(parse_glide(text, hazard_codes=KNOWN, this_year=2026))


@pytest.mark.parametrize(
    "text",
    ["EQ-2026-000123-TKM", "eq-2026-000123-tkm", " EQ2026000123TKM ", "EQ – 2026 – 000123 – TKM", "EQ‑2026‑000123‑TKM"],
)
def test_a_number_is_read_as_people_type_it(text: str) -> None:
    assert parsed(text) == "EQ-2026-000123-TKM"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("EQ-2026-123-TKM", "six digits"),
        ("earthquake", "is not a GLIDE number"),
        ("EQ-2026-000123", "three letters for the country"),
        ("ЕQ-2026-000123-TKM", "is not a GLIDE number"),
        ("XX-2026-000123-TKM", "No hazard has the GLIDE letters “XX”. Known are: EQ, FL"),
        ("EQ-2126-000123-TKM", "year, 2126, cannot be right"),
        ("EQ-1850-000123-TKM", "year, 1850, cannot be right"),
        ("EQ-2026-000123-TKX", "“TKX” at the end of the GLIDE number is no country"),
        ("EQ-٢٠٢٦-000123-TKM", "is not a GLIDE number"),
    ],
)
def test_a_wrong_part_is_named(text: str, words: str) -> None:
    with pytest.raises(WrongGlide, match=words):
        parsed(text)


def test_the_countries_of_the_region_are_known_and_withdrawn_ones_are_not() -> None:
    assert {"TKM", "UZB", "AZE", "KAZ", "TJK", "KGZ", "AFG", "IRN"} <= COUNTRIES
    assert COUNTRIES.isdisjoint({"ANT", "SCG", "SUN"})


@given(st.text(max_size=30))
def test_no_text_breaks_it_and_what_is_accepted_reads_the_same_again(text: str) -> None:
    try:
        found = parsed(text)
    except WrongGlide:
        return
    assert parsed(found) == found
