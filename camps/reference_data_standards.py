"""Plug for ``reference_data``: the minimum standards that come with Komek (see ``data/README.md``)."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from camps.models import Standard
from komek.supplies.models import Item
from orgs.models import Sector

DATA = Path(__file__).parent / "data" / "standards.json"
FIGURES = ("target", "first", "target_cold", "upper_cold", "share", "item_covers")
TEXTS = {"name": "names", "unit": "units", "gap_text": "gap_texts", "note": "notes"}


class Standards:
    key = "camps.standards"
    order = 40

    def load(self, report: Callable[[str], None]) -> None:
        """Add what is missing. What an installation edited, added or switched off stays; only missing languages are added."""
        known = {standard.key: standard for standard in Standard.objects.all()}
        sectors = {sector.key: sector for sector in Sector.objects.all()}
        items = {item.code: item for item in Item.objects.filter(is_active=True)}
        added = extended = 0
        for row in shipped():
            if row["key"] in known:
                extended += _extend(known[row["key"]], row)
                continue
            row["sector"] = sectors.get(row["sector"])
            row["item"] = items.get(row.get("item"))
            row["part_of"] = known.get(row.get("part_of"))
            known[row["key"]] = Standard.objects.create(**row)
            added += 1
        if added or extended:
            report(f"Standards: {added} added, {extended} extended")


def shipped() -> list[dict[str, Any]]:
    """The rows of the data file, figures as exact decimals; sector, item and part_of by their keys."""
    rows: list[dict[str, Any]] = json.loads(DATA.read_text(encoding="utf-8"))["standards"]
    return [{name: Decimal(value) if name in FIGURES else value for name, value in row.items()} for row in rows]


def _extend(standard: Standard, row: dict[str, Any]) -> bool:
    """Add languages that are missing, unless the installation has words of its own; True when something changed.

    A language that was emptied on the page is kept as an empty text, and so is not missing.
    """
    changed = []
    for original, name in TEXTS.items():
        if getattr(standard, original) != row[original]:
            continue
        texts = {**row[name], **getattr(standard, name)}
        if texts != getattr(standard, name):
            setattr(standard, name, texts)
            changed.append(name)
    if changed:
        standard.save(update_fields=[*changed, "updated_at"])
    return bool(changed)


PLUGS = [Standards()]
