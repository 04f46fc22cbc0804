"""Finding people by name, whatever the script and spelling. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from komek.places.keys import plain, search_key


def name_key(name: str) -> str:
    """The words of a name by sound: ``Мырат Аннаев`` and ``Myrat Annaýew`` share one.

    A key is for finding, never for showing; unlike names may share one.
    """
    return " ".join(filter(None, map(_word_key, plain(name).split())))


@lru_cache(maxsize=20_000)
def _word_key(word: str) -> str:
    """Lists repeat the same words: given names, family names."""
    return search_key(word)


def match_key(name: str) -> str:
    """The same for ``Annaýew Myrat`` and ``Мырат Аннаев``: the words of ``name_key`` in alphabetical order."""
    return " ".join(sorted(set(name_key(name).split())))


def search_keys(names: Iterable[str]) -> str:
    """Every name's key, one after another, for one trigram index."""
    return " | ".join(dict.fromkeys(key for key in map(name_key, names) if key))
