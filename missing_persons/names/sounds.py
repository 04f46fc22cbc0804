"""The letters of a word → its sound, and the skeleton of its consonants. Pure.

A *sound* merges what transliterations of Turkic, Slavic, Persian and Arabic names confuse, and keeps coarse vowels: Мухаммад,
Mukhammed and Məhəmməd are ``mokamat``, ``mokamat`` and ``makamat``. A *skeleton* keeps consonants only, since Arabic script
writes few vowels and speakers hear them differently: all three, and محمد, are ``MKMT``. A skeleton begins with ``A`` where the
word begins with a vowel.

Letters that two alphabets read differently give more than one reading: Azerbaijani ``c`` (Cavid) and English ``c`` (Victor), ``x``
in Uzbek (Xurshid) and in English (Alexander), ``j`` in Turkmen (Jemal) and in German (Jurij), Arabic و as ``v`` or a vowel.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from komek.places.keys import plain

MOST_READINGS = 4

_ARABIC_WORD = re.compile("[\u0620-\u064a\u066e-\u06d3]")
_ARABIC_MARKS = re.compile("[\u064b-\u065f\u0670\u0640]")
_INNER_HE = re.compile("[هہھ](?=.)")
# زهرا is z-h-r, not zh-r: an h after these letters must not be read together with them.
_APART = re.compile("(?<=[سصثزذضظتطکكگجچ])[هہھح](?=.)")
_FIRST_WAW = re.compile("^و")
_ARTICLE = re.compile("^ال(?=...)")

# Signs of one sound, most letters first. Applied to lower-case ASCII.
_GROUPS = (
    (re.compile("sch|shch|sh"), "S"),
    (re.compile("tch|ch"), "C"),
    (re.compile("dzh|dj|zh|j"), "J"),
    (re.compile("ck"), "k"),
    (re.compile("c"), "J"),
    (re.compile("ph"), "f"),
    (re.compile("[kgq]h|[gqxh]"), "k"),
    (re.compile("th"), "t"),
    (re.compile("w"), "v"),
)
_VOWELS = (
    (re.compile("[ae]+"), "a"),
    (re.compile("[ou]+"), "o"),
    (re.compile("[iy]+"), "i"),
    (re.compile("i(?=[ao])|(?<=[ao])i"), ""),
    (re.compile("n(?=[bp])"), "m"),
    (re.compile("nk"), "n"),
    (re.compile(r"(.)\1+"), r"\1"),
    (re.compile("d(?=$|t)"), "t"),
    (re.compile("b$"), "p"),
)
# عبد الله, Abdullah, Abdulla; عبدالرحمن, Abdul Rahman, Abdurrahman: the article after "abd" takes many forms.
_SERVANT_OF = re.compile("^abd[aeiouy]*(?:l(?=[^aeiouyl].|[aeiouy].*[^aeiouyh]))?(?=..)")
_LAST_H = re.compile("(?<=..)h$")
_DOUBLE = re.compile(r"(.)\1+")
_CLASSES = str.maketrans({"b": "P", "f": "P", "p": "P", "d": "T", "t": "T", "k": "K", "s": "S", "S": "S", "z": "Z", "J": "J", "C": "J",
                          "m": "M", "n": "N", "l": "L", "r": "R", "v": "V"})  # fmt: skip
CONSONANTS = "PTKSZJMNLRV"


def is_vowelless(text: str) -> bool:
    """Whether the word is in Arabic script, which writes few vowels."""
    return _ARABIC_WORD.search(text) is not None


def spellings(word: str) -> tuple[str, ...]:
    """A word in any script → its ASCII spellings: one, more where an Arabic letter may be read in two ways."""
    text = unicodedata.normalize("NFKC", word)
    if not is_vowelless(text):
        return _distinct([_letters(text)])
    text = _FIRST_WAW.sub("в", _INNER_HE.sub("ҳ", _APART.sub("қ", _ARABIC_MARKS.sub("", text))))
    bare = _ARTICLE.sub("", text)
    return _distinct([_letters(bare), _letters(bare.replace("و", "в"))])


def _letters(text: str) -> str:
    return re.sub("[^a-z]", "", plain(text))


def _distinct(words: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if word))[:MOST_READINGS]


def readings(spelling: str) -> tuple[str, ...]:
    """The ways in which an ASCII spelling may be meant: itself first."""
    found = [spelling]
    if "x" in spelling:
        found.append(spelling.replace("x", "ks"))
    if re.search("c(?!h)", spelling):
        found.append(re.sub("c(?!h)", "k", spelling))
    if re.search("(?<!d)j", spelling):
        found.append(re.sub("(?<!d)j", "y", spelling))
    return _distinct(found)


@lru_cache(maxsize=30_000)
def sound(spelling: str) -> str:
    """An ASCII spelling by sound, with the vowels ``a``, ``o``, ``i``; ``S`` is sh, ``C`` ch, ``J`` dzh and zh.

    >>> sound("gurbanguly") == sound("kurbankuly")
    True
    """
    word = _LAST_H.sub("", _SERVANT_OF.sub("abd", _DOUBLE.sub(r"\1", spelling)))
    for pattern, sign in _GROUPS:
        word = pattern.sub(sign, word)
    for pattern, sign in _VOWELS:
        word = pattern.sub(sign, word)
    return word


@lru_cache(maxsize=30_000)
def skeleton(spelling: str) -> str:
    """The consonants of a spelling by class of sound; ``A`` in front when it begins with a vowel.

    >>> skeleton("muhammad"), skeleton("aliyev")
    ('MKMT', 'ALV')
    """
    return skeleton_of(sound(spelling))


def skeleton_of(heard: str) -> str:
    """The skeleton of a sound."""
    if not heard:
        return ""
    bones = re.sub("[aoi]", "", _DOUBLE.sub(r"\1", heard.translate(_CLASSES)))
    return "A" + bones if heard[0] in "aoi" else bones
