"""Texts on the terminal, for development: what would have been sent, codes included. Refused where KOMEK_DEBUG is off."""

from __future__ import annotations

import sys
from datetime import timedelta

from komek.messaging.gateways import Sent


class Console:
    key = "console"

    def send(self, *, to: str, body: str, sender: str, text: int = 0, valid_for: timedelta | None = None) -> Sent:
        sys.stderr.write(f"--- text from {sender or 'Komek'} to {to}\n{body}\n---\n")
        return Sent(provider_id="")


def make() -> Console:
    """Checked at start-up (``komek.messaging.checks``), so that no code is printed by a system in use."""
    return Console()
