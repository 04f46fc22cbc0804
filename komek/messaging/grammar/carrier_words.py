"""Words that carriers act on themselves, and their sisters in local languages, which are ours to honour.

A message counts as one of these only when it is that word alone. The Latin words are those of
https://help.twilio.com/articles/223134027 (read 2026-11): no command may be called so.
"""

from __future__ import annotations

from enum import StrEnum

from komek.messaging.grammar.letters import folded


class CarrierWord(StrEnum):
    STOP = "stop"
    START = "start"
    HELP = "help"


BY_CARRIERS = {
    CarrierWord.STOP: ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"),
    CarrierWord.START: ("START", "YES", "UNSTOP"),
    CarrierWord.HELP: ("HELP", "INFO"),
}
"""What a long code's carrier acts on; it is delivered to us as well."""

LOCAL = {
    CarrierWord.STOP: {
        "ru": ("СТОП", "ОТПИСАТЬСЯ", "ОТПИШИТЕ", "ХВАТИТ"),
        "tk": ("DUR", "GOÝBOLSUN", "BES"),
        "uz": ("TO'XTA", "TO'XTATING", "BAS"),
        "uz-cyrl": ("ТЎХТА", "ТЎХТАТИНГ", "БАС"),
        "az": ("DAYAN", "DAYANDIR"),
    },
    CarrierWord.START: {
        "ru": ("СТАРТ", "НАЧАТЬ"),
        "tk": ("BAŞLA",),
        "uz": ("BOSHLA",),
        "uz-cyrl": ("БОШЛА",),
        "az": ("BAŞLAT",),
    },
    CarrierWord.HELP: {
        "ru": ("ПОМОЩЬ", "СПРАВКА", "ИНФО"),
        "tk": ("KÖMEK",),
        "uz": ("YORDAM",),
        "uz-cyrl": ("ЁРДАМ", "КЎМАК"),
        "az": ("KÖMƏK", "YARDIM"),
    },
}
# Native speakers should review these lists: a word missing here only means that somebody must write STOP.


def _all() -> dict[str, CarrierWord]:
    found = {folded(word): kind for kind, words in BY_CARRIERS.items() for word in words}
    for kind, languages in LOCAL.items():
        for words in languages.values():
            found |= {folded(word): kind for word in words}
    return found


CARRIER_WORDS = _all()
"""Folded word → what it means."""

CARRIER_LANGUAGES = {
    folded(word): language for languages in LOCAL.values() for language, words in languages.items() for word in words
}
"""Folded local word → the language it is of."""

YES = frozenset(
    folded(word) for word in ("yes", "ok", "okay", "y", "да", "ага", "hawa", "howwa", "ha", "ҳа", "xop", "bəli", "hə")
)
NO = frozenset(folded(word) for word in ("no", "n", "нет", "не", "ýok", "yo'q", "йўқ", "xeyr", "yox"))
"""What people write in place of the number when they were asked something."""
