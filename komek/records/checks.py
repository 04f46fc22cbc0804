"""Periods of retention that are set must belong to rules that exist, told at start-up."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from komek.records.retention import rules


def periods_are_known(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """``komek.records.E001``: a key mistyped would keep data longer than the installation promises."""
    known = {rule.key for rule in rules()}
    faults = [
        f"KOMEK_RETENTION_DAYS names {key!r}; known are {', '.join(sorted(known))}."
        for key in settings.RETENTION_DAYS
        if key not in known
    ]
    faults += [
        f"KOMEK_RETENTION_DAYS gives {key!r} {days!r}; it must be a number of days, 1 or more."
        for key, days in settings.RETENTION_DAYS.items()
        if not isinstance(days, int) or isinstance(days, bool) or days < 1
    ]
    return [Error(sentence, id="komek.records.E001") for sentence in faults]
