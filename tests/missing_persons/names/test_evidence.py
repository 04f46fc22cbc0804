"""Two descriptions of people are compared field by field, and the score follows from the fields."""

from __future__ import annotations

from datetime import date

from missing_persons.names.evidence import SUGGESTED, Born, Description, Place, Verdict, compare, compare_places
from missing_persons.names.words import words_of

MARY = ("TM", "TM-M", "TM-M-04")


def _someone(name: str, sex: str = "", born: tuple[date, date] | date | None = None, **places: Place) -> Description:
    if isinstance(born, date):
        born = (born, born)
    names = tuple(words_of(form) for form in name.split(" | "))
    return Description(names=names, sex=sex, born=Born(*born) if born else None, places=places)


def test_each_field_says_equal_compatible_different_or_blank() -> None:
    left = _someone(
        "Мырат Атаев", "male", (date(1980, 1, 1), date(1985, 1, 1)), home=Place("Мары"), last_seen=Place("", MARY)
    )
    right = _someone("Ataýew Myrat", "male", date(1983, 5, 4), home=Place("Mary"), last_seen=Place("", MARY[:2]))
    found = compare(left, right)
    assert {one.field: one.verdict for one in found.evidence} == {
        "name": Verdict.EQUAL,
        "sex": Verdict.EQUAL,
        "born": Verdict.COMPATIBLE,
        "home": Verdict.EQUAL,
        "last_seen": Verdict.COMPATIBLE,
    }
    assert found.score > 0.4
    empty = compare(_someone("Мырат Атаев"), _someone("12"))
    assert {one.verdict for one in empty.evidence} == {Verdict.BLANK}
    unlike = compare(left, _someone("Maral Annaýewa", "female", date(1950, 1, 1), home=Place("Daşoguz")))
    assert [one.verdict for one in unlike.evidence] == [Verdict.DIFFERENT] * 4 + [Verdict.BLANK]
    assert unlike.score < 1e-6


def test_birth_dates_forgive_a_slip_and_guessed_ages_a_little() -> None:
    def born(left: date | tuple[date, date], right: date | tuple[date, date]) -> Verdict:
        return compare(_someone("Ali", born=left), _someone("Ali", born=right)).verdict("born")

    assert born(date(1980, 3, 5), date(1980, 3, 5)) == Verdict.EQUAL
    assert born(date(1980, 3, 5), date(1980, 5, 3)) == Verdict.COMPATIBLE
    assert born(date(1980, 3, 5), date(1980, 3, 6)) == Verdict.COMPATIBLE
    assert born(date(1980, 3, 5), date(1991, 7, 21)) == Verdict.DIFFERENT
    thirties = (date(1987, 1, 1), date(1996, 12, 31))
    assert born(thirties, date(1998, 5, 1)) == Verdict.COMPATIBLE
    assert born(thirties, date(2010, 5, 1)) == Verdict.DIFFERENT


def test_more_that_fits_scores_higher_and_twins_and_fathers_lower() -> None:
    asked = _someone("Hasan Aliyev Karim oğlu", "male", date(1990, 2, 1))
    scores = [
        compare(asked, other).score
        for other in (
            _someone("Гасан Алиев Керимович", "male", date(1990, 2, 1)),
            _someone("Гасан Алиев", "male", date(1990, 1, 2)),
            _someone("Husan Aliyev Karim oğlu", "male", date(1990, 2, 1)),
            _someone("Karim Aliyev Hasan oğlu", "male", date(1960, 2, 1)),
        )
    ]
    assert scores[0] > 0.99
    assert scores[0] > scores[1] > scores[3]
    assert scores[0] > scores[2] > SUGGESTED  # twins are for a person to tell apart
    assert scores[3] < SUGGESTED


def test_any_name_of_a_person_may_be_the_one_that_fits() -> None:
    found = compare(_someone("Саша Петров"), _someone("Sasha | Петрова Александра | Ivanova Alexandra"))
    assert found.likeness.score > 0.8


def test_a_place_that_is_equal_or_contained_is_never_against() -> None:
    station, kaka = Place("Vağzal"), Place("Vağzal, Kaka")
    assert compare_places("home", station, station).verdict == Verdict.EQUAL
    assert compare_places("home", station, kaka).verdict == Verdict.COMPATIBLE
    wrong_area = Place("Vağzal", ("TM", "TM9"))
    assert compare_places("home", Place("Vağzal, Kaka", MARY), wrong_area).verdict == Verdict.COMPATIBLE
    assert compare_places("home", Place("Mary", MARY), wrong_area).verdict == Verdict.DIFFERENT
