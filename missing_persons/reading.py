"""Who read whose entry is written down before it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from komek.records.actor import Actor
from komek.records.reads import log_reads

PART = "persons"


def persons_read(*, by: Actor, operation: Any, what: Any, records: Iterable[Any]) -> None:
    """Write down that somebody read personal data. what: the page or resource, in words."""
    seen = {(type(record), record.pk): record for record in records}
    if seen:
        log_reads(by=by, records=seen.values(), why=str(what), part=PART, operation=operation)
