"""What the registry of camps does by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app

from camps.double_registrations import compare_newcomers
from komek.records.queues import LONG


@app.periodic(cron="*/5 * * * *")
@app.task(name="camps.compare_newcomers", queue=LONG, queueing_lock="camps.compare_newcomers", pass_context=False)
def compare_whoever_is_new(timestamp: int) -> None:
    """Every five minutes: look for people who are registered twice, after imports and changes too."""
    compare_newcomers()
