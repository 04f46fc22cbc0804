"""Work of the inventory that runs by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app

from inventory.reservations import lapse_due


@app.periodic(cron="*/10 * * * *")
@app.task(name="inventory.lapse_reservations", queueing_lock="inventory.lapse_reservations", pass_context=False)
def lapse_reservations(timestamp: int) -> None:
    """Every ten minutes: close reservations whose time has passed."""
    lapse_due()
