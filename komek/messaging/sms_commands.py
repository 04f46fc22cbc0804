"""Plugs for ``sms_commands``: the verbs that belong to no registry. JOIN, UNDO, MORE, LANG, MUTE, SOS, REP."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.messaging.grammar.letters import folded
from komek.messaging.joining import join
from komek.messaging.models import Correspondent
from komek.messaging.report_commands import REPORTS
from komek.messaging.undoing import undo
from komek.records.codes import MistypedCode, has_shape_of_code, parse_code

_DIGITS = str.maketrans("OoОоlI|", "0000111")


class JoinCommand:
    key = "JOIN"
    aliases: Mapping[str, Sequence[str]] = {
        "ru": ("ПРИСОЕДИНИТЬ", "ВСТУПИТЬ"), "tk": ("GOŞUL",), "uz": ("QOSHIL",), "uz-cyrl": ("ҚЎШИЛ",), "az": ("QOŞUL",),
    }  # fmt: skip
    help = gettext_lazy("JOIN 482130 - binds this number to your account. The code comes from your coordinator.")

    def parse(self, arguments: str) -> str:
        """Six digits, in groups or not. Raises ValueError."""
        digits = re.sub(r"[\s\-.]", "", arguments).translate(_DIGITS)
        if not digits.isascii() or not digits.isdigit() or not 4 <= len(digits) <= 8:
            raise ValueError(_("Write the code your coordinator gave you, such as: JOIN 482130"))
        return digits

    def act(self, command: str, by: Any) -> str:
        user = join(by=by, code=command)
        language = user.language if user.language in dict(settings.LANGUAGES) else by.language
        with translation.override(language):
            return _("Welcome, %(name)s. This number is yours now. What you can write: ?") % {"name": user.name[:40]}


class UndoCommand:
    key = "UNDO"
    aliases: Mapping[str, Sequence[str]] = {
        "ru": ("ОТМЕНА", "ОТМЕНИТЬ"), "tk": ("YZYNA",), "uz": ("QAYTAR",), "uz-cyrl": ("ҚАЙТАР",), "az": ("GERİ",),
    }  # fmt: skip
    help = gettext_lazy("UNDO R3075 - takes back what you sent under this code, within a day.")

    def parse(self, arguments: str) -> str:
        """A code, as written; or nothing, for the last one. Raises ValueError for a code that is mistyped."""
        reference = arguments.strip(" .,#!")
        if not reference:
            return ""
        try:
            return parse_code(reference)
        except MistypedCode:
            if has_shape_of_code(reference.replace(" ", "")):
                raise
        return reference[:40]

    def act(self, command: str, by: Any) -> str:
        return undo(by=by, reference=command)


class MoreCommand:
    key = "MORE"
    aliases: Mapping[str, Sequence[str]] = {
        "ru": ("ЕЩЕ", "ДАЛЬШЕ"), "tk": ("ÝENE",), "uz": ("YANA",), "uz-cyrl": ("ЯНА",), "az": ("DAHA",),
    }  # fmt: skip
    help = gettext_lazy("MORE - sends what did not fit into the last answer.")

    def parse(self, arguments: str) -> None:
        """Takes nothing, or a word of courtesy. Raises ValueError: "more water for the camp" asks for something else."""
        if len(arguments.split()) > 1:
            raise ValueError(_("For the rest of the last answer, write MORE alone."))

    def act(self, command: None, by: Any) -> str:
        known = Correspondent.objects.select_for_update().get(number=by.number)
        if not known.more:
            return _("That was all.")
        rest = " ".join(known.more)
        known.more = []
        known.save(update_fields=["more"])
        return rest


@dataclass(frozen=True)
class Language:
    """code: a Django language code. is_latin: in plain Latin letters."""

    code: str
    is_latin: bool = False


LANGUAGE_WORDS: Mapping[str, Sequence[str]] = {
    "en": ("en", "eng", "english", "angliyskiy", "английский"),
    "ru": ("ru", "rus", "russian", "russkiy", "русский", "рус", "rusca", "rusça"),
    "tk": ("tk", "tm", "turkmen", "türkmen", "türkmençe", "turkmence", "туркменский", "türkmen dili"),
    "uz": ("uz", "uzb", "uzbek", "o'zbek", "o'zbekcha", "ozbekcha", "узбекский"),
    "uz-cyrl": ("uz-cyrl", "uzc", "ўзбек", "ўзбекча"),
    "az": ("az", "aze", "azeri", "azerbaijani", "azərbaycan", "azərbaycanca", "азербайджанский"),
}
"""Words for each language, in that language and others, beside its code."""

_LATIN_ENDS = ("-lat", " lat", "-latin", " latin", "-лат", " лат")


class LangCommand:
    key = "LANG"
    aliases: Mapping[str, Sequence[str]] = {
        "ru": ("ЯЗЫК",), "tk": ("DIL",), "uz": ("TIL",), "uz-cyrl": ("ТИЛ",), "az": ("DİL",),
    }  # fmt: skip
    help = gettext_lazy(
        "LANG ru - answers come in this language: en, ru, tk, uz, uzc, az. LANG ru-lat: in Latin letters."
    )

    def parse(self, arguments: str) -> Language:
        """Raises ValueError with the languages there are."""
        asked, is_latin = arguments.strip(" .,!").casefold(), False
        for end in _LATIN_ENDS:
            if asked.endswith(end):
                asked, is_latin = asked.removesuffix(end).strip(), True
                break
        for code, words in LANGUAGE_WORDS.items():
            if folded(asked) in {folded(word) for word in words}:
                return Language(code, is_latin)
        for code, _name in settings.LANGUAGES:
            if asked == code:
                return Language(code, is_latin)
        raise ValueError(
            _("Write one of these: LANG en, LANG ru, LANG tk, LANG uz, LANG uzc (Uzbek, Cyrillic), LANG az")
        )

    def act(self, command: Language, by: Any) -> str:
        Correspondent.objects.filter(number=by.number).update(language=command.code, is_latin=command.is_latin)
        with translation.override(command.code):
            return _("Answers come in English from now on.")


class MuteCommand:
    key = "MUTE"
    aliases: Mapping[str, Sequence[str]] = {
        "ru": ("ТИХО", "ТИШИНА"), "tk": ("SES",), "uz": ("JIM",), "uz-cyrl": ("ЖИМ",), "az": ("SUSDUR",),
    }  # fmt: skip
    help = gettext_lazy("MUTE 12 - only answers and alerts for so many hours. MUTE 0 ends it.")

    def parse(self, arguments: str) -> int:
        """Hours, 0 to 168; 12 when none are given. Raises ValueError."""
        found = re.fullmatch(r"(\d{1,3})?\s*[^\W\d_]{0,6}\.?", arguments.strip().translate(_DIGITS))
        hours = int(found[1] or 12) if found else -1
        if not 0 <= hours <= 168:
            raise ValueError(_("Write for how many hours, up to 168, such as: MUTE 12"))
        return hours

    def act(self, command: int, by: Any) -> str:
        until = timezone.now() + timedelta(hours=command) if command else None
        Correspondent.objects.filter(number=by.number).update(muted_until=until)
        if not command:
            return _("You get all texts again.")
        return _("Only answers and alerts for %(hours)d hours. MUTE 0 ends it.") % {"hours": command}


PLUGS = [JoinCommand(), UndoCommand(), MoreCommand(), LangCommand(), MuteCommand(), *REPORTS]
