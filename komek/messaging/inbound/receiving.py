"""Storing what a gateway brings: once, before anything else, so that no text is ever lost or done twice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from komek.accounts.phones import one_form
from komek.messaging.grammar.letters import LONGEST
from komek.messaging.models import Inbound

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
    sender = sender_as_kept(message.sender)
    # The first 80 letters of what a broken gateway may send are as good a name as any: the same text keeps the same one.
    text = Inbound(
        gateway=gateway,
        provider_id=message.provider_id[:80],
        sender=sender,
        number=sender if E164.fullmatch(sender) else "",
        to=message.to.strip()[:40],
        body=message.body.replace("\x00", "")[: LONGEST * 2],
        media=min(max(message.media, 0), 99),
        sent_at=message.sent_at,
        received_at=timezone.now(),
        operation=operation,
    )
    try:
        with transaction.atomic():
            text.save(force_insert=True)
    except IntegrityError:
        if Inbound.objects.filter(gateway=gateway, provider_id=text.provider_id).exists():
            return False
        raise
    wake()
    return True


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
    if ProcrastinateJob.objects.filter(queueing_lock=WAKE, status="todo").exists():
        return
    from komek.messaging.tasks import work_off

    try:
        with transaction.atomic():
            work_off.defer()
    except AlreadyEnqueued:
        return
