"""The exercise's requests say of themselves what their lines, promises and receipts say."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from django.db.models import Sum

from aid_requests.exercise import RequestsExercise
from aid_requests.models import AidRequest, Appeal, Commitment, CommitmentState, RequestLine, RequestState
from aid_requests.needed import with_figures
from aid_requests.public_pages import words_of
from komek.extensions.exercise import ExerciseContext
from tests.aid_requests.conftest import Asking

pytestmark = pytest.mark.django_db


def test_every_state_is_there_and_what_came_and_is_promised_agrees_with_it(
    asking: Asking, areas: dict[str, Any]
) -> None:
    made: dict[str, Any] = {
        "organisations": [asking.cast.relief, asking.cast.water], "camps": [asking.camp],
        "areas": {"affected": [areas["XX11"]]},
    }  # fmt: skip
    context = ExerciseContext(asking.operation, 1, Random(1), lambda *_: None, made)
    RequestsExercise().load(context)
    assert AidRequest.objects.count() == 400
    assert set(AidRequest.objects.values_list("state", flat=True)) == set(RequestState.values)
    assert set(Commitment.objects.values_list("state", flat=True)) == set(CommitmentState.values)
    appeal = Appeal.objects.get()
    assert appeal.is_public and appeal.lines.count() == 8 and words_of(appeal)[0] == appeal.title
    for line in with_figures(RequestLine.objects.select_related("request").annotate(came=Sum("receipts__quantity"))):
        assert line.received == (line.came or 0)
        assert line.received + line.promised <= line.quantity
        if line.request.state in (RequestState.MET, RequestState.CLOSED):
            assert line.needed == 0
