"""The requester learns of each step, once, in their language; what could not be sent stands with the request."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail

from aid_requests import life_cycle
from aid_requests.models import Notice, NotifyBy
from aid_requests.notices import tell_requester
from komek.messaging.models import Outbox
from tests.aid_requests.conftest import Ask, Asking
from tests.conftest import actor

pytestmark = pytest.mark.django_db

PHONE = "+99365123456"


def test_each_step_is_told_by_sms_with_the_address_to_follow(asking: Asking, ask: Ask) -> None:
    request = ask(reporter_phone=PHONE, notify_by=NotifyBy.SMS, reporter_name="Maral")
    life_cycle.verify(by=actor(asking.aina), operation=asking.operation, request=request)
    life_cycle.forward(by=actor(asking.aina), operation=asking.operation, request=request, to=asking.cast.relief)
    life_cycle.refuse(by=actor(asking.aina), operation=asking.operation, request=request, reason="none left")
    bodies = [notice.body for notice in request.notices.all()]
    assert len(bodies) == 4
    assert "has arrived" in bodies[0] and f"/follow/{request.code}/?key={request.follow_key}" in bodies[0]
    assert "forwarded to Relief Society" in bodies[2]
    assert "none left" in bodies[3]


def test_a_step_is_told_once_however_often_it_is_told(asking: Asking, ask: Ask) -> None:
    request = ask(reporter_email="maral@example.org", notify_by=NotifyBy.EMAIL)
    step = request.steps.get()
    assert tell_requester(by=actor(None), request=request, step=step) is None
    assert Notice.objects.count() == 1


def test_an_email_leaves_with_the_commit_in_the_requesters_language(
    asking: Asking, ask: Ask, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        ask(reporter_email="maral@example.org", notify_by=NotifyBy.EMAIL, reporter_language="ru")
    assert [message.to for message in mail.outbox] == [["maral@example.org"]]


def test_without_a_gateway_the_message_says_why_it_did_not_leave(
    asking: Asking, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("komek.messaging.texts.is_gateway_set", lambda: False)
    request = ask(reporter_phone=PHONE, notify_by=NotifyBy.SMS)
    notice = request.notices.get()
    assert "No gateway" in notice.problem and not Outbox.objects.exists()


def test_with_a_gateway_the_text_waits_in_the_outbox_once(
    asking: Asking, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("komek.messaging.texts.is_gateway_set", lambda: True)
    request = ask(reporter_phone=PHONE, notify_by=NotifyBy.SMS)
    text = Outbox.objects.get()
    assert str(text.to) == PHONE and text.body == request.notices.get().body
    tell_requester(by=actor(None), request=request, step=request.steps.get())
    assert Outbox.objects.count() == 1


def test_who_left_no_way_is_not_told(asking: Asking, ask: Ask) -> None:
    assert not ask(reporter_phone=PHONE).notices.exists()


def test_an_exercise_says_so_in_every_message(asking: Asking, ask: Ask, exercise_operation: Any) -> None:
    request = ask(
        by=asking.aina, operation=exercise_operation, site=None, landmark="Bridge", responsible=None, asked_by=None,
        reporter_email="maral@example.org", notify_by=NotifyBy.EMAIL,
    )  # fmt: skip
    assert request.notices.get().body.startswith("EXERCISE")
