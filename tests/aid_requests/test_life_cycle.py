"""From asked to confirmed, step by step; and the steps that cannot be."""

from __future__ import annotations

import pytest

from aid_requests import life_cycle
from aid_requests.models import RequestState
from aid_requests.refusals import Refused
from tests.aid_requests.conftest import Ask, Asking
from tests.conftest import actor

pytestmark = pytest.mark.django_db


def test_a_request_goes_from_submitted_over_verified_to_accepted(asking: Asking, ask: Ask) -> None:
    request = ask()
    assert request.state == RequestState.SUBMITTED
    by = actor(asking.cast.lale)
    life_cycle.verify(by=by, operation=asking.operation, request=request)
    life_cycle.accept(by=by, operation=asking.operation, request=request)
    request.refresh_from_db()
    assert request.state == RequestState.ACCEPTED
    assert [step.after for step in request.steps.all()] == ["submitted", "verified", "accepted"]


def test_a_step_that_cannot_be_is_refused_with_a_sentence(asking: Asking, ask: Ask) -> None:
    request = ask()
    with pytest.raises(Refused, match="Verify it first"):
        life_cycle.accept(by=actor(asking.aina), operation=asking.operation, request=request)
