"""Plug for ``reference_data``: the sectors that come with Komek (see ``data/README.md``)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from orgs.models import Sector

DATA = Path(__file__).parent / "data"


class Sectors:
    key = "orgs.sectors"
    order = 30

    def load(self, report: Callable[[str], None]) -> None:
        """Add what is missing; keep what the installation changed: its own names, aliases, order and what it switched off."""
        known = {sector.key: sector for sector in Sector.objects.all()}
        added = changed = 0
        for row in json.loads((DATA / "sectors.json").read_text(encoding="utf-8")):
            sector = known.get(row["key"])
            if sector is None:
                Sector.objects.create(**row)
                added += 1
                continue
            names = {**row["names"], **sector.names}
            aliases = [*sector.aliases, *(alias for alias in row["aliases"] if alias not in sector.aliases)]
            if names != sector.names or aliases != sector.aliases:
                sector.names, sector.aliases = names, aliases
                sector.save(update_fields=["names", "aliases"])
                changed += 1
        if added or changed:
            report(f"Sectors: {added} added, {changed} extended")


PLUGS = [Sectors()]
