"""From asked to confirmed, step by step; and the steps that cannot be."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from aid_requests import life_cycle
from aid_requests.confirming import confirm_by_phone, confirm_receipt, say_not_all_came
from aid_requests.models import AidRequest, RequestState
from aid_requests.refusals import Refused
from aid_requests.steps import STEPS
from komek.records.actor import SYSTEM
from tests.aid_requests.conftest import Ask, Asking
from tests.conftest import actor

pytestmark = pytest.mark.django_db


def received(request: AidRequest, quantity: int) -> AidRequest:
    """So much of its only line came."""
    request.lines.update(received=Decimal(quantity))
    life_cycle.note_progress(by=SYSTEM, request=request)
    request.refresh_from_db()
    return request


def test_a_request_goes_from_submitted_over_met_to_confirmed(asking: Asking, ask: Ask) -> None:
    request = ask()
    by = actor(asking.cast.lale)
    life_cycle.verify(by=by, operation=asking.operation, request=request)
    life_cycle.accept(by=by, operation=asking.operation, request=request)
    assert received(request, 120).state == RequestState.PARTLY_MET
    assert received(request, 200).state == RequestState.MET
    confirm_receipt(by=actor(None), request=request)
    confirm_receipt(by=actor(None), request=request)
    assert [step.after for step in request.steps.all()] == [
        "submitted", "verified", "accepted", "partly", "met", "closed",
    ]  # fmt: skip


def test_what_came_and_was_taken_back_leads_back_to_where_the_request_stood(asking: Asking, ask: Ask) -> None:
    request = ask()
    life_cycle.verify(by=actor(asking.aina), operation=asking.operation, request=request)
    assert received(request, 10).state == RequestState.PARTLY_MET
    assert received(request, 0).state == RequestState.VERIFIED


@pytest.mark.parametrize("key", [key for key in STEPS if key not in ("submit", "forward")])
def test_a_step_that_the_state_does_not_allow_is_refused_with_a_sentence(key: str, asking: Asking, ask: Ask) -> None:
    request = ask()
    state = next(state for state in RequestState.values if state not in STEPS[key].before)
    AidRequest.objects.filter(pk=request.pk).update(state=state)
    with pytest.raises(Refused) as refusal:
        getattr(life_cycle, key)(by=actor(asking.aina), operation=asking.operation, request=request, reason="because")
    assert str(STEPS[key].impossible) in " ".join(refusal.value.messages)


def test_a_misaddressed_request_goes_to_another_organisation_and_its_people_decide(asking: Asking, ask: Ask) -> None:
    request = ask(asked_by=None, by=asking.aina, site=None, landmark="Bridge", responsible=asking.cast.relief)
    with pytest.raises(PermissionDenied):
        life_cycle.verify(by=actor(asking.cast.lale), operation=asking.operation, request=request)
    life_cycle.forward(
        by=actor(asking.cast.murad), operation=asking.operation, request=request, to=asking.cast.water, reason="water"
    )
    step = request.steps.last()
    assert step is not None and step.forwarded_to == asking.cast.water
    life_cycle.accept(by=actor(asking.cast.lale), operation=asking.operation, request=request)
    with pytest.raises(Refused, match="answers for this request already"):
        life_cycle.forward(by=actor(asking.aina), operation=asking.operation, request=request, to=asking.cast.water)


def test_refusing_cancelling_and_reopening_need_a_reason(asking: Asking, ask: Ask) -> None:
    request = ask()
    by = actor(asking.aina)
    with pytest.raises(Refused, match="Give the reason"):
        life_cycle.refuse(by=by, operation=asking.operation, request=request, reason=" ")
    life_cycle.verify(by=by, operation=asking.operation, request=request)
    life_cycle.refuse(by=by, operation=asking.operation, request=request, reason="none left")
    with pytest.raises(Refused, match="Give the reason"):
        life_cycle.reopen(by=by, operation=asking.operation, request=request, reason="")
    life_cycle.reopen(by=by, operation=asking.operation, request=request, reason="some came in")
    assert request.state == RequestState.VERIFIED, "it goes on where it stood"


def test_the_asker_alone_never_decides_about_what_they_ask(asking: Asking, ask: Ask) -> None:
    request = ask()
    for step in (life_cycle.verify, life_cycle.accept):
        with pytest.raises(PermissionDenied):
            step(by=actor(asking.bahar), operation=asking.operation, request=request)
    life_cycle.cancel(by=actor(asking.bahar), operation=asking.operation, request=request, reason="not needed any more")
    assert request.state == RequestState.CANCELLED


def test_only_the_phone_that_asked_confirms_by_text(asking: Asking, ask: Ask) -> None:
    request = ask(reporter_phone="+99365123456")
    received(request, 200)
    with pytest.raises(Refused, match="from this phone"):
        confirm_by_phone(by=SYSTEM, code=request.code, phone="+99365999999")
    confirm_by_phone(by=SYSTEM, code=request.code.lower(), phone="+99365123456")
    request.refresh_from_db()
    assert request.state == RequestState.CLOSED


def test_when_not_all_came_the_request_is_open_again_with_the_requesters_words(asking: Asking, ask: Ask) -> None:
    request = ask()
    received(request, 200)
    say_not_all_came(by=SYSTEM, request=request, words="20 were wet")
    request.refresh_from_db()
    assert request.state == RequestState.PARTLY_MET
    assert request.steps.last().reason == "20 were wet"  # type: ignore[union-attr]
