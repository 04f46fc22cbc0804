"""Texts leave by themselves."""

from __future__ import annotations

from procrastinate.contrib.django import app

from komek.messaging import outbox


@app.task(name="messaging.send_text")
def send_text(pk: int) -> None:
    """One text. The row in the outbox decides whether it is still to be sent, and when to try again."""
    outbox.send(pk)


@app.periodic(cron="* * * * *")
@app.task(name="messaging.send_what_was_left", queueing_lock="messaging.send_what_was_left", pass_context=False)
def send_what_was_left(timestamp: int) -> None:
    """Every minute: what a lost job or a killed worker left behind."""
    outbox.send_what_was_left()
