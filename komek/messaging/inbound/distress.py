"""Whether a text may be a call for help. It only decides what a person reads first, so it errs towards yes. Pure."""

from __future__ import annotations

import re

from komek.messaging.grammar.letters import folded

BEGINNINGS = (
    # English
    "help", "sos", "emergenc", "trapp", "drown", "dying", "bleed", "injur", "fire", "flood", "collaps", "rescue", "urgent",
    "danger", "evacuat", "save",
    # Russian
    "помоги", "помощ", "спаси", "тонем", "тону", "завал", "ранен", "умира", "пожар", "горит", "горим", "затоп", "кровь", "кровотеч",
    "срочно", "опасн", "эвакуац",
    "скорую",
    # Turkmen
    "komek", "halas", "yangyn", "yaraly", "gark", "olyar", "gysga",
    # Uzbek, both scripts
    "yordam", "qutqar", "yongin", "yarador", "cokyap", "olyap", "shoshilinch", "ердам", "куткар", "енгин", "ярадор", "шошилинч",
    # Azerbaijani
    "komeye", "xilas", "yangin", "yarali", "batiriq", "tecili",
)  # fmt: skip
"""Beginnings of words, folded as ``letters.folded`` does. Native speakers should review them."""

BUT_NOT = ("спасиб",)
"""Thanks."""

_WORDS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


def may_be_distress(text: str) -> bool:
    """Whether any word begins as calls for help do, in any of the languages."""
    words = (folded(word) for word in _WORDS.findall(text[:1600]))
    return any(word.startswith(BEGINNINGS) and not word.startswith(BUT_NOT) for word in words)
