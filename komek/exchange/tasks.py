"""Checking and writing large files in the background."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from komek.exchange.faults import FileFault
from komek.exchange.importing import apply, check
from komek.exchange.models import BatchState, ImportBatch

log = logging.getLogger(__name__)


@app.task(name="exchange.check", retry=3)
def check_batch(batch_id: int) -> None:
    """The dry run of a large file."""
    _run(batch_id, BatchState.CHECKING)


@app.task(name="exchange.apply", retry=3)
def apply_batch(batch_id: int) -> None:
    """Write a large file; a retry goes on where the last try stopped."""
    _run(batch_id, BatchState.APPLYING)


def _run(batch_id: int, state: BatchState) -> None:
    batch = ImportBatch.objects.get(pk=batch_id)
    try:
        (check if state == BatchState.CHECKING else apply)(batch)
    except FileFault as fault:
        ImportBatch.objects.filter(pk=batch_id).update(state=BatchState.FAILED, problem=str(fault))
