"""Texts out: sent once, tried again when the failure passes, given up when it does not; codes leave no trace."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from komek.extensions.texts import can_send_texts, send_text
from komek.messaging import outbox
from komek.messaging.checks import gateway_works_as_set
from komek.messaging.gateways import gateway
from komek.messaging.models import Outbox, State
from komek.messaging.outbox import queue_text
from komek.operations.models import Operation
from komek.records.actor import SYSTEM
from tests.messaging.twilio_server import ACCOUNT, TOKEN, TwilioServer, twilio_server

PHONE = "+99365123456"


@pytest.fixture
def twilio(settings: Any) -> Iterator[TwilioServer]:
    with twilio_server() as server:
        settings.TEXT_GATEWAY, settings.TEXT_SENDER = "twilio", "+15005550006"
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT, TOKEN
        settings.TWILIO_BASE_URL = server.url
        yield server


def queued(**fields: Any) -> Outbox:
    return queue_text(**{"by": SYSTEM, "to": PHONE, "body": "Bring water", "purpose": "notice", **fields})


def due_now(text: Outbox) -> None:
    Outbox.objects.filter(pk=text.pk).update(next_try_at=timezone.now())


def jobs_about(text: Outbox) -> list[dict[str, Any]]:
    """What jobs about a text carry. Jobs outlive the tests that commit: they are not among Django's tables."""
    jobs = ProcrastinateJob.objects.filter(task_name="messaging.send_text", args__pk=text.pk)
    return list(jobs.values_list("args", flat=True))


def after_sending(text: Outbox) -> Outbox:
    due_now(text)
    outbox.send(text.pk)
    text.refresh_from_db()
    return text


def test_a_text_goes_out_through_twilio_and_keeps_its_number_there(db: None, twilio: TwilioServer) -> None:
    text = after_sending(queued())
    assert twilio.texts == [{"To": PHONE, "Body": "Bring water", "From": "+15005550006"}]
    assert (text.state, text.gateway, text.provider_id[:2], text.attempts) == (State.SENT, "twilio", "SM", 1)


def test_a_messaging_service_is_named_as_such(db: None, twilio: TwilioServer, settings: Any) -> None:
    settings.TEXT_SENDER = "MG" + "1" * 32
    after_sending(queued())
    assert twilio.texts[0]["MessagingServiceSid"] == settings.TEXT_SENDER


def test_a_text_already_sent_is_not_sent_again(db: None, twilio: TwilioServer) -> None:
    text = after_sending(queued())
    after_sending(text)
    assert len(twilio.texts) == 1


def test_the_same_key_is_queued_once(db: None, twilio: TwilioServer) -> None:
    first = queued(dedupe_key="welcome:1")
    assert queued(dedupe_key="welcome:1", body="again").pk == first.pk
    assert len(jobs_about(first)) == 1


def test_a_job_is_left_only_with_the_text_it_is_about_and_never_with_its_words(db: None) -> None:
    text = queued(body="Your code is 483920", is_secret=True, purpose="code")
    assert jobs_about(text) == [{"pk": text.pk}]


def test_nothing_is_queued_when_the_transaction_that_asked_for_it_fails(db: None) -> None:
    made = []
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        made.append(queued())
        assert len(jobs_about(made[0])) == 1
        raise ZeroDivisionError
    assert not Outbox.objects.exists()
    assert jobs_about(made[0]) == []


def test_a_number_that_does_not_exist_is_given_up_at_once(db: None, twilio: TwilioServer) -> None:
    twilio.refuse_with = (400, 21211, "Invalid 'To' Phone Number")
    text = after_sending(queued())
    assert (text.state, text.attempts) == (State.FAILED, 1)
    assert "21211" in text.error


@pytest.mark.parametrize(
    "answer", [(500, 20500, "Oops"), (429, 20429, "Too many"), (401, 20003, "Authenticate"), (400, 21606, "Sender")]
)
def test_trouble_that_passes_is_tried_again_later(db: None, twilio: TwilioServer, answer: tuple[int, int, str]) -> None:
    twilio.refuse_with = answer
    text = after_sending(queued())
    assert text.state == State.QUEUED
    assert text.next_try_at > timezone.now()
    assert str(answer[1]) in text.error
    twilio.refuse_with = None
    assert after_sending(text).state == State.SENT


def test_an_answer_that_is_not_twilios_is_trouble_that_passes(db: None, twilio: TwilioServer) -> None:
    twilio.answer_raw = "<html>Sign in to the hotel's network</html>"
    assert after_sending(queued()).state == State.QUEUED


