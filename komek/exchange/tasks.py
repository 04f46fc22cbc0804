"""Checking, writing and taking back: small files at once, large ones in the background, and what stopped goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from komek.exchange.faults import FileFault
from komek.exchange.importing import INLINE_BELOW, apply, check, read_kept
from komek.exchange.keeping import forget_old_imports
from komek.exchange.models import BatchState, ImportBatch
from komek.exchange.reversing import take_back
from komek.records.queues import LONG

log = logging.getLogger(__name__)

RUNNING = (BatchState.READING, BatchState.CHECKING, BatchState.APPLYING, BatchState.REVERSING)
# A chunk takes a second or two. Nothing for so long means that the machine or the process died on the way.
SILENT_FOR = timedelta(minutes=3)


@app.task(name="exchange.read", queue=LONG, retry=3)
def read_batch(batch_id: int) -> None:
    """Read a large file."""
    carry_out(batch_id, BatchState.READING)


@app.task(name="exchange.check", queue=LONG, retry=3)
def check_batch(batch_id: int) -> None:
    """The dry run of a large file."""
    carry_out(batch_id, BatchState.CHECKING)


@app.task(name="exchange.apply", queue=LONG, retry=3)
def apply_batch(batch_id: int) -> None:
    """Write a large file; a retry goes on where the last try stopped."""
    carry_out(batch_id, BatchState.APPLYING)


@app.task(name="exchange.take_back", queue=LONG, retry=3)
def take_back_batch(batch_id: int) -> None:
    """Take a large import back: all of it, or after a crash nothing, and then again."""
    carry_out(batch_id, BatchState.REVERSING)


_WORK: dict[str, tuple[Callable[[ImportBatch], object], object]] = {
    BatchState.READING: (read_kept, read_batch),
    BatchState.CHECKING: (check, check_batch),
    BatchState.APPLYING: (apply, apply_batch),
    BatchState.REVERSING: (take_back, take_back_batch),
}


def carry_out(batch_id: int, state: BatchState) -> None:
    """Do one step of an import. Whatever stops it is said on the import's page; a fault of ours is raised again for the log."""
    batch = ImportBatch.objects.get(pk=batch_id)
    if batch.state not in (state, _rest(state)):
        return  # done by another try meanwhile
    try:
        _WORK[state][0](batch)
    except FileFault as fault:
        ImportBatch.objects.filter(pk=batch_id).update(state=_rest(state), problem=str(fault))
    except Exception:
        problem = _(
            "A fault of ours stopped this import. What was written stays. Try again; if it stops again, report it."
        )
        ImportBatch.objects.filter(pk=batch_id).update(state=_rest(state), problem=problem)
        raise
    else:
        if state == BatchState.READING and batch.asked is not None:  # a program waits for no page
            start(batch, BatchState.CHECKING)


def _rest(state: BatchState) -> BatchState:
    """Where an import stands when a step stopped: taking back is all or nothing."""
    return BatchState.APPLIED if state == BatchState.REVERSING else BatchState.FAILED


def start(batch: ImportBatch, state: BatchState) -> None:
    """Begin a step: small files at once, large ones in the background."""
    ImportBatch.objects.filter(pk=batch.pk).update(state=state, done=0, problem="", beat_at=timezone.now())
    if batch.total < INLINE_BELOW and state != BatchState.READING:
        try:
            carry_out(batch.pk, state)
        except Exception:  # noqa: BLE001 - the import's page says it, which is more than an error page could
            log.exception("import %s stopped while %s", batch.pk, state)
        return
    _defer(batch.pk, state)


def _defer(batch_id: int, state: str) -> None:
    task = _WORK[state][1]
    with suppress(AlreadyEnqueued), transaction.atomic():  # one waits for the worker already
        task.configure(queueing_lock=f"import {batch_id}").defer(batch_id=batch_id)  # type: ignore[attr-defined]


def go_on_with_stopped(now: datetime | None = None) -> int:
    """Take up imports that nobody works on any more; returns how many.

    Safe when one was only slow: rows are locked and marked as they are written, and checking twice writes nothing.
    """
    now = now or timezone.now()
    silent = Q(beat_at=None) | Q(beat_at__lt=now - SILENT_FOR)
    stopped = list(ImportBatch.objects.filter(silent, state__in=RUNNING).values_list("pk", "state"))
    for pk, state in stopped:
        ImportBatch.objects.filter(pk=pk).update(beat_at=now)
        _defer(pk, state)
    return len(stopped)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="exchange.go_on", pass_context=False)
def go_on(timestamp: int) -> None:
    """Every minute: what a crash or a power cut stopped goes on."""
    go_on_with_stopped()


@app.periodic(cron="25 3 * * *")
@app.task(queue=LONG, queueing_lock="exchange.forget", pass_context=False)
def forget(timestamp: int) -> None:
    """Every night: files brought in half a year ago are deleted."""
    forget_old_imports()
