"""Organisation names meet across scripts, languages and legal forms."""

from __future__ import annotations

import pytest

from orgs.likeness import LIKELY, candidate_pairs, likeness, profile
from orgs.naming import acronym_key, initials, name_key, organisation_key, search_key, website_host


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Gyzyl Ýarymaý jemgyýeti", "Гызыл Ярымай җемгыети"),
        ("Mehr xayriya jamiyati", "Меҳр хайрия жамияти"),
        ("Xəzər Yardım Birliyi", "Хазар ярдым бирлийи"),
        ("ООО «Строймаш»", "Stroymash LLC"),
        ("Umyt Foundation", "Фонд «Умыт»"),
        ("Umyt gaznasy", "Umyt Fund"),
        ("Médecins Sans Frontières", "MEDECINS SANS FRONTIERES"),
        ("Gəncə", "Ganja"),
        ("Water  Now, Ltd.", "water now"),
    ],
)
def test_the_same_name_in_two_spellings_has_one_key(one: str, other: str) -> None:
    assert organisation_key(one) == organisation_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("School 7", "School 9"),
        ("Ministry of Health", "Ministry of Education"),
        ("Relief Society", "Relief Fund"),
        ("Water Now", "Water Without Borders"),
        ("Umyt", "Mehr"),
    ],
)
def test_different_organisations_are_not_taken_for_one(one: str, other: str) -> None:
    assert likeness(profile(names=[one]), profile(names=[other])).score < LIKELY


def test_a_name_of_legal_forms_only_keeps_them() -> None:
    assert organisation_key("Fund") == name_key("Fund") != ""
    assert organisation_key("ООО") != ""


@pytest.mark.parametrize("name", ["", "–", "«»", "   ", "???"])
def test_a_name_without_letters_has_no_key(name: str) -> None:
    assert name_key(name) == organisation_key(name) == initials(name) == ""


def test_acronyms_come_from_the_words_of_any_script() -> None:
    assert initials("Water Without Borders") == "wwb"
    assert initials("Kopetdag Emergency Committee") == "kec"
    assert initials("Комитет по чрезвычайным ситуациям") == acronym_key("КЧС")
    assert initials("Umyt") == ""
    assert acronym_key("U.N.H.C.R.") == "unhcr"


def test_a_shared_host_says_nothing() -> None:
    assert website_host("https://www.Umyt.example.org/about") == "umyt.example.org"
    assert website_host("https://facebook.com/umyt") == ""
    assert website_host("nonsense") == ""


def test_the_search_key_holds_every_name_once() -> None:
    assert search_key(["Umyt", "Умыт", "UF", ""]) == "umit | uf"


def test_every_reason_for_likeness_is_named_and_they_add_up() -> None:
    one = profile(names=["Caravan Logistics"], acronyms=["CL"], website="https://cl.example", phones=["+99312000000"])
    other = profile(
        names=["ООО «Караван Логистика»"], acronyms=["C.L."], website="http://www.cl.example/", phones=["+99312000000"]
    )
    found = likeness(one, other)
    assert {key for key, _value in found.reasons} == {"names", "acronym", "website", "phone"}
    assert found.score > likeness(profile(names=["Caravan Logistics"]), profile(names=["Караван Логистика"])).score
    assert found.score <= 1


def test_an_acronym_that_fits_the_name_is_a_reason_but_not_enough() -> None:
    found = likeness(profile(names=["Water Without Borders"]), profile(names=["Something"], acronyms=["WWB"]))
    assert found.reasons == (("initials", "WWB"),)
    assert found.score < LIKELY


def test_exercise_and_real_organisations_are_never_compared() -> None:
    real = profile(pk=1, names=["Umyt"])
    drill = profile(pk=2, names=["Umyt"], operation_id=5)
    twin = profile(pk=3, names=["Умыт"])
    assert {(a.pk, b.pk) for a, b in candidate_pairs([real, drill, twin])} == {(1, 3)}


def test_names_that_thousands_share_do_not_compare_each_with_each() -> None:
    many = [profile(pk=number, names=[f"Village Council {number}"]) for number in range(2000)]
    assert sum(1 for _pair in candidate_pairs(many)) < 20_000
