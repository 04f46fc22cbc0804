"""Working through what piled up: one claims, many at once, what waits too long, and who reported falsely before."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from aid_requests import life_cycle
from aid_requests.ageing import ageing
from aid_requests.bulk import accept_many, mark_many_false
from aid_requests.claiming import CLAIM_LASTS, claim, let_go
from aid_requests.deadlines import overdue, set_deadlines
from aid_requests.false_reports import mark_false, record_of, with_record
from aid_requests.lines import LineDraft
from aid_requests.models import AidRequest, Priority, RequestState, StepDeadline
from aid_requests.reference_data import Deadlines
from aid_requests.refusals import Refused
from komek.accounts.models import User
from komek.accounts.roles import Role
from komek.extensions import Viewer
from komek.extensions.alerts import alerts
from komek.records.actor import SYSTEM
from komek.records.retention import anonymise
from tests.aid_requests.conftest import Ask, Asking
from tests.conftest import actor, member, person

PHONE = "+99365123456"


def second_coordinator(asking: Asking) -> User:
    other = person("Kerim", current_operation=asking.operation)
    member(other, asking.cast.ministry, Role.COORDINATOR)
    return other


@pytest.mark.django_db
def test_one_coordinator_at_a_time_works_on_a_request(asking: Asking, ask: Ask) -> None:
    request, kerim = ask(), second_coordinator(asking)
    claim(by=actor(asking.aina), operation=asking.operation, request=request)
    with pytest.raises(Refused, match="Aina works on"):
        claim(by=actor(kerim), operation=asking.operation, request=request)
    with pytest.raises(Refused, match="take it over"):
        life_cycle.verify(by=actor(kerim), operation=asking.operation, request=request)
    claim(by=actor(kerim), operation=asking.operation, request=request, take_over=True)
    life_cycle.verify(by=actor(kerim), operation=asking.operation, request=request)
    let_go(by=actor(kerim), operation=asking.operation, request=request)
    assert request.claimed_by is None


@pytest.mark.django_db
def test_a_claim_from_the_last_shift_no_longer_holds(asking: Asking, ask: Ask) -> None:
    request, kerim = ask(), second_coordinator(asking)
    claim(by=actor(asking.aina), operation=asking.operation, request=request)
    AidRequest.objects.update(claimed_at=timezone.now() - CLAIM_LASTS - timedelta(minutes=1))
    claim(by=actor(kerim), operation=asking.operation, request=request)
    assert request.claimed_by == kerim


@pytest.mark.django_db(transaction=True)
def test_of_two_who_claim_at_once_one_gets_it(asking: Asking, ask: Ask) -> None:
    request, people = ask(), (asking.aina, second_coordinator(asking))
    gate, got, refused = threading.Barrier(2), [], []

    def run(user: User) -> None:
        try:
            gate.wait(10)
            got.append(claim(by=actor(user), operation=asking.operation, request=AidRequest.objects.get()))
        except Refused as refusal:
            refused.append(refusal)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(user,)) for user in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(got), len(refused)) == (1, 1)
    request.refresh_from_db()
    assert request.claimed_by == got[0].claimed_by


@pytest.mark.django_db
def test_many_at_once_each_by_the_same_rules_and_what_cannot_be_is_told(asking: Asking, ask: Ask) -> None:
    requests = [ask(quantity=n) for n in (10, 20, 30)]
    life_cycle.refuse(by=actor(asking.aina), operation=asking.operation, request=requests[0], reason="no")
    told = accept_many(AidRequest.objects.all(), actor(asking.aina), asking.operation)
    assert "2 requests are accepted" in told and requests[0].code in told
    assert AidRequest.objects.filter(state=RequestState.ACCEPTED).count() == 2
    told = mark_many_false(AidRequest.objects.all(), actor(asking.cast.murad), asking.operation, reason="x")
    assert "0 reports" in told, "another organisation decides nothing"


@pytest.mark.django_db
def test_a_reporters_record_counts_their_other_reports(asking: Asking, ask: Ask) -> None:
    by = actor(asking.aina)
    first, second, third = (ask(quantity=n, reporter_phone=PHONE) for n in (10, 20, 30))
    ask(quantity=40, reporter_phone="+99365999999")
    life_cycle.verify(by=by, operation=asking.operation, request=first)
    with pytest.raises(Refused, match="found to be false"):
        mark_false(by=by, operation=asking.operation, request=second, reason="")
    mark_false(by=by, operation=asking.operation, request=second, reason="nobody lives there")
    second.refresh_from_db()
    assert second.state == RequestState.REFUSED and second.is_false
    known = record_of(third)
    assert known is not None and (known.verified, known.false, known.asked) == (1, 1, 2)
    row: Any = with_record(AidRequest.objects.filter(pk=third.pk)).get()
    assert (row.reporter_verified, row.reporter_false) == (1, 1)
    assert record_of(ask(quantity=50)) is None
    life_cycle.reopen(by=by, operation=asking.operation, request=second, reason="they do")
    assert not second.is_false


@pytest.mark.django_db
def test_deadlines_are_data_and_a_change_of_them_reaches_open_requests(asking: Asking, ask: Ask) -> None:
    Deadlines().load(lambda line: None)
    request = ask()
    assert request.state_since is not None and request.due_at == request.state_since + timedelta(hours=24)
    AidRequest.objects.update(state_since=timezone.now() - timedelta(hours=5))
    set_deadlines(by=actor(asking.aina), operation=asking.operation, hours={("submitted", "normal"): 4})
    assert overdue(AidRequest.objects.all()).get() == request
    assert ageing(AidRequest.objects.all())[0].overdue == 1
    Deadlines().load(lambda line: None)
    assert StepDeadline.objects.get(state="submitted", priority="normal").hours == 4, "what was changed stays"
    set_deadlines(by=actor(asking.aina), operation=asking.operation, hours={("submitted", "normal"): None})
    assert not overdue(AidRequest.objects.all()).exists()
    with pytest.raises(Refused, match="between 1 and"):
        set_deadlines(by=actor(asking.aina), operation=asking.operation, hours={("submitted", "normal"): 0})


@pytest.mark.django_db
def test_ageing_counts_every_waiting_request_once(asking: Asking, ask: Ask) -> None:
    for hours in (1, 7, 30, 100, 200):
        request = ask(quantity=hours)
        AidRequest.objects.filter(pk=request.pk).update(state_since=timezone.now() - timedelta(hours=hours))
    (row,) = ageing(AidRequest.objects.all())
    assert row.counts == (1, 1, 1, 1, 1) and row.all == 5


@pytest.mark.django_db
def test_what_is_overdue_or_wanted_soon_is_raised_with_who_may_do_something(asking: Asking, ask: Ask) -> None:
    late, soon = ask(quantity=1), ask(quantity=2)
    ask(quantity=3)
    AidRequest.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(hours=1))
    AidRequest.objects.filter(pk=soon.pk).update(wanted_by=timezone.now() + timedelta(hours=3))
    plug = next(plug for plug in alerts if plug.key == "requests.steps")

    def raised(user: User | None) -> set[str]:
        return {alert.key for alert in plug.alerts(Viewer(user=user, operation=asking.operation), 10)}

    assert raised(asking.aina) == {f"requests.overdue.{late.code}", f"requests.wanted.{soon.code}"}
    assert raised(asking.cast.lale) == raised(asking.aina), "Water answers for both"
    assert raised(asking.cast.murad) == set() and raised(None) == set()


@pytest.mark.django_db
def test_who_asked_is_forgotten_when_the_request_ended_long_ago(asking: Asking, ask: Ask) -> None:
    old, running = (ask(quantity=n, reporter_name="Maral", reporter_phone=PHONE, notify_by="sms") for n in (1, 2))
    life_cycle.cancel(by=actor(asking.aina), operation=asking.operation, request=old, reason="no")
    AidRequest.objects.update(state_since=timezone.now() - timedelta(days=200))
    anonymise(by=SYSTEM)
    old.refresh_from_db()
    running.refresh_from_db()
    assert (old.reporter_name, str(old.reporter_phone)) == ("", "") and running.reporter_name == "Maral"
    assert not old.notices.exclude(to="").exists() and not old.notices.exclude(body="").exists()
    assert not AidRequest.objects.filter(pk=old.pk, reporter_phone=PHONE).exists()


@pytest.mark.django_db
def test_what_ended_sorts_behind_all_that_waits_and_comes_back_when_reopened(asking: Asking, ask: Ask) -> None:
    pressing = ask(lines=[LineDraft(Decimal(1), item=asking.blanket, priority=Priority.LIFE)])
    waiting = ask()
    by = actor(asking.aina)
    life_cycle.refuse(by=by, operation=asking.operation, request=pressing, reason="no")
    assert list(AidRequest.objects.all()) == [waiting, pressing]
    life_cycle.reopen(by=by, operation=asking.operation, request=pressing, reason="yes")
    assert list(AidRequest.objects.all()) == [pressing, waiting]
