"""A gap becomes a request through whoever keeps requests, once; and where nobody does, words to send."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from camps.asking import ask_for_gap, words_for
from camps.assessing import SiteIndicator, indicators_of
from camps.headcounts import report_headcount
from camps.measuring import measure
from camps.models import Standard
from camps.refusals import Refused
from komek.extensions import Viewer
from komek.extensions.needs import NeedsPlug, needs
from orgs.models import Opening
from tests.camps.conftest import CampCast
from tests.conftest import Cast, SignIn, actor

Standards = dict[str, Standard]


@dataclass
class Desk:
    """Keeps requests by reference, as a registry of requests would."""

    key: str = "test.desk"
    title: str = "Requests"
    asked: dict[str, dict[str, Any]] = field(default_factory=dict)
    closed_to: Any = None

    def may_ask(self, viewer: Viewer, site_id: int) -> bool:
        return viewer.user is not None and viewer.user != self.closed_to

    def ask(self, **fields: Any) -> str:
        self.asked.setdefault(fields["reference"], fields)
        return f"/requests/{list(self.asked).index(fields['reference']) + 1}/"


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    plug = Desk()
    assert isinstance(plug, NeedsPlug)
    monkeypatch.setattr(needs, "_plugs", {plug.key: plug})
    yield plug


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "_plugs", {})


@pytest.fixture
def thirsty(camps: CampCast, standards: Standards) -> CampCast:
    """800 people, two toilets and 7,800 l of water a day, in a camp that has been open for long."""
    camps.camp.opening, camps.camp.opened_on = Opening.OPEN, timezone.localdate() - timedelta(days=90)
    camps.camp.save()
    operation, then = camps.camp.operation, timezone.now() - timedelta(hours=2)
    report_headcount(by=actor(camps.dowlet), operation=operation, camp=camps.camp, people=800, occurred_at=then)
    for key, value in (("toilets", 2), ("water", 7800), ("water_distance", 700), ("complaints", 0)):
        measure(
            by=actor(camps.dowlet), operation=operation, camp=camps.camp, standard=standards[key], value=Decimal(value),
            occurred_at=then,
        )  # fmt: skip
    return camps


def gap(camps: CampCast, key: str) -> SiteIndicator:
    return next(one for one in indicators_of([camps.camp])[camps.camp.pk] if one.standard.key == key)


def viewer(camps: CampCast) -> Viewer:
    return Viewer(user=camps.bahar, operation=camps.camp.operation)


def test_a_gap_is_asked_for_in_the_items_own_unit_with_words_that_say_why(thirsty: CampCast, desk: Desk) -> None:
    day = timezone.localdate() + timedelta(days=3)
    found = gap(thirsty, "toilets")
    assert (found.indicator.gap, found.items) == (38, 38)
    address = ask_for_gap(
        by=actor(thirsty.bahar), viewer=viewer(thirsty), gap=found, quantity=Decimal(found.items), wanted_by=day
    )
    assert address == "/requests/1/"
    (asked,) = desk.asked.values()
    assert (asked["site_id"], asked["quantity"], asked["unit"], asked["wanted_by"]) == (thirsty.camp.pk, 38, "pc", day)
    assert asked["item_id"] == found.standard.item_id
    assert asked["operation"] == thirsty.camp.operation
    assert asked["note"].startswith(f"Stadium camp ({thirsty.camp.code}): 38 more toilets. 800 people on ")


def test_the_same_gap_asked_twice_is_one_request_and_a_newer_measurement_is_another(
    thirsty: CampCast, desk: Desk, standards: Standards
) -> None:
    def ask() -> str:
        return ask_for_gap(
            by=actor(thirsty.bahar), viewer=viewer(thirsty), gap=gap(thirsty, "toilets"), quantity=Decimal(38)
        )

    assert ask() == ask() == "/requests/1/"
    measure(
        by=actor(thirsty.dowlet), operation=thirsty.camp.operation, camp=thirsty.camp, standard=standards["toilets"],
        value=Decimal(10), occurred_at=timezone.now(),
    )  # fmt: skip
    assert ask() == "/requests/2/"


@pytest.mark.parametrize(
    ("quantity", "days", "fault"), [("0", 1, "quantity"), ("-5", 1, "quantity"), ("NaN", 1, "quantity"), ("5", -1, "wanted_by")]
)  # fmt: skip
def test_nothing_and_the_past_are_refused_before_anybody_is_asked(
    thirsty: CampCast, desk: Desk, quantity: str, days: int, fault: str
) -> None:
    with pytest.raises(Refused) as refusal:
        ask_for_gap(
            by=actor(thirsty.bahar), viewer=viewer(thirsty), gap=gap(thirsty, "toilets"), quantity=Decimal(quantity),
            wanted_by=timezone.localdate() + timedelta(days=days),
        )  # fmt: skip
    assert list(refusal.value.message_dict) == [fault]
    assert not desk.asked


def test_no_plug_and_no_right_and_no_item_are_said(thirsty: CampCast, desk: Desk) -> None:
    with pytest.raises(Refused, match="names no item"):
        ask_for_gap(
            by=actor(thirsty.bahar), viewer=viewer(thirsty), gap=gap(thirsty, "complaints"), quantity=Decimal(1)
        )
    desk.closed_to = thirsty.bahar
    with pytest.raises(Refused, match="You may not ask"):
        ask_for_gap(by=actor(thirsty.bahar), viewer=viewer(thirsty), gap=gap(thirsty, "toilets"), quantity=Decimal(1))


def test_a_tent_closes_more_than_a_square_metre(camps: CampCast, standards: Standards) -> None:
    operation, then = camps.camp.operation, timezone.now() - timedelta(hours=2)
    report_headcount(by=actor(camps.dowlet), operation=operation, camp=camps.camp, people=1000, occurred_at=then)
    measure(
        by=actor(camps.dowlet), operation=operation, camp=camps.camp, standard=standards["covered_area"],
        value=Decimal(1150), occurred_at=then,
    )  # fmt: skip
    assert (gap(camps, "covered_area").indicator.gap, gap(camps, "covered_area").items) == (2350, 147)


def test_the_words_to_send_name_site_gap_and_the_days_of_the_figures(thirsty: CampCast) -> None:
    words = words_for(gap(thirsty, "water"))
    assert words.startswith(f"Stadium camp ({thirsty.camp.code}): 4,200 l more water a day. 800 people on ")
    assert words.endswith(": 7,800 l a day.")
    assert "people" not in words_for(gap(thirsty, "water_distance"))


def test_the_page_offers_one_button_for_each_gap_with_an_item(thirsty: CampCast, desk: Desk, sign_in: SignIn) -> None:
    client = sign_in(thirsty.bahar)
    page = client.get(f"/camps/{thirsty.camp.code}/standards/").content.decode()
    assert "Ask for Latrine slab" in page and "Ask for Drinking water" in page
    assert page.count("/ask/") == 2  # distance and complaints have no item: words to send
    assert page.count("sms:?body=") == 2
    address = f"/camps/{thirsty.camp.code}/standards/toilets/ask/"
    for _twice in range(2):
        sent = client.post(address, {"quantity": "38", "wanted_by": ""})
        assert (sent.status_code, sent["Location"]) == (302, "/requests/1/")
    assert len(desk.asked) == 1


def test_without_a_plug_the_page_gives_words_to_send_and_a_forged_request_is_refused(
    thirsty: CampCast, nobody: None, sign_in: SignIn
) -> None:
    client = sign_in(thirsty.bahar)
    page = client.get(f"/camps/{thirsty.camp.code}/standards/").content.decode()
    assert "/ask/" not in page
    assert f"Stadium camp ({thirsty.camp.code}): 38 more toilets." in page
    sent = client.post(f"/camps/{thirsty.camp.code}/standards/toilets/ask/", {"quantity": "38"}, follow=True)
    assert "You may not ask for goods for this site" in sent.content.decode()


def test_what_was_typed_wrong_is_said_on_the_page(thirsty: CampCast, desk: Desk, sign_in: SignIn) -> None:
    client = sign_in(thirsty.bahar)
    for typed in ("", "many", "1,000", "-4"):
        sent = client.post(f"/camps/{thirsty.camp.code}/standards/toilets/ask/", {"quantity": typed}, follow=True)
        assert sent.status_code == 200 and "notice-danger" in sent.content.decode()
    assert not desk.asked


def test_who_may_not_see_the_site_cannot_ask(thirsty: CampCast, cast: Cast, desk: Desk, sign_in: SignIn) -> None:
    address = f"/camps/{thirsty.camp.code}/standards/toilets/ask/"
    assert sign_in(cast.pending).post(address, {"quantity": "38"}).status_code in (302, 403, 404)
    assert not desk.asked
