"""Where names are filed and people are found by them."""

from __future__ import annotations

from collections.abc import Iterable


def refresh_keys(person_ids: Iterable[int]) -> None:
    """File the names of these persons anew, after their reports changed."""
