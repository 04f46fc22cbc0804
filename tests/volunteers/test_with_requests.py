"""A pledge that answers a request: promised once on both sides, brought, short, and the rest needed again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from aid_requests import life_cycle as requests_cycle
from aid_requests.asking import submit_request
from aid_requests.committing import commit_offer, release
from aid_requests.lines import LineDraft
from aid_requests.needed import still_needed
from aid_requests.refusals import Refused
from tests.conftest import actor
from tests.volunteers.conftest import Give, Giving
from volunteers import life_cycle
from volunteers.models import UseState
from volunteers.moving import free_of

pytestmark = pytest.mark.django_db


def test_a_pledge_promised_to_a_request_is_asked_for_comes_short_and_the_rest_is_needed_again(
    giving: Giving, give: Give
) -> None:
    by: dict[str, Any] = {"by": actor(giving.aina), "operation": giving.operation}
    request = submit_request(**by, lines=[LineDraft(Decimal(200), item=giving.blanket)], site=giving.camp)
    requests_cycle.verify(**by, request=request)
    requests_cycle.accept(**by, request=request)
    line, pledge = request.lines.get(), give(quantity=150)
    offer: dict[str, Any] = {"line": line, "plug": "volunteers.pledges", "offer": pledge.code}
    with pytest.raises(Refused, match="Only 150 pc"):
        commit_offer(**by, **offer, quantity=Decimal(160))
    made = commit_offer(**by, **offer, quantity=Decimal(120))
    pledge.refresh_from_db()
    use = pledge.uses.get()
    assert (made.delivery, use.reference, use.destination) == (pledge.code, request.code, giving.camp)
    assert still_needed(line) == 80 and free_of(pledge) == 30
    life_cycle.send(**by, pledge=pledge, use=use)
    life_cycle.receive(**by, pledge=pledge, use=use, quantity=Decimal(100), is_last=True, note="20 were wet")
    line.refresh_from_db()
    request.refresh_from_db()
    assert line.received == 100 and still_needed(line) == 100 and request.state == "partly"
    again = commit_offer(**by, **offer, quantity=Decimal(50))
    release(**by, commitment=again, reason="bought instead")
    assert pledge.uses.order_by("pk").last().state == UseState.RELEASED and still_needed(line) == 100
    life_cycle.withdraw(**by, pledge=give(quantity=1))
    last = commit_offer(**by, **offer, quantity=Decimal(50))
    life_cycle.withdraw(**by, pledge=pledge, reason="the store burnt down")
    last.refresh_from_db()
    assert last.ended_at is not None and still_needed(line) == 100
