"""Devices an account is signed in on: told apart, and ended one by one or all others at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from komek.accounts.session_views import device_name
from tests.accounts.conftest import enter
from tests.conftest import Cast

PHONE = "Mozilla/5.0 (Linux; Android 13; SM-A135F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36"
LAPTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def device(login: str, user_agent: str) -> Client:
    client = Client(HTTP_USER_AGENT=user_agent)
    enter(client, login)
    return client


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_each_device_is_named_and_can_be_signed_out_by_itself(cast: Cast) -> None:
    laptop, phone, third = (device("murad@example.org", agent) for agent in (LAPTOP, PHONE, LAPTOP))
    page = laptop.get("/account/sessions/").content.decode()
    assert "Firefox, Linux" in page
    assert "Chrome, Android" in page
    assert page.count('badge-ok">this device') == 1
    lost = UserSession.objects.get(user=cast.murad, user_agent=PHONE)
    laptop.post("/account/sessions/", {"session": lost.pk})
    assert not is_in(phone)
    assert is_in(laptop)
    assert is_in(third)
    laptop.post("/account/sessions/", {"others": "1"})
    assert not is_in(third)
    assert is_in(laptop)


@pytest.mark.parametrize("asked", ["own of another", "x", "99999999999"])
def test_nobody_ends_the_session_of_somebody_else(cast: Cast, asked: str) -> None:
    other, mine = device("lale@example.org", PHONE), device("murad@example.org", LAPTOP)
    key = UserSession.objects.get(user=cast.lale).pk if asked == "own of another" else asked
    assert mine.post("/account/sessions/", {"session": key}).status_code == 404
    assert is_in(other)


def test_a_browser_that_says_nothing_is_an_unknown_device() -> None:
    assert device_name("") == ""
    assert (
        device_name("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1")
        == "Safari, iPhone"
    )


def test_use_is_noted_once_a_minute_and_at_once_from_another_address(cast: Cast) -> None:
    laptop = device("murad@example.org", LAPTOP)
    laptop.get("/account/")
    session = UserSession.objects.get(user=cast.murad)
    UserSession.objects.filter(pk=session.pk).update(last_seen_at=session.last_seen_at - timedelta(hours=1))
    laptop.get("/account/")
    session.refresh_from_db()
    assert timezone.now() - session.last_seen_at > timedelta(minutes=50), "noted within this minute already"
    laptop.get("/account/", REMOTE_ADDR="192.0.2.7")
    session.refresh_from_db()
    assert session.ip == "192.0.2.7"
    assert timezone.now() - session.last_seen_at < timedelta(minutes=5)
