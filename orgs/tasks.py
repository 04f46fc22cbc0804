"""Work of the registry that runs by itself."""

from procrastinate.contrib.django import app

from komek.records.queues import LONG
from orgs.duplicates import refresh_all
from orgs.staleness import ask_to_confirm, to_be_asked


@app.periodic(cron="30 6 * * *")
@app.task(queue=LONG, queueing_lock="orgs.ask_to_confirm", pass_context=False)
def ask_for_confirmations(timestamp: int) -> None:
    """Every morning: ask the managers of entries that are getting old."""
    ask_to_confirm(organisations=to_be_asked().select_related("operation").iterator(chunk_size=500))


@app.periodic(cron="15 3 * * *")
@app.task(queue=LONG, queueing_lock="orgs.find_duplicates", pass_context=False)
def find_duplicates(timestamp: int) -> None:
    """Every night: compare all organisations again, for what imports brought in bulk."""
    refresh_all()
