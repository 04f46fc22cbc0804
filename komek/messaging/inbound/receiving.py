"""Storing what a gateway brings: once, before anything else, so that no text is ever lost or done twice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued

from komek.accounts.phones import one_form
from komek.messaging.grammar.letters import LONGEST
from komek.messaging.models import InboundState

E164 = re.compile(r"\+[1-9]\d{6,14}")
SHORTEST_NUMBER = 7
WAKE = "messaging.work_off"


@dataclass(frozen=True)
class Incoming:
    """One text as a gateway's adapter read it. provider_id: unique there. sender: a number, short number or name. sent_at: aware."""

    provider_id: str
    sender: str
    body: str
    to: str = ""
    media: int = 0
    sent_at: datetime | None = None


def receive(*, gateway: str, message: Incoming, operation: Any = None) -> bool:
    """Store one text and see that somebody reads it. False, and nothing done, when it is here already.

    Committed when this returns, unless the caller holds a transaction. operation: for the simulator, whose phones belong to one.
    """
    sender = sender_as_kept(without_nul(message.sender))
    # The first 80 letters of what a broken gateway may send are as good a name as any: the same text keeps the same one.
    values = {
        "gateway": gateway,
        "provider_id": without_nul(message.provider_id)[:80],
        "sender": sender,
        "number": sender if E164.fullmatch(sender) else "",
        "to": without_nul(message.to).strip()[:40],
        "body": without_nul(message.body)[: LONGEST * 2],
        "media": min(max(message.media, 0), 99),
        "sent_at": message.sent_at,
        "received_at": timezone.now(),
        "operation_id": operation.pk if operation is not None else None,
        "state": InboundState.NEW.value,
        **dict.fromkeys(("why", "outcome", "outcome_url"), ""),
    }
    with connection.cursor() as cursor:
        # In one statement, which needs no transaction around it: this is what a flood of texts waits for.
        cursor.execute(_STORE, [values[column] for column in _COLUMNS])
        if cursor.fetchone() is None:
            return False
    wake()
    return True


_COLUMNS = (
    "gateway", "provider_id", "sender", "number", "to", "body", "media", "sent_at", "received_at", "operation_id", "state", "why",
    "outcome", "outcome_url",
)  # fmt: skip
_STORE = (
    "INSERT INTO messaging_inbound (" + ", ".join(f'"{column}"' for column in _COLUMNS) + ") "
    f"VALUES ({', '.join(['%s'] * len(_COLUMNS))}) ON CONFLICT (gateway, provider_id) DO NOTHING RETURNING id"
)


def without_nul(text: str) -> str:
    """A text as PostgreSQL can hold it."""
    return text.replace("\x00", "")


def sender_as_kept(sender: str) -> str:
    """A sender in one form: a number in E.164, also one that came without its country code or its plus; else as it is.

    A short number or a name stays what it is: nobody can be answered there.
    """
    typed = sender.strip()[:40]
    digits = re.sub(r"[\s\-().]", "", typed)
    if E164.fullmatch(digits):
        return digits
    if not digits.isascii() or not digits.isdigit() or len(digits) < SHORTEST_NUMBER:
        return typed
    for form in (f"+{digits.removeprefix('00')}", digits):
        try:
            return one_form(form)
        except ValidationError:
            continue
    return typed


def wake() -> None:
    """See that the worker reads what is new: one job waits at most, and each reads all there is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo' LIMIT 1", [WAKE])
        if cursor.fetchone() is not None:
            return
    from komek.messaging.tasks import work_off

    try:
        with transaction.atomic():
            work_off.defer()
    except AlreadyEnqueued:
        return
