"""A name as somebody wrote it → its words: endings, particles, initials and order understood as far as they tell. Pure.

``Əliyev Məmməd Kərim oğlu``, ``Алиев Мамед Керимович`` and ``Mammad Aliyev`` come out as words whose stems agree: ``ali`` with a
family ending, ``mammad``, and ``karim`` with the ending of a patronymic, which the third leaves out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from missing_persons.names.nicknames import heads_of
from missing_persons.names.sounds import is_vowelless, readings, skeleton, sound, spellings

# A name of 10,000 letters is cut here: beyond so much, no name tells more.
MOST_LETTERS = 200
MOST_WORDS = 8
SHORTEST_STEM = 2

_PLAIN = str.maketrans("SCJ", "sjj")

FAMILY, PATRONYMIC = "family", "patronymic"

_SEPARATORS = re.compile(r"[\s\-‐-―_.,;:/\\()\[\]{}«»„“”\"|+*%?!&#@]+")
_INITIALS = re.compile(r"(?<!\w)(\w)\.(?=\s*\w)")

# The word before is a father's name.
_CHILD_OF_BEFORE = frozenset(
    ("oglu", "ogly", "ogli", "oglo", "ogul", "ogil", "ugli", "ugly", "uli", "uly", "ulu", "uulu", "gyzy", "gizi", "qizi", "qizy",
     "kizi", "kyzy", "kyzi", "khizi", "qyzy", "giz", "qiz", "kyz")
)  # fmt: skip
# The word after is a father's name.
_CHILD_OF_AFTER = frozenset(["bin", "ibn", "ben", "bint", "binti", "bn"])
# اف after a name in Arabic script is the ending -ov, written apart.
_FAMILY_BEFORE = frozenset(("af", "aof", "aov"))
_SILENT = frozenset(
    ("al", "el", "ul", "ur", "as", "us", "ash", "an", "ad", "ud", "un", "mr", "mrs", "ms", "dr", "gospodin", "grazhdanin")
)  # fmt: skip

_GLUED_CHILD = re.compile("^(.{2,}?)(?:oglu|ogly|ogli|ugli|uulu|(?<![gkq])uly|gyzy|gizi|qizi|kizi|kyzy)$")
_PATRONYMIC = re.compile(
    "^(.{2,}?)(?:(?:y?[eo])?[vw](?:ich|yich|ych|ic|itch)|(?:y?[eo])[vw]n[ao]|(?:in)?ichna|[iy]ch)$"
)
_FAMILY = re.compile("^(.{2,}?)(?:y?[eo](?:v|w|ff|(?<=.{7})f)(?:a|u|oy)?|(?:i|y)?(?:zade|zoda|zada|zadeh))$")
_ARABIC_FAMILY = re.compile("^(.{2,}?)(?:(?:a|o|ao|(?<=a)i)[vf]a?|zada|zadh)$")
_ADJECTIVE = re.compile("^(.{2,}?)sk(?:iy|y|i|ij|aya|aia|aja|oy|oi)$")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a name.

    ``stem``: its spelling without ending; ``ending``: "family", "patronymic" or empty; ``sounds``, ``skeletons``: of the stem, every
    reading; ``heads``: sounds of the full names it may be short for; ``plain_sounds``: sounds without the difference of sh and s, ch
    and dzh; ``role``: the part of the name it was entered as ("given", "patronymic", "family"), empty when unknown.
    """

    spelling: str
    stem: str
    ending: str
    sounds: tuple[str, ...]
    skeletons: tuple[str, ...]
    heads: frozenset[str]
    plain_sounds: tuple[str, ...] = ()
    is_initial: bool = False
    is_vowelless: bool = False
    role: str = ""

    def __hash__(self) -> int:
        return hash(self.spelling)  # likenesses of words are remembered by word


Name = tuple[Word, ...]


