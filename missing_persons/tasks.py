"""What the registry of missing persons does by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app

from missing_persons.erasing import expire_due


@app.periodic(cron="7 * * * *")
@app.task(name="missing_persons.expire", queueing_lock="missing_persons.expire", pass_context=False)
def erase_what_expired(timestamp: int) -> None:
    """Every hour: reports whose time is over leave a bare tombstone."""
    expire_due()
