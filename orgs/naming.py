"""Organisation names folded to one script."""

from __future__ import annotations

from collections.abc import Iterable

from anyascii import anyascii


def name_key(name: str) -> str:
    """The name in lower-case ASCII words."""
    return " ".join("".join(c if c.isalnum() else " " for c in anyascii(name).lower()).split())


def search_key(names: Iterable[str]) -> str:
    """Every name's key, one after another, for one trigram index."""
    return " | ".join(dict.fromkeys(key for key in map(name_key, names) if key))
