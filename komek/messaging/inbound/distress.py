"""Whether a text may be a call for help. It only decides what a person reads first, so it errs towards yes. Pure."""

from __future__ import annotations

import re

from komek.messaging.grammar.letters import folded

BEGINNINGS = (
    # English
    "help", "sos", "emergenc", "trapp", "drown", "dying", "bleed", "injur", "fire", "flood", "collaps", "rescue", "urgent",
    # Russian
    "помоги", "помощ", "спаси", "спасит", "тонем", "тону", "завал", "ранен", "умира", "пожар", "гори", "затоп", "кров", "срочно",
    "скорую",
    # Turkmen
    "komek", "halas", "yangyn", "yaraly", "gark", "olyar", "gysga",
    # Uzbek, both scripts
    "yordam", "qutqar", "yongin", "yarador", "cokyap", "olyap", "shoshilinch", "ердам", "куткар", "енгин", "ярадор", "шошилинч",
    # Azerbaijani
    "komeye", "xilas", "yangin", "yarali", "batir", "olur", "tecili",
)  # fmt: skip
"""Beginnings of words, folded as ``letters.folded`` does. Native speakers should review them."""

_WORDS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


def may_be_distress(text: str) -> bool:
    """Whether any word begins as calls for help do, in any of the languages."""
    return any(folded(word).startswith(BEGINNINGS) for word in _WORDS.findall(text[:1600]))
