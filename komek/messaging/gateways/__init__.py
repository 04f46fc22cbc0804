"""Ways out for texts. A gateway hands one text to a provider and says how a failure is to be taken.

Each adapter is one module here with a function ``make()``; nothing outside this folder knows a provider.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

ADAPTERS = ("console", "twilio")


@dataclass(frozen=True)
class Sent:
    """What the provider answered. ``provider_id``: its name for the message, empty when it gives none."""

    provider_id: str


class GatewayFault(Exception):
    """The text did not leave. ``permanent``: trying again would fail the same way (a number that does not exist)."""

    def __init__(self, sentence: str, *, permanent: bool) -> None:
        super().__init__(sentence)
        self.permanent = permanent


class Gateway(Protocol):
    key: str

    def send(self, *, to: str, body: str, sender: str) -> Sent:
        """Hand over one text. ``to`` is E.164; ``sender`` a number, a name, or the provider's own kind of sender.

        Raises GatewayFault. Never logs the body.
        """
        ...


def is_gateway_set() -> bool:
    """Whether this installation sends texts at all."""
    return bool(settings.TEXT_GATEWAY)


def gateway() -> Gateway | None:
    """The gateway chosen by ``KOMEK_TEXT_GATEWAY``, or ``None``.

    Raises ImproperlyConfigured, with the setting's name, when it cannot work as set.
    """
    name: str = settings.TEXT_GATEWAY
    if not name:
        return None
    if name not in ADAPTERS:
        raise ImproperlyConfigured(f"KOMEK_TEXT_GATEWAY is {name!r}; known are {', '.join(ADAPTERS)}.")
    made: Gateway = import_module(f"komek.messaging.gateways.{name}").make()
    return made
