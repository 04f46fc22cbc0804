"""Promises to a line: never more than is needed, never twice, ended in time; what comes counts, the rest is needed again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from aid_requests import life_cycle
from aid_requests.committing import commit, lapse_due, prolong, release
from aid_requests.lines import close_line
from aid_requests.models import AidRequest, Commitment, CommitmentState, NotifyBy, RequestState
from aid_requests.needed import open_lines, still_needed
from aid_requests.receipts import record_receipt, take_back_receipt
from aid_requests.refusals import NeedsConfirmation, Refused
from tests.aid_requests.conftest import Ask, Asking
from tests.camps.test_health_and_hospital_races import at_once
from tests.conftest import actor

pytestmark = pytest.mark.django_db

MAIL = {"reporter_name": "Bahar", "reporter_email": "bahar@example.org", "notify_by": NotifyBy.EMAIL}


def promised(asking: Asking, request: AidRequest, quantity: int, **fields: Any) -> Commitment:
    """Water promises so much of the request's only line."""
    fields.setdefault("organisation", asking.cast.water)
    fields.setdefault("contact_email", "water@example.org")
    by = actor(fields.pop("by", asking.cast.lale))
    line = request.lines.get()
    return commit(by=by, operation=asking.operation, line=line, quantity=Decimal(quantity), **fields)


def came(asking: Asking, request: AidRequest, quantity: int, **fields: Any) -> Any:
    by = actor(fields.pop("by", asking.bahar))
    line = request.lines.get()
    return record_receipt(by=by, operation=asking.operation, line=line, quantity=Decimal(quantity), **fields)


def test_still_needed_is_asked_less_received_less_open_promises_and_no_more_can_be_promised(
    asking: Asking, ask: Ask
) -> None:
    request = ask()
    first = promised(asking, request, 120)
    assert still_needed(request.lines.get()) == 80
    with pytest.raises(Refused, match="Only 80 .* are still needed"):
        promised(asking, request, 81)
    came(asking, request, 100, commitment=first, explanation="a bale was wet", confirmed_by="Bahar")
    request.refresh_from_db()
    first.refresh_from_db()
    assert (first.state, first.received, first.short) == (CommitmentState.RECEIVED, 100, 20)
    assert request.state == RequestState.PARTLY_MET and still_needed(request.lines.get()) == 100
    assert [line.needed for line in open_lines()] == [100]  # type: ignore[attr-defined]
    second = promised(asking, request, 100)
    with pytest.raises(Refused, match="the rest is promised"):
        promised(asking, request, 1)
    came(asking, request, 60, commitment=second, is_last=False)
    assert still_needed(request.lines.get()) == 0
    came(asking, request, 40, commitment=second)
    request.refresh_from_db()
    assert request.state == RequestState.MET and not open_lines().exists()


def test_a_receipt_is_counted_once_asked_about_when_it_is_too_much_and_taken_back_with_a_reason(
    asking: Asking, ask: Ask
) -> None:
    request = ask()
    receipt = came(asking, request, 200, key="one")
    assert came(asking, request, 200, key="one", confirmed=True) == receipt
    with pytest.raises(NeedsConfirmation, match="more than was asked"):
        came(asking, request, 1)
    with pytest.raises(Refused, match="more than 0"):
        came(asking, request, 0)
    with pytest.raises(PermissionDenied):
        came(asking, request, 1, by=asking.cast.oraz)
    with pytest.raises(Refused, match="reason"):
        take_back_receipt(by=actor(asking.bahar), operation=asking.operation, receipt=receipt, reason=" ")
    take_back_receipt(by=actor(asking.bahar), operation=asking.operation, receipt=receipt, reason="miscounted")
    request.refresh_from_db()
    assert request.state == RequestState.SUBMITTED and still_needed(request.lines.get()) == 200


def test_an_open_promise_lapses_once_and_who_promised_and_who_asked_are_told(asking: Asking, ask: Ask) -> None:
    request = ask(**MAIL)
    commitment = promised(asking, request, 50, until=timezone.now() + timedelta(hours=1))
    assert lapse_due() == 0
    later = timezone.now() + timedelta(hours=2)
    assert lapse_due(later) == 1 and lapse_due(later) == 0
    commitment.refresh_from_db()
    assert commitment.state == CommitmentState.LAPSED and still_needed(request.lines.get()) == 200
    told = {notice.to: notice.body for notice in commitment.notices.filter(key__contains="lapsed")}
    assert "promise it again" in told["water@example.org"] and "go on looking" in told["bahar@example.org"]
    with pytest.raises(Refused, match="still waits"):
        prolong(by=actor(asking.cast.lale), operation=asking.operation, commitment=commitment, until=later)


@pytest.mark.parametrize("end", ["cancel", "close line"])
def test_closing_a_need_releases_every_promise_and_tells_who_promised(end: str, asking: Asking, ask: Ask) -> None:
    request = ask()
    made = [promised(asking, request, 50), promised(asking, request, 60, contact_email="other@example.org")]
    if end == "cancel":
        life_cycle.cancel(by=actor(asking.aina), operation=asking.operation, request=request, reason="they moved")
    else:
        close_line(by=actor(asking.bahar), operation=asking.operation, line=request.lines.get())
    for commitment in made:
        commitment.refresh_from_db()
        assert commitment.state == CommitmentState.RELEASED
        assert "not needed any more" in commitment.notices.get(key__contains="released").body
    with pytest.raises(Refused):
        promised(asking, request, 1)


def test_who_neither_promised_nor_handles_the_request_changes_no_promise_and_nobody_promises_for_others(
    asking: Asking, ask: Ask
) -> None:
    request = ask()
    commitment = promised(asking, request, 50)
    for nobody in (asking.cast.oraz, asking.cast.outsider):
        with pytest.raises(PermissionDenied):
            release(by=actor(nobody), operation=asking.operation, commitment=commitment, reason="no")
        with pytest.raises(PermissionDenied):
            promised(asking, request, 1, by=nobody)
    with pytest.raises(Refused, match="Give the reason"):
        release(by=actor(asking.cast.lale), operation=asking.operation, commitment=commitment, reason="")
    release(by=actor(asking.cast.lale), operation=asking.operation, commitment=commitment, reason="burnt")
    assert still_needed(request.lines.get()) == 200


@pytest.mark.parametrize(("quantity", "days"), [(0, 1), (-5, 1), (1, -1), (1, 1000)])
def test_a_promise_of_nothing_into_the_past_or_for_ever_is_refused(
    quantity: int, days: int, asking: Asking, ask: Ask
) -> None:
    with pytest.raises(Refused):
        promised(asking, ask(), quantity, until=timezone.now() + timedelta(days=days))


@pytest.mark.django_db(transaction=True)
def test_two_who_promise_the_last_at_once_do_not_both_promise_it(asking: Asking, ask: Ask) -> None:
    request = ask()
    refused: list[str] = []

    def promise() -> None:
        try:
            promised(asking, request, 150)
        except Refused as refusal:
            refused.append(" ".join(refusal.messages))

    assert at_once(promise, promise, promise) == 3
    assert len(refused) == 2 and "Only 50" in refused[0]
    assert Commitment.objects.count() == 1
