"""Work of the registry of requests that runs by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app

from aid_requests.committing import lapse_due, release_surplus


@app.periodic(cron="*/10 * * * *")
@app.task(name="requests.lapse_commitments", queueing_lock="requests.lapse_commitments", pass_context=False)
def lapse_commitments(timestamp: int) -> None:
    """Every ten minutes: end promises whose time has passed, and those to what has come already."""
    lapse_due()
    release_surplus()
