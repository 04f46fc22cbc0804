"""Texts in: stored once, read in order, carried out once, answered, and never lost to a log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from komek.messaging.inbound import handling
from komek.messaging.inbound.handling import work_off
from komek.messaging.inbound.receiving import Incoming, receive
from komek.messaging.inbound.senders import BUCKET
from komek.messaging.joining import make_join_code
from komek.messaging.models import (
    Correspondent,
    Inbound,
    InboundLine,
    InboundState,
    JoinCode,
    OpenQuestion,
    Outbox,
    WhyInbox,
)
from komek.messaging.sms_commands import LangCommand
from tests.conftest import Cast, actor
from tests.messaging.conftest import PHONE, STRANGER, answer_to, bound, said, text

pytestmark = pytest.mark.django_db


def test_a_text_delivered_twice_is_stored_and_carried_out_once(tally: Any) -> None:
    again = Incoming(provider_id="SM1", sender=PHONE, body="TALLY 5")
    assert [receive(gateway="test", message=again) for _ in range(2)] == [True, False]
    assert receive(gateway="other", message=again), "another gateway's number is another text"
    assert work_off() == 2 and work_off() == 0
    assert [number for number, _reference in tally.done] == [5, 5]
    assert Outbox.objects.filter(answers__gateway="test").count() == 1


def test_lines_are_answered_by_number_and_good_ones_are_kept_when_one_fails(tally: Any) -> None:
    answer = said("TALLY 5; TALLY many\nTALLY 13;tally 7;blargh")
    assert answer.splitlines() == [
        "1 Counted 5. Undo: UNDO TALLY-5",
        "2 Write a number, such as: TALLY 5",
        "3 TALLY could not be done: something went wrong here. A coordinator will see to it.",
        "4 Counted 7. Undo: UNDO TALLY-7",
        "5 A coordinator will read your text. What you can write: ?",
    ]
    assert [number for number, _reference in tally.done] == [5, 7]
    assert [line.state for line in InboundLine.objects.order_by("number")] == [
        "acted", "refused", "failed", "acted", "unknown",
    ]  # fmt: skip
    assert Inbound.objects.get().why == WhyInbox.FAULT


def test_a_worker_that_dies_between_the_deed_and_its_end_leaves_nothing_half_done(
    tally: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    text("TALLY 5")

    def die(*args: Any, **kwargs: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(handling, "_close", die)
        with pytest.raises(SystemExit):
            work_off()
    assert not InboundLine.objects.exists() and not Outbox.objects.exists()
    assert work_off() == 1
    assert InboundLine.objects.count() == Outbox.objects.count() == 1


def test_a_fault_of_ours_puts_the_text_before_a_person_and_the_next_ones_are_read(
    tally: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = text("TALLY 1"), text("TALLY 2")
    with monkeypatch.context() as patch:
        patch.setattr(handling, "composed", lambda outcomes: 1 / 0)
        work_off()
    for inbound in (first, second):
        inbound.refresh_from_db()
        assert (inbound.state, inbound.why) == (InboundState.INBOX, WhyInbox.FAULT)


def test_undo_takes_back_once_and_only_what_the_sender_sent(tally: Any) -> None:
    said("TALLY 5")
    assert "only what you sent" in said("UNDO TALLY-5", sender=STRANGER)
    assert said("undo tally-5") == "Not counted: 5."
    assert "undone already" in said("UNDO TALLY-5")
    said("TALLY 6")
    assert said("отмена") == "Not counted: 6."
    Inbound.objects.filter(body="TALLY 6").update(received_at=timezone.now() - timedelta(days=2))
    InboundLine.objects.update(undone_at=None)
    assert "прошло больше суток" in said("UNDO TALLY-6"), "in the language of the word that was written"
    assert tally.undone == [5, 6]


def test_a_question_is_open_for_half_an_hour_and_any_verb_drops_it(tally: Any) -> None:
    assert said("TALLY 500") == "So many? 1 Yes 2 No"
    assert tally.done == []
    assert said("3") == "So many? 1 Yes 2 No"
    assert said(" 1. ").startswith("Counted 500.")
    assert "No question is open" in said("1")
    said("TALLY 600")
    assert said("Нет") == "Оставлено как было."
    said("LANG en")
    said("TALLY 600")
    assert said("YES").startswith("Counted 600")
    said("TALLY 700")
    said("TALLY 7")
    assert "No question is open" in said("1")
    said("TALLY 800")
    OpenQuestion.objects.update(asked_at=timezone.now() - timedelta(minutes=31))
    assert "No question is open" in said("1")
    assert [number for number, _reference in tally.done] == [500, 600, 7]


def test_a_guarded_question_is_answered_by_the_phone_alone_that_got_it(tally: Any) -> None:
    from komek.extensions.sms_commands import ask_whether

    def act(command: int, by: Any) -> Any:
        if not by.confirmed:
            return ask_whether("Give it out?", f"TALLY {command}", yes="Yes", no="No", is_guarded=True)
        tally.done.append((command, ""))
        return "Given."

    tally.act = act
    assert said("TALLY 5").startswith("Give it out? ")
    assert "not the number we sent" in said("1")
    assert "No question is open" in said("2"), "a wrong guess drops it"
    number = said("TALLY 5").split("? ")[1].split()[0]
    assert len(number) == 4 and said(number) == "Given."
    assert tally.done == [(5, "")]


def test_join_binds_a_number_to_an_account_once_and_guessing_leads_nowhere(cast: Cast) -> None:
    code = make_join_code(by=actor(cast.aina), user=cast.murad, operation=cast.operation).code
    cast.murad.language = "ru"
    cast.murad.save()
    assert said("JOIN 12") == "Write the code your coordinator gave you, such as: JOIN 482130"
    said(f"join {code[:3]} {code[3:]}")
    cast.murad.refresh_from_db()
    assert (str(cast.murad.phone), cast.murad.phone_verified) == (PHONE, True)
    assert Correspondent.objects.get().language == "ru"
    said("LANG en")
    assert "does not fit" in said(f"JOIN {code}", sender=STRANGER)
    JoinCode.objects.update(used_at=None)
    for _ in range(4):
        said("JOIN 000000", sender=STRANGER)
    assert "Too many wrong codes" in said(f"JOIN {code}", sender=STRANGER)


def test_a_join_code_is_made_by_those_who_approve_accounts_and_only_for_approved_ones(cast: Cast) -> None:
    from django.core.exceptions import PermissionDenied, ValidationError

    with pytest.raises(PermissionDenied):
        make_join_code(by=actor(cast.murad), user=cast.lale, operation=cast.operation)
    with pytest.raises(ValidationError, match="not approved"):
        make_join_code(by=actor(cast.aina), user=cast.pending, operation=cast.operation)


def test_answers_come_in_the_senders_language_and_in_latin_letters_for_those_who_wish(cast: Cast, tally: Any) -> None:
    tally.act = lambda command, by: f"«Принято»\u00a0– {by.language}"
    assert said("считай 5", sender=STRANGER) == '"Принято" - ru', "the language of the word that was written"
    cast.murad.language = "tk"
    bound(cast.murad)
    assert said("TALLY 5").endswith("tk")
    said("LANG ru")
    assert said("TALLY 5").endswith("ru")
    said("LANG uzc lat")
    assert said("TALLY 5") == '"Prinyato" - uz-cyrl'
    assert "LANG uzc" in said("LANG klingon")
    assert [LangCommand().parse(word).code for word in ("русский", "Türkmençe", "uzc", "O‘zbek".replace("‘", "'"))] == [
        "ru", "tk", "uz-cyrl", "uz",
    ]  # fmt: skip


def test_stop_is_honoured_in_every_language_and_start_ends_it(tally: Any) -> None:
    assert said("Стоп!") == ""
    assert Correspondent.objects.get().stopped_at
    assert said("TALLY 5") == "" and tally.done, "what was asked is done all the same, nothing goes back"
    assert "снова" in said("START")
    said("LANG en")
    for word in ("STOP", "unsubscribe", "DUR", "to‘xta", "ТЎХТА", "Dayan"):
        said(word)
        assert Correspondent.objects.get().stopped_at
        said("START")
        assert Correspondent.objects.get().stopped_at is None


def test_a_strangers_cry_goes_to_the_inbox_with_the_emergency_number(tally: Any) -> None:
    for words in ("HELP", "помогите, тонем", "Halas ediň! Ýangyn", "we are trapped under the house"):
        answer = said(words, sender=STRANGER)
        assert "112" in answer
        assert Inbound.objects.latest("pk").why == WhyInbox.DISTRESS
    said("hurry, please", sender=STRANGER)
    assert Inbound.objects.latest("pk").why == WhyInbox.DISTRESS, "it belongs to the cry before it"
    said("good morning", sender=f"{STRANGER[:-1]}8")
    assert Inbound.objects.latest("pk").why == WhyInbox.UNREAD
    said("talli 5", sender=STRANGER)
    assert tally.done, "one letter wrong is forgiven"


def test_a_number_that_floods_is_told_once_and_its_texts_wait_for_a_person(tally: Any) -> None:
    for number in range(BUCKET + 3):
        text(f"TALLY {number + 20}")
    work_off()
    assert len(tally.done) == BUCKET
    assert Inbound.objects.filter(why=WhyInbox.FLOOD).count() == 3
    assert Outbox.objects.filter(body__startswith="Too many").count() == 1
    said("STOP")
    assert Correspondent.objects.get().stopped_at, "STOP is heard whatever the flood"


def test_machines_get_no_answer(tally: Any) -> None:
    for sender in ("Bank", "7788"):
        assert said("TALLY 5", sender=sender) == ""
        assert Inbound.objects.latest("pk").why == WhyInbox.MACHINE
    for _ in range(7):
        said("I am not at home")
    assert Outbox.objects.count() == 5, "the same words again and again are a machine's"


def test_a_number_without_country_code_or_plus_is_the_same_number() -> None:
    from komek.messaging.inbound.receiving import sender_as_kept

    kept = {
        typed: sender_as_kept(typed)
        for typed in ("99365123456", "+993 65 12-34-56", "0099365123456", "65123456", "8 65 123456")
    }
    assert set(kept.values()) == {PHONE}, kept
    assert [sender_as_kept(name) for name in ("Bank", "7788", "0", "", "12345678901234567890")] == [
        "Bank", "7788", "0", "", "12345678901234567890",
    ]  # fmt: skip


def test_pictures_empty_texts_and_long_ones_are_met_with_a_sentence(tally: Any) -> None:
    assert "picture" in said("", media=1)
    assert Inbound.objects.latest("pk").why == WhyInbox.PICTURE
    assert "empty" in said("🙂🙂")
    assert said("ж" * 5000)
    tally.act = lambda command, by: "word " * 400
    first = said("TALLY 1")
    assert first.endswith("Go on: MORE")
    assert said("MORE").startswith("word")


def test_a_number_silent_for_long_has_to_join_again(cast: Cast) -> None:
    bound(cast.murad)
    said("?")
    assert Inbound.objects.latest("pk").user == cast.murad
    Correspondent.objects.update(last_heard_at=timezone.now() - timedelta(days=200))
    said("?")
    assert Inbound.objects.latest("pk").user is None


def test_only_answers_and_alerts_go_to_a_muted_number(settings: Any) -> None:
    from komek.messaging import outbox
    from komek.messaging.outbox import queue_text
    from komek.records.actor import SYSTEM

    settings.TEXT_GATEWAY = "console"
    said("MUTE 12")
    states = {}
    for purpose in ("reply", "alert", "notice", "digest"):
        made = queue_text(by=SYSTEM, to=PHONE, body="x", purpose=purpose)
        outbox.send(made.pk)
        made.refresh_from_db()
        states[purpose] = made.state
    assert states == {"reply": "sent", "alert": "sent", "notice": "failed", "digest": "failed"}
    assert answer_to(Inbound.objects.get()).startswith("Only answers and alerts for 12 hours")


def test_what_an_erased_account_wrote_goes_with_it(cast: Cast, tally: Any) -> None:
    from komek.accounts.erasing import erase_account
    from komek.records.actor import SYSTEM

    bound(cast.murad)
    said("TALLY 5")
    erase_account(by=SYSTEM, user=cast.murad, reason="asked for it")
    left = f"{Inbound.objects.values()}{InboundLine.objects.values()}{Correspondent.objects.values()}"
    assert PHONE not in left and "TALLY 5" not in left
