"""Spellings of one place in several scripts find each other; different places stay apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from komek.places.keys import plain, search_key

SAME = [
    "Aşgabat Ашхабад Ashkhabad Ashgabat Ашгабат",
    "Türkmenabat Туркменабад Turkmenabad Turkmenabat Туркменабат",
    "Toshkent Тошкент",
    "Tashkent Ташкент",
    "Gəncə Ганджа Ganja Gence Gandzha",
    "Daşoguz Дашогуз Dashoguz",
    "Xorazm Khorezm Хорезм Хоразм",
    "Buxoro Бухоро",
    "Bukhara Бухара",
    "Yevlax Yevlakh Евлах",
    "Baku Баку",
    "Xankəndi Khankendi Ханкенди",
    "Bäherden Baharden Бахарден",
    "Samarqand Самарканд Samarkand",
    "Mary Мары",
    "Farg'ona Fargʻona Farg‘ona Фарғона",
    "Farap Фараб Farab",
    "Serhetabat Serhetabad Серхетабад",
]
PAIRS = [(first, other) for row in SAME for first, *others in [row.split()] for other in others]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_spellings_of_one_place_share_a_key(one: str, other: str) -> None:
    assert search_key(one) == search_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Mary", "Merv"), ("Tejen", "Tagan"), ("Ahal", "Lebap"), ("Toshkent", "Daşkesen")]
)
def test_different_places_keep_different_plain_names(one: str, other: str) -> None:
    assert plain(one) != plain(other)


def test_words_that_only_say_what_kind_of_place_it_is_do_not_count() -> None:
    assert search_key("Ahal welaýaty") == search_key("Ахал велаят") == search_key("Ahal Region")


@given(st.text(max_size=60))
def test_no_text_makes_it_fail_and_a_key_is_plain_ascii(text: str) -> None:
    assert search_key(text).isascii()