def words_of(text: str, role: str = "") -> Name:
    """The words of a name, in their order; empty when there is no letter in it.

    Steps: 1. cut to 200 characters; 2. separate words and initials; 3. drop titles and particles, which mark the word beside them;
    4. strip endings; 5. spell, sound and look up each word.
    """
    text = unicodedata.normalize("NFKC", text[: MOST_LETTERS * 2])[:MOST_LETTERS]
    pieces = [piece for piece in _SEPARATORS.split(_INITIALS.sub(r"\1 ", text)) if piece]
    understood = [word for word in map(word_of, pieces) if word]
    telling = [word for word in understood if word.spelling not in _SILENT] or understood
    words: list[Word] = []
    is_child_of = False
    for word in telling:
        if word.spelling in _CHILD_OF_BEFORE and words:
            words[-1] = replace(words[-1], ending=PATRONYMIC)
        elif word.is_vowelless and word.spelling in _FAMILY_BEFORE and words:
            words[-1] = replace(words[-1], ending=FAMILY)
        elif word.spelling in _CHILD_OF_AFTER and len(telling) > 1:
            is_child_of = True
            continue
        else:
            words.append(replace(word, ending=PATRONYMIC) if is_child_of else word)
        is_child_of = False
        if len(words) == MOST_WORDS:
            break
    return tuple(replace(word, role=role) for word in words) if role else tuple(words)


def name_from(*, given: str = "", patronymic: str = "", family: str = "", whole: str = "") -> Name:
    """A name entered in parts, or as one text (``whole``) whose order is unknown."""
    fathers = tuple(replace(word, ending=PATRONYMIC) for word in words_of(patronymic, PATRONYMIC))
    return (*words_of(given, "given"), *fathers, *words_of(family, FAMILY), *words_of(whole))


@lru_cache(maxsize=20_000)
def word_of(piece: str) -> Word | None:
    """One written word understood; ``None`` when no letter of it can be spelt."""
    spelt = spellings(piece)
    if not spelt:
        return None
    vowelless = is_vowelless(piece)
    meant = list(dict.fromkeys(reading for spelling in spelt for reading in readings(spelling)))
    stripped = [_strip(reading, vowelless) for reading in meant]
    stems = list(dict.fromkeys(stem for stem, _ in stripped))
    ending = next((ending for _, ending in stripped if ending), "")
    sounds = _without_blanks(map(sound, stems))
    return Word(
        spelling=spelt[0],
        stem=stems[0],
        ending=ending,
        sounds=sounds,
        plain_sounds=_without_blanks(heard.translate(_PLAIN) for heard in sounds),
        skeletons=_without_blanks(map(skeleton, stems)),
        heads=heads_of(stems) if len(piece) > 1 else frozenset(),
        is_initial=len(piece) == 1 or (not vowelless and len(spelt[0]) == 1) or spelt[0] in ("sh", "ch", "dj"),
        is_vowelless=vowelless,
    )


@lru_cache(maxsize=10_000)
def glued(first: Word, second: Word) -> Word | None:
    """Two neighbouring words as if written as one: Gurban Guly → Gurbanguly."""
    if first.is_initial or second.is_initial:
        return None
    word = word_of(first.spelling + second.stem)
    return replace(word, ending=second.ending, role=second.role, is_vowelless=first.is_vowelless) if word else None


def _strip(spelling: str, vowelless: bool) -> tuple[str, str]:
    """The stem of a spelling, and what its ending says."""
    if found := _GLUED_CHILD.match(spelling):
        return found[1], PATRONYMIC
    if found := _PATRONYMIC.match(spelling):
        return _stem(found[1]), PATRONYMIC
    if found := _ADJECTIVE.match(spelling):
        return found[1] + "sk", FAMILY
    if vowelless:
        found = _ARABIC_FAMILY.match(spelling) if len(spelling) > 4 else None
    else:
        found = _FAMILY.match(spelling)
    if found and len(found[1]) >= SHORTEST_STEM:
        return _stem(found[1]), FAMILY
    return spelling, ""


def _stem(stem: str) -> str:
    """Aliy-ev, Ali-ev: the glide between stem and ending is not part of either."""
    return re.sub("(?<=[aeiou])y$", "", stem)


def _without_blanks(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
