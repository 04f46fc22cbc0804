"""Ration cards: what they show, what the QR code holds, and who may print them."""

from __future__ import annotations

import re
from typing import Any

import pytest
import segno
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from camps.entries import Entry, Member
from camps.models import Household, RelationToHead
from camps.movements import move_household
from camps.ration_cards import qr_code, ration_card
from camps.registration import register_household, register_households
from camps.sites import register_camp
from komek.accounts.roles import Role
from komek.operations.models import Operation
from orgs.models import Organisation
from tests.camps.conftest import CampCast
from tests.conftest import Cast, SignIn, actor, member, person


@pytest.fixture
def household(camps: CampCast) -> Household:
    members = [Member("Myrat Annaýew", relation=RelationToHead.HEAD), Member("Aýna")]
    return register_household(
        by=actor(camps.dowlet), operation=camps.camp.operation, camp=camps.camp,
        entry=Entry("Myrat Annaýew", members=members, shelter_unit="A-1"),
    )  # fmt: skip


def test_a_card_shows_the_head_and_the_code_and_no_other_name(
    camps: CampCast, household: Household, sign_in: SignIn
) -> None:
    page = sign_in(camps.dowlet).get(reverse("camps:card", args=[household.code])).content.decode()
    assert "Myrat Annaýew" in page and "2 people" in page and "A-1" in page
    assert ration_card(household).spaced_code in page
    assert "Aýna" not in page and "EXERCISE" not in page


def test_the_qr_code_holds_the_public_code_and_nothing_else(household: Household) -> None:
    expected = segno.make(household.code, error="m", micro=False)
    path = re.search(r' d="([^"]+)"', qr_code(household.code))
    again = re.search(r' d="([^"]+)"', expected.svg_inline(omitsize=True, border=4))
    assert path and again and path[1] == again[1]
    for text in ("Myrat Annaýew", "https://x", "H1</svg>"):
        with pytest.raises(ValueError, match="not a public code"):
            qr_code(text)


@pytest.mark.parametrize(("code", "spaced"), [("H1014", "H 1 014"), ("H10147", "H 10 147"), ("H101478", "H 101 478")])
def test_the_code_is_spaced_as_it_is_read_out(code: str, spaced: str) -> None:
    assert ration_card(Household(code=code)).spaced_code == spaced


def test_a_sheet_holds_the_households_that_match_and_are_here(
    camps: CampCast, household: Household, sign_in: SignIn
) -> None:
    by: dict[str, Any] = {"by": actor(camps.dowlet), "operation": camps.camp.operation}
    gone, there = register_households(
        **by, camp=camps.camp, entries=[Entry("Gone"), Entry("Maral Garlyýewa", shelter_unit="A-2")]
    )
    move_household(**by, household=gone, kind="check_out")
    client, url = sign_in(camps.dowlet), reverse("camps:cards", args=[camps.camp.code])
    page = client.get(url, {"shelter_unit": "A"}).content.decode()
    assert page.count('class="ration-card"') == 2 and "Gone" not in page
    page = client.get(url, {"codes": f"{there.code},nonsense"}).content.decode()
    assert page.count('class="ration-card"') == 1 and "Maral" in page


def test_cards_of_an_exercise_are_marked(exercise_operation: Operation, sign_in: SignIn) -> None:
    relief = Organisation.objects.create(name="Invented Relief", operation=exercise_operation, approval="approved")
    user = person("Bahar", current_operation=exercise_operation)
    member(user, relief, Role.CAMP_MANAGER)
    by: dict[str, Any] = {"by": actor(user), "operation": exercise_operation}
    camp = register_camp(**by, organisation=relief, name="Invented camp", registration="people", opening="open")
    register_household(**by, camp=camp, entry=Entry("Myrat"))
    page = sign_in(user).get(reverse("camps:cards", args=[camp.code])).content.decode()
    assert 'class="ration-exercise"' in page


def test_only_readers_of_names_print_cards(camps: CampCast, cast: Cast, household: Household, sign_in: SignIn) -> None:
    urls = [reverse("camps:card", args=[household.code]), reverse("camps:cards", args=[camps.camp.code])]
    for blind in (cast.lale, cast.oraz, cast.outsider, cast.pending):
        for url in urls:
            answer = sign_in(blind).get(url)
            assert answer.status_code in (302, 403, 404)
            assert "Myrat" not in answer.content.decode()


def test_a_sheet_of_many_cards_costs_as_many_queries_as_one_of_few(
    camps: CampCast, household: Household, sign_in: SignIn
) -> None:
    client, url = sign_in(camps.dowlet), reverse("camps:cards", args=[camps.camp.code])

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get(url)
        return len(seen)

    queries()
    few = queries()
    entries = [Entry(f"Head {number}") for number in range(30)]
    register_households(by=actor(camps.dowlet), operation=camps.camp.operation, camp=camps.camp, entries=entries)
    assert queries() == few