def test_nobody_at_the_other_end_is_trouble_that_passes(db: None, twilio: TwilioServer, settings: Any) -> None:
    settings.TWILIO_BASE_URL = "http://127.0.0.1:9"
    assert after_sending(queued()).state == State.QUEUED


def test_a_text_is_given_up_after_its_last_try(db: None, twilio: TwilioServer) -> None:
    twilio.refuse_with = (500, 20500, "Oops")
    text = queued()
    for _ in range(len(outbox.WAITS) + 1):
        after_sending(text)
    assert text.state == State.FAILED
    assert text.attempts == len(outbox.WAITS) + 1


def test_a_text_too_old_is_not_sent_and_not_tried_past_its_time(db: None, twilio: TwilioServer) -> None:
    stale = queued(expires_after=timedelta(minutes=5))
    Outbox.objects.filter(pk=stale.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert after_sending(stale).state == State.FAILED
    twilio.refuse_with = (500, 20500, "Oops")
    assert after_sending(queued(expires_after=timedelta(seconds=30))).state == State.FAILED
    assert twilio.texts == []


@pytest.mark.parametrize("answer", [None, (400, 21211, "Invalid"), (500, 20500, "Oops")])
def test_a_code_is_forgotten_as_soon_as_it_is_no_longer_needed_and_never_logged(
    db: None, twilio: TwilioServer, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    twilio.refuse_with = answer
    text = queued(body="Your code is 483920", is_secret=True, purpose="code", expires_after=timedelta(seconds=20))
    assert after_sending(text).state in (State.SENT, State.FAILED)
    assert text.body == ""
    assert "483920" not in caplog.text
    assert "483920" not in str(Outbox.objects.values())


def test_one_number_gets_so_many_codes_an_hour_and_no_more(db: None, twilio: TwilioServer, settings: Any) -> None:
    settings.TEXT_CODES_PER_NUMBER, settings.TEXT_CODES_IN_ALL = 2, 3
    code = {"purpose": "code", "is_secret": True, "body": "1"}
    made = [queued(**code) for _ in range(4)]
    assert [text.state for text in made] == [State.QUEUED, State.QUEUED, State.FAILED, State.FAILED]
    assert made[2].body == ""
    assert queued(to="+99365000001", **code).state == State.QUEUED
    assert queued(to="+99365000002", **code).state == State.FAILED
    assert queued().state == State.QUEUED, "notices are not codes"


def test_what_a_dead_worker_left_is_sent_later(db: None, twilio: TwilioServer) -> None:
    text = queued()
    assert outbox.send_what_was_left() == 0
    Outbox.objects.filter(pk=text.pk).update(next_try_at=timezone.now() - timedelta(minutes=3), attempts=1)
    assert outbox.send_what_was_left() == 1
    assert len(twilio.texts) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_a_text_once(twilio: TwilioServer) -> None:
    text = queued()
    ready = threading.Barrier(2)

    def work() -> None:
        ready.wait()
        outbox.send(text.pk)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(twilio.texts) == 1


def test_an_exercise_says_so_in_every_text(db: None, exercise_operation: Operation) -> None:
    assert queued(operation=exercise_operation).body.startswith("EXERCISE: ")


def test_without_a_gateway_nothing_can_be_sent_and_what_waits_goes_on_waiting(db: None, settings: Any) -> None:
    settings.TEXT_GATEWAY = ""
    assert not can_send_texts()
    assert not send_text(by=SYSTEM, to=PHONE, body="Hello", purpose="notice")
    assert not Outbox.objects.exists()
    assert after_sending(queued()).state == State.QUEUED


def test_the_console_shows_texts_to_a_developer(db: None, settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.TEXT_GATEWAY = "console"
    assert can_send_texts()
    assert send_text(by=SYSTEM, to=PHONE, body="Hello", purpose="notice")
    assert after_sending(Outbox.objects.get()).state == State.SENT
    assert PHONE in capsys.readouterr().err


def test_settings_that_cannot_work_stop_the_start_with_a_sentence(settings: Any) -> None:
    settings.TEXT_GATEWAY, settings.DEBUG = "console", False
    assert [fault.id for fault in gateway_works_as_set(None)] == ["komek.messaging.E002"]
    settings.TEXT_GATEWAY, settings.TWILIO_AUTH_TOKEN = "twilio", ""
    assert "KOMEK_TWILIO_AUTH_TOKEN" in gateway_works_as_set(None)[0].msg
    settings.TEXT_GATEWAY = "pigeon"
    assert "pigeon" in gateway_works_as_set(None)[0].msg
    with pytest.raises(ImproperlyConfigured):
        gateway()
    settings.TEXT_GATEWAY = ""
    assert gateway_works_as_set(None) == []
