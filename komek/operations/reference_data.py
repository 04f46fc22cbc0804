"""Plug for ``reference_data``: the hazard types that come with Komek (see ``data/README.md``)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from komek.operations.models import HazardType

DATA = Path(__file__).parent / "data"


class HazardTypes:
    key = "operations.hazard_types"
    order = 5

    def load(self, report: Callable[[str], None]) -> None:
        """Add what is missing; what an installation changed stays."""
        known = set(HazardType.objects.values_list("key", flat=True))
        rows = json.loads((DATA / "hazard_types.json").read_text(encoding="utf-8"))
        made = [HazardType(**row) for row in rows if row["key"] not in known]
        HazardType.objects.bulk_create(made)
        if made:
            report(f"Hazard types: {len(made)}")


PLUGS = [HazardTypes()]
