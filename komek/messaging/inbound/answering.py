"""One reply to one text: what each line led to, in as few SMS as it takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext as _

from komek.messaging.inbound.acting import Outcome
from komek.messaging.models import Correspondent, Inbound, Purpose
from komek.messaging.outbox import queue_text
from komek.messaging.segments import cheaper, in_latin, pages
from komek.messaging.sender import Sender

MOST_SEGMENTS = 3
"""SMS of one reply; the rest is sent when MORE asks for it."""

USEFUL_FOR = timedelta(hours=12)
"""A reply older than that confuses more than it helps."""


def composed(outcomes: Sequence[Outcome]) -> str:
    """The replies of all lines, numbered when there are several; each with how to take it back."""
    replies = [with_undo(outcome) for outcome in outcomes]
    if len(replies) == 1:
        return replies[0]
    return "\n".join(f"{number} {reply}" for number, reply in enumerate(replies, start=1) if reply)


def with_undo(outcome: Outcome) -> str:
    """A reply and how to take back what it tells of."""
    if not outcome.undo:
        return outcome.reply
    return f"{outcome.reply} {_('Undo: UNDO %(reference)s') % {'reference': outcome.undo}}"


def reply(*, by: Sender, inbound: Inbound, correspondent: Correspondent, words: str) -> None:
    """Queue the answer to a text, in the transaction that reads it. What is too long waits for MORE; who said STOP gets none."""
    if not words.strip() or correspondent.stopped_at is not None:
        return
    first, rest = cut(words, is_latin=correspondent.is_latin)
    if rest or correspondent.more:
        correspondent.more = rest
        correspondent.save(update_fields=["more"])
    queue_text(
        by=by,
        to=inbound.number,
        body=first,
        purpose=Purpose.REPLY,
        expires_after=USEFUL_FOR,
        operation=by.operation,
        answers=inbound,
        wake=False,  # whoever reads texts wakes the senders once for all of them
    )


def cut(words: str, *, is_latin: bool) -> tuple[str, list[str]]:
    """What is sent now, and what waits for MORE."""
    plain = in_latin(words) if is_latin else cheaper(words)
    whole = pages(plain, MOST_SEGMENTS)
    if len(whole) == 1:
        return whole[0], []
    parts = pages(plain, MOST_SEGMENTS - 1)
    return f"{parts[0]}\n{_('Go on: MORE')}", parts[1:]
