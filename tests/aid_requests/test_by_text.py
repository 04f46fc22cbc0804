"""Asking for support, its stage and its receipt by a text message."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from aid_requests import life_cycle
from aid_requests.asking_by_text import Asked
from aid_requests.models import AidRequest, Notice, RequestState, RequestStep
from aid_requests.receipts import record_receipt
from aid_requests.refusals import NeedsConfirmation, Refused
from aid_requests.sms_commands import GotCommand, Need, NeedCommand, StatusCommand
from komek.messaging.sender import Sender, sender_of
from komek.places.models import Area
from komek.places.reference_data import store_names
from komek.records.codes import make_code
from komek.supplies.models import plain
from komek.supplies.wording import meanings_of
from orgs.models import Site
from tests.aid_requests.conftest import Ask, Asking
from tests.conftest import actor
from tests.messaging.conftest import said
from volunteers.models import Pledge

PHONE = "+99365123456"
SITE = make_code("C", 114)


def asked(*pairs: tuple[int | str, str]) -> tuple[Asked, ...]:
    return tuple(Asked(Decimal(number), words) for number, words in pairs)


READ = (
    (f"{SITE} 200 water, 40 blanket !", Need(asked((200, "water"), (40, "blanket")), SITE, is_urgent=True)),
    (f"{SITE.lower()}: 200 water,40 blankets", Need(asked((200, "water"), (40, "blankets")), SITE)),
    (f"С {SITE[1:]} 2,5t rice + 1 000 л воды и 3 палатки!", Need(asked(("2.5", "t rice"), (1000, "л воды"), (3, "палатки")), SITE,
                                                                is_urgent=True)),
    ("Tejen bridge, 40 blankets and soap", Need(asked((40, "blankets and soap")), place="Tejen bridge")),
    (f"{SITE} water 200", Need(asked((200, "water")), SITE)),
    (f"{SITE} 0 water", Need(asked((0, "water")), SITE)),
)  # fmt: skip


@pytest.mark.parametrize(("text", "need"), READ)
def test_a_text_that_asks_is_read(text: str, need: Need) -> None:
    assert NeedCommand().parse(text) == need


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "Begin with the code"), ("200 water", "Begin with the code"), (SITE, "how many"), (f"{SITE} water", "how many"),
     (f"{SITE} 200 water, blankets", "“blankets” is not clear"), ("C1149 5 tents", "wrong letter or digit"),
     ("R1234 5 tents", "not a code"),
     (f"{SITE} {'1 x, ' * 21}", "takes 20 things"), (f"{SITE} -5 tents", "how many")],
)  # fmt: skip
def test_a_text_that_asks_nothing_clear_is_answered_with_what_to_write(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        NeedCommand().parse(text)


@pytest.fixture
def sender(asking: Asking) -> Sender:
    return sender_of(PHONE, operation=asking.operation, reference="m1.1", language="en")


def need(text: str, by: Sender) -> Any:
    return NeedCommand().act(NeedCommand().parse(text), by)


@pytest.mark.django_db
def test_words_mean_items_in_any_language_and_number_and_what_is_unclear_stays_words(asking: Asking) -> None:
    said = (
        "blankets",
        "Одеял",
        "x blanket",
        "l of water",
        "litres water",
        "felt rugs",
        "kg felt",
        "jerrycan",
        "WAT-BULK",
    )
    found = meanings_of(said)
    named = {text: (one.item.name if one.item else None, one.unit, one.words) for text, one in found.items()}
    assert [named[text][0] for text in said] == [
        "Blanket", "Blanket", "Blanket", "Drinking water", "Drinking water", None, None, None, "Drinking water"
    ]  # fmt: skip
    assert (found["l of water"].unit, found["felt rugs"].words) == ("l", "felt rugs")
    assert (found["kg felt"].unit, found["kg felt"].words) == ("kg", "felt")


@pytest.mark.django_db
def test_anybody_asks_by_text_once_reads_what_was_understood_and_takes_it_back_in_time(
    asking: Asking, sender: Sender
) -> None:
    text = f"{asking.camp.code} 200 l water, 40 blankets, 12 warm felt rugs !"
    reply = need(text, sender)
    made = AidRequest.objects.get()
    assert need(text, sender).undo == reply.undo == made.code and AidRequest.objects.count() == 1
    assert reply.text.startswith(
        f"{made.code}: 200 l Drinking water, 40 pc Blanket, 12 warm felt rugs for Stadium camp, urgent"
    )
    assert len(f"{reply.text} Undo: UNDO {made.code}") <= 160
    lines = [
        (plain(line.quantity), line.item and line.item.name, line.description, line.priority)
        for line in made.lines.all()
    ]
    assert lines == [
        ("200", "Drinking water", "l water", "high"), ("40", "Blanket", "blankets", "high"), ("12", None, "warm felt rugs", "high"),
    ]  # fmt: skip
    assert (made.state, made.site, str(made.reporter_phone), made.notify_by) == ("submitted", asking.camp, PHONE, "sms")
    assert made.asked_by is None and not Notice.objects.exists()  # they read the reply
    history = str(list(AidRequest.pgh_event_model.objects.values())) + str(list(RequestStep.objects.values()))  # type: ignore[attr-defined]
    assert PHONE not in history
    with pytest.raises(Refused, match="Only who asked"):
        NeedCommand().undo(reply.memo, replace(sender, number="+99365999999"))
    assert "taken back" in NeedCommand().undo(reply.memo, sender)
    made.refresh_from_db()
    assert made.state == RequestState.CANCELLED and not Notice.objects.exists()
    again = need(text, replace(sender, reference="m2.1"))
    life_cycle.verify(
        by=actor(asking.aina), operation=asking.operation, request=AidRequest.objects.get(code=again.undo)
    )
    with pytest.raises(Refused, match="being worked on"):
        NeedCommand().undo(again.memo, sender)


@pytest.mark.django_db
def test_what_cannot_be_asked_by_text_is_refused_in_a_sentence_and_nothing_is_written(
    asking: Asking, sender: Sender, exercise_operation: Any
) -> None:
    camp = asking.camp.code
    for text, words in ((f"{camp} 0 water", "more than 0"), (f"{SITE} 5 tents", "No site has the code"),
                        (f"{camp} 2.5 blankets", "whole"), (f"{camp} 5000000000 blankets", "too much")):  # fmt: skip
        if "5000000000" in text:
            with pytest.raises(ValueError, match="not clear"):
                need(text, sender)
            continue
        with pytest.raises(Refused, match=words):
            need(text, sender)
    with pytest.raises(NeedsConfirmation, match="Is this right"):
        need(f"{camp} 2000000 blankets", sender)
    with pytest.raises(Refused, match="No site has the code"):
        need(f"{camp} 5 tents", replace(sender, operation=exercise_operation))
    with pytest.raises(Refused, match="No operation is open"):
        need(f"{camp} 5 tents", replace(sender, operation=None))
    type(asking.camp).objects.filter(pk=asking.camp.pk).update(opening="closed")
    with pytest.raises(Refused, match="is closed"):
        need(f"{camp} 5 tents", sender)
    assert not AidRequest.objects.exists()
    type(asking.camp).objects.filter(pk=asking.camp.pk).update(opening="open")
    assert need(f"{camp} 2000000 blankets", replace(sender, confirmed=True)).undo
    account = replace(sender, user=asking.bahar, reference="m5.1")
    by_account = AidRequest.objects.get(code=need("stadium camp, 5 tents", account).undo)
    assert (by_account.entered_by, by_account.site, by_account.asked_by) == (
        asking.bahar,
        asking.camp,
        asking.cast.relief,
    )


@pytest.mark.django_db
def test_the_stage_and_the_receipt_by_text_are_told_to_who_asked_and_to_others_only_the_stage(
    asking: Asking, ask: Ask, sender: Sender
) -> None:
    request = ask(reporter_phone=PHONE, notify_by="sms")
    status, got = StatusCommand(), GotCommand()
    stranger = sender_of("+99365999999", operation=asking.operation)
    code = status.parse(f" {request.code.lower()}? ")
    theirs = status.act(code, sender)
    assert theirs == f"{code}: submitted. Came: Blanket 0/200."
    assert status.act(code, stranger) == f"{code}: submitted."
    assert "Blanket" in status.act(code, replace(stranger, user=asking.aina))
    for wrong in ("", "R12", f"{code[:-1]}{(int(code[-1]) + 1) % 10}"):
        with pytest.raises(ValueError, match=r"Write the code|not a code|wrong letter"):
            status.parse(wrong)
    with pytest.raises(Refused, match="not asked from this phone"):
        got.act(got.parse(code), stranger)
    assert "noted" in got.act(got.parse(code), sender)
    request.refresh_from_db()
    assert request.state == "submitted" and request.steps.last().reason == "The sender says that it came."
    life_cycle.verify(by=actor(asking.aina), operation=asking.operation, request=request)
    record_receipt(by=actor(asking.bahar), operation=asking.operation, line=request.lines.get(), quantity=Decimal(200))
    assert "noted" in got.act(got.parse(f"{code} 20 were wet"), sender)
    request.refresh_from_db()
    assert request.state == "partly" and request.steps.last().reason == "20 were wet"
    told = Notice.objects.count()
    assert "is closed. Thank you." in got.act(got.parse(code), sender)
    assert "is closed" in got.act(got.parse(code), sender)
    assert Notice.objects.count() == told
    assert status.act(code, sender).startswith(f"{code}: closed")


@pytest.mark.django_db
def test_from_phone_to_answer_through_the_whole_of_messaging(asking: Asking) -> None:
    camp = asking.camp.code
    both = said(f"need{camp} 200 water, 40 blankets !; GIVE 3 doctors, {camp}").splitlines()
    made, pledge = AidRequest.objects.get(), Pledge.objects.get()
    assert both[0].startswith(f"1 {made.code}: 200 l Drinking water, 40 pc Blanket for Stadium camp, urgent.")
    assert both[0].endswith(f"Undo: UNDO {made.code}") and pledge.code in both[1]
    assert said(f"ST {made.code}").startswith(f"{made.code}: submitted. Came: Drinking water 0/200, Blanket 0/40.")
    assert said(f"UNDO {made.code}") == f"{made.code} is taken back."
    assert "Is this right?" in said(f"NEED {camp} 2000000 blankets") and AidRequest.objects.count() == 1
    assert "2000000 pc Blanket" in said("1")
    Site.objects.filter(pk=asking.camp.pk).update(opening="closed")
    assert "is closed. Ask for the place" in said(f"NEED {camp} 5 tents")
    assert "NEED C1143" in said("NEED") and AidRequest.objects.count() == 2
    Site.objects.filter(pk=asking.camp.pk).update(opening="open")
    russian = said(f"НУЖНО {camp} 40 одеял")
    last = AidRequest.objects.order_by("pk").last()
    assert last is not None and last.code in russian and last.lines.get().item == asking.blanket
    assert last.reporter_language == "ru" and PHONE not in russian


def test_a_place_in_words_that_is_clear_gives_the_request_its_area(asking: Asking, areas: dict[str, Area]) -> None:
    store_names([areas["XX21"], areas["XX12"]])
    said("NEED East Town, 40 blankets", sender="+99365111111")
    said("NEED beyond the hill, 40 blankets", sender="+99365111112")
    first, second = AidRequest.objects.order_by("pk")
    assert (first.area, first.landmark) == (areas["XX21"], "East Town")
    assert (second.area, second.landmark) == (None, "beyond the hill")
