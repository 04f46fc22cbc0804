"""Work that runs by itself."""

from procrastinate.contrib.django import app

from komek.web.subscriptions import send_due


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="web.send_subscriptions", pass_context=False)
def send_subscriptions(timestamp: int) -> None:
    """Every five minutes: tell subscribers what changed."""
    send_due()
