"""Loading every room's reference data, in order, in one transaction."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from komek.extensions.reference_data import reference_data
from komek.records.actor import Actor, Channel, acting

LOADER = Actor(user=None, channel=Channel.COMMAND, name="Komek", reason="reference data")


def load_all(report: Callable[[str], None]) -> None:
    """Load what comes with Komek. Safe to repeat."""
    with transaction.atomic(), acting(LOADER):
        for plug in sorted(reference_data, key=lambda plug: plug.order):
            plug.load(report)
