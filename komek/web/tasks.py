"""Work that runs by itself."""

from procrastinate.contrib.django import app

from komek.records.queues import LONG
from komek.web.records import forget_sent_forms
from komek.web.subscriptions import send_due


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="web.send_subscriptions", pass_context=False)
def send_subscriptions(timestamp: int) -> None:
    """Every minute: tell subscribers what changed."""
    send_due()


@app.periodic(cron="17 3 * * *")
@app.task(queue=LONG, queueing_lock="web.forget_sent_forms", pass_context=False)
def forget_old_forms(timestamp: int) -> None:
    """Every night: nobody sends a form again that is two days old."""
    forget_sent_forms()
