"""The other doors to pledges: API, tables, and what the exercise makes of them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from komek.exchange.exporting import FORMATS, chosen_columns
from komek.extensions import Viewer
from komek.extensions.exchange import exchange
from komek.extensions.exercise import ExerciseContext
from komek.extensions.situation import situation
from komek.messaging.sender import sender_of
from tests.camps.test_camp_exchange import bring, sentences, written
from tests.conftest import Cast, SignIn, actor, point
from tests.volunteers.conftest import Give, Giving
from volunteers.exercise import PledgesExercise
from volunteers.life_cycle import receive
from volunteers.models import Pledge, PledgeState, PledgeStep, PledgeUse
from volunteers.moving import promised_of
from volunteers.refusals import NeedsConfirmation, Refused
from volunteers.sms_commands import GiveCommand, Offered

pytestmark = pytest.mark.django_db
JSON = "application/json"


def test_the_api_takes_an_offer_once_leads_it_to_receipt_and_hides_who_gives(giving: Giving, sign_in: SignIn) -> None:
    aina, lale = sign_in(giving.aina), sign_in(giving.cast.lale)
    offer = {"item": giving.blanket.code, "quantity": "100", "donor_name": "Maral", "phone": "+99365123456"}
    once = {"HTTP_IDEMPOTENCY_KEY": "offer-0001"}
    made = aina.post("/api/v1/pledges/", offer, JSON, **once)
    assert made.status_code == 201, made.content
    assert aina.post("/api/v1/pledges/", offer, JSON, **once).json() == made.json() and Pledge.objects.count() == 1
    assert aina.post("/api/v1/pledges/", {**offer, "quantity": "500000"}, JSON).status_code == 400
    here = f"/api/v1/pledges/{made.json()['code']}/"

    def step(name: str, who: Client = aina, **fields: Any) -> Any:
        return who.post(f"{here}{name}/", fields, JSON, HTTP_IF_MATCH=who.get(here)["ETag"])

    assert step("accept", lale).status_code == 403
    assert step("receive", quantity="1").status_code == 400
    assert step("accept").status_code == 200
    over = step("commit", quantity="101", reference="the kitchen")
    assert over.status_code == 400 and "Only 100 pc" in str(over.json())
    use = step("commit", lale, quantity="60", reference="the kitchen").json()["uses"][0]
    assert step("send", use=use["id"]).json()["state"] == "on_the_way"
    assert step("receive", use=use["id"], quantity="60").json()["state"] == "accepted"
    assert step("receive", quantity="40").json()["state"] == "received"
    assert step("used", quantity="100", words="given to 50 families").json()["state"] == "used"
    seen = lale.get(here).json()
    assert seen["quantity"] == "100.000000" and seen["donor_name"] is None and seen["phone"] is None
    assert "Maral" not in str(seen) and Client().get(here).status_code in (401, 403)
    assert len(lale.get("/api/v1/pledges/?kind=goods&is_waiting=false").json()["results"]) == 1


@pytest.mark.parametrize("name", ["csv", "xlsx", "hxl"])
def test_what_is_exported_comes_back_unchanged(giving: Giving, give: Give, cast: Cast, name: str) -> None:
    give(donor=cast.relief, donor_name="", location=point(58.41, 38.21), conditions="=1+1")
    part = give(quantity=50, site=giving.camp)
    give(kind="money", quantity=500, unit="TMT", accepted=False)
    give(description="socks; warm", unit="pairs", reference="A-1", is_anonymous=True)
    receive(by=actor(giving.aina), operation=giving.operation, pledge=part, quantity=Decimal(20))
    resource: Any = exchange.get("volunteers.pledge")
    records = resource.export_queryset(Viewer(user=cast.aina, operation=cast.operation)).order_by("pk")
    content = b"".join(FORMATS[name][2](resource, chosen_columns(resource), records, is_exercise=False))
    made = written(cast, bring(cast, "volunteers.pledge", content, name=f"x.{FORMATS[name][0]}"))
    assert made.counts == {"unchanged": 4}, (sentences(made), list(made.rows.values_list("changes", flat=True)))


OFFERS = """reference,kind,item,quantity,unit,donor,phone,valid_to
h-1,goods,{blanket},40,,Maral Ataeva,+99365123456,2099-01-01
h-2,goods,armchairs with wheels,3,,Maral Ataeva,,
h-3,goods,{blanket},0,,,,
h-4,money,,1000,tmt,Relief Society,,
h-1,goods,{blanket},40,,Maral Ataeva,+99365123456,2099-01-01
"""


def test_a_list_of_offers_comes_in_with_unknown_items_kept_and_faults_said(giving: Giving, cast: Cast) -> None:
    table = OFFERS.format(blanket=giving.blanket.code)
    made = written(cast, bring(cast, "volunteers.pledge", table))
    assert made.counts["create"] == 3 and made.counts["refused"] == 2, sentences(made)
    assert "more than 0" in str(sentences(made))
    chairs, money = Pledge.objects.get(reference="h-2"), Pledge.objects.get(reference="h-4")
    assert (chairs.item, chairs.description) == (None, "armchairs with wheels")
    assert (money.unit, money.donor) == ("TMT", cast.relief)
    assert PledgeStep.objects.filter(after="pledged").count() == 3
    again = written(cast, bring(cast, "volunteers.pledge", table))
    assert again.counts.get("create", 0) == 0 and Pledge.objects.count() == 3


def test_a_file_tells_nobody_who_gives_but_those_who_may_know(giving: Giving, give: Give, cast: Cast) -> None:
    give(donor=cast.relief, reported_by="the hotline")
    resource: Any = exchange.get("volunteers.pledge")

    def file_for(user: Any) -> str:
        rows = resource.export_queryset(Viewer(user=user, operation=cast.operation))
        return b"".join(FORMATS["csv"][2](resource, chosen_columns(resource), rows, is_exercise=False)).decode()

    secrets = (cast.relief.code, "Maral", "+99365123456", "hotline")
    assert all(word in file_for(cast.aina) and word in file_for(cast.murad) for word in secrets)
    assert not any(word in file_for(cast.lale) for word in secrets)


def test_the_exercise_has_150_pledges_in_every_state_the_same_each_time(giving: Giving, cast: Cast, areas: Any) -> None:
    def load() -> list[Any]:
        made = {"organisations": [cast.relief, cast.water], "areas": {"affected": [areas["XX11"], areas["XX12"]]}}
        context = ExerciseContext(cast.operation, 1, Random("x"), lambda *_: None, made)  # noqa: S311
        PledgesExercise().load(context)
        return list(Pledge.objects.order_by("pk").values_list("state", "kind", "quantity", "donor_name", "landmark"))

    first = load()
    assert len(first) == 150 and {row[0] for row in first} == set(PledgeState.values)
    for pledge in Pledge.objects.filter(pk__in=PledgeUse.objects.values("pledge")):
        assert 0 < promised_of(pledge) <= pledge.quantity - pledge.received
    plug: Any = situation.get("volunteers.pledges")
    figures = plug.figures(Viewer(user=cast.aina, operation=cast.operation), timezone.localdate())
    assert {figure.indicator: figure.value for figure in figures}["pledges"] == 150
    Pledge.objects.all().delete()
    assert load() == first


GIVEN = (
    (" 40  warm socks,  Tejen  market ", Offered(Decimal(40), "warm socks", "Tejen market")),
    ("2,5 t rice; Tejen, by the mill; 1.3.", Offered(Decimal("2.5"), "t rice", "Tejen, by the mill", (None, 3, 1))),
    ("200kg муки,2026-12-15", Offered(Decimal(200), "kg муки", "", (2026, 12, 15))),
    ("3 lorries, 15/12/26", Offered(Decimal(3), "lorries", "", (2026, 12, 15))),
)


@pytest.mark.parametrize(("text", "offered"), GIVEN)
def test_a_text_that_gives_is_read(text: str, offered: Offered) -> None:
    assert GiveCommand().parse(text) == offered


@pytest.mark.parametrize("text", ["", "socks", "40", "-3 socks", "40,", "40 socks, 31.2", "40 socks, 2026-13-01", "٤٠"])
def test_a_text_that_gives_nothing_clear_is_answered_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(Write how much and what|There is no such day)"):
        GiveCommand().parse(text)


def test_a_text_offers_help_in_its_own_words_once_and_is_taken_back_by_its_sender_alone(giving: Giving) -> None:
    command = GiveCommand()
    sender = sender_of("+99365123456", operation=giving.operation, reference="m1.1")

    def give(text: str, by: Any = sender) -> Any:
        return command.act(command.parse(text), by)

    reply = give("40 warm socks, Tejen market, 1.3")
    assert give("40 warm socks, Tejen market, 1.3").undo == reply.undo  # the same message again
    made = Pledge.objects.get()
    assert made.code in reply.text and len(f"{reply.text} Undo: UNDO {made.code}") <= 160
    assert (made.description, made.landmark, str(made.phone)) == ("warm socks", "Tejen market", sender.name)
    day = made.valid_from
    assert day is not None and day >= timezone.localdate() and (day.month, day.day) == (3, 1)
    assert sender.name not in str(PledgeStep.objects.filter(pledge=made).values())
    for text, words in (("0 socks", "more than 0"), ("5 socks, 1.3.2020", "past")):
        with pytest.raises(Refused, match=words):
            give(text, replace(sender, reference="m2.1"))
    with pytest.raises(NeedsConfirmation, match="very much"):
        give("500000 socks", replace(sender, reference="m2.1"))
    assert Pledge.objects.count() == 1
    other = give(f"2 cartons of blankets, {giving.camp.code}", replace(sender, reference="m3.1"))
    found = Pledge.objects.get(code=other.undo)
    assert (found.description, found.item, found.site) == ("cartons of blankets", None, giving.camp)
    known = Pledge.objects.get(code=give("40 одеял", replace(sender, reference="m4.1")).undo)
    assert (known.item, known.quantity, known.unit) == (giving.blanket, 40, "pc")
    stranger = sender_of("+99365999999", operation=giving.operation)
    with pytest.raises(Refused, match="Only who offered"):
        command.undo(reply.memo, stranger)
    assert "taken back" in command.undo(reply.memo, sender)
    made.refresh_from_db()
    assert made.state == PledgeState.WITHDRAWN and not made.notices.exists()
