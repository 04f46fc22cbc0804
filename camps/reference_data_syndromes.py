"""Plug for ``reference_data``: the syndromes that come with Komek, with alert thresholds to start from (see ``data/syndromes.md``)."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from camps.models import Syndrome

DATA = Path(__file__).parent / "data" / "syndromes.json"
FIGURES = ("alert_ratio", "alert_per_10000")


class Syndromes:
    key = "camps.syndromes"
    order = 41

    def load(self, report: Callable[[str], None]) -> None:
        """Add what is missing. What an installation edited, added or switched off stays; only missing languages are added."""
        known = {syndrome.key: syndrome for syndrome in Syndrome.objects.all()}
        added = extended = 0
        for row in shipped():
            syndrome = known.get(row["key"])
            if syndrome is None:
                Syndrome.objects.create(**row)
                added += 1
                continue
            names = {**row["names"], **syndrome.names}
            definitions = {**row["definitions"], **syndrome.definitions}
            if names != syndrome.names or definitions != syndrome.definitions:
                syndrome.names, syndrome.definitions = names, definitions
                syndrome.save(update_fields=["names", "definitions", "updated_at"])
                extended += 1
        if added or extended:
            report(f"Syndromes: {added} added, {extended} extended")


def shipped() -> list[dict[str, Any]]:
    """The rows of the file, as fields of the model."""
    rows: list[dict[str, Any]] = json.loads(DATA.read_text(encoding="utf-8"))["syndromes"]
    for row in rows:
        for name in FIGURES:
            row[name] = Decimal(row[name]) if row[name] is not None else None
    return rows


PLUGS = [Syndromes()]
