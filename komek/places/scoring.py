"""How well a name found fits what was asked. Pure; explains itself by its parts."""

from __future__ import annotations

from math import exp, log10

from rapidfuzz.distance import OSA

NEAR_KM = 60.0


def name_score(asked_key: str, asked_plain: str, key: str, plain: str) -> float:
    """0–1: how alike two names are.

    Equal letters 1; equal sounds 0.95; the beginning of a name, as somebody types, 0.8 and more; otherwise by edits
    (optimal string alignment) between both forms.
    """
    if asked_plain == plain:
        return 1.0
    if asked_key == key:
        return 0.95
    edits = 0.9 * max(OSA.normalized_similarity(asked_key, key), OSA.normalized_similarity(asked_plain, plain))
    if len(asked_key) >= 3 and key.startswith(asked_key):
        return max(edits, 0.8 + 0.1 * len(asked_key) / len(key))
    return edits


def place_score(
    likeness: float, *, population: int = 0, distance_km: float | None = None, is_alias: bool = False
) -> float:
    """0–1: likeness first; size and nearness decide between namesakes.

    population: people, 0 if unknown. distance_km: from the asker, ``None`` if unknown.
    """
    size = min(1.0, log10(population + 1) / 6.5)
    near = 0.5 if distance_km is None else exp(-distance_km / NEAR_KM)
    return max(0.0, 0.86 * likeness + 0.05 * size + 0.09 * near - (0.01 if is_alias else 0.0))
