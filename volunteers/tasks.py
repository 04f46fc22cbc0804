"""Work of the registry of pledges that runs by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app

from komek.records.queues import LONG
from volunteers.life_cycle import lapse_due
from volunteers.uses import lapse_uses
from volunteers.work.offering import lapse_offers


@app.periodic(cron="*/10 * * * *")
@app.task(name="volunteers.lapse_uses", queueing_lock="volunteers.lapse_uses", pass_context=False)
def give_back(timestamp: int) -> None:
    """Every ten minutes: what was held for a need too long is free again."""
    lapse_uses()


@app.periodic(cron="20 1 * * *")
@app.task(name="volunteers.lapse_pledges", queue=LONG, queueing_lock="volunteers.lapse_pledges", pass_context=False)
def lapse_pledges(timestamp: int) -> None:
    """Every night: offers whose last day has passed."""
    lapse_due()


@app.periodic(cron="*/5 * * * *")
@app.task(name="volunteers.lapse_offers", queueing_lock="volunteers.lapse_offers", pass_context=False)
def ask_the_next(timestamp: int) -> None:
    """Every five minutes: who did not answer in time is asked no more, and the next volunteer is."""
    lapse_offers()
