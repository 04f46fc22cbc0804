"""Work the API does in the background."""

from __future__ import annotations

from procrastinate.contrib.django import app

from komek.api.idempotency import forget_kept_answers
from komek.records.queues import LONG


@app.periodic(cron="17 3 * * *")
@app.task(queue=LONG, queueing_lock="forget_idempotency_keys", pass_context=False)
def forget_idempotency_keys(timestamp: int) -> int:
    """Nightly: see ``forget_kept_answers``."""
    return forget_kept_answers()
