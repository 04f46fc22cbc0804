"""Tasks: who is asked, the first yes, no, no answer, work with children, and what becomes of it all by text."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from komek.messaging.models import Outbox
from tests.conftest import actor
from tests.messaging.conftest import STRANGER, said
from tests.volunteers.conftest import VOLUNTEERS, Helping
from volunteers.models import Assignment, AssignmentState, CheckKind, Task, TaskState
from volunteers.people.registering import record_check
from volunteers.refusals import Refused
from volunteers.work.candidates import candidates_for
from volunteers.work.offering import lapse_offers, offer_task, release, say_yes
from volunteers.work.planning import cancel_task, finish_task

pytestmark = pytest.mark.django_db
S = AssignmentState
MARAL, KERIM = VOLUNTEERS


def ask(helping: Helping, task: Task, *who: Any) -> list[Assignment]:
    people = who or (helping.maral, helping.kerim)
    return offer_task(by=actor(helping.cast.murad), operation=helping.operation, task=task, volunteers=people)[0]


def test_the_first_yes_by_text_gets_the_place_and_the_day_is_worked_by_text(helping: Helping, plan: Any) -> None:
    task = plan()
    ask(helping, task)
    asked = Outbox.objects.filter(to=MARAL).latest("pk").body
    assert asked.startswith(f"{task.code} Unload a lorry") and f"OK {task.code}" in asked
    assert "asked" in said("TASK", sender=MARAL)
    assert said(f"OK {task.code}", sender=MARAL).startswith(f"Yours: {task.code}")
    assert "has its people now" in Outbox.objects.filter(to=KERIM).latest("pk").body
    assert "has its people now" in said("ok " + task.code.replace("T", "т "), sender=KERIM)
    task.refresh_from_db()
    assert task.state == TaskState.FILLED
    assert "Say OK" in said(f"IN {task.code}", sender=KERIM)
    assert f"You are at {task.code}" in said(f"IN {task.code}", sender=MARAL)
    Assignment.objects.filter(state=S.WORKING).update(started_at=timezone.now() - timedelta(hours=3))
    assert "is done: 3.0 h. Thank you, Maral!" in said(f"DONE {task.code} all unloaded", sender=MARAL)
    worked = Assignment.objects.get(volunteer=helping.maral)
    assert (worked.state, float(worked.hours or 0), worked.note) == (S.DONE, 3.0, "all unloaded")
    helping.maral.refresh_from_db()
    assert helping.maral.phone_heard_at is not None


def test_what_is_wrong_in_a_text_about_tasks_is_said(helping: Helping, plan: Any) -> None:
    task = plan()
    assert "not offered to you" in said(f"OK {task.code}", sender=MARAL)
    assert "not registered as a volunteer" in said(f"OK {task.code}", sender=STRANGER)
    wrong = task.code[:-1] + str((int(task.code[-1]) + 1) % 10)
    assert "wrong letter or digit" in said(f"OK {wrong}", sender=MARAL)
    assert "Which task?" in said("DONE", sender=MARAL)
    assert "no task now" in said("TASK", sender=MARAL)


def test_who_says_no_or_nothing_makes_room_for_the_next(helping: Helping, plan: Any) -> None:
    task = plan()
    [first] = ask(helping, task, helping.maral)
    assert "written down" in said(f"NO {task.code} ill today", sender=MARAL)
    first.refresh_from_db()
    assert (first.state, first.note) == (S.DECLINED, "ill today")
    second = Assignment.objects.get(volunteer=helping.kerim)
    assert second.state == S.OFFERED, "the next candidate was asked by itself"
    Assignment.objects.update(answer_until=timezone.now() - timedelta(minutes=1))
    assert lapse_offers() == 1 and lapse_offers() == 0
    second.refresh_from_db()
    assert second.state == S.LAPSED
    assert said(f"OK {task.code}", sender=KERIM).startswith("Yours:"), "late, but the place is still free"
    assert "written down" in said(f"NO {task.code}", sender=KERIM)
    task.refresh_from_db()
    assert task.state == TaskState.OPEN


def test_nobody_is_alone_with_children_and_only_the_checked_are_asked(helping: Helping, plan: Any) -> None:
    with pytest.raises(Refused, match="two people at least"):
        plan(with_minors=True, wanted=1)
    task = plan(with_minors=True, wanted=2)
    assert candidates_for(task, None) == []
    with pytest.raises(Refused, match="not checked for work with children"):
        ask(helping, task)
    today = timezone.localdate()
    for one in (helping.maral, helping.kerim):
        for kind in CheckKind.values:
            record_check(by=actor(helping.cast.murad), operation=helping.operation, volunteer=one, kind=kind,
                         expires_on=today + timedelta(days=30))  # fmt: skip
    first, second = ask(helping, task)
    say_yes(by=actor(None), assignment=first)
    assert "Nobody works alone with children" in said(f"IN {task.code}", sender=MARAL)
    say_yes(by=actor(None), assignment=second)
    assert f"You are at {task.code}" in said(f"IN {task.code}", sender=MARAL)
    with pytest.raises(Refused, match="alone with children"):
        release(by=actor(helping.cast.murad), operation=helping.operation, assignment=second, reason="not needed")


def test_nobody_takes_two_tasks_at_once_or_works_too_long(helping: Helping, plan: Any) -> None:
    one, other = plan(), plan(title="Cook")
    ask(helping, one, helping.maral)
    ask(helping, other, helping.maral)
    assert said(f"OK {one.code}", sender=MARAL).startswith("Yours")
    assert "has another task then" in said(f"OK {other.code}", sender=MARAL)
    with pytest.raises(Refused, match="one task for each shift"):
        plan(ends_at=timezone.now() + timedelta(hours=40))
    with pytest.raises(Refused, match="Say where"):
        plan(landmark="", location=None)
    assert [ranked.volunteer.name for ranked in candidates_for(other, None)] == ["Kerim"]


def test_a_task_is_run_by_its_organisation_alone(helping: Helping, plan: Any) -> None:
    task = plan()
    for stranger in (helping.cast.lale, helping.cast.oraz):
        with pytest.raises(PermissionDenied):
            offer_task(by=actor(stranger), operation=helping.operation, task=task, volunteers=[helping.maral])
        with pytest.raises(PermissionDenied):
            cancel_task(by=actor(stranger), operation=helping.operation, task=task, reason="mine")
    waters = plan(by=helping.cast.lale, organisation=helping.cast.water)
    with pytest.raises(Refused, match="Choose somebody"):
        offer_task(by=actor(helping.cast.lale), operation=helping.operation, task=waters, volunteers=[helping.maral])


def test_a_task_called_off_tells_everybody_and_one_that_ends_counts_who_came(helping: Helping, plan: Any) -> None:
    task = plan()
    [row] = ask(helping, task, helping.maral)
    say_yes(by=actor(None), assignment=row)
    with pytest.raises(Refused, match="has not begun"):
        finish_task(by=actor(helping.cast.murad), operation=helping.operation, task=task)
    cancel_task(by=actor(helping.cast.murad), operation=helping.operation, task=task, reason="the road is closed")
    told = Outbox.objects.filter(to=MARAL).latest("pk").body
    assert "is called off" in told and "the road is closed" in told
    assert "called off" in said(f"OK {task.code}", sender=MARAL)
    second = plan(starts_at=timezone.now() + timedelta(hours=8))
    [row] = ask(helping, second, helping.maral)
    say_yes(by=actor(None), assignment=row)
    Task.objects.filter(pk=second.pk).update(starts_at=timezone.now() - timedelta(hours=1))
    finish_task(by=actor(helping.cast.murad), operation=helping.operation, task=second)
    row.refresh_from_db()
    assert row.state == S.ABSENT


@pytest.mark.django_db(transaction=True)
def test_of_two_who_say_yes_to_the_last_place_at_once_one_gets_it(helping: Helping, plan: Any) -> None:
    rows = ask(helping, plan())
    outcomes, barrier = [], threading.Barrier(2)

    def answer(row: Assignment) -> None:
        try:
            barrier.wait(5)
            outcomes.append(say_yes(by=actor(None), assignment=row).state)
        finally:
            connection.close()

    threads = [threading.Thread(target=answer, args=(row,)) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == [S.ACCEPTED, S.TOO_LATE]
    assert Assignment.objects.filter(state=S.ACCEPTED).count() == 1


def test_a_plain_no_answers_the_question_that_is_open_and_one_that_fits_nothing_is_read_by_a_person(
    helping: Helping, plan: Any
) -> None:
    from komek.messaging.models import Inbound

    task = plan()
    ask(helping, task, helping.maral)
    assert said("ok", sender=MARAL).startswith("Yours:"), "only one question waits"
    assert "Which task?" in said("no water here", sender=MARAL)
    assert Inbound.objects.latest("pk").why
