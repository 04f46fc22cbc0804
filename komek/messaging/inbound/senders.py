"""Who a number is: account, language, operation, trust; how often it may be read; whether it may be answered at all."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from komek.accounts.models import User
from komek.accounts.phones import owner_of
from komek.messaging.models import Correspondent, Inbound, OpenQuestion
from komek.messaging.sender import Sender, Trust
from komek.operations.current import default_operation
from komek.records.actor import Channel

BUCKET = 30
"""Texts a number may send in one go; after that one every ``REFILL`` seconds is read, the others wait for a person."""

REFILL = 20.0
TRUSTED_TIMES = 4
"""So many times as much from a trusted number, such as the one telephone of a large site."""

SAME_TEXT_WITHIN = timedelta(minutes=30)
SAME_TEXT_MOST = 5
"""The same words so often within so long are a machine answering a machine: nothing goes back."""

IDLE_AFTER = timedelta(days=180)
"""A number silent for so long may belong to somebody else by now, for operators give numbers out again: it has to be bound anew.
The length is our own choice."""


def correspondent_for(inbound: Inbound) -> Correspondent:
    """The row of the number a text came from, locked until the end of the transaction."""
    known = (
        Correspondent.objects.select_for_update(of=("self",)).select_related("question").filter(number=inbound.sender)
    )
    found = known.first()
    if found is None:
        new = Correspondent(number=inbound.sender, tokens=BUCKET, first_heard_at=inbound.received_at)
        Correspondent.objects.bulk_create([new], ignore_conflicts=True)
        found = known.all().get()
    return found


def drop_question(correspondent: Correspondent) -> None:
    """Whatever was asked before is of no matter any more."""
    question = getattr(correspondent, "question", None)
    if question is not None:
        question.delete()
        correspondent._state.fields_cache["question"] = None


def open_question(correspondent: Correspondent) -> OpenQuestion | None:
    """The question that can still be answered."""
    question: OpenQuestion | None = getattr(correspondent, "question", None)
    return question if question is not None and question.is_open() else None


def sender_for(inbound: Inbound, correspondent: Correspondent, language: str = "") -> Sender:
    """The one on whose behalf a text is carried out. language: of the word they wrote, where nothing else tells."""
    owner = owner_of(inbound.number) if inbound.number else None
    if owner is not None and (not owner.may_work or has_been_idle(correspondent)):
        owner = None
    operation = inbound.operation or operation_for(owner)
    if owner is None:
        trust = Trust.UNKNOWN
    else:
        trust = Trust.TRUSTED if correspondent.is_trusted else Trust.REGISTERED
    return Sender(
        user=owner,
        channel=Channel.SMS,
        name=inbound.sender,
        number=inbound.sender,
        language=language_for(correspondent, owner, language),
        operation=operation,
        trust=trust,
        occurred_at=moment_of(inbound),
    )


def operation_for(owner: User | None) -> Any:
    """Where a text belongs: the operation the account works in while it goes on, else the open one."""
    chosen = owner.current_operation if owner is not None else None
    if chosen is not None and chosen.ended_at is None:
        return chosen
    return default_operation()


def language_for(correspondent: Correspondent, owner: User | None, heard: str) -> str:
    """As chosen by LANG; else the account's; else that of the word just written; else the installation's."""
    known = dict(settings.LANGUAGES)
    for code in (correspondent.language, owner.language if owner is not None else "", heard):
        if code in known:
            return code
    return settings.LANGUAGE_CODE


def moment_of(inbound: Inbound) -> Any:
    """When it was sent, as the provider says, unless that lies ahead of us."""
    if inbound.sent_at is not None and inbound.sent_at <= inbound.received_at:
        return inbound.sent_at
    return inbound.received_at


def has_been_idle(correspondent: Correspondent) -> bool:
    """Whether the number was silent so long that somebody else may have it. JOIN binds it anew."""
    last = max(filter(None, (correspondent.last_heard_at, correspondent.joined_at)), default=None)
    return last is not None and last < timezone.now() - IDLE_AFTER


def take_token(correspondent: Correspondent) -> bool:
    """Whether one more text of this number is read now. Changes the row, which the caller saves."""
    now = timezone.now()
    most = BUCKET * (TRUSTED_TIMES if correspondent.is_trusted else 1)
    if correspondent.tokens_at is not None:
        passed = max((now - correspondent.tokens_at).total_seconds(), 0.0)
        correspondent.tokens = min(most, correspondent.tokens + passed * (most / BUCKET) / REFILL)
    correspondent.tokens_at = now
    if correspondent.tokens < 1:
        return False
    correspondent.tokens -= 1
    return True


def can_be_answered(inbound: Inbound) -> bool:
    """Whether a reply could reach a person: names and short numbers are machines'."""
    return bool(inbound.number)


def repeats_itself(inbound: Inbound, correspondent: Correspondent) -> bool:
    """Whether the number has sent these very words too often of late. Changes the row, which the caller saves."""
    digest = hashlib.sha256(inbound.body.encode()).hexdigest()[:40]
    since = correspondent.same_since
    if digest != correspondent.same_words or since is None or inbound.received_at - since > SAME_TEXT_WITHIN:
        correspondent.same_words, correspondent.same_count = digest, 1
        correspondent.same_since = inbound.received_at
        return False
    correspondent.same_count = min(correspondent.same_count + 1, 1000)
    return correspondent.same_count > SAME_TEXT_MOST
