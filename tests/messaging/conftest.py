"""Texts as phones send them, and what comes back."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from komek.accounts.models import User
from komek.extensions.sms_commands import Reply, sms_commands
from komek.messaging import verbs
from komek.messaging.inbound.handling import work_off
from komek.messaging.inbound.receiving import Incoming, receive
from komek.messaging.models import Inbound, Outbox

PHONE, STRANGER = "+99365123456", "+99365999999"
_numbers = count(1)


def text(body: str, *, sender: str = PHONE, **fields: Any) -> Inbound:
    """A text as a gateway brings it; stored, not read."""
    provider_id = fields.pop("provider_id", f"test-{next(_numbers)}")
    receive(gateway="test", message=Incoming(provider_id=provider_id, sender=sender, body=body, **fields))
    return Inbound.objects.get(provider_id=provider_id)


def said(body: str, *, sender: str = PHONE, **fields: Any) -> str:
    """A text sent and read: the answer to it, empty when there is none."""
    inbound = text(body, sender=sender, **fields)
    work_off()
    return answer_to(inbound)


def answer_to(inbound: Inbound) -> str:
    answer = Outbox.objects.filter(answers=inbound).first()
    return answer.body if answer else ""


def bound(user: User, number: str = PHONE) -> User:
    """The account with a number that was proven."""
    user.phone, user.phone_verified = number, True
    user.save()
    return user


class Tally:
    """A verb of a registry: it counts, can be taken back, asks back above a hundred, and fails at 13."""

    key = "TALLY"
    aliases = {"ru": ("СЧИТАЙ",)}
    help = "TALLY 5 - counts."

    def __init__(self) -> None:
        self.done: list[tuple[int, str]] = []
        self.undone: list[Any] = []

    def parse(self, arguments: str) -> int:
        if not arguments.isdigit():
            raise ValueError("Write a number, such as: TALLY 5")
        return int(arguments)

    def act(self, command: int, by: Any) -> Reply:
        from komek.extensions.sms_commands import ask_whether

        if command > 100 and not by.confirmed:
            return ask_whether("So many?", f"TALLY {command}", yes="Yes", no="No")
        if command == 13:
            raise RuntimeError("broken")
        self.done.append((command, by.reference))
        return Reply(f"Counted {command}.", undo=f"TALLY-{command}", memo={"n": command})

    def undo(self, memo: Any, by: Any) -> str:
        self.undone.append(memo["n"])
        return f"Not counted: {memo['n']}."


@pytest.fixture
def tally(monkeypatch: pytest.MonkeyPatch) -> Any:
    plug = Tally()
    monkeypatch.setattr(sms_commands, "_plugs", {**sms_commands.plugs(), plug.key: plug})
    verbs.vocabulary.cache_clear()
    yield plug
    verbs.vocabulary.cache_clear()
