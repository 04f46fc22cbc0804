"""Which column of a file fills which column of ours. Pure: proposes, a person confirms."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz

from komek.exchange.columns import Column
from komek.exchange.readers.table import normal_tag

LIKE_ENOUGH = 88
# Attributes that only name a language or the form of a value do not change what a column is.
_WEAK_ATTRIBUTES = re.compile(r"^(?:[a-z]{2}|[a-z]{2}_[a-z]+|text|label)$")


def propose(headers: Sequence[str], tags: Sequence[str], columns: Sequence[Column]) -> dict[int, str]:
    """Place in the file → name of our column. Tags decide first, then headers; each of ours is used once.

    ``columns``' titles are compared in the language in force, their aliases and names in any.
    """
    writable = [column for column in columns if not column.read_only]
    mapping: dict[int, str] = {}
    used: set[str] = set()
    for choices in (lambda column: (column.hxl,), lambda column: column.also_hxl):
        for exact in (True, False):
            for column in writable:
                place = _tagged_place(tags, mapping, choices(column), exact=exact)
                if column.name not in used and place is not None:
                    mapping[place] = column.name
                    used.add(column.name)
    for exact in (True, False):
        for place, header in enumerate(headers):
            if place in mapping or not header.strip() or (place < len(tags) and tags[place]):
                continue
            best = max(
                ((_likeness(header, column), column) for column in writable if column.name not in used),
                key=lambda pair: pair[0],
                default=(0.0, None),
            )
            if best[1] is not None and best[0] >= (100 if exact else LIKE_ENOUGH):
                mapping[place] = best[1].name
                used.add(best[1].name)
    return mapping


def valid_mapping(asked: Mapping[int, str], width: int, columns: Sequence[Column]) -> dict[int, str]:
    """Only places that exist and columns that may be written, each once; the first wins."""
    known = {column.name for column in columns if not column.read_only}
    chosen: dict[int, str] = {}
    for place, name in sorted(asked.items()):
        if 0 <= place < width and name in known and name not in chosen.values():
            chosen[place] = name
    return chosen


def missing_columns(mapping: Mapping[int, str], columns: Sequence[Column]) -> list[Column]:
    """Required columns that no column of the file fills."""
    return [column for column in columns if column.required and column.name not in mapping.values()]


def _tagged_place(tags: Sequence[str], mapping: Mapping[int, str], ours: Sequence[str], *, exact: bool) -> int | None:
    """The first free place in the file that carries one of our tags, the tags in order of preference."""
    for tag in ours:
        for place, found in enumerate(tags):
            if tag and found and place not in mapping and _same_tag(found, tag, exact=exact):
                return place
    return None


def _same_tag(found: str, ours: str, *, exact: bool) -> bool:
    ours = normal_tag(ours)
    if found == ours:
        return True
    if exact:
        return False
    found_tag, found_attributes = _strong(found)
    our_tag, our_attributes = _strong(ours)
    return found_tag == our_tag and found_attributes == our_attributes


def _strong(tag: str) -> tuple[str, frozenset[str]]:
    name, *attributes = tag.split("+")
    kept = frozenset(a for a in attributes if not _WEAK_ATTRIBUTES.match(a) or a in ("f", "m", "id"))
    return name, kept - {"name"}


def _likeness(header: str, column: Column) -> float:
    words = [str(column.title), column.name.replace("_", " "), *column.aliases]
    folded = _folded(header)
    parts = [folded, *(_folded(part) for part in header.split(" / "))]
    return max(fuzz.ratio(part, _folded(word)) for part in parts for word in words)


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
