"""Texts out: queued in the caller's transaction, sent afterwards, tried again when the failure passes."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from komek.messaging import pacing
from komek.messaging.gateways import Gateway, GatewayFault, ways_to
from komek.messaging.models import Correspondent, Inbound, Lane, Outbox, Purpose, State
from komek.messaging.receipts import stop
from komek.messaging.segments import cost_of
from komek.records.actor import Actor

log = logging.getLogger(__name__)

HELD = timedelta(minutes=2)
"""How long a sender holds a text. Longer than any gateway's time-out; a sender that died has then let go."""

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60, 120, 240))
"""Before the second try, the third, and so on. After the last the text counts as not sent: about eight hours."""

HOUR = timedelta(hours=1)
SENDERS = "messaging.send_due"

LANES = {
    Purpose.CODE: Lane.REPLY,
    Purpose.REPLY: Lane.REPLY,
    Purpose.ALERT: Lane.ALERT,
    Purpose.ACCOUNT: Lane.TASK,
    Purpose.TASK: Lane.TASK,
    Purpose.NOTICE: Lane.TASK,
    Purpose.DIGEST: Lane.DIGEST,
}
MUTED_LANES = (Lane.TASK, Lane.DIGEST)
"""What does not go to a number that asked for quiet: answers and alerts do."""


@transaction.atomic(savepoint=False)
def queue_text(
    *,
    by: Actor,
    to: str,
    body: str,
    purpose: str,
    is_secret: bool = False,
    expires_after: timedelta | None = None,
    dedupe_key: str = "",
    operation: Any = None,
    not_before: datetime | None = None,
    answers: Inbound | None = None,
    wake: bool = True,
) -> Outbox:
    """Put one text into the outbox; it leaves once the transaction is committed. Returns the row.

    A key queued before returns the earlier row and sends nothing. An exercise's text says so. A code beyond what one number, or
    all together, may get in an hour is written down as not sent, so that nobody can run up costs.

    not_before: leaves at this time at the earliest. answers: the text it answers. wake: false when the caller calls
    ``wake_senders`` after it has queued many.
    """
    now = timezone.now()
    if operation is not None and operation.is_exercise:
        body = f"{_('EXERCISE')}: {body}"
    text = Outbox(
        to=to,
        body=body,
        purpose=Purpose(purpose),
        is_secret=is_secret,
        operation=operation,
        queued_by=by.user if getattr(by.user, "pk", None) else None,
        channel=by.channel,
        dedupe_key=dedupe_key,
        queued_at=now,
        next_try_at=max(not_before or now, now),
        lane=LANES[Purpose(purpose)],
        segments=min(cost_of(body).segments, 99),
        answers=answers,
        expires_at=now + expires_after if expires_after else None,
    )
    if dedupe_key:
        Outbox.objects.bulk_create([text], ignore_conflicts=True)
        kept = Outbox.objects.get(dedupe_key=dedupe_key)
        if kept.queued_at != now:
            return kept
        text = kept
    else:
        text.save()
    if text.purpose == Purpose.CODE and _is_too_much(text):
        _finish(text, State.FAILED, error="too many codes in an hour")
        log.warning("A sign-in code was not sent: too many in an hour.")
        return text
    if wake:
        _wake(text)
    return text


def send(pk: int) -> None:
    """Send one text, if it is still due and nobody else holds it. Safe to repeat.

    Steps: hold it by a conditional update, ask the gateway outside any transaction, write down what became of it. A sender
    killed between the gateway's answer and the last step leads to a second sending: twice is better than never.
    """
    now = timezone.now()
    due = Outbox.objects.filter(pk=pk, state=State.QUEUED, next_try_at__lte=now)
    if not due.update(next_try_at=now + HELD, attempts=F("attempts") + 1):
        return
    text = Outbox.objects.get(pk=pk)
    if text.expires_at and text.expires_at <= now:
        _finish(text, State.FAILED, error="too late")
        return
    if why_not := _unwanted(text, now):
        _finish(text, State.FAILED, error=why_not)
        return
    if (later := pacing.end_of_quiet(text.lane, now)) is not None:
        _put_off(text, later)
        return
    _send_by(ways_to(text.to.as_e164), text, now)


