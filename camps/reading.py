"""Names of people at sites are read for a reason: who read which records is written down before they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from komek.records.actor import Actor
from komek.records.reads import log_reads

PART = "names"


def names_read(*, by: Actor, operation: Any, what: Any, records: Iterable[Any]) -> None:
    """Write down that somebody read personal data: one line for each record, in few statements.

    what: the page or resource, in words; records: households or people whose names are shown, or scans of lists.
    """
    seen = {(type(record), record.pk): record for record in records}
    if seen:
        log_reads(by=by, records=seen.values(), why=str(what), part=PART, operation=operation)
