"""Ways out for texts, and in. A gateway hands one text to a provider and says how a failure is to be taken; it reads what the
provider brings.

Each adapter is one module here with a function ``make()``; nothing outside this folder knows a provider. An adapter may leave out
what its provider cannot do: see ``Hears`` and ``Lists``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Protocol, runtime_checkable

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse

from komek.messaging.inbound.receiving import Incoming
from komek.messaging.models import Receipt

ADAPTERS = ("console", "twilio", "http", "email")
SIMULATOR = "simulator"
SIMULATED = "+88800000"
"""How numbers of the simulator begin: the library of numbers knows no real one that does."""


@dataclass(frozen=True)
class Sent:
    """What the provider answered. ``provider_id``: its name for the message, empty when it gives none."""

    provider_id: str


@dataclass(frozen=True)
class News:
    """What a provider tells of a text it took over. text: our own key of it, where the provider hands it back; 0 when not.

    has_opted_out: the receiver told the carrier to stop.
    """

    provider_id: str
    receipt: Receipt
    text: int = 0
    error: str = ""
    has_opted_out: bool = False


class GatewayFault(Exception):
    """The text did not leave. ``permanent``: trying again would fail the same way (a number that does not exist).

    has_opted_out: the receiver told the carrier to stop; nothing is sent there any more.
    """

    def __init__(self, sentence: str, *, permanent: bool, has_opted_out: bool = False) -> None:
        super().__init__(sentence)
        self.permanent = permanent
        self.has_opted_out = has_opted_out


class Forged(Exception):
    """A request that does not come from the provider. Nothing of it is believed or kept."""


class Unreadable(Exception):
    """A request that comes from the provider and yet tells of no text."""


class Gateway(Protocol):
    key: str

    def send(self, *, to: str, body: str, sender: str, text: int = 0, valid_for: timedelta | None = None) -> Sent:
        """Hand over one text. ``to`` is E.164; ``sender`` a number, a name, or the provider's own kind of sender.

        text: our key of it, for receipts. valid_for: after that the provider had better drop it. Raises GatewayFault. Never
        logs the body.
        """
        ...


@runtime_checkable
class Hears(Protocol):
    """A gateway whose provider brings texts and receipts to an address of ours."""

    key: str

    def incoming(self, request: HttpRequest) -> Incoming:
        """The text a request brings. Raises Forged, Unreadable."""
        ...

    def news(self, request: HttpRequest) -> News:
        """The receipt a request brings. Raises Forged, Unreadable."""
        ...

    def thanks(self) -> HttpResponse:
        """What the provider wants to hear when a text is stored."""
        ...


@runtime_checkable
class Lists(Protocol):
    """A gateway whose provider can be asked what it holds, so that a missed request is no lost text."""

    key: str

    def held(self, since: datetime) -> Iterable[Incoming]:
        """Texts to us that the provider has from ``since`` on. Raises GatewayFault."""
        ...


def is_gateway_set() -> bool:
    """Whether this installation sends texts at all."""
    return bool(settings.TEXT_GATEWAY)


def gateways() -> list[Gateway]:
    """The gateways named by ``KOMEK_TEXT_GATEWAY``, first choice first.

    Raises ImproperlyConfigured, with the setting's name, when one cannot work as set.
    """
    return [_made(name.strip()) for name in settings.TEXT_GATEWAY.split(",") if name.strip()]


def gateway() -> Gateway | None:
    """The first choice, or ``None``. Raises as ``gateways``."""
    return next(iter(gateways()), None)


def named(key: str) -> Gateway | None:
    """The gateway with this key, if this installation uses it."""
    if key == SIMULATOR:
        return _made(key)
    return next((one for one in gateways() if one.key == key), None)


def ways_to(number: str) -> list[Gateway]:
    """Gateways for a number, the best first: what ``KOMEK_TEXT_ROUTES`` says for the longest beginning of it, then the others.

    A number of the simulator's has one way only, and nobody else's leads there.
    """
    if number.startswith(SIMULATED):
        return [_made(SIMULATOR)]
    found = gateways()
    fitting = [prefix for prefix in settings.TEXT_ROUTES if number.startswith(prefix)]
    first = settings.TEXT_ROUTES[max(fitting, key=len)] if fitting else ""
    return sorted(found, key=lambda one: one.key != first)


def _made(name: str) -> Gateway:
    if name not in (*ADAPTERS, SIMULATOR):
        raise ImproperlyConfigured(f"KOMEK_TEXT_GATEWAY is {name!r}; known are {', '.join(ADAPTERS)}.")
    made: Gateway = import_module(f"komek.messaging.gateways.{name}").make()
    return made
