"""How alike two organisations are, with the reasons in words, and which of many are worth comparing. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz

from orgs.naming import acronym_key, form_meanings, initials, organisation_key, website_host

LIKELY = 0.6
"""From here on two organisations are shown to a person as possibly the same."""

REASONS = {
    "names": _("names alike %(value)s"),
    "acronym": _("same acronym %(value)s"),
    "initials": _("the acronym %(value)s fits the name"),
    "website": _("same website %(value)s"),
    "phone": _("same phone %(value)s"),
    "external": _("same code in another system %(value)s"),
}
"""Why two organisations look alike, as stored → as said."""

_BLOCK_LIMIT = 60  # a key that more organisations share says nothing about any two of them


@dataclass(frozen=True)
class Profile:
    """What is compared. keys: of each name its ``organisation_key`` and what its legal forms mean."""

    pk: int
    keys: frozenset[tuple[str, frozenset[str]]]
    acronyms: frozenset[str] = frozenset()
    initials: frozenset[str] = frozenset()
    host: str = ""
    phones: frozenset[str] = frozenset()
    external: frozenset[str] = frozenset()
    operation_id: int | None = None


@dataclass(frozen=True)
class Likeness:
    """score: 0 (nothing in common) to 1 (the same). reasons: (key in REASONS, value), strongest first."""

    score: float
    reasons: tuple[tuple[str, str], ...] = field(default=())


def profile(
    *,
    pk: int = 0,
    names: Iterable[str],
    acronyms: Iterable[str] = (),
    website: str = "",
    phones: Iterable[str] = (),
    external_ids: dict[str, Any] | None = None,
    operation_id: int | None = None,
) -> Profile:
    """What an organisation is compared by, derived once."""
    names = [name for name in names if name]
    return Profile(
        pk=pk,
        keys=frozenset((key, form_meanings(name)) for name in names if (key := organisation_key(name))),
        acronyms=frozenset(filter(None, map(acronym_key, acronyms))),
        initials=frozenset(short for short in map(initials, names) if len(short) > 2),
        host=website_host(website),
        phones=frozenset(str(phone) for phone in phones if phone),
        external=frozenset(f"{system}:{value}" for system, value in (external_ids or {}).items() if value),
        operation_id=operation_id,
    )


def likeness(one: Profile, other: Profile) -> Likeness:
    """How alike two organisations are. Each reason adds to what the others leave open, so that none alone is certainty."""
    found: list[tuple[float, str, str]] = []
    names = name_likeness(one, other)
    if names >= 0.72:
        found.append((min(0.95, (names - 0.65) / 0.35 * 0.95), "names", f"{names:.2f}"))
    shared = one.acronyms & other.acronyms
    if shared:
        acronym = max(shared, key=len)
        found.append((0.35 + 0.07 * min(len(acronym), 5), "acronym", acronym.upper()))
    elif fitting := (one.acronyms & other.initials) | (one.initials & other.acronyms):
        acronym = max(fitting, key=len)
        found.append((0.1 + 0.1 * min(len(acronym), 5), "initials", acronym.upper()))
    if one.host and one.host == other.host:
        found.append((0.6, "website", one.host))
    if phones := one.phones & other.phones:
        found.append((0.6, "phone", min(phones)))
    if external := one.external & other.external:
        found.append((0.9, "external", min(external)))
    left = 1.0
    for weight, _key, _value in found:
        left *= 1 - weight
    found.sort(key=lambda reason: -reason[0])
    return Likeness(round(1 - left, 3), tuple((key, value) for _weight, key, value in found))


def name_likeness(one: Profile, other: Profile) -> float:
    """The best match of any name of one with any name of the other, 0 to 1.

    Legal forms are left out, except where a single word remains without them: then forms of different meaning (Relief
    Society, Relief Fund) make the names less alike. Different numbers (School 7, School 9) are different names.
    """
    best = 0.0
    for mine, my_forms in one.keys:
        for yours, your_forms in other.keys:
            if _numbers(mine) != _numbers(yours):
                continue
            found = max(fuzz.ratio(mine, yours), fuzz.token_sort_ratio(mine, yours)) / 100
            if (" " not in mine or " " not in yours) and my_forms and your_forms and not my_forms & your_forms:
                found *= 0.75
            best = max(best, found)
    return best


def _numbers(key: str) -> list[str]:
    return [word for word in key.split() if word.isdigit()]


def candidate_pairs(profiles: Sequence[Profile]) -> Iterator[tuple[Profile, Profile]]:
    """Pairs worth comparing, each once: those that share a word's beginning, an acronym, a website, a phone or a code.

    Words that very many names share are only used in pairs, so that time grows with the number of organisations and
    not with its square. Organisations of different operations are never compared: exercise and real never mix.
    """
    blocks: dict[tuple[Any, str], list[int]] = defaultdict(list)
    for place, entry in enumerate(profiles):
        for key in _block_keys(entry):
            blocks[entry.operation_id, key].append(place)
    seen: set[tuple[int, int]] = set()
    for members in blocks.values():
        if len(members) > _BLOCK_LIMIT:
            continue
        for place, mine in enumerate(members):
            for yours in members[place + 1 :]:
                if (mine, yours) not in seen:
                    seen.add((mine, yours))
                    yield profiles[mine], profiles[yours]


def _block_keys(entry: Profile) -> set[str]:
    found: set[str] = {f"a:{short}" for short in entry.acronyms | entry.initials}
    found.update(f"p:{phone}" for phone in entry.phones)
    found.update(f"x:{code}" for code in entry.external)
    if entry.host:
        found.add(f"h:{entry.host}")
    for key, _forms in entry.keys:
        found.add(f"k:{key}")
        compact = key.replace(" ", "")
        found.update((f"b:{compact[:7]}", f"e:{compact[-7:]}"))
        stems = sorted({word[:5] for word in key.split() if len(word) > 2})
        found.update(f"w:{stem}" for stem in stems)
        found.update(f"2:{one} {two}" for place, one in enumerate(stems) for two in stems[place + 1 :])
    return found
