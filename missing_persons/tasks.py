"""What the registry of missing persons does by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app

from komek.records.queues import LONG
from missing_persons.comparing import compare_waiting
from missing_persons.erasing import expire_due
from missing_persons.heard import hear_all
from missing_persons.pfif import tasks as pfif_tasks  # noqa: F401 - what it does by itself is found through this module
from missing_persons.public.drafts import forget_drafts
from missing_persons.public.limits import forget_uses


@app.periodic(cron="7 * * * *")
@app.task(name="missing_persons.expire", queue=LONG, queueing_lock="missing_persons.expire", pass_context=False)
def erase_what_expired(timestamp: int) -> None:
    """Every hour: reports whose time is over leave a bare tombstone."""
    expire_due()


@app.periodic(cron="* * * * *")
@app.task(name="missing_persons.compare", queue=LONG, queueing_lock="missing_persons.compare", pass_context=False)
def compare_whoever_is_new(timestamp: int) -> None:
    """Every minute: look for others who may be the same person, after reports, corrections and imports."""
    compare_waiting()


@app.periodic(cron="*/5 * * * *")
@app.task(name="missing_persons.hear", queue=LONG, queueing_lock="missing_persons.hear", pass_context=False)
def hear_sightings(timestamp: int) -> None:
    """Every five minutes: whether somebody registered in a camp or hospital may be somebody who is looked for."""
    hear_all()


@app.periodic(cron="37 * * * *")
@app.task(name="missing_persons.forget_use", queue=LONG, queueing_lock="missing_persons.forget_use", pass_context=False)
def forget_public_use(timestamp: int) -> None:
    """Every hour: counts against misuse older than two days, and public forms nobody sent within a week."""
    forget_uses()
    forget_drafts()
