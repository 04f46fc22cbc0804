"""Which hazard an alert is about, as a key of ``komek.operations``' hazard types. Pure; the table is ``data/hazards.json``."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from situation_map.hazards.alerts import Alert

_GLIDE = re.compile(r"([A-Z]{2})-?\d{4}-?\d{6}(?:-?[A-Z]{3})?")

_NO_WORD = re.compile(r"[^\w‘’]+")


@cache
def table() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "hazards.json").read_text(encoding="utf-8"))
    return found


def hazard_of(alert: Alert) -> str:
    """The key, or "" where nothing leads to one. Codes count before words, the event's name before the headline."""
    codes = table()["codes"]
    for info in alert.infos:
        for scheme, value in info.event_codes:
            if found := codes.get(scheme, {}).get(value) or codes["SAME"].get(value):
                return str(found)
    for incident in alert.incidents:
        letters = _GLIDE.fullmatch(incident.strip().upper())
        if letters and (found := codes["GLIDE"].get(letters[1])):
            return str(found)
    for text in (*(info.event for info in alert.infos), *(info.headline for info in alert.infos)):
        plain = f" {' '.join(_NO_WORD.sub(' ', text.lower()).split())} "
        for key, words in table()["words"]:
            if any(f" {word}" in plain for word in words):
                return str(key)
    return ""
