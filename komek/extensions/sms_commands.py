"""Socket ``sms_commands``: a verb, its aliases per language, a pure parser, and the function it calls.

A plug is a small object::

    class HeadcountCommand:
        key = "HC"
        aliases = {"ru": ("СЧЕТ",), "tk": ("SAN",)}
        help = gettext_lazy("HC C1143 412 M198 F214 – how many people a camp shelters.")

        def parse(self, arguments): ...          # pure; raises ValueError with a sentence
        def act(self, command, by): ...          # str, or Reply when it can be undone or asks back

It may have more, each with a meaning of its own when it is left out:

- ``undo(memo, by) -> str``: takes back what a ``Reply`` with ``undo`` did; raises ValueError with a sentence when it is too late.
- ``goes_on = True``: its words may run over several lines, as a report's do; a line that begins with no verb belongs to it.
- ``is_distress = True``: whatever comes of it, a coordinator sees the text, before all others.
- ``last_seen(by) -> LastSeen | None``: where the sender said they are, when the registry knows it.
- ``is_plain_word = True``: many sentences begin with it, as "no water here" does; what does not fit is read by a coordinator.

**by** is a ``komek.messaging.sender.Sender``, which is an Actor of channel SMS: ``user`` (an account or ``None``), ``name`` and
``number`` (E.164), ``language``, ``operation`` (whose people the sender works for; the open one for strangers), ``trust``,
``confirmed`` (the sender was asked back and said yes), ``occurred_at`` (when it was sent), ``reference`` (unique for this line).

**act** runs in one transaction with what is kept about the line, so it happens once however often a worker dies. It refuses by
raising ValueError, ValidationError or PermissionDenied with a sentence: nothing is written then, and the sender reads it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from komek.extensions.sockets import Socket


@dataclass(frozen=True)
class Answer:
    """One numbered answer. text: the command that is then carried out; empty for "leave it". is_yes: with ``by.confirmed``."""

    label: str
    text: str = ""
    is_yes: bool = False


@dataclass(frozen=True)
class Question:
    """One question back, open for half an hour; the sender answers with a number. Any verb drops it.

    is_guarded: the answers get numbers that cannot be guessed, and a wrong one drops the question. For what would do harm if
    somebody forged the sender's number: goods that leave, large counts, deaths.
    """

    text: str
    answers: Sequence[Answer]
    is_guarded: bool = False


@dataclass(frozen=True)
class Reply:
    """What the sender reads.

    undo: the reference typed after UNDO, such as a code; empty when it cannot be taken back. memo: what ``undo`` of the plug needs,
    plain values that JSON holds. question: asked instead; nothing was done yet. waits_as: a person has to see the text, and why
    (a value of ``komek.messaging.models.WhyInbox``).
    """

    text: str = ""
    undo: str = ""
    memo: Mapping[str, Any] = field(default_factory=dict)
    question: Question | None = None
    waits_as: str = ""


@dataclass(frozen=True)
class LastSeen:
    """Where a sender was last. point: in EPSG:4326, or ``None``. at: when they said so."""

    name: str
    point: Any
    at: datetime


def ask_whether(question: str, text: str, *, yes: str, no: str, is_guarded: bool = False) -> Reply:
    """Ask back before something unlikely is believed: with the first answer ``text`` is carried out, ``by.confirmed`` then true."""
    return Reply(question=Question(question, (Answer(yes, text, is_yes=True), Answer(no)), is_guarded))


@runtime_checkable
class SmsCommand(Protocol):
    """key: the canonical Latin verb in capitals. aliases: language code → words. help: one line per use."""

    key: str
    aliases: Mapping[str, Sequence[str]]
    help: Any

    def parse(self, arguments: str) -> Any:
        """Arguments after the verb → a plain value. Pure: no database, no clock. Raises ValueError in plain words."""
        ...

    def act(self, command: Any, by: Any) -> str | Reply:
        """Do what was asked and return the reply. ``by`` says who sent it and through which channel."""
        ...


@runtime_checkable
class Undoable(Protocol):
    """A command whose doing can be taken back by ``UNDO`` and the reference."""

    def undo(self, memo: Mapping[str, Any], by: Any) -> str:
        """Take it back and say so. Raises ValueError, ValidationError or PermissionDenied with a sentence."""
        ...


sms_commands: Socket[SmsCommand] = Socket("sms_commands", SmsCommand)
