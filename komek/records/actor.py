"""Who does something, and through which door. Every change of state takes an ``Actor``; history keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    BROWSER = "browser", _("browser")
    API = "api", _("API")
    SMS = "sms", _("SMS")
    IMPORT = "import", _("import")
    FEED = "feed", _("feed")
    COMMAND = "command", _("command line")


@dataclass(frozen=True)
class Actor:
    """Who acts. ``user`` is ``None`` for the system itself and for unknown senders; ``name`` then says who.

    batch: the import or feed run a change belongs to, if any.
    """

    user: Any
    channel: Channel
    name: str = ""
    reason: str = ""
    batch: str = ""

    def because(self, reason: str) -> Actor:
        """The same actor with a reason that history will show."""
        return replace(self, reason=reason)


def shown_name(by: Actor) -> str:
    """Who acts, as everybody may read it: of a number that sent a text only the end."""
    if by.channel != Channel.SMS:
        return by.name
    if getattr(by.user, "pk", None):
        return str(by.user)
    return f"…{by.name[-2:]}" if by.name.startswith("+") else by.name


SYSTEM = Actor(user=None, channel=Channel.COMMAND, name="Komek")


@contextmanager
def acting(by: Actor) -> Iterator[None]:
    """Everything the database changes inside is written to history under this actor."""
    metadata: dict[str, Any] = {"channel": str(by.channel)}
    if by.user is not None and getattr(by.user, "pk", None):
        metadata["user"] = by.user.pk
    elif by.name:
        # For those without an account only: a name of an account stands on the account, where it can be erased.
        metadata["name"] = shown_name(by)
    if by.reason:
        metadata["reason"] = by.reason
    if by.batch:
        metadata["batch"] = by.batch
    with pghistory.context(**metadata):
        yield
