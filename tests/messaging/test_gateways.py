"""Texts through providers: verified when they come, routed when they go, receipts that only move forward."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from twilio.request_validator import RequestValidator

from komek.messaging import outbox, pacing
from komek.messaging.checks import gateway_works_as_set
from komek.messaging.gateways import SIMULATED, ways_to
from komek.messaging.inbound.handling import work_off
from komek.messaging.inbound.recovering import recover_missed
from komek.messaging.models import Correspondent, Inbound, Lane, Outbox, Receipt, State
from komek.messaging.outbox import queue_text
from komek.records.actor import SYSTEM
from tests.messaging.conftest import PHONE
from tests.messaging.twilio_server import ACCOUNT, TOKEN, TwilioServer, twilio_server

PUBLIC = "https://komek.example.org"
HTTP = {
    "url": "http://127.0.0.1:9/send", "json": {"to": "{to}", "text": "{body}"}, "secret": "a-long-random-secret",
    "statuses": {"ok": "delivered"},
}  # fmt: skip
SECRET = {"HTTP_X_KOMEK_SECRET": HTTP["secret"]}


@pytest.fixture
def twilio(settings: Any, db: None) -> Iterator[TwilioServer]:
    with twilio_server() as server:
        settings.TEXT_GATEWAY, settings.TEXT_SENDER = "twilio,http", "+15005550006"
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT, TOKEN
        settings.TWILIO_BASE_URL, settings.PUBLIC_URL = server.url, PUBLIC
        settings.HTTP_GATEWAY = HTTP
        yield server
        assert server.faults == [], "every call was as Twilio's description says"


def signed(client: Client, path: str, form: dict[str, str], *, token: str = TOKEN, **headers: Any) -> Any:
    """A request as Twilio makes it, reaching us through a proxy that speaks plain HTTP to us under another name."""
    algorithm = "HMAC_SHA256" if "HTTP_X_TWILIO_WEBHOOKS_SIGNATURE_SETTINGS" in headers else None
    signature = RequestValidator(token).compute_signature(f"{PUBLIC}{path}", form, algorithm)
    return client.post(path, form, HTTP_HOST="10.0.0.7:8000", HTTP_X_TWILIO_SIGNATURE=signature, **headers)


def coming(sid: str = "SM" + "1" * 32, **fields: str) -> dict[str, str]:
    return {"MessageSid": sid, "From": PHONE, "To": "+15005550006", "Body": "LANG ru", "NumMedia": "0", **fields}


def sent(**fields: Any) -> Outbox:
    text = queue_text(**{"by": SYSTEM, "to": PHONE, "body": "Bring water", "purpose": "notice", **fields})
    outbox.send(text.pk)
    text.refresh_from_db()
    return text


def test_a_signed_text_is_stored_behind_a_proxy_answered_empty_and_only_once(
    twilio: TwilioServer, client: Client
) -> None:
    path = "/messaging/in/twilio/"
    for _ in range(2):
        answer = signed(client, path, coming(Whatever="Twilio adds one day"))
        assert (answer.status_code, answer.content) == (200, b"<Response/>")
    assert [(text.body, text.sender) for text in Inbound.objects.all()] == [("LANG ru", PHONE)]
    newer = {"HTTP_X_TWILIO_WEBHOOKS_SIGNATURE_SETTINGS": "key=x,algorithm=HMAC_SHA256"}
    assert signed(client, path, coming("SM" + "2" * 32), **newer).status_code == 200
    assert work_off() == 2


def test_forged_texts_receipts_and_unknown_gateways_are_refused(twilio: TwilioServer, client: Client) -> None:
    path = "/messaging/in/twilio/"
    good = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}{path}", coming())
    assert signed(client, path, coming(), token="another").status_code == 403
    assert client.post(path, coming(Body="STOP"), HTTP_X_TWILIO_SIGNATURE=good).status_code == 403
    assert client.post(path, coming()).status_code == 403
    assert signed(client, path, {"From": PHONE}).status_code == 400
    assert client.post(path, {"Body": "x" * 70_000}).status_code == 413
    assert client.get(path).status_code == 405
    assert client.post("/messaging/in/console/").status_code == 404
    assert client.post("/messaging/in/pigeon/").status_code == 404
    assert client.post("/messaging/in/http/", {"from": PHONE, "text": "x"}).status_code == 403
    assert not Inbound.objects.exists()


def test_receipts_move_a_text_forward_whatever_their_order_and_a_stop_at_the_carrier_is_ours_too(
    twilio: TwilioServer, client: Client
) -> None:
    text = sent(expires_after=timedelta(hours=20))
    callback = twilio.texts[0]["StatusCallback"]
    assert callback == f"{PUBLIC}/messaging/receipts/twilio/?text={text.pk}"
    assert twilio.texts[0]["ValidityPeriod"] == "36000"

    def told(status: str, **fields: str) -> int:
        form = {"MessageSid": text.provider_id, "MessageStatus": status, **fields}
        assert signed(client, callback.removeprefix(PUBLIC), form).status_code == 204
        text.refresh_from_db()
        return text.receipt

    order = [told("sent"), told("queued"), told("delivered"), told("sent"), told("undelivered")]
    assert order == [Receipt.SENT, Receipt.SENT, Receipt.DELIVERED, Receipt.DELIVERED, Receipt.DELIVERED]
    other = sent()
    Outbox.objects.filter(pk=other.pk).update(receipt=0)
    form = {"MessageSid": text.provider_id, "MessageStatus": "failed", "ErrorCode": "21610"}
    signed(client, f"/messaging/receipts/twilio/?text={other.pk}", form)
    other.refresh_from_db()
    assert other.receipt == Receipt.NONE, "another text's number moves nothing"
    form["MessageSid"] = other.provider_id
    signed(client, f"/messaging/receipts/twilio/?text={other.pk}", form)
    assert Correspondent.objects.get(number=PHONE).stopped_at
    assert "asked for no more" in sent().error


def test_a_text_missed_while_we_were_away_is_fetched_from_the_provider(twilio: TwilioServer) -> None:
    twilio.keep(sender=PHONE, to="+15005550006", body="LANG tk", direction="inbound", status="received")
    twilio.keep(sender="+15005550006", to=PHONE, body="ours", direction="outbound-api", status="sent")
    assert [recover_missed(), recover_missed()] == [1, 0]
    assert Inbound.objects.get().body == "LANG tk"
    twilio.refuse_with = (500, 20500, "Oops")
    assert recover_missed() == 0


def test_a_number_goes_by_its_countrys_gateway_and_by_another_when_that_one_fails(
    twilio: TwilioServer, settings: Any
) -> None:
    settings.TEXT_ROUTES = {"+993": "http", "+9936": "twilio", "+7": "http"}
    assert [[way.key for way in ways_to(number)] for number in (PHONE, "+99312345678", "+79161234567", "+4930123456")] == [
        ["twilio", "http"], ["http", "twilio"], ["http", "twilio"], ["twilio", "http"],
    ]  # fmt: skip
    assert [way.key for way in ways_to(f"{SIMULATED}01")] == ["simulator"]
    text = sent(to="+79161234567")
    assert (text.state, text.gateway) == (State.SENT, "twilio"), "nobody answers at the HTTP gateway"
    assert sent(to=f"{SIMULATED}01").gateway == "simulator"
    settings.TEXT_ROUTES = {"+7": "pigeon"}
    assert "pigeon" in gateway_works_as_set(None)[0].msg


@pytest.mark.parametrize("as_json", [True, False])
def test_a_plain_http_gateway_brings_texts_and_receipts(twilio: TwilioServer, client: Client, as_json: bool) -> None:
    def post(path: str, data: dict[str, str]) -> int:
        if as_json:
            return client.post(path, json.dumps(data), content_type="application/json", **SECRET).status_code
        return client.post(path, data, **SECRET).status_code

    text = {"from": PHONE.lstrip("+"), "text": "LANG ru", "sent_at": "1700000000"}
    assert [post("/messaging/in/http/", text) for _ in range(2)] == [200, 200]
    stored = Inbound.objects.get()
    assert (stored.number, stored.sent_at.year if stored.sent_at else 0) == (PHONE, 2023)
    assert post("/messaging/in/http/", {"text": "x"}) == 400
    row = queue_text(by=SYSTEM, to=PHONE, body="x", purpose="notice")
    Outbox.objects.filter(pk=row.pk).update(gateway="http", provider_id="77")
    assert post("/messaging/receipts/http/", {"id": "77", "status": "OK"}) == 204
    assert post("/messaging/receipts/http/", {"id": "77", "status": "dunno"}) == 400
    row.refresh_from_db()
    assert row.receipt == Receipt.DELIVERED


def test_broken_json_is_refused_in_words(twilio: TwilioServer, client: Client) -> None:
    for body in (b"{", b"[1]", b'{"from": {"a": 1}, "text": 5}', b"\xff\xfe"):
        answer = client.post("/messaging/in/http/", body, content_type="application/json", **SECRET)
        assert answer.status_code == 400
    assert not Inbound.objects.exists()


def test_texts_by_mail_and_gateways_that_lack_their_settings(
    db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TEXT_GATEWAY, settings.EMAIL_GATEWAY = "email", "{number}@sms.example.net"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert sent().state == State.SENT
    assert mail.outbox[0].to == ["99365123456@sms.example.net"]

    def refuse(*args: Any) -> None:
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    assert sent().state == State.QUEUED
    settings.EMAIL_GATEWAY = ""
    assert "KOMEK_EMAIL_GATEWAY" in gateway_works_as_set(None)[0].msg
    settings.TEXT_GATEWAY, settings.HTTP_GATEWAY = "http", {"url": "http://x", "secret": "short"}
    assert "secret" in gateway_works_as_set(None)[0].msg


def test_answers_pass_a_broadcast_that_fills_a_gateways_pace(twilio: TwilioServer, settings: Any) -> None:
    settings.TEXT_RATES = {"twilio": 1.0, "http": 1.0}
    first, second = sent(purpose="digest"), sent(purpose="digest")
    assert (first.state, second.state, second.attempts) == (State.SENT, State.QUEUED, 0)
    assert second.next_try_at > timezone.now()
    assert sent(purpose="reply").state == State.SENT


def test_people_are_not_woken_except_by_answers_and_alerts(settings: Any) -> None:
    settings.QUIET_HOURS, settings.TIME_ZONE = "22-7", "UTC"
    night, day = (datetime(2026, 11, 28, hour, 30, tzinfo=ZoneInfo("UTC")) for hour in (23, 12))
    with timezone.override("UTC"):
        assert pacing.end_of_quiet(Lane.TASK, night) == datetime(2026, 11, 29, 7, tzinfo=ZoneInfo("UTC"))
        assert pacing.end_of_quiet(Lane.TASK, day) is None
        assert pacing.end_of_quiet(Lane.ALERT, night) is None is pacing.end_of_quiet(Lane.REPLY, night)
    settings.QUIET_HOURS = "22-22"
    assert "KOMEK_QUIET_HOURS" in gateway_works_as_set(None)[0].msg


def test_a_text_is_stored_by_the_short_way_without_session_or_language(twilio: TwilioServer, client: Client) -> None:
    path = "/messaging/in/twilio/"
    first = {**coming(), "MessageSid": "SM" + "a" * 32}
    assert signed(client, path, first).status_code == 200
    with CaptureQueriesContext(connection) as asked:
        answer = signed(client, path, {**first, "MessageSid": "SM" + "b" * 32, "Body": "nul \x00 inside"})
    assert (answer.status_code, len(asked), answer.cookies) == (
        200,
        2,
        {},
    )  # one to store it, one to see that somebody is woken
    assert "X-Request-ID" in answer and "Content-Language" not in answer
    assert signed(client, path, first).status_code == 200
    assert Inbound.objects.count() == 2
    assert client.get(path).status_code == 405
