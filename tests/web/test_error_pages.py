"""Refusals have a page that says what happened and what to do, and a number to report; never a blank one, never a fault."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.conftest import Cast


@pytest.fixture
def aina(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.aina, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("path", ["/search/?q=%00", "/organisations/%00/", "/lookup/places.area/?q=%00"])
def test_a_character_no_text_can_hold_is_a_broken_request_and_no_fault(aina: Client, path: str) -> None:
    answer = aina.get(path)
    assert answer.status_code in (400, 404)
    assert "<h1>" in answer.content.decode()


def test_it_is_refused_in_a_form_as_well(aina: Client, cast: Cast) -> None:
    answer = aina.post(f"/account/waiting/{cast.pending.pk}/", {"decision": "refuse", "reason": "a\0b"})
    assert answer.status_code == 400
    cast.pending.refresh_from_db()
    assert cast.pending.approval == "pending"


def test_an_address_that_only_does_something_explains_itself_when_opened(aina: Client, cast: Cast) -> None:
    answer = aina.get(f"/account/waiting/{cast.pending.pk}/")
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "not a page" in answer.content.decode()
    assert answer["X-Request-ID"] in answer.content.decode()


def test_what_is_too_large_is_said_with_the_limit(aina: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 3 * 2**20
    big = aina.generic("POST", "/account/", b"name=" + b"x" * (3 * 2**20 + 1), "application/x-www-form-urlencoded")
    assert big.status_code == 413
    assert "3 MB" in big.content.decode()
    program = aina.generic("POST", "/api/v1/organisations/", b"{" + b" " * (3 * 2**20), "application/json")
    assert program.status_code == 413
    assert program["Content-Type"] == "application/problem+json"
    assert "too large" in program.json()["detail"]


def test_a_page_that_does_not_exist_names_the_number_to_report(aina: Client) -> None:
    answer = aina.get("/nonsense/")
    assert answer.status_code == 404
    assert answer["X-Request-ID"] in answer.content.decode()


def test_a_fault_of_ours_is_said_in_every_language_without_the_database(rf: Any, settings: Any) -> None:
    from komek.web.errors import broken

    page = broken(rf.get("/")).content.decode()  # a test without database access: it may ask it nothing
    for code in ("tk", "uz", "uz-Cyrl", "az", "ru"):
        assert f'lang="{code}"' in page
    assert "Biziň tarapymyzda" in page
    assert "Something broke" in page
