"""One form for what phones send in many: widths, cases, blanks, quotes, and letters with and without their marks."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 1600
"""Letters of a message that are read. What carriers take in one piece (https://www.twilio.com/docs/glossary/what-sms-character-limit)."""

_PLAIN = str.maketrans(
    {
        "\u00a0": " ", "\u2007": " ", "\u202f": " ", "\t": " ", "\r": "\n", "\u2028": "\n", "\u2029": "\n", "\u0085": "\n",
        "\u000b": "\n", "\u000c": "\n",
        "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "ʻ": "'", "ʼ": "'", "`": "'", "´": "'",
        "–": "-", "—": "-", "‒": "-", "−": "-", "‐": "-", "‑": "-",
        "；": ";", "，": ",", "：": ":",
        # Marks that change how letters run or join, and are not seen.
        "\u200b": "", "\u200c": "", "\u200d": "", "\u200e": "", "\u200f": "", "\u2060": "", "\ufeff": "", "\u00ad": "",
        "\u202a": "", "\u202b": "", "\u202c": "", "\u202d": "", "\u202e": "", "\u2066": "", "\u2067": "", "\u2068": "", "\u2069": "",
        "\u0000": "",
    }
)  # fmt: skip
_BLANKS = re.compile(r"[ ]{2,}")

# Letters that carry no mark which could be taken off, and what people type who do not have them.
_BARE = str.maketrans(
    {
        "ə": "e",
        "ı": "i",
        "қ": "к",
        "ғ": "г",
        "ҳ": "х",
        "ø": "o",
        "ł": "l",
        "'": "",
        "ʹ": "",
        "ʻ": "",
        "ʼ": "",
        "‘": "",
        "’": "",
        "`": "",
    }
)


def normal(text: str) -> str:
    """The text as it is read: compatibility forms resolved, quotes and dashes straight, blanks single, lines trimmed."""
    cut = text[:LONGEST]
    if not cut.isascii():
        cut = unicodedata.normalize("NFKC", cut.translate(_PLAIN)).translate(_PLAIN)[:LONGEST]
    elif not cut.isprintable():
        cut = cut.translate(_PLAIN)
    if "  " in cut:
        cut = _BLANKS.sub(" ", cut)
    return cut.strip()


def folded(word: str) -> str:
    """A word as verbs are compared: lower case, without marks and apostrophes, so ``HÄZIR``, ``hazır`` and ``Hazir`` are one."""
    if word.isascii():
        return word.lower().replace("'", "")
    parts = unicodedata.normalize("NFD", word.translate(_BARE).casefold())
    return "".join(part for part in parts if not unicodedata.combining(part)).translate(_BARE)


_LATIN_LOOK = dict(zip(map(ord, "АВЕЅІЈКМНОРСТУХаеѕіјорсух"), "ABESIJKMHOPCTYXaesijopcyx", strict=True))


def latin_look(word: str) -> str:
    """A word whose Cyrillic letters all look like Latin ones, as those; else the word. For ``НС`` typed for HC."""
    seen = word.translate(_LATIN_LOOK)
    return seen if seen.isascii() else word
