"""A mistyped code is refused; it never names another record."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komek.records.codes import KINDS, MistypedCode, looks_like_code, make_code, next_codes, parse_code

codes = st.builds(make_code, st.sampled_from(list(KINDS)), st.integers(0, 99_999_999))


@given(codes)
def test_every_code_made_is_read_back(code: str) -> None:
    assert parse_code(code) == code


@given(codes, st.data())
def test_one_wrong_digit_is_refused(code: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(code) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != code[place]]))
    with pytest.raises(MistypedCode):
        parse_code(code[:place] + other + code[place + 1 :])


@given(codes, st.data())
def test_two_neighbouring_digits_swapped_are_refused(code: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(code) - 2))
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code:
        with pytest.raises(MistypedCode):
            parse_code(swapped)


@given(codes, st.sampled_from(list(KINDS)))
def test_a_wrong_letter_is_refused(code: str, letter: str) -> None:
    # More letters than states: these pairs alone are told apart by the letter itself.
    if letter != code[0] and {letter, code[0]} not in ({"A", "H"}, {"T", "B"}, {"K", "M"}, {"O", "V"}):
        with pytest.raises(MistypedCode):
            parse_code(letter + code[1:])


@pytest.mark.parametrize("typed", ["c 101 0", "C-1010", "с1о1о", "С1О10", "c1 0 1 0", "Ｃ１０１０"])
def test_case_blanks_and_look_alike_letters_are_forgiven(typed: str) -> None:
    assert parse_code(typed) == "C1010"


@pytest.mark.parametrize("typed", ["", "C", "C1", "1010", "hello", "C10l0x", "C" + "9" * 40 + "x", "Ⅽ١٢٣٤"])
def test_what_is_no_code_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(MistypedCode) as refusal:
        parse_code(typed)
    assert str(refusal.value).endswith(".")
    assert not looks_like_code(typed)


def test_a_code_of_another_kind_is_refused() -> None:
    with pytest.raises(MistypedCode):
        parse_code(make_code("W", 21), kinds="C")


@pytest.mark.django_db
def test_codes_are_never_given_twice() -> None:
    given_codes = next_codes("C", 50) + next_codes("C", 50)
    assert len(set(given_codes)) == 100
    assert all(parse_code(code) == code for code in given_codes)
