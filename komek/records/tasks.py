"""What the records' room does by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app

from komek.records.actor import SYSTEM
from komek.records.retention import anonymise


@app.periodic(cron="40 2 * * *")
@app.task(name="records.anonymise", queueing_lock="records.anonymise", pass_context=False)
def anonymise_what_is_due(timestamp: int) -> None:
    """Every night: forget what its time has come for."""
    anonymise(by=SYSTEM)
