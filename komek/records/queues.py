"""Queues of background work, so that nobody waits for their sign-in code behind an import of a million rows.

Each queue has a lane: so many of its jobs run at the same time, whatever the others do. Any number of processes may share the
queues out among them; a periodic job is deferred once for each of its times (the database says so), however many lanes there are.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Sequence

from procrastinate import App
from procrastinate.jobs import DeleteJobCondition, Job, Status

TEXTS = "texts"
"""What people wait for: texts out, codes among them, and texts in."""

DEFAULT = "default"
"""What is done every few minutes and takes seconds. A task that names no queue is here."""

LONG = "long"
"""What may take minutes: imports, comparing, pulling, and the sweeps of the night."""

LANES = {TEXTS: 2, DEFAULT: 1, LONG: 1}
"""Jobs of a queue at the same time in one process. Texts may overlap (a row or a number is held by one job); the rest must not."""

GRACE_S = 8.0
LOST_AFTER_S = 120
"""A lane says every ten seconds that it lives. One that was silent for so long is gone, and its jobs are lost."""

MOST_TRIES = 3
POLL_S = 5.0
"""New jobs announce themselves; this is for those whose time comes later."""


async def work(app: App, queues: Sequence[str], *, wait: bool = True) -> None:
    """Work on these queues until SIGINT or SIGTERM, or without ``wait`` until nothing is left.

    When one lane ends, all do, and the process with them: who started it starts it again. Raises what ended the lane.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stopped.set)
    lanes = [
        asyncio.create_task(
            app.run_worker_async(
                queues=[queue], name=queue, concurrency=LANES[queue], wait=wait, shutdown_graceful_timeout=GRACE_S,
                fetch_job_polling_interval=POLL_S, stalled_worker_timeout=LOST_AFTER_S, install_signal_handlers=False,
                delete_jobs=DeleteJobCondition.SUCCESSFUL,  # twelve thousand a day, which nobody reads
            )
        )
        for queue in queues
    ]  # fmt: skip
    asked = asyncio.create_task(stopped.wait())
    try:
        if wait:
            await asyncio.wait([*lanes, asked], return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.wait(lanes)
    finally:
        for task in (*lanes, asked):
            task.cancel()
        for lane in lanes:
            with contextlib.suppress(asyncio.CancelledError):
                await lane


async def lift_lost_jobs(app: App) -> int:
    """Put jobs whose process was killed back into their queue; returns how many.

    They would hold their locks for ever. One that killed its process three times has failed, and so has one that waits again already.
    """
    lost = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=LOST_AFTER_S))
    for job in lost:
        if job.attempts < MOST_TRIES and not await _waits_again(app, job):
            await app.job_manager.retry_job(job)
        else:
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
    return len(lost)


async def _waits_again(app: App, job: Job) -> bool:
    if job.queueing_lock is None:
        return False
    return bool(list(await app.job_manager.list_jobs_async(queueing_lock=job.queueing_lock, status=Status.TODO.value)))
