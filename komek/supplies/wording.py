"""Items by the words people use for them in a text message: a name or another name in any language, in the singular or the plural,
with a unit or a pack before it or without.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from komek.supplies.catalogue import folded
from komek.supplies.conversion import CannotConvert
from komek.supplies.measures import measure_named
from komek.supplies.models import Item, Unit

LONGEST_ENDING = 2
SHORTEST_STEM = 4
OF = ("of", "x")


@dataclass(frozen=True)
class Meant:
    """What somebody's words mean. unit: the name of a unit or a pack, empty for the item's base unit. words: what is left to say when
    no item, or more than one, is meant.
    """

    item: Item | None
    unit: str
    words: str


def meanings_of(texts: Sequence[str]) -> dict[str, Meant]:
    """What each of these means, such as ``boxes of soap`` or ``одеял``. Three queries, however many."""
    items = list(Item.objects.filter(is_active=True).select_related("unit").prefetch_related("packs"))
    named: dict[str, list[Item]] = {}
    for item in items:
        for name in {folded(item.code), *item.search_key.split(" | ")} - {""}:
            named.setdefault(name, []).append(item)
    units = {
        folded(name): name
        for unit in Unit.objects.all()
        for name in (unit.name, unit.symbol, *unit.names.values())
        if name
    }
    return {text: _meaning(text, named, units) for text in texts}


def _meaning(text: str, named: dict[str, list[Item]], units: dict[str, str]) -> Meant:
    words = text.split()
    if words and words[0].casefold() in OF:
        words = words[1:]
    item = _called(" ".join(words), named)
    if item is not None or len(words) < 2:
        return Meant(item, "", " ".join(words))
    first, rest = words[0].rstrip("."), words[1:]
    if rest[0].casefold() in OF and len(rest) > 1:
        rest = rest[1:]
    item = _called(" ".join(rest), named)
    if item is not None and (unit := _measure(item, first)):
        return Meant(item, unit, "")
    if folded(first) in units:
        return Meant(None, first, " ".join(rest))
    return Meant(None, "", " ".join(words))


def _called(words: str, named: dict[str, list[Item]]) -> Item | None:
    """The only item of this name, else the only one of a name that differs in its endings alone."""
    key = folded(words)
    hits = {item.pk: item for item in named.get(key, ())}
    if not hits and key:
        parts = key.split()
        for name, items in named.items():
            own = name.split()
            if len(own) == len(parts) and all(_same_but_ending(*pair) for pair in zip(own, parts, strict=True)):
                hits |= {item.pk: item for item in items}
    return next(iter(hits.values())) if len(hits) == 1 else None


def _same_but_ending(one: str, other: str) -> bool:
    """``blanket`` and ``blankets``, ``odeialo`` and ``odeial``: one stem, and endings of two letters at most."""
    if one == other:
        return True
    if any(letter.isdigit() for letter in one + other):
        return False
    stem = next(
        (place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(other)),
    )
    return stem >= SHORTEST_STEM and max(len(one), len(other)) - stem <= LONGEST_ENDING


def _measure(item: Item, word: str) -> str:
    """The word as the item's unit or pack, in the singular where that is the name; an empty text when it is neither."""
    for form in (word, word[:-1] if word.endswith("s") else "", word[:-2] if word.endswith("es") else ""):
        if not form:
            continue
        try:
            measure_named(item, form)
        except CannotConvert:
            continue
        return form
    return ""
