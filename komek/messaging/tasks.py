"""Texts leave by themselves."""

from __future__ import annotations

from procrastinate.contrib.django import app

from komek.messaging import outbox
from komek.messaging.inbound import handling, recovering
from komek.messaging.inbound.receiving import WAKE
from komek.records.queues import TEXTS


@app.task(name="messaging.send_text", queue=TEXTS)
def send_text(pk: int) -> None:
    """One text. The row in the outbox decides whether it is still to be sent, and when to try again."""
    outbox.send(pk)


@app.periodic(cron="* * * * *")
@app.task(
    name="messaging.send_what_was_left", queue=TEXTS, queueing_lock="messaging.send_what_was_left", pass_context=False
)
def send_what_was_left(timestamp: int) -> None:
    """Every minute: what a lost job or a killed worker left behind."""
    outbox.send_what_was_left()


@app.task(name="messaging.send_due", queue=TEXTS, queueing_lock=outbox.SENDERS, priority=4)
def send_due() -> None:
    """What is due now, answers first."""
    outbox.send_due()


@app.task(name="messaging.work_off", queue=TEXTS, queueing_lock=WAKE, priority=5)
def work_off() -> None:
    """Read the texts that came in."""
    handling.work_off()


@app.periodic(cron="* * * * *")
@app.task(
    name="messaging.read_what_was_left", queue=TEXTS, queueing_lock="messaging.read_what_was_left", pass_context=False
)
def read_what_was_left(timestamp: int) -> None:
    """Every minute: texts whose wake-up was lost, or whose worker died."""
    handling.work_off()


@app.periodic(cron="*/10 * * * *")
@app.task(name="messaging.recover_missed", queueing_lock="messaging.recover_missed", pass_context=False)
def recover_missed(timestamp: int) -> None:
    """Every ten minutes: texts that a provider has and could not deliver to us."""
    recovering.recover_missed()
