"""The check-in desk: finding by code, scanner or name; one press for a step; questions; what another site's card tells."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from camps.entries import Entry, Member
from camps.models import Household, Movement, Person, Presence, RegistrationLevel, RelationToHead
from camps.registration import register_household
from komek.records.models import ProtectedRead
from tests.camps.conftest import CampCast
from tests.conftest import Cast, SignIn, actor


@pytest.fixture
def family(camps: CampCast) -> Household:
    members = [Member("Myrat Annaýew", "male", 40, relation=RelationToHead.HEAD), Member("Aýna", "female", 38)]
    return register_household(
        by=actor(camps.dowlet), operation=camps.camp.operation, camp=camps.camp,
        entry=Entry("Myrat Annaýew", members=members, card_number="WFP-77"), occurred_at=timezone.now() - timedelta(days=2),
    )  # fmt: skip


class DeskAt:
    """Somebody at a desk: looks for a text, presses a button that the page shows."""

    def __init__(self, client: Client, camp: Any) -> None:
        self.client, self.url = client, reverse("camps:desk", args=[camp.code])

    def look(self, text: str) -> str:
        return self.client.get(self.url, {"q": text}).content.decode()

    def press(self, text: str, step: str, **fields: Any) -> str:
        page = self.look(text)
        return self.send(page, text, step, **fields)

    def send(self, page: str, text: str, step: str, **fields: Any) -> str:
        entry = re.search(r'name="entry_id" value="([^"]+)"', page)
        assert entry
        assert f'value="{step}"' in page, step
        data = {"q": text, "entry_id": entry[1], "step": step, **fields}
        return self.client.post(self.url, data, follow=True).content.decode()


@pytest.fixture
def desk(camps: CampCast, sign_in: SignIn) -> DeskAt:
    return DeskAt(sign_in(camps.dowlet), camps.camp)


def test_a_household_is_found_by_code_card_or_name_in_any_script(desk: DeskAt, family: Household) -> None:
    myrat = family.members.get(name="Myrat Annaýew")
    for text in (family.code, f" {family.code.lower()}", myrat.code, "WFP-77", "Аннаев", "myrat"):
        page = desk.look(text)
        assert "Myrat Annaýew" in page and f"check_out:{myrat.code}" in page, text
    assert "Nobody found" in desk.look("Baýram")


def test_a_scanner_on_a_russian_keyboard_layout_is_understood(desk: DeskAt, family: Household) -> None:
    person = family.members.get(name="Aýna")
    assert f"check_out:{family.code}" in desk.look("Р" + family.code[1:])
    assert f"check_out:{person.code}" in desk.look("з" + person.code[1:])


def test_one_press_notes_a_step_and_pressed_twice_it_is_one(desk: DeskAt, family: Household) -> None:
    ayna = family.members.get(name="Aýna")
    page = desk.look(ayna.code)
    for _ in range(2):
        answer = desk.send(page, ayna.code, f"absent:{ayna.code}")
        assert "Aýna: away for now." in answer
    assert ayna.movements.count() == 2
    assert "Aýna: came back." in desk.press(ayna.code, f"returned:{ayna.code}")
    ayna.refresh_from_db()
    assert ayna.presence == Presence.PRESENT


def test_a_whole_household_goes_out_and_comes_in_at_once(desk: DeskAt, family: Household) -> None:
    assert "2 people checked out" in desk.press(family.code, f"check_out:{family.code}")
    assert set(family.members.values_list("presence", flat=True)) == {Presence.LEFT}
    assert "2 people checked in" in desk.press(family.code, f"check_in:{family.code}")


def test_a_household_without_names_is_found_and_moved(desk: DeskAt, camps: CampCast) -> None:
    type(camps.camp).objects.update(registration=RegistrationLevel.HOUSEHOLDS)
    camps.camp.refresh_from_db()
    household = register_household(
        by=actor(camps.dowlet), operation=camps.camp.operation, camp=camps.camp, entry=Entry("Berdi", size=7)
    )
    assert "7 people away for now" in desk.press("Берди", f"absent:{household.code}")
    household.refresh_from_db()
    assert household.presence == Presence.ABSENT
    # Its history is read like the household itself: that somebody did is written down.
    said = desk.client.get(f"/history/camps/household/{household.pk}/").content.decode()
    assert "Berdi" in said
    assert household.code in ProtectedRead.objects.filter(why="History").values_list("record_code", flat=True)


def test_a_move_needs_a_site_and_a_death_a_reason_and_the_reporter_is_kept(
    desk: DeskAt, camps: CampCast, family: Household
) -> None:
    myrat, ayna = family.members.order_by("pk")
    assert "Choose the site they move to" in desk.press(family.code, f"transfer:{myrat.code}")
    desk.press(family.code, f"transfer:{myrat.code}", to_camp=camps.other.pk, to_camp_text=camps.other.name)
    myrat.refresh_from_db()
    assert myrat.camp_id == camps.other.pk
    assert "Say how it is known" in desk.press(family.code, f"died:{ayna.code}")
    desk.press(family.code, f"died:{ayna.code}", reason="illness", reported_by="Doctor Maral")
    step = ayna.movements.first()
    assert (step.kind, step.reason, step.reported_by, step.entered_by) == (
        "died",
        "illness",
        "Doctor Maral",
        camps.dowlet,
    )


def test_what_happened_earlier_is_noted_without_undoing_what_came_after(desk: DeskAt, family: Household) -> None:
    ayna = family.members.get(name="Aýna")
    desk.press(ayna.code, f"absent:{ayna.code}")
    yesterday = timezone.localtime() - timedelta(days=1)
    answer = desk.press(ayna.code, f"check_out:{ayna.code}", occurred_at=yesterday.strftime("%Y-%m-%dT%H:%M"))
    assert "where they are now has not changed" in answer
    ayna.refresh_from_db()
    assert ayna.presence == Presence.ABSENT
    this_minute = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    desk.press(ayna.code, f"check_out:{ayna.code}", occurred_at=this_minute)
    ayna.refresh_from_db()
    assert ayna.presence == Presence.LEFT


def test_a_card_of_another_site_tells_no_name_asks_and_brings_them_in(
    camps: CampCast, cast: Cast, sign_in: SignIn, family: Household
) -> None:
    desk = DeskAt(sign_in(cast.lale), camps.other)
    for code in (family.code, family.members.first().code):
        page = desk.look(code)
        assert "is registered at Stadium camp" in page
        asked = desk.press(code, f"check_in:{code}")
        assert "still checked in at Stadium camp" in asked
        for name in ("Myrat", "Aýna", "WFP-77"):
            assert name not in page and name not in asked
    assert "Nobody found" in desk.look("Myrat")
    answer = desk.press(family.code, f"check_in:{family.code}", confirmed="on")
    assert "Myrat Annaýew: 2 people checked in." in answer
    assert set(Person.objects.values_list("camp", flat=True)) == {camps.other.pk}


def test_a_step_the_site_may_not_take_is_refused(
    camps: CampCast, cast: Cast, sign_in: SignIn, family: Household
) -> None:
    myrat = family.members.first()
    client = sign_in(cast.lale)
    url = reverse("camps:desk", args=[camps.other.code])
    data = {"q": "", "entry_id": "4b5c9cf2-6e0a-4b3c-8a63-4a2d3a1b9c11"}
    answer = client.post(url, {**data, "step": f"check_out:{myrat.code}"})
    assert answer.status_code == 422
    assert "Myrat" not in answer.content.decode()
    for broken in ({**data, "step": "fly:H1"}, {**data, "step": ""}, {"step": f"check_in:{myrat.code}"}, {}):
        assert client.post(url, broken).status_code == 422
    assert client.post(url, {**data, "step": "check_in:P9999999"}).status_code == 422
    assert Movement.objects.count() == 2


def test_only_those_who_register_at_the_site_have_a_desk_there(
    camps: CampCast, cast: Cast, sign_in: SignIn, family: Household
) -> None:
    url = reverse("camps:desk", args=[camps.camp.code])
    for user in (camps.dowlet, camps.bahar, cast.murad, cast.aina):
        assert sign_in(user).get(url).status_code == 200
    for user in (camps.gozel, cast.lale, cast.oraz, cast.outsider, cast.pending):
        assert sign_in(user).get(url, {"q": family.code}).status_code in (302, 403, 404)
    assert Client().get(url).status_code == 302


def test_the_desk_costs_the_same_number_of_queries_for_one_hit_as_for_many(
    desk: DeskAt, camps: CampCast, family: Household
) -> None:
    def queries(text: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            desk.look(text)
        return len(seen)

    queries("Annaýew")
    one = queries("Annaýew")
    for number in range(8):
        members = [Member(f"Annaýew {number}", relation=RelationToHead.HEAD), Member("Maral")]
        register_household(
            by=actor(camps.dowlet), operation=camps.camp.operation, camp=camps.camp,
            entry=Entry(f"Annaýew {number}", members=members),
        )  # fmt: skip
    assert queries("Annaýew") == one
