"""What is wrong with a request, a promise or a step, at each door: a sentence that says what to do, and nothing half written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aid_requests.models import AidRequest, Commitment, RequestStep
from komek.exchange import importing
from orgs.models import Opening
from tests.aid_requests.conftest import Ask, Asking
from tests.aid_requests.test_request_pages import typed
from tests.conftest import SignIn
from tests.exchange.test_importing import bring, faults

pytestmark = pytest.mark.django_db
JSON = "application/json"
Said = tuple[bool, str]
"""Whether it was refused or asked about, and the words that came back."""


def by_page(asking: Asking, sign_in: SignIn, item: str, quantity: str) -> Said:
    named = {"lines-0-item_text": item} | ({} if item == str(asking.blanket) else {"lines-0-item": ""})
    answer = sign_in(asking.bahar).post("/requests/add/", typed(asking, **{**named, "lines-0-quantity": quantity}))
    return answer.status_code == 422, answer.content.decode()


def by_api(asking: Asking, sign_in: SignIn, item: str, quantity: str) -> Said:
    what = {"item": asking.blanket.code} if item == str(asking.blanket) else {"description": item}
    asked = {"site": asking.camp.code, "lines": [{**what, "quantity": quantity}]}
    answer = sign_in(asking.bahar).post("/api/v1/requests/", asked, JSON)
    assert answer.status_code in (201, 400), answer.content
    return answer.status_code == 400, answer.content.decode()


def by_table(asking: Asking, sign_in: SignIn, item: str, quantity: str) -> Said:
    batch = bring(asking.cast, "requests.requestline", f"site,item,quantity\n{asking.camp.code},{item},{quantity}\n")
    notes = [note for row in batch.rows.all() for note in row.notes]
    is_refused = bool(faults(batch)) or "Is this right?" in str(notes)
    if not is_refused:
        importing.apply(batch)
    return is_refused, str([*faults(batch), *notes])


@pytest.mark.parametrize("door", [by_page, by_api, by_table])
def test_no_quantity_an_absurd_one_and_a_closed_camp_are_told_and_unknown_things_are_kept(
    door: Callable[..., Said], asking: Asking, sign_in: SignIn
) -> None:
    blanket = str(asking.blanket)
    for quantity, words in (("0", "more than 0"), ("2000000", "is very much. Is this right?"), ("2.5", "whole")):
        is_refused, said = door(asking, sign_in, blanket, quantity)
        assert is_refused and words in said, (quantity, said)
    type(asking.camp).objects.filter(pk=asking.camp.pk).update(opening=Opening.CLOSED)
    is_refused, said = door(asking, sign_in, blanket, "20")
    assert is_refused and "is closed. Ask for the place where its people are now" in said
    assert not AidRequest.objects.exists()
    type(asking.camp).objects.filter(pk=asking.camp.pk).update(opening=Opening.OPEN)
    assert not door(asking, sign_in, "warm felt rugs", "20")[0]
    assert AidRequest.objects.get().lines.get().description == "warm felt rugs"
    queue = sign_in(asking.aina).get("/requests/not-in-the-catalogue/").content.decode()
    assert "warm felt rugs" in queue


def test_an_impossible_step_and_a_promise_above_the_need_are_refused_at_the_page_and_the_api(
    asking: Asking, ask: Ask, sign_in: SignIn
) -> None:
    request, aina = ask(), sign_in(asking.aina)
    line, steps = request.lines.get(), RequestStep.objects.count()
    tag = {"If-Match": aina.get(f"/api/v1/requests/{request.code}/")["ETag"]}
    by_api = aina.post(f"/api/v1/requests/{request.code}/accept/", {}, JSON, headers=tag)
    by_page = aina.post(f"/requests/{request.code}/step/accept/", follow=True)
    assert by_api.status_code == 400
    for said in (by_api, by_page):
        assert "“submitted”. Only a verified or forwarded request can be accepted" in said.content.decode()
    promise: dict[str, Any] = {"line": line.pk, "quantity": "201", "source": "purchase", "title": "Bazaar"}
    by_api = aina.post("/api/v1/request-commitments/", promise, JSON)
    by_page = aina.post(f"/requests/{request.code}/lines/{line.pk}/promise/", {**promise, "until": "2099-01-01T10:00"})
    assert (by_api.status_code, by_page.status_code) == (400, 422)
    assert "Only 200 pc are still needed" in by_api.content.decode()
    assert "A promise holds a year at most" in by_page.content.decode() and 'value="201"' in by_page.content.decode()
    assert not Commitment.objects.exists() and RequestStep.objects.count() == steps
