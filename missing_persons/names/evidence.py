"""How well two descriptions of people fit, field by field, and a score that adds it up. Pure; explains itself.

The score is in the manner of Fellegi and Sunter (*A theory for record linkage*, JASA 64, 1969): each field adds bits, the binary
logarithm of how much more often it looks like this for one person than for two people taken at random. Blank fields add nothing. The
sum, less the bits that a pair in a million begins with, is the score's odds. The bits are fixed here, not learnt, so that the same
two records get the same score everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from math import log2

from rapidfuzz.distance import OSA

from komek.places.keys import search_key
from missing_persons.names.likeness import ALIKE, SAME, Likeness, best_likeness
from missing_persons.names.words import PATRONYMIC, Name

# What is worth a registrar's look: among a million people, two equal names of two words and nothing else.
SUGGESTED = 0.01


# A birth date that is plainly wrong stands in one record of thirty or so.
_WRONG = -5.0


class Verdict(StrEnum):
    """How one field of two descriptions compares."""

    EQUAL = "equal"
    COMPATIBLE = "compatible"
    DIFFERENT = "different"
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Born:
    """When somebody was born, as exactly as is known: not before ``earliest``, not after ``latest``."""

    earliest: date
    latest: date


@dataclass(frozen=True, slots=True)
class Place:
    """``name``: as written. ``areas``: codes of the areas it lies in, the widest first; empty when it is not in the gazetteer."""

    name: str = ""
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Description:
    """Somebody, as far as known. ``names``: every form and script; ``sex``: "male", "female", or anything else for unknown;
    ``places``: by kind, as "home" and "last_seen".
    """

    names: tuple[Name, ...]
    sex: str = ""
    born: Born | None = None
    places: dict[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One field: "name", "sex", "born", or a kind of place. ``bits``: for (above 0) or against (below) one person."""

    field: str
    verdict: Verdict
    bits: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """``score``: 0–1; ``evidence``: every field, also blank ones; ``likeness``: of the two likeliest names."""

    score: float
    evidence: tuple[Evidence, ...]
    likeness: Likeness

    def verdict(self, name: str) -> Verdict:
        """The verdict on a field; blank when it was not compared."""
        return next((one.verdict for one in self.evidence if one.field == name), Verdict.BLANK)


def compare(
    left: Description, right: Description, *, others: int = 1_000_000, likeness: Likeness | None = None
) -> Comparison:
    """How well two descriptions fit. ``others``: how many people the right one was taken from: two taken at random are one person
    once in so many. ``likeness``: of their names, when it is known already: it takes most of the time.
    """
    if likeness is None:
        likeness = best_likeness(left.names, right.names)
    evidence = [_names(left, right, likeness), _sex(left.sex, right.sex), _born(left.born, right.born)]
    kinds = dict.fromkeys((*left.places, *right.places))
    evidence += _places(left, right, kinds)
    bits = -log2(others) + sum(one.bits for one in evidence)
    return Comparison(1 / (1 + 2.0 ** -max(-60.0, min(60.0, bits))), tuple(evidence), likeness)


def _names(left: Description, right: Description, likeness: Likeness) -> Evidence:
    if not any(left.names) or not any(right.names):
        return Evidence("name", Verdict.BLANK, 0.0)
    bits = sum(_word_bits(alike, is_father=PATRONYMIC in (a.ending, b.ending), is_initial=a.is_initial or b.is_initial)
               for a, b, alike in likeness.met)  # fmt: skip
    contradicted = min(len(likeness.left_over), len(likeness.right_over))
    bits -= 5.0 * contradicted
    if not likeness.met:
        return Evidence("name", Verdict.DIFFERENT, min(bits, -8.0))
    if contradicted or likeness.score < ALIKE:
        verdict = Verdict.DIFFERENT if likeness.score < ALIKE else Verdict.COMPATIBLE
    elif all(alike >= SAME for _, _, alike in likeness.met) and not (likeness.left_over or likeness.right_over):
        verdict = Verdict.EQUAL
    else:
        verdict = Verdict.COMPATIBLE
    return Evidence("name", verdict, bits)


def _word_bits(alike: float, *, is_father: bool, is_initial: bool) -> float:
    """Bits of two words that met: a given or family name is shared by one in a hundred or fewer; a slip takes most of it."""
    if is_initial:
        return 2.0
    full = 5.0 if is_father else 7.0
    if alike >= SAME:
        return full * (alike - 0.02 if alike < 1.0 else 1.0)
    return full * max(-0.6, 1 - 6.0 * (SAME - alike)) * 0.9


