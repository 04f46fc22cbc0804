"""What the records' room does by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app

from komek.records.actor import SYSTEM
from komek.records.queues import LONG, lift_lost_jobs
from komek.records.retention import anonymise


@app.periodic(cron="40 2 * * *")
@app.task(name="records.anonymise", queue=LONG, queueing_lock="records.anonymise", pass_context=False)
def anonymise_what_is_due(timestamp: int) -> None:
    """Every night: forget what its time has come for."""
    anonymise(by=SYSTEM)


@app.periodic(cron="* * * * *")
@app.task(name="records.lift_lost_jobs", queueing_lock="records.lift_lost_jobs", pass_context=False)
async def lift_what_was_lost(timestamp: int) -> None:
    """Every minute: jobs of a process that was killed."""
    await lift_lost_jobs(app)
