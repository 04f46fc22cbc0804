"""Plug for ``text_stops``: who wrote STOP follows nobody any more by text. START brings answers back, not what was followed."""

from __future__ import annotations

from typing import Any

from missing_persons.subscribing import unsubscribe_phone


class SeekersStop:
    key = "missing_persons.seekers"

    def stopped(self, *, by: Any, number: str) -> None:
        """End every subscription of the number."""
        unsubscribe_phone(by=by, phone=number)


PLUGS = [SeekersStop()]
