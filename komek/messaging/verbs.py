"""Every verb that is plugged in, as one vocabulary."""

from __future__ import annotations

from functools import cache

from komek.extensions.sms_commands import SmsCommand, sms_commands
from komek.messaging.grammar.vocabulary import Verb, Vocabulary


@cache
def vocabulary() -> Vocabulary:
    """Made once. Raises AliasClash when two verbs share a word, which the start-up check tells first."""
    return vocabulary_of(list(sms_commands))


def vocabulary_of(commands: list[SmsCommand]) -> Vocabulary:
    """The vocabulary of these commands."""
    return Vocabulary(
        Verb(command.key, command.aliases, goes_on=bool(getattr(command, "goes_on", False))) for command in commands
    )
