"""How alike two names are: 0–1, and which of their words met. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product

from rapidfuzz.distance import OSA

from missing_persons.names.sounds import skeleton_of, sound
from missing_persons.names.words import PATRONYMIC, Name, Word, glued

# Two words this alike may be one; less alike, they are two.
SAME = 0.95
ALIKE = 0.78
UNLIKE = 0.68

LENGTHENED = 0.85
_SAME_WHOLE = 0.8
_AFFIXES = frozenset(("jan", "jon", "kan", "kon", "bak", "ba", "koli"))
_INITIAL_FITS = 0.75
_WEIGHTS = {PATRONYMIC: 0.6}
_INITIAL_WEIGHT = 0.4
# What a word that only one of two names has takes off, as a share of its weight: a patronymic or second name left out.
_LEFT_OUT = 0.12


@dataclass(frozen=True, slots=True)
class Likeness:
    """``score``: 0–1. ``met``: the words that met, with how alike they are. ``left_over``, ``right_over``: words that met none.

    ``left``, ``right``: which of several names these are.
    """

    score: float
    met: tuple[tuple[Word, Word, float], ...] = ()
    left_over: Name = ()
    right_over: Name = ()
    left: int = 0
    right: int = 0

    @property
    def is_contradicted(self) -> bool:
        """Whether both names have a word that the other lacks."""
        return any(not word.is_initial for word in self.left_over) and any(
            not word.is_initial for word in self.right_over
        )


NOT_ALIKE = Likeness(0.0)


def best_likeness(left: Iterable[Name], right: Iterable[Name]) -> Likeness:
    """The likeliest two of the names of two people."""
    right = tuple(right)
    best = NOT_ALIKE
    for i, one in enumerate(left):
        for j, other in enumerate(right):
            found = name_likeness(one, other)
            if found.score > best.score or not (best.met or best.left_over):
                best = replace(found, left=i, right=j)
            if best.score == 1.0:
                return best
    return best


def name_likeness(left: Name, right: Name) -> Likeness:
    """How alike two names are, their words in any order, neighbouring words glued or split.

    Steps: 1. pair off the words, the most alike first; 2. try neighbours as one word where words are left over; 3. the mean of
    what met, by weight (a patronymic weighs less); words left over on one side take a little off, on both sides they contradict.
    """
    if not left or not right:
        return NOT_ALIKE
    best = _paired_off(left, right)
    if not (best.left_over and best.right_over) and all(alike >= SAME for _, _, alike in best.met):
        return best  # nothing is left to meet what neighbours would make as one word
    paired = [_paired_off(joined, right) for joined in (_joined(left, right) if best.left_over else ())]
    paired += [_paired_off(left, joined) for joined in (_joined(right, left) if best.right_over else ())]
    return max((best, *paired), key=lambda found: found.score)


@lru_cache(maxsize=50_000)
def word_likeness(a: Word, b: Word) -> float:
    """0–1: the same spelling 1, the same sound 0.97, a short form 0.9, an initial that fits 0.75, else by edits of the sound."""
    if a.is_initial or b.is_initial:
        fits = a.skeletons and b.skeletons and {bones[0] for bones in a.skeletons} & {bones[0] for bones in b.skeletons}
        return _INITIAL_FITS if fits else 0.0
    if a.spelling == b.spelling or a.stem == b.stem:
        return 1.0
    if not set(a.sounds).isdisjoint(b.sounds):
        return 0.97
    alike = max(_by_short_form(a, b), _by_edits(a, b))
    if alike < LENGTHENED and bool(a.ending) != bool(b.ending) and _ends_in_a_slip(a, b):
        return 0.95 * _whole(a, b)
    return alike


def _by_short_form(a: Word, b: Word) -> float:
    if not (a.heads or b.heads):
        return 0.0
    if not a.heads.isdisjoint(b.heads) or not a.heads.isdisjoint(b.sounds) or not b.heads.isdisjoint(a.sounds):
        return 0.9
    for short, full in ((a, b), (b, a)):
        if full.is_vowelless and {skeleton_of(head) for head in short.heads} & set(full.skeletons):
            return 0.9
    return 0.0


def _by_edits(a: Word, b: Word) -> float:
    """By edits of the sound, where sh and s, ch and dzh are one: marks are left off on many keyboards."""
    sounds = _nearest(a.plain_sounds, b.plain_sounds)
    if not set(a.skeletons).isdisjoint(b.skeletons):
        if a.is_vowelless or b.is_vowelless:
            return 0.95 if max(map(len, a.skeletons)) > 2 else 0.88
        return 0.5 + 0.47 * sounds
    if a.is_vowelless or b.is_vowelless:
        return 0.85 * _nearest(a.skeletons, b.skeletons)
    alike = max(sounds, OSA.normalized_similarity(a.stem, b.stem))
    if alike < LENGTHENED and _is_lengthened(a, b):
        return LENGTHENED
    return 0.97 * alike if alike >= UNLIKE else 0.5 * alike


def _nearest(ones: tuple[str, ...], others: tuple[str, ...]) -> float:
    if len(ones) == len(others) == 1:
        return OSA.normalized_similarity(ones[0], others[0])
    return max((OSA.normalized_similarity(one, other) for one in ones for other in others), default=0.0)


def _is_lengthened(a: Word, b: Word) -> bool:
    """Alijon is a friendly Ali."""
    return any(
        len(short) >= 3 and full.startswith(short) and full[len(short) :] in _AFFIXES
        for one, other in product(a.plain_sounds, b.plain_sounds)
        for short, full in ((one, other), (other, one))
    )


def _paired_off(left: Name, right: Name) -> Likeness:
    scored = sorted(
        ((_in_place(a, b, left, right), i, j) for i, a in enumerate(left) for j, b in enumerate(right)), reverse=True
    )
    met, left_met, right_met = [], set(), set()
    for likeness, i, j in scored:
        if likeness < UNLIKE:
            break
        if i not in left_met and j not in right_met:
            met.append((left[i], right[j], likeness))
            left_met.add(i)
            right_met.add(j)
    left_over = tuple(word for i, word in enumerate(left) if i not in left_met)
    right_over = tuple(word for j, word in enumerate(right) if j not in right_met)
    if not met:
        return Likeness(0.0, (), left_over, right_over)
    weights = [min(_weight(a), _weight(b)) for a, b, _ in met]
    total = sum(weights)
    gained = sum(weight * likeness for weight, (_, _, likeness) in zip(weights, met, strict=True))
    over_left, over_right = sum(map(_weight, left_over)), sum(map(_weight, right_over))
    contradicted = min(over_left, over_right)
    score = gained / (total + contradicted) - _LEFT_OUT * (max(over_left, over_right) - contradicted)
    if len(met) == 1 and met[0][0].is_initial | met[0][1].is_initial:
        score *= 0.5
    if any(_is_the_father(a, b, right_over) or _is_the_father(b, a, left_over) for a, b, _ in met):
        score *= 0.7
    return Likeness(max(0.0, score), tuple(met), left_over, right_over)


def _in_place(a: Word, b: Word, left: Name, right: Name) -> float:
    """Likeness of two words, less where they are different parts of the name: Ali Karimov is not Karim Aliyev.

    A word with an ending may meet one without (Rahmonov, Rahmon), unless both names show that the words stand elsewhere.
    """
    likeness = word_likeness(a, b)
    if likeness < UNLIKE or a.is_initial or b.is_initial:
        return likeness
    one, other = a.ending or a.role, b.ending or b.role
    if one == other or (not a.ending and not b.ending and not (a.role and b.role)):
        return likeness
    if not a.ending and not b.ending:
        return likeness * 0.95  # given and family name entered the other way round
    if a.ending == b.ending:
        return likeness
    if _ends_in_a_slip(a, b):
        return likeness
    here, there = {word.ending for word in left}, {word.ending for word in right}
    if (a.ending and a.ending in there) or (b.ending and b.ending in here):
        return likeness * 0.55
    return likeness * 0.94


def _is_the_father(own: Word, other: Word, left_over: Name) -> bool:
    """Whether a given name met a patronymic, beside which another given name stands: Ali Karimov, Anvar Aliyevich Karimov."""
    return (
        other.ending == PATRONYMIC
        and not own.ending
        and any(not one.ending and not one.is_initial for one in left_over)
    )


def _ends_in_a_slip(a: Word, b: Word) -> bool:
    """Whether one ending is only mistyped: Muhammetmw, Керимава. A real name without -ov has no v near its end."""
    plain, ended = (a, b) if b.ending else (b, a)
    return not plain.ending and "v" in plain.sounds[0][-3:] and _whole(plain, ended) >= _SAME_WHOLE


def _whole(a: Word, b: Word) -> float:
    """How alike two words are with their endings."""
    return OSA.normalized_similarity(sound(a.spelling), sound(b.spelling))


def _weight(word: Word) -> float:
    return _INITIAL_WEIGHT if word.is_initial else _WEIGHTS.get(word.ending, 1.0)


def _joined(name: Name, other: Name) -> list[Name]:
    """The name with two neighbours written as one, where that is like a word of the other name."""
    found = []
    for i in range(len(name) - 1):
        whole = glued(name[i], name[i + 1])
        if whole and any(word_likeness(whole, word) >= UNLIKE for word in other):
            found.append((*name[:i], whole, *name[i + 2 :]))
    return found
