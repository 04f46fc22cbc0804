"""Background work in lanes: nobody waits for a text behind an import."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate import App
from procrastinate.contrib.django import app as komek_app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.periodic import PeriodicDeferrer, PeriodicTask
from procrastinate.testing import InMemoryConnector

from komek.records.queues import DEFAULT, LANES, LONG, TEXTS, lift_lost_jobs, work

IN_TEXTS = {
    "messaging.send_text", "messaging.send_due", "messaging.send_what_was_left",
    "messaging.work_off", "messaging.read_what_was_left",
}  # fmt: skip
TAKES_LONG = {
    "exchange.read", "exchange.check", "exchange.apply", "exchange.take_back", "missing_persons.compare",
    "missing_persons.pfif_run", "missing_persons.pfif_release", "missing_persons.pfif_pull", "camps.compare_newcomers",
    "records.anonymise", "places.load_boundaries",
}  # fmt: skip


def test_texts_have_a_queue_of_their_own_and_what_takes_long_is_kept_apart() -> None:
    queues = {name: task.queue for name, task in komek_app.tasks.items() if task.queue != "builtin"}
    assert set(queues.values()) == set(LANES)
    assert {name for name, queue in queues.items() if queue == TEXTS} == IN_TEXTS
    assert {name: queues[name] for name in TAKES_LONG} == dict.fromkeys(TAKES_LONG, LONG)


def test_a_text_leaves_while_an_import_and_a_minute_task_are_at_work() -> None:
    app, has_left, seen = App(connector=InMemoryConnector()), threading.Event(), []

    @app.task(name="import", queue=LONG)
    def bring_in() -> None:
        seen.append(has_left.wait(10))

    @app.task(name="minute", queue=DEFAULT)
    def look() -> None:
        seen.append(has_left.wait(10))

    @app.task(name="text", queue=TEXTS)
    def send() -> None:
        has_left.set()

    async def all_done() -> None:
        async with app.open_async():
            for task in (bring_in, look, send):
                await task.defer_async()
            await work(app, list(LANES), wait=False)

    asyncio.run(all_done())
    assert seen == [True, True]


@pytest.mark.django_db
def test_a_minute_task_is_deferred_once_though_two_workers_see_its_minute() -> None:
    task = next(
        one for one in komek_app.periodic_registry.periodic_tasks.values() if one.task.name == "records.lift_lost_jobs"
    )

    def minute_in_a_worker(minute: int) -> None:
        async_to_sync(PeriodicDeferrer(komek_app.periodic_registry).defer_jobs)(_at(task, minute))

    for minute in (60, 60):
        minute_in_a_worker(minute)
    assert ProcrastinateJob.objects.filter(task_name=task.task.name).count() == 1
    with connection.cursor() as cursor:  # done meanwhile: the lock no longer stands in the way, the minute does
        cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded'")
    minute_in_a_worker(60)
    assert ProcrastinateJob.objects.filter(task_name=task.task.name).count() == 1
    minute_in_a_worker(120)
    assert ProcrastinateJob.objects.filter(task_name=task.task.name).count() == 2


def _at(task: PeriodicTask, minute: int) -> Iterator[tuple[PeriodicTask, int]]:
    yield task, minute


@pytest.mark.django_db
def test_a_job_whose_process_was_killed_is_done_again_but_not_for_ever() -> None:
    with connection.cursor() as cursor:
        # Tests that commit leave jobs behind: these tables are not Django's, so that nothing empties them.
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now()), (now() - interval '3 minutes') RETURNING id"
        )
        (alive,), (gone,) = cursor.fetchall()
        cursor.execute(
            "INSERT INTO procrastinate_jobs (task_name, queue_name, status, attempts, worker_id, queueing_lock) VALUES"
            " ('at work', 'long', 'doing', 0, %(alive)s, NULL), ('lost', 'long', 'doing', 1, %(gone)s, NULL),"
            " ('deadly', 'long', 'doing', 3, NULL, NULL), ('twice', 'long', 'doing', 0, NULL, 'a'),"
            " ('waits', 'long', 'todo', 0, NULL, 'a')",
            {"alive": alive, "gone": gone},
        )
    assert async_to_sync(lift_lost_jobs)(komek_app) == 3
    assert dict(ProcrastinateJob.objects.values_list("task_name", "status")) == {
        "at work": "doing", "lost": "todo", "deadly": "failed", "twice": "failed", "waits": "todo",
    }  # fmt: skip
