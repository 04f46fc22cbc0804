"""Plug for ``reference_data``: emergency numbers by country (see ``data/README.md``)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from missing_persons.models import EmergencyNumber

DATA = Path(__file__).parent / "data"


class EmergencyNumbers:
    key = "missing_persons.emergency_numbers"
    order = 40

    def load(self, report: Callable[[str], None]) -> None:
        """Add the numbers of countries of which none is known; what an installation changed stays."""
        known = set(EmergencyNumber.objects.values_list("country", flat=True))
        rows = json.loads((DATA / "emergency_numbers.json").read_text(encoding="utf-8"))
        made = [EmergencyNumber(**row) for row in rows if row["country"] not in known]
        EmergencyNumber.objects.bulk_create(made)
        if made:
            report(f"Emergency numbers: {len(made)}")


PLUGS = [EmergencyNumbers()]
