"""Requests through the API: the same rules, told once however often it is sent, and nothing of who asks to others."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aid_requests.models import AidRequest, Commitment, Receipt
from tests.aid_requests.conftest import Ask, Asking
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db
API = "/api/v1"


def test_a_request_is_asked_decided_promised_and_received_through_the_api(asking: Asking, sign_in: SignIn) -> None:
    bahar, aina, oraz = sign_in(asking.bahar), sign_in(asking.aina), sign_in(asking.cast.oraz)
    asked = {
        "site": asking.camp.code, "reporter_name": "Bahar", "reference": "camp-7", "responsible": asking.cast.water.code,
        "lines": [{"item": asking.blanket.code, "quantity": "200", "priority": "high"}],
    }  # fmt: skip
    headers = {"Idempotency-Key": "a-key-of-ours-1"}
    made = bahar.post(f"{API}/requests/", asked, content_type="application/json", headers=headers)
    again = bahar.post(f"{API}/requests/", asked, content_type="application/json", headers=headers)
    assert made.status_code == again.status_code == 201 and made.json()["code"] == again.json()["code"]
    request = AidRequest.objects.get()
    address = f"{API}/requests/{request.code}/"
    assert oraz.get(address).json()["reporter_name"] == "" and bahar.get(address).json()["reporter_name"] == "Bahar"

    def step(client: Any, key: str, **data: Any) -> Any:
        tag = client.get(address)["ETag"]
        return client.post(f"{address}{key}/", data, content_type="application/json", headers={"If-Match": tag})

    assert step(bahar, "verify").status_code == 403
    assert step(aina, "verify").json()["state"] == "verified"
    assert step(aina, "refuse").status_code == 400
    line = request.lines.get()
    promise = {"line": line.pk, "quantity": "120", "source": "purchase", "title": "Bazaar"}
    assert aina.post(f"{API}/request-commitments/", promise, content_type="application/json").status_code == 201
    too_much = aina.post(f"{API}/request-commitments/", promise, content_type="application/json")
    assert too_much.status_code == 400 and "Only 80" in too_much.content.decode()
    commitment = Commitment.objects.get()
    came = {"line": line.pk, "commitment": commitment.pk, "quantity": "100", "reported_by": "Bahar", "key": "truck-1"}
    for _ in range(2):
        assert bahar.post(f"{API}/request-receipts/", came, content_type="application/json").status_code == 201
    assert Receipt.objects.count() == 1
    (shown,) = aina.get(f"{API}/request-lines/?is_needed=true").json()["results"]
    assert (float(shown["received"]), float(shown["promised"]), float(shown["needed"])) == (100, 0, 100)
    unknown = bahar.post(f"{API}/request-receipts/", {**came, "line": 10**9}, content_type="application/json")
    assert unknown.status_code == 400 and "no such line" in unknown.content.decode()


def test_lists_cost_the_same_however_many_there_are(asking: Asking, ask: Ask, sign_in: SignIn) -> None:
    aina = sign_in(asking.aina)

    def costs() -> list[int]:
        found = []
        for address in ("requests", "request-lines", "request-commitments", "request-receipts"):
            with CaptureQueriesContext(connection) as queries:
                assert aina.get(f"{API}/{address}/").status_code == 200
            found.append(len(queries))
        return found

    ask()
    costs()
    one = costs()
    for quantity in (20, 30, 40):
        ask(quantity=quantity, confirmed=True)
    assert costs() == one
