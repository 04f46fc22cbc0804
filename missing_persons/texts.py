"""Tidying what people type, and telling in which script a name is. Pure functions."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from missing_persons.models import Script

# Characters that turn the direction of writing around: they can make a name read as another one.
_TURNING = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF, 0x200B])
_LINES = {"\n", "\t"}


def one_line(text: object) -> str:
    """The text without control and direction characters, and with single blanks."""
    return " ".join(several_lines(text).split())


def several_lines(text: object) -> str:
    """The text without control and direction characters; line breaks stay. Zero-width joiners stay: Persian needs them."""
    plain = unicodedata.normalize("NFC", str(text or "")).translate(_TURNING).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in plain if c in _LINES or unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn")).strip()


def script_of(name: str) -> str:
    """The script most letters of a name are in."""
    counts = dict.fromkeys(_SCRIPTS, 0)
    for letter in name:
        if letter.isalpha():
            counts[_script_of_letter(letter)] += 1
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] else Script.OTHER


_SCRIPTS: tuple[str, ...] = tuple(Script.values)


@lru_cache(5000)
def _script_of_letter(letter: str) -> str:
    word = unicodedata.name(letter, "").split(" ")[0].lower()
    return word if word in _SCRIPTS else str(Script.OTHER.value)
