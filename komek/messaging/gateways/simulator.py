"""Phones on a page, for training: what is sent to one of its numbers stays in the outbox, where the page shows it."""

from __future__ import annotations

from datetime import timedelta

from komek.messaging.gateways import SIMULATOR, Sent


class Simulator:
    key = SIMULATOR

    def send(self, *, to: str, body: str, sender: str, text: int = 0, valid_for: timedelta | None = None) -> Sent:
        return Sent(provider_id=f"sim-{text}" if text else "")


def make() -> Simulator:
    return Simulator()
