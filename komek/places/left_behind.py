"""Records that still point at areas of an edition no longer in use, for a person to put right."""

from __future__ import annotations

from typing import Any

from komek.accounts.authority import Standing, visible
from komek.places.following import pointers
from komek.places.models import Generation
from komek.places.successors import successors_of

LEFT_SHOWN = 200


def records_left(generation: Generation, standing: Standing) -> tuple[list[dict[str, Any]], int]:
    """Records that still point at areas of a retired edition: those one may see, with today's areas; and how many in all."""
    found, number = [], 0
    for pointer in pointers():
        if pointer.is_set:
            continue
        here = {f"{pointer.field}__generation": generation, f"{pointer.field}__operation": None}
        number += pointer.model._base_manager.filter(**here).count()
        seen = visible(pointer.model._base_manager.filter(**here).select_related(pointer.field), standing)
        found += [
            {"kind": pointer.title, "record": record, "area": getattr(record, pointer.field)}
            for record in seen.defer(f"{pointer.field}__geometry")[: LEFT_SHOWN - len(found)]
        ]
    successors = successors_of({row["area"].pk for row in found})
    for row in found:
        row["successors"] = successors[row["area"].pk]
        row["url"] = row["record"].get_absolute_url() if hasattr(row["record"], "get_absolute_url") else ""
    return found, number
