"""Pages of pledges: with an account, and without one by the public form and the code."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.conftest import SignIn, actor
from tests.volunteers.conftest import PHONE, Give, Giving
from volunteers import robots
from volunteers.life_cycle import receive
from volunteers.models import Pledge, PledgeState, UseState
from volunteers.uses import commit_pledge

pytestmark = pytest.mark.django_db


def typed(**fields: Any) -> dict[str, Any]:
    return {
        "kind": "goods", "description": "hand-knitted socks", "quantity": "40", "unit": "pairs", "donor_kind": "person",
        "donor_name": "Maral Ataeva", "phone": PHONE, "tell": "sms", "name_is": "private", "confirmed": "",
        "opened": robots.stamp(timedelta(minutes=2)), **fields,
    }  # fmt: skip


def test_somebody_without_an_account_offers_help_and_follows_it_by_the_key(giving: Giving) -> None:
    public = Client()
    assert public.get("/pledge/offer/").status_code == 200
    answer = public.post("/pledge/offer/", typed())
    made = Pledge.objects.get()
    assert answer.status_code == 302 and made.follow_key in answer["Location"]
    assert (made.item, made.description, made.state, made.entered_by) == (None, "hand-knitted socks", "pledged", None)
    assert not made.notices.exists(), "nothing is sent to a number that nobody has looked at"
    page = public.get(answer["Location"]).content.decode()
    assert "hand-knitted socks" in page and "40 pairs" in page
    for key in ("", "?key=0123456789abcde"):
        seen = public.get(f"/pledge/{made.code}/{key}").content.decode()
        assert "hand-knitted" not in seen and "pledged" in seen
    assert public.post(f"/pledge/{made.code}/answer/", {"key": "x", "answer": "withdraw"}).status_code == 404
    back = public.post(f"/pledge/{made.code}/answer/", {"key": made.follow_key, "answer": "withdraw", "words": "sold"})
    assert back.status_code == 302 and Pledge.objects.get().state == PledgeState.WITHDRAWN


def test_an_item_named_exactly_is_found_and_an_unknown_measure_keeps_the_words(giving: Giving) -> None:
    Client().post("/pledge/offer/", typed(description=giving.blanket.name, unit=""))
    Client().post("/pledge/offer/", typed(description=giving.blanket.name, unit="armfuls"))
    first, second = Pledge.objects.order_by("pk")
    assert first.item == giving.blanket and second.item is None and second.unit == "armfuls"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"quantity": "0"}, "more than 0"),
        ({"quantity": "5000000"}, "Is this right?"),
        ({"website": "http://spam.example"}, "a program filled in the form"),
        ({"opened": robots.SALT}, "not sent from this page"),
        ({"phone": "", "tell": ""}, "so that we can answer you"),
        ({"phone": "12"}, "phone number"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(giving: Giving, fields: dict[str, Any], sentence: str) -> None:
    answer = Client().post("/pledge/offer/", typed(**fields))
    page = answer.content.decode()
    assert answer.status_code == 422 and sentence in page and "hand-knitted socks" in page
    assert not Pledge.objects.exists()


def test_a_form_filled_in_within_a_second_and_a_flood_are_held_off(giving: Giving, monkeypatch: Any) -> None:
    quick = Client().post("/pledge/offer/", typed(opened=robots.stamp()))
    assert quick.status_code == 422 and "very quick" in quick.content.decode()
    monkeypatch.setattr(robots.ratelimit, "consume", lambda http, action: False)
    flood = Client().post("/pledge/offer/", typed())
    assert flood.status_code == 429 and "Wait an hour" in flood.content.decode() and not Pledge.objects.exists()


def test_a_coordinator_writes_down_accepts_promises_and_receives_a_pledge(giving: Giving, sign_in: SignIn) -> None:
    browser = sign_in(giving.aina)
    asked = {
        "kind": "goods", "item": str(giving.blanket.pk), "item_text": "", "quantity": "200000", "unit": "", "donor_kind": "company",
        "donor_name": "Maral Textile", "phone": PHONE, "notify_by": "sms", "language": "en",
    }  # fmt: skip
    asks = browser.post("/pledges/add/", asked)
    assert asks.status_code == 422 and "Is this right?" in asks.content.decode()
    assert browser.post("/pledges/add/", {**asked, "confirmed": "on"}).status_code == 302
    made = Pledge.objects.get()
    here = f"/pledges/{made.code}"
    assert browser.post(f"{here}/step/accept/").status_code == 302
    assert (
        browser.post(
            f"{here}/commit/", {"quantity": "50", "reference": "the kitchen", "until": "2099-01-01T10:00"}
        ).status_code
        == 302
    )
    use = made.uses.get()
    for step in ("send", "receive", "use", "thank", "keep", "decline", "withdraw", "accept"):
        assert browser.get(f"{here}/step/{step}/").status_code == 200
    assert browser.post(f"{here}/step/send/", {"use": str(use.pk), "quantity": ""}).status_code == 302
    assert (
        browser.post(
            f"{here}/step/receive/", {"use": str(use.pk), "quantity": "50", "at": "", "note": "dry"}
        ).status_code
        == 302
    )
    use.refresh_from_db()
    page = browser.get(f"{here}/").content.decode()
    assert use.state == UseState.RECEIVED and "the kitchen" in page and "dry" in page and PHONE in page
    assert browser.post(f"{here}/step/decline/", {"reason": ""}).status_code == 422


def test_the_list_filters_and_tells_nobody_who_gives_but_those_who_may_know(
    giving: Giving, give: Give, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    give(donor=giving.cast.relief, donor_name="", quantity=5)
    give(is_public=True, quantity=7)
    give(accepted=False, description="socks", unit="pairs", is_anonymous=True)
    for user, names in ((giving.aina, 3), (giving.cast.lale, 1), (giving.cast.murad, 2)):
        page = sign_in(user).get("/pledges/").content.decode()
        assert page.count("anonymous donor") == 3 - names, user
    lale = sign_in(giving.cast.lale)
    assert "Relief Society" not in lale.get(f"/pledges/{Pledge.objects.order_by('pk')[0].code}/").content.decode()
    for query, count in (
        ("is_waiting=true", 1),
        ("is_unknown_item=true", 1),
        (f"donor={giving.cast.relief.code}", 0),
        ("kind=money", 0),
        ("is_lapsing=true", 0),
    ):
        assert lale.get(f"/pledges/?{query}").context["page"].paginator.count == count, query
    assert sign_in(giving.aina).get(f"/pledges/?donor={giving.cast.relief.code}").context["page"].paginator.count == 1
    assert Client().get("/pledges/").status_code == 302
    with django_assert_max_num_queries(20):
        lale.get("/pledges/")


def test_pledged_against_received_adds_up_what_is_alike_and_leaves_donors_unnamed(
    giving: Giving, give: Give, sign_in: SignIn
) -> None:
    pledge = give(quantity=100)
    give(quantity=50)
    declined = give(kind="money", quantity=500, unit="TMT", accepted=False, is_public=True)
    receive(by=actor(giving.aina), operation=giving.operation, pledge=pledge, quantity=Decimal(60))
    Pledge.objects.filter(pk=declined.pk).update(state="declined")
    rows = sign_in(giving.aina).get(reverse("volunteers:reconciliation")).context["rows"]
    found = {row.what: (row.pledges, row.pledged, row.received, row.to_come, row.gone, row.share) for row in rows}
    assert found[str(giving.blanket)] == (2, 150, 60, 90, 0, 40) and found["money"] == (1, 500, 0, 0, 500, 0)
    lale = sign_in(giving.cast.lale)
    groups = {row.group for row in lale.get("/pledges/reconciliation/?by=donor").context["rows"]}
    assert groups == {"anonymous donor", "Maral Ataeva"}
    table = b"".join(lale.get("/pledges/reconciliation/?by=month&export=csv")).decode()  # type: ignore[arg-type]
    assert table.count("\n") == 3 and "150" in table


def test_the_donors_page_asks_to_bring_what_is_needed_and_says_it_is_on_its_way(giving: Giving, give: Give) -> None:
    from django.utils import timezone

    pledge = give()
    use = commit_pledge(
        by=actor(giving.aina), operation=giving.operation, pledge=pledge, quantity=Decimal(10),
        until=timezone.now() + timedelta(days=1), reference="the kitchen",
    )  # fmt: skip
    public, key = Client(), {"key": pledge.follow_key}
    assert "This is needed" in public.get(f"/pledge/{pledge.code}/", key).content.decode()
    assert (
        public.post(f"/pledge/{pledge.code}/answer/", {**key, "answer": "sent", "use": str(use.pk)}).status_code == 302
    )
    use.refresh_from_db()
    assert use.state == UseState.ON_THE_WAY


def test_who_agreed_to_be_named_may_take_it_back(giving: Giving, sign_in: SignIn) -> None:
    from komek.accounts.consents import has_consent
    from volunteers.consent import PURPOSE

    public, lale = Client(), sign_in(giving.cast.lale)
    public.post("/pledge/offer/", typed(name_is="public"))
    made = Pledge.objects.get()
    assert has_consent(made, PURPOSE.key) and "Maral" in lale.get("/pledges/").content.decode()
    public.post(f"/pledge/{made.code}/answer/", {"key": made.follow_key, "answer": "hide"})
    assert not has_consent(made, PURPOSE.key) and "Maral" not in lale.get("/pledges/").content.decode()
