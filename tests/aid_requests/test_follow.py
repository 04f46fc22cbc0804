"""Following a request without an account: the code shows its stage, the key shows what is one's own, nothing else is shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from aid_requests import life_cycle
from aid_requests.models import RequestState
from komek.extensions import Viewer
from komek.extensions.search import search
from komek.records.actor import SYSTEM
from tests.aid_requests.conftest import Ask, Asking
from tests.conftest import actor

pytestmark = pytest.mark.django_db

SECRETS = ("Blanket", "Stadium", "Maral", "99365123456", "none left", "Water Now")


@pytest.fixture
def refused(asking: Asking, ask: Ask) -> Any:
    request = ask(reporter_name="Maral", reporter_phone="+99365123456", purpose="secret purpose")
    life_cycle.refuse(by=actor(asking.aina), operation=asking.operation, request=request, reason="none left")
    return request


@pytest.mark.parametrize("query", ["", "?key=", "?key=wrong", "?key=%C3%A9"])
def test_the_code_alone_shows_the_stage_and_nothing_of_what_was_asked(refused: Any, query: str) -> None:
    page = Client().get(f"/follow/{refused.code}/{query}").content.decode()
    assert "refused" in page and "submitted" in page
    for secret in (*SECRETS, "secret purpose", refused.follow_key):
        assert secret not in page


def test_the_key_shows_the_lines_and_the_answers(refused: Any) -> None:
    page = Client().get(f"/follow/{refused.code}/?key={refused.follow_key}").content.decode()
    for shown in ("Blanket", "none left", "Water Now", "200"):
        assert shown in page
    assert "99365123456" not in page, "not even to themself: a link may be passed on"


def test_a_typed_code_leads_to_its_request_and_a_mistyped_one_says_so(refused: Any) -> None:
    client = Client()
    assert client.get("/follow/", {"code": refused.code.lower()}).url == f"/follow/{refused.code}/"  # type: ignore[attr-defined]
    wrong = refused.code[:-1] + str((int(refused.code[-1]) + 1) % 10)
    answer = client.get("/follow/", {"code": wrong})
    assert answer.status_code == 422 and "wrong letter or digit" in answer.content.decode()
    assert client.get(f"/follow/{wrong}/").status_code == 404


def test_the_requester_confirms_receipt_with_the_key_only(asking: Asking, ask: Ask) -> None:
    request = ask()
    request.lines.update(received=200)
    life_cycle.note_progress(by=SYSTEM, request=request)
    client = Client()
    address = f"/follow/{request.code}/confirm/"
    assert client.post(address, {"key": "wrong", "answer": "all"}).status_code == 404
    page = client.post(address, {"key": request.follow_key, "answer": "missing", "words": "20 wet"}, follow=True)
    assert "partly met" in page.content.decode()
    life_cycle.note_progress(by=SYSTEM, request=request)
    client.post(address, {"key": request.follow_key, "answer": "all"})
    request.refresh_from_db()
    assert request.state == RequestState.CLOSED
    again = client.post(address, {"key": request.follow_key, "answer": "missing", "words": "x"}, follow=True)
    assert "nothing to confirm" in again.content.decode()


def test_a_draft_is_followed_by_nobody(asking: Asking, ask: Ask) -> None:
    request = ask()
    type(request).objects.update(state=RequestState.DRAFT)
    assert Client().get(f"/follow/{request.code}/?key={request.follow_key}").status_code == 404


def test_search_finds_by_what_and_where_never_by_who_asks(asking: Asking, refused: Any) -> None:
    plug = next(plug for plug in search if plug.key == "requests.requests")
    viewer = Viewer(user=asking.aina, operation=asking.operation)
    for text in ("blanket", "stadium", refused.code):
        assert [hit.code for hit in plug.find(text, viewer, 5)] == [refused.code]
    assert plug.find("Maral", viewer, 5) == []
    assert plug.find("blanket", Viewer(user=None, operation=asking.operation), 5) == []