def _send_by(ways: list[Gateway], text: Outbox, now: datetime) -> None:
    """Try one gateway after the other; only what passes is tried by the next one, for a bad number is bad everywhere."""
    if not ways:
        _try_again(text, "no gateway is set")
        return
    trouble = []
    valid_for = text.expires_at - now if text.expires_at else None
    for way in ways:
        if (later := pacing.slot(way.key, text.lane, now)) is not None:
            if not trouble:
                _put_off(text, later)
                return
            continue
        try:
            sent = way.send(
                to=text.to.as_e164, body=text.body, sender=settings.TEXT_SENDER, text=text.pk, valid_for=valid_for
            )
        except GatewayFault as fault:
            trouble.append(str(fault))
            if fault.has_opted_out:
                stop(text.to.as_e164)
            if fault.permanent:
                _finish(text, State.FAILED, error=str(fault), gateway=way.key)
                return
            continue
        _finish(text, State.SENT, gateway=way.key, provider_id=sent.provider_id)
        return
    _try_again(text, "; ".join(trouble))


def send_due(most: int = 100) -> int:
    """Send what is due, lane by lane. Returns how many were tried; leaves a job behind when there are more."""
    due = Outbox.objects.filter(state=State.QUEUED, next_try_at__lte=timezone.now()).order_by("lane", "next_try_at")
    keys = list(due.values_list("pk", flat=True)[:most])
    for pk in keys:
        send(pk)
    if len(keys) == most:
        wake_senders()
    return len(keys)


def wake_senders() -> None:
    """See that what is due leaves: one job waits at most, and each sends what there is."""
    if ProcrastinateJob.objects.filter(queueing_lock=SENDERS, status="todo").exists():
        return
    from komek.messaging.tasks import send_due

    with suppress(AlreadyEnqueued), transaction.atomic():
        send_due.defer()


def send_what_was_left() -> int:
    """Texts due for more than a minute: their wake-up was lost, or their sender died. Returns how many."""
    late = Outbox.objects.filter(state=State.QUEUED, next_try_at__lt=timezone.now() - timedelta(minutes=1))
    keys = list(late.order_by("next_try_at").values_list("pk", flat=True)[:500])
    for pk in keys:
        send(pk)
    return len(keys)


def _unwanted(text: Outbox, now: datetime) -> str:
    """Why the receiver does not get it, by their own wish; empty when they do. A code was asked for this minute, so it goes."""
    if text.purpose == Purpose.CODE:
        return ""
    known = Correspondent.objects.filter(number=text.to.as_e164).first()
    if known is None:
        return ""
    if known.stopped_at is not None:
        return "asked for no more texts"
    if known.muted_until is not None and known.muted_until > now and text.lane in MUTED_LANES:
        return "asked for quiet"
    return ""


def _wake(text: Outbox) -> None:
    from komek.messaging.tasks import send_text

    send_text.configure(schedule_at=text.next_try_at, priority=-text.lane).defer(pk=text.pk)


def _put_off(text: Outbox, until: datetime) -> None:
    """Not now: the gateway takes no more, or people sleep. It counts as no try. What would be too late then is given up."""
    if text.expires_at and until >= text.expires_at:
        _finish(text, State.FAILED, error="too late")
        return
    text.next_try_at, text.attempts = until, text.attempts - 1
    with transaction.atomic():
        text.save(update_fields=["next_try_at", "attempts"])
        _wake(text)


def _try_again(text: Outbox, error: str) -> None:
    """Later; or never, when the next time would be too late."""
    next_try = timezone.now() + WAITS[min(text.attempts, len(WAITS)) - 1]
    if text.attempts > len(WAITS) or (text.expires_at and next_try >= text.expires_at):
        _finish(text, State.FAILED, error=error)
        return
    text.next_try_at, text.error = next_try, error[:300]
    with transaction.atomic():
        text.save(update_fields=["next_try_at", "error"])
        _wake(text)


def _finish(text: Outbox, state: State, *, error: str = "", gateway: str = "", provider_id: str = "") -> None:
    text.state, text.error, text.finished_at = state, error[:300], timezone.now()
    text.gateway, text.provider_id = gateway, provider_id
    if text.is_secret:
        text.body = ""
    text.save(update_fields=["state", "error", "finished_at", "gateway", "provider_id", "body"])


def _is_too_much(text: Outbox) -> bool:
    """Whether this code is one too many in the last hour, for its number or for the whole installation."""
    recent = Outbox.objects.filter(purpose=Purpose.CODE, queued_at__gt=text.queued_at - HOUR).exclude(
        Q(pk=text.pk) | Q(state=State.FAILED, attempts=0)
    )
    to_number = recent.filter(to=text.to)[: settings.TEXT_CODES_PER_NUMBER].count()
    in_all = recent[: settings.TEXT_CODES_IN_ALL].count()
    return to_number >= settings.TEXT_CODES_PER_NUMBER or in_all >= settings.TEXT_CODES_IN_ALL
