"""Asking: what is kept, what is asked back, and what is refused with a sentence and nothing half-written."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from aid_requests.asking import change_request, discard_draft, save_draft, submit_draft, submit_request
from aid_requests.lines import LineDraft, name_item
from aid_requests.models import AidRequest, LineKind, NotifyBy, Priority, RequestState, StepDeadline
from aid_requests.quantities import base_quantity
from aid_requests.refusals import NeedsConfirmation, Refused
from komek.records.actor import Actor, Channel
from komek.supplies.models import Pack
from orgs.models import Opening
from tests.aid_requests.conftest import Ask, Asking
from tests.conftest import actor

pytestmark = pytest.mark.django_db


def test_a_request_takes_title_priority_and_deadline_from_its_most_pressing_line(asking: Asking, ask: Ask) -> None:
    soon, later = timezone.now() + timedelta(hours=5), timezone.now() + timedelta(days=3)
    request = ask(
        lines=[
            LineDraft(Decimal(200), item=asking.blanket, wanted_by=later),
            LineDraft(Decimal(4), skill="surgeon", kind=LineKind.PEOPLE, priority=Priority.LIFE, wanted_by=soon),
        ]
    )
    assert request.priority == Priority.LIFE and request.rank == 0
    assert request.wanted_by == soon
    assert request.title.startswith("200 ") and "4 surgeon" in request.title
    assert [line.order for line in request.lines.all()] == [0, 1]


@pytest.mark.parametrize(("quantity", "sentence"), [(0, "more than 0"), (-5, "more than 0"), (10**10, "too much")])
def test_no_quantity_at_all_and_an_impossible_one_are_refused(
    asking: Asking, ask: Ask, quantity: int, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        ask(quantity=quantity)
    assert not AidRequest.objects.exists()


def test_an_unlikely_quantity_is_asked_back_and_goes_through_once_confirmed(asking: Asking, ask: Ask) -> None:
    with pytest.raises(NeedsConfirmation, match="is this right"):
        ask(quantity=20_000, people=100)
    assert not AidRequest.objects.exists()
    assert ask(quantity=20_000, people=100, confirmed=True).state == RequestState.SUBMITTED


def test_packs_and_units_become_base_units_and_a_foreign_unit_is_refused(asking: Asking) -> None:
    Pack.objects.create(item=asking.blanket, name="bale", quantity=25)
    assert base_quantity(asking.blanket, Decimal(8), "Bale") == (Decimal(200), asking.blanket.unit.symbol)
    with pytest.raises(Refused, match="use one of"):
        base_quantity(asking.blanket, Decimal(8), "barrel")
    with pytest.raises(Refused, match="not whole"):
        base_quantity(asking.blanket, Decimal("1.5"), "")


def test_what_the_catalogue_does_not_know_is_kept_in_the_askers_words_and_named_later(asking: Asking, ask: Ask) -> None:
    request = ask(lines=[LineDraft(Decimal(3), description="warm felt rugs")])
    line = request.lines.get()
    assert line.item is None and line.description == "warm felt rugs"
    name_item(by=actor(asking.aina), operation=asking.operation, line=line, item=asking.blanket)
    line.refresh_from_db()
    assert line.item == asking.blanket and line.description == "warm felt rugs"


def test_a_closed_camp_is_not_asked_for(asking: Asking, ask: Ask) -> None:
    asking.camp.opening = Opening.CLOSED
    asking.camp.save()
    with pytest.raises(Refused, match="is closed"):
        ask()
    assert not AidRequest.objects.exists()


def test_a_request_says_where_and_what(asking: Asking, ask: Ask) -> None:
    with pytest.raises(Refused, match="where it is needed"):
        ask(site=None)
    with pytest.raises(Refused, match="at least one line"):
        submit_request(by=actor(asking.bahar), operation=asking.operation, lines=[], site=asking.camp)
    with pytest.raises(Refused, match="SMS go to"):
        ask(notify_by=NotifyBy.SMS)


def test_the_same_reference_is_one_request(asking: Asking, ask: Ask) -> None:
    first = ask(reference="gap:7")
    assert ask(reference="gap:7", quantity=999).pk == first.pk
    assert AidRequest.objects.count() == 1


def test_a_draft_is_its_writers_alone_until_it_is_submitted(asking: Asking) -> None:
    by = actor(asking.bahar)
    draft = save_draft(by=by, operation=asking.operation, purpose="not whole yet")
    assert draft.state == RequestState.DRAFT
    with pytest.raises(PermissionDenied):
        change_request(by=actor(asking.aina), operation=asking.operation, request=draft, purpose="mine")
    with pytest.raises(Refused, match="at least one line"):
        submit_draft(by=by, operation=asking.operation, request=draft)
    save_draft(
        by=by, operation=asking.operation, request=draft, site=asking.camp,
        lines=[LineDraft(Decimal(5), item=asking.blanket)],
    )  # fmt: skip
    assert submit_draft(by=by, operation=asking.operation, request=draft).state == RequestState.SUBMITTED
    with pytest.raises(Refused, match="submitted already"):
        discard_draft(by=by, operation=asking.operation, request=AidRequest.objects.get(pk=draft.pk))


def test_a_change_keeps_the_lines_that_stay_and_dates_the_deadline_anew(asking: Asking, ask: Ask) -> None:
    StepDeadline.objects.update_or_create(state="submitted", priority="life", defaults={"hours": 1})
    request = ask()
    line = request.lines.get()
    change_request(
        by=actor(asking.bahar), operation=asking.operation, request=request,
        lines=[LineDraft(Decimal(250), item=asking.blanket, priority=Priority.LIFE, pk=line.pk)],
    )  # fmt: skip
    request.refresh_from_db()
    assert request.lines.get().pk == line.pk and request.lines.get().quantity == 250
    assert request.state_since is not None
    assert request.due_at == request.state_since + timedelta(hours=1)


def test_who_only_looks_and_accounts_that_wait_may_not_ask_but_a_text_from_anybody_may(
    asking: Asking, ask: Ask
) -> None:
    for user in (asking.cast.oraz, asking.cast.pending, asking.cast.outsider):
        with pytest.raises(PermissionDenied):
            ask(by=user)
    texted = submit_request(
        by=Actor(user=None, channel=Channel.SMS, name="+99365123456"), operation=asking.operation,
        lines=[LineDraft(Decimal(5), description="tents")], landmark="Bridge", reporter_phone="+99365123456",
    )  # fmt: skip
    assert texted.state == RequestState.SUBMITTED
