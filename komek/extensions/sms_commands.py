"""Socket ``sms_commands``: a verb, its aliases per language, a pure parser, and the function it calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from komek.extensions.sockets import Socket


@runtime_checkable
class SmsCommand(Protocol):
    """key: the canonical Latin verb in capitals. aliases: language code → words. help: one line per use."""

    key: str
    aliases: Mapping[str, Sequence[str]]
    help: Any

    def parse(self, arguments: str) -> Any:
        """Arguments after the verb → a plain value. Pure: no database, no clock. Raises ValueError in plain words."""
        ...

    def act(self, command: Any, by: Any) -> str:
        """Do what was asked and return the reply. ``by`` says who sent it and through which channel."""
        ...


sms_commands: Socket[SmsCommand] = Socket("sms_commands", SmsCommand)
