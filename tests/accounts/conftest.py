"""Signing up and signing in as a browser does it, and reading the codes that were texted."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from komek.messaging.models import Outbox
from tests.conftest import PASSWORD


def enter(client: Client, login: str, password: str = PASSWORD) -> Any:
    return client.post("/account/login/", {"login": login, "password": password}, follow=True)


def sign_up(client: Client, **fields: str) -> Any:
    form = {"name": "Bahar", "email": "", "why": "Relief Society", "password1": PASSWORD, "password2": PASSWORD}
    form["consent"] = "1"
    return client.post("/account/signup/", {**form, **fields}, follow=True)


def code_texted(phone: str) -> str:
    """The newest code on its way to the number."""
    text = Outbox.objects.filter(to=phone, purpose="code").latest("pk")
    found = re.search(r"\b\d{6}\b", text.body)
    assert found, text.body
    return found.group()


@pytest.fixture
def texting(settings: Any) -> None:
    """Texts can be sent; the outbox keeps them, nothing leaves."""
    settings.TEXT_GATEWAY = "console"


@pytest.fixture(autouse=True)
def fresh_limits(db: None) -> None:
    """Rate limits count in the cache, which lies in the database; no test inherits another's count."""
    cache.clear()
