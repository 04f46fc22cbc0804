"""Short forms and traditional variants of given names, as data: Саша is Александр or Александра, Fatma is Patma is Fatima.

``data/nicknames.tsv``: a full name, then the forms used for it, in any script; a form may stand under several full names. Compiled for
Komek from common usage in the languages it serves; native speakers should go on correcting it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from missing_persons.names.sounds import sound, spellings

TABLE = Path(__file__).parent / "data" / "nicknames.tsv"


@cache
def _table() -> dict[str, frozenset[str]]:
    """Sound of a form → sounds of its full names."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        full, forms = line.split("\t")[:2]
        head = sound(spellings(full)[0])
        for form in (full, *forms.split()):
            found[sound(spellings(form)[0])].add(head)
    return {form: frozenset(heads) for form, heads in found.items()}


def heads_of(stems: Iterable[str]) -> frozenset[str]:
    """Sounds of the full names that a word, in ASCII spelling, may stand for; empty when the table does not know it."""
    table = _table()
    return frozenset(head for stem in stems for head in table.get(sound(stem), ()))
