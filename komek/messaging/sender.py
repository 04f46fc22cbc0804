"""Who sends a text: an Actor of channel SMS, with what the number is known for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from komek.records.actor import Actor, Channel


class Trust(models.TextChoices):
    """How far a number is believed. A caller's number may be forged, so no level lets alone decide about much."""

    UNKNOWN = "unknown", _("unknown number")
    REGISTERED = "registered", _("bound to an account")
    TRUSTED = "trusted", _("trusted")


@dataclass(frozen=True)
class Sender(Actor):
    """``name`` is the number, as ``number`` is: E.164. See ``komek.extensions.sms_commands`` for the rest.

    reference: unique for the line of the message that is being carried out; a key against doing it twice.
    """

    number: str = ""
    language: str = "en"
    operation: Any = None
    trust: str = Trust.UNKNOWN
    confirmed: bool = False
    occurred_at: datetime | None = None
    reference: str = ""

    @property
    def is_known(self) -> bool:
        """Whether the number is bound to an account that may work."""
        return self.user is not None


def sender_of(number: str, **fields: Any) -> Sender:
    """A sender by number, as tests and benchmarks need one."""
    return Sender(**{"user": None, "channel": Channel.SMS, "name": number, "number": number, **fields})