def _sex(left: str, right: str) -> Evidence:
    known = {"male", "female"}
    if left not in known or right not in known:
        return Evidence("sex", Verdict.BLANK, 0.0)
    return Evidence("sex", Verdict.EQUAL, 1.0) if left == right else Evidence("sex", Verdict.DIFFERENT, -6.0)


def _born(left: Born | None, right: Born | None) -> Evidence:
    if left is None or right is None:
        return Evidence("born", Verdict.BLANK, 0.0)
    both_exact = left.earliest == left.latest and right.earliest == right.latest
    if both_exact:
        return _days(left.earliest, right.earliest)
    apart_days = (max(left.earliest, right.earliest) - min(left.latest, right.latest)).days
    if apart_days <= 0:
        width_days = max((left.latest - left.earliest).days, (right.latest - right.earliest).days)
        return Evidence("born", Verdict.COMPATIBLE, 4.0 if width_days <= 400 else 3.0 if width_days <= 1200 else 2.0)
    # An age is guessed: three years beside a range count little against it.
    if apart_days <= 3 * 366:
        return Evidence("born", Verdict.COMPATIBLE, -1.0)
    return Evidence("born", Verdict.DIFFERENT, -4.0 if apart_days <= 8 * 366 else _WRONG)


def _days(left: date, right: date) -> Evidence:
    """Two exact birth dates: the same; with day and month exchanged, or one figure wrong; or others."""
    if left == right:
        return Evidence("born", Verdict.EQUAL, 13.0)
    slips = OSA.distance(left.isoformat(), right.isoformat())
    exchanged = (left.year, left.month, left.day) == (right.year, right.day, right.month)
    if exchanged or slips == 1:
        return Evidence("born", Verdict.COMPATIBLE, 6.0)
    if slips == 2 or left.year == right.year:
        return Evidence("born", Verdict.COMPATIBLE, 0.0)
    return Evidence("born", Verdict.DIFFERENT, -3.0 if abs(left.year - right.year) <= 3 else _WRONG)


def compare_places(kind: str, left: Place, right: Place) -> Evidence:
    """One kind of place of two descriptions alone."""
    return _place(kind, left, right)


def _places(left: Description, right: Description, kinds: Iterable[str]) -> list[Evidence]:
    return [_place(kind, left.places.get(kind), right.places.get(kind)) for kind in kinds]


def _place(kind: str, left: Place | None, right: Place | None) -> Evidence:
    """People in a disaster move: a different place says little, the same one a good deal."""
    if not left or not right or not (left.name or left.areas) or not (right.name or right.areas):
        return Evidence(kind, Verdict.BLANK, 0.0)
    by_words = _place_words(kind, left, right)
    if left.areas and right.areas:
        shared = sum(1 for a, b in zip(left.areas, right.areas, strict=False) if a == b)
        if shared == max(len(left.areas), len(right.areas)):
            return Evidence(kind, Verdict.EQUAL, 4.0)
        if shared == min(len(left.areas), len(right.areas)):
            return Evidence(kind, Verdict.COMPATIBLE, 2.0)
        if shared > 1:
            return Evidence(kind, Verdict.COMPATIBLE, 1.0)
        # Somebody may have chosen the wrong one of two areas; the same words count against that.
        same_words = by_words.verdict in (Verdict.EQUAL, Verdict.COMPATIBLE)
        return Evidence(kind, Verdict.COMPATIBLE, 0.0) if same_words else Evidence(kind, Verdict.DIFFERENT, -1.5)
    return by_words


def _place_words(kind: str, left: Place, right: Place) -> Evidence:
    one, other = search_key(left.name), search_key(right.name)
    if not one or not other:
        return Evidence(kind, Verdict.BLANK, 0.0)
    # A longer text says more: a street rather than a town.
    full = min(8.0, 2.0 + 0.35 * min(len(one), len(other)))
    if one == other:
        return Evidence(kind, Verdict.EQUAL, full)
    alike = OSA.normalized_similarity(one, other)
    if alike >= 0.75:
        return Evidence(kind, Verdict.COMPATIBLE, full - 8 * (1 - alike))
    if one in other or other in one:
        return Evidence(kind, Verdict.COMPATIBLE, 2.0)
    return Evidence(kind, Verdict.DIFFERENT, -1.5)
