"""What a name is filed under, and what a question looks up: lists of 32-bit numbers for one inverted index. Pure.

Single words are poor keys: every twentieth person is a Muhammad. So a name is filed under the *pairs* of its words, in no order:

- ``fine``: two words by sound; few people share one;
- ``broad``: two words by skeleton: any script, any vowels;
- ``band``: the same with five years in which the person may be born, so that a common name is narrowed by age in the index already;
- ``initial``: the beginning of one word with the skeleton of another, under one kind of key where the name was written with an initial
  (А. Алиев) and under another where it was not, so that a question in full finds the first and is not flooded by the second;
- ``alone``: the skeleton of a name's only word, which a longer question must still find; under another kind of key two words as if
  written as one;
- ``word``: one word by sound or by skeleton, for a question of one word;
- ``day``: an exact birth date, which few share, whatever the name became;
- ``place``: one word by skeleton with the name of a place: somebody of whose name only a part agrees, from the same village.

A word has more than one sound or skeleton when its letters can be read in two ways, when it may be short for another name, when it
ends in -jan or -khan, and where two neighbouring words may be one (Gurban Guly). A question also looks up the *neighbours* of each
skeleton: one consonant more, less, other, or two exchanged. They are computed, so nothing else needs to be stored or kept up to date.

Every key is salted with its operation: names of two operations never stand in one list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import combinations
from zlib import crc32

from komek.places.keys import search_key
from missing_persons.names.sounds import CONSONANTS, skeleton_of
from missing_persons.names.words import PATRONYMIC, Name, Word, glued

# A name of many readings is filed under so many keys at most, and a question looks up so many.
MOST_KEYS_OF_NAME = 80
MOST_KEYS_OF_QUESTION = 1600
SHORTEST_WITH_NEIGHBOURS = 2
MOST_FORMS = 6
MOST_PLACES = 4
MOST_PLACED = 8
# Years of birth are filed by so many at a time. Somebody whose age is known less well than MOST_BANDS is filed with those of
# unknown age, and a question that reaches over more than MOST_BANDS_ASKED does without.
BAND_YEARS = 5
MOST_BANDS = 4
MOST_BANDS_ASKED = 7
UNKNOWN_BAND = 0

# The first and the last day on which somebody may be born.
Days = tuple[date, date]

_AFFIX_SOUNDS = ("Jan", "Jon", "kan", "kon", "bak")


@dataclass(frozen=True, slots=True)
class Question:
    """Keys that a question looks up, the closest first: each tier is looked up by itself, so that a common name cannot crowd out
    a rarer fit.
    """

    fine: tuple[int, ...]
    broad: tuple[int, ...]
    near: tuple[int, ...]


def keys_of_names(
    names: Iterable[Name], *, salt: str, born: Days | None = None, places: Iterable[str] = ()
) -> list[int]:
    """What a person of these names is filed under: sorted, each once.

    ``salt``: the operation; ``born``: not before the first day and not after the last; ``places``: names of places they are from or
    were seen in.
    """
    names = list(names)
    born_on = _exactly(born)
    bands = _bands(born, MOST_BANDS) or (UNKNOWN_BAND,)
    found: set[int] = {_key(salt, "d", born_on.isoformat())} if born_on else set()
    found.update(_place_keys(names, places, salt))
    for name in names:
        found.update(list(dict.fromkeys(_keys_of_name(name, salt)))[:MOST_KEYS_OF_NAME])
        found.update(list(dict.fromkeys(_band_keys(name, bands, salt)))[:MOST_KEYS_OF_NAME])
    return sorted(found)


def question_of(
    names: Iterable[Name],
    *,
    salt: str,
    born: Days | None = None,
    within: Days | None = None,
    places: Iterable[str] = (),
) -> Question:
    """What to look up for somebody asked for by these names. ``within``: nobody born on other days is wanted."""
    names = [name for name in names if name]
    born_on = _exactly(born)
    bands = (UNKNOWN_BAND, *_bands(within, MOST_BANDS_ASKED)) if _bands(within, MOST_BANDS_ASKED) else ()
    fine: dict[int, None] = {}
    broad: dict[int, None] = {}
    near: dict[int, None] = {_key(salt, "d", born_on.isoformat()): None} if born_on else {}
    near.update(dict.fromkeys(_place_keys(names, places, salt)))
    for name in names:
        if len(name) == 1:
            fine.update(dict.fromkeys(_key(salt, "w", heard) for heard in _sounds(name[0])))
            broad.update(dict.fromkeys(_key(salt, "W", bones) for bones in _skeletons(name[0])))
            near.update(
                dict.fromkeys(_key(salt, "W", other) for bones in _skeletons(name[0]) for other in neighbours(bones))
            )
            continue
        for first, second in _pairs(name):
            broad.update(dict.fromkeys(_initial_keys(first, second, salt, asked=True)))
            if first.is_initial or second.is_initial:
                continue
            if not bands:
                fine.update(dict.fromkeys(_fine_keys(first, second, salt)))
                broad.update(dict.fromkeys(_broad_keys(first, second, salt)))
        fine.update(dict.fromkeys(_band_keys(name, bands, salt)))
        if len(name) == 2 and (whole := glued(*name)):
            broad.update(dict.fromkeys(_key(salt, "1", bones) for bones in whole.skeletons))
        near.update(
            dict.fromkeys(_key(salt, kind, bones) for word in name for bones in _skeletons(word) for kind in "12")
        )
        for first, second in combinations(_main_words(name), 2):
            near.update(dict.fromkeys(_near_keys(first, second, salt)))
    return Question(
        fine=tuple(fine)[: MOST_KEYS_OF_NAME * (len(bands) or 1)],
        broad=tuple(key for key in broad if key not in fine)[: MOST_KEYS_OF_NAME * 2],
        near=tuple(key for key in near if key not in broad)[:MOST_KEYS_OF_QUESTION],
    )


@lru_cache(maxsize=5_000)
def neighbours(bones: str) -> tuple[str, ...]:
    """Skeletons one slip away: a consonant left out, two exchanged, one in place of another, one too many."""
    if len(bones) < SHORTEST_WITH_NEIGHBOURS:
        return ()
    ends = [(bones[:i], bones[i:]) for i in range(len(bones) + 1)]
    found = [left + right[1:] for left, right in ends if right] if len(bones) > 2 else []
    found += [left + right[1] + right[0] + right[2:] for left, right in ends if len(right) > 1]
    found += [left + sign + right[1:] for left, right in ends if right for sign in CONSONANTS]
    found += [left + sign + right for left, right in ends for sign in CONSONANTS]
    if not bones.startswith("A"):
        found.append("A" + bones)
    return tuple(
        dict.fromkeys(other for other in found if other != bones and "AA" not in other and other.rfind("A") < 1)
    )


def _keys_of_name(name: Name, salt: str) -> Iterator[int]:
    for first, second in _pairs(name):
        if not (first.is_initial or second.is_initial):
            yield from _fine_keys(first, second, salt)
            yield from _broad_keys(first, second, salt)
    for first, second in combinations(name, 2):
        yield from _initial_keys(first, second, salt, asked=False)
    for word in name:
        yield from (_key(salt, "w", heard) for heard in _sounds(word))
        yield from (_key(salt, "W", bones) for bones in _skeletons(word))
    if len(name) == 1:
        yield from (_key(salt, "1", bones) for bones in _skeletons(name[0]))
    for first, second in zip(name, name[1:], strict=False):
        if whole := glued(first, second):
            yield from (_key(salt, "W", bones) for bones in whole.skeletons)
            if len(name) == 2:
                yield from (_key(salt, "2", bones) for bones in whole.skeletons)


def _pairs(name: Name) -> Iterator[tuple[Word, Word]]:
    """Every two words of a name, then every word with two neighbours written as one."""
    yield from combinations(name, 2)
    for i in range(len(name) - 1):
        if whole := glued(name[i], name[i + 1]):
            yield from ((whole, other) for j, other in enumerate(name) if j not in (i, i + 1))


def _main_words(name: Name) -> Name:
    """Words in which slips are looked for: not initials, and not a patronymic beside a given and a family name."""
    full = tuple(word for word in name if not word.is_initial)
    main = tuple(word for word in full if word.ending != PATRONYMIC)
    return main if len(main) > 1 else full


def _fine_keys(first: Word, second: Word, salt: str) -> Iterator[int]:
    return (_pair_key(salt, "f", one, other) for one in _sounds(first) for other in _sounds(second))


def _broad_keys(first: Word, second: Word, salt: str) -> Iterator[int]:
    return (_pair_key(salt, "b", one, other) for one in _skeletons(first) for other in _skeletons(second))


def _band_keys(name: Name, bands: Iterable[int], salt: str) -> Iterator[int]:
    """Every two words by skeleton with every band of years."""
    pairs = [(one, other) for one, other in _pairs(name) if not (one.is_initial or other.is_initial)]
    for band in bands:
        for first, second in pairs:
            for one in _skeletons(first):
                yield from (_pair_key(salt, f"B{band}", one, other) for other in _skeletons(second))


def _exactly(born: Days | None) -> date | None:
    return born[0] if born and born[0] == born[1] else None


def _bands(born: Days | None, most: int) -> tuple[int, ...]:
    """The bands of years that some days lie in; none when unknown or more than ``most``."""
    if born is None:
        return ()
    bands = range(born[0].year // BAND_YEARS, born[1].year // BAND_YEARS + 1)
    return tuple(bands) if 0 < len(bands) <= most else ()


def _near_keys(first: Word, second: Word, salt: str) -> Iterator[int]:
    for one in first.skeletons[:2]:
        for other in second.skeletons[:2]:
            yield from (_pair_key(salt, "b", near, other) for near in neighbours(one))
            yield from (_pair_key(salt, "b", one, near) for near in neighbours(other))


def _initial_keys(first: Word, second: Word, salt: str, *, asked: bool) -> Iterator[int]:
    """The initial of a word and the whole of the other, both ways round.

    Written with an initial: filed under ``I``, asks for ``I`` and ``i``. Written in full: filed under ``i``, asks for ``I``.
    """
    for short, full in ((first, second), (second, first)):
        if full.is_initial:
            continue
        kinds = ("I", "i") if asked and short.is_initial else ("I",) if asked or short.is_initial else ("i",)
        for sign in sorted({bones[0] for bones in short.skeletons}):
            yield from (_key(salt, kind, f"{sign}.{bones}") for kind in kinds for bones in full.skeletons)


def _place_keys(names: Iterable[Name], places: Iterable[str], salt: str) -> list[int]:
    """Every word in full with every place."""
    known = [key for key in dict.fromkeys(map(search_key, places)) if key][:MOST_PLACES]
    words = [bones for name in names for word in name if not word.is_initial for bones in word.skeletons[:1]]
    return [_key(salt, "p", f"{bones}@{place}") for place in known for bones in dict.fromkeys(words[:MOST_PLACED])]


def _sounds(word: Word) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*word.sounds, *sorted(word.heads))))[:MOST_FORMS]


def _skeletons(word: Word) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*word.skeletons, *_without_affix(word), *map(skeleton_of, sorted(word.heads)))))[
        :MOST_FORMS
    ]


def _without_affix(word: Word) -> Iterator[str]:
    """Alijon, Alikhan and Alibek are also called Ali."""
    for heard in word.sounds:
        if len(heard) > 5 and heard.endswith(_AFFIX_SOUNDS):
            yield skeleton_of(heard[:-3])


def _pair_key(salt: str, kind: str, one: str, other: str) -> int:
    return _key(salt, kind, f"{one} {other}" if one <= other else f"{other} {one}")


def _key(salt: str, kind: str, text: str) -> int:
    """A signed 32-bit number. Two texts may share one: what is found is compared before it is shown."""
    number = crc32(text.encode(), _beginning(salt, kind))
    return number - (1 << 32) if number >= 1 << 31 else number


@lru_cache(maxsize=500)
def _beginning(salt: str, kind: str) -> int:
    """What is the same in all keys of a kind."""
    return crc32(f"{salt}|{kind}|".encode())
