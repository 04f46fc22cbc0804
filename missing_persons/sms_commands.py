"""Plugs for ``sms_commands``: somebody is missing, was seen, is safe; and looking for somebody by name.

Words that a cry for help may begin with ("alive", "find us") are no aliases. Native speakers should review these lists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from komek.extensions.sms_commands import Reply
from missing_persons.models import ReportKind
from missing_persons.people_in_texts import Told, read_person, read_safe, read_search
from missing_persons.refusals import Refused
from missing_persons.reporting_by_text import find_by_text, report_by_text, take_back_by_text, way_to_follow


class _ReportCommand:
    """What the three reports have in common. said: the answer, with ``code`` and ``who``."""

    kind: ClassVar[str]
    said: ClassVar[Any]

    def act(self, command: Told, by: Any) -> Reply:
        """Keep the report; the answer says what was understood and, to who has no account, how to follow it."""
        report = report_by_text(by=by, kind=self.kind, told=command)
        sentence = str(self.said) % {"code": report.code, "who": command.in_words()}
        if by.user is None:
            sentence = f"{sentence} {way_to_follow(report)}."
        return Reply(sentence, undo=report.code, memo={"report": report.pk})

    def undo(self, memo: Mapping[str, Any], by: Any) -> str:
        """Erase it while nobody has worked on it. Raises Refused."""
        code = take_back_by_text(by=by, report_id=memo["report"])
        return _("%(code)s is taken back.") % {"code": code}


class MissCommand(_ReportCommand):
    key = "MISS"
    aliases: Mapping[str, Sequence[str]] = {
        "en": ("MISSING",), "ru": ("ПРОПАЛ", "ПРОПАЛА", "ПРОПАЛИ"), "tk": ("ÝITDI", "ÝITEN"), "uz": ("YO'QOLDI", "YOQOLGAN"),
        "uz-cyrl": ("ЙЎҚОЛДИ", "ЙЎҚОЛГАН"), "az": ("İTKİN", "İTİB"),
    }  # fmt: skip
    help = gettext_lazy("MISS Aman Ataev/34/M/Tejen - somebody is missing: name, age, sex, where last seen.")
    kind = ReportKind.MISSING
    said = pgettext_lazy("of a person whom nobody can find", "%(code)s, missing: %(who)s.")

    def parse(self, arguments: str) -> Told:
        """Pure. Raises ValueError with a sentence."""
        return read_person(arguments, "MISS Aman Ataev/34/M/Tejen")


class SeenCommand(_ReportCommand):
    key = "SEEN"
    aliases: Mapping[str, Sequence[str]] = {
        "ru": ("ВИДЕЛ", "ВИДЕЛА", "ВИДЕЛИ"), "tk": ("GÖRDÜM", "GÖRDÜK"), "uz": ("KO'RDIM", "KO'RDIK"),
        "uz-cyrl": ("КЎРДИМ", "КЎРДИК"), "az": ("GÖRDÜM", "GÖRDÜK"),
    }  # fmt: skip
    help = gettext_lazy("SEEN Aman Ataev/34/M/C1143 - you saw somebody: name, age, sex, where.")
    kind = ReportKind.SIGHTED
    said = gettext_lazy("%(code)s, seen: %(who)s.")

    def parse(self, arguments: str) -> Told:
        """Pure. Raises ValueError with a sentence."""
        return read_person(arguments, "SEEN Aman Ataev/34/M/C1143")


class SafeCommand(_ReportCommand):
    key = "SAFE"
    aliases: Mapping[str, Sequence[str]] = {
        "ru": ("НЕВРЕДИМ", "НЕВРЕДИМА", "СПАСЕН", "СПАСЕНА"), "tk": ("HOWPSUZ",), "uz": ("OMONMAN",),
        "uz-cyrl": ("ОМОНМАН",), "az": ("TƏHLÜKƏSİZƏM",),
    }  # fmt: skip
    help = gettext_lazy(
        "SAFE Aman Ataev, Kaka school - you are safe: your name, and where you are. The place is not shown."
    )
    kind = ReportKind.SAFE
    said = gettext_lazy("%(code)s, safe: %(who)s.")

    def parse(self, arguments: str) -> Told:
        """Pure. Raises ValueError with a sentence."""
        return read_safe(arguments, "SAFE Aman Ataev, Kaka")

    def act(self, command: Told, by: Any) -> Reply:
        """Without a name it is the account's owner who is safe."""
        if command.name:
            return super().act(command, by)
        if by.user is None:
            raise Refused(
                {"name": _("Who is safe? Write your name: %(example)s") % {"example": "SAFE Aman Ataev, Kaka"}}
            )
        return super().act(Told(by.user.name, place=command.place), by)


class FindCommand:
    key = "FIND"
    aliases: Mapping[str, Sequence[str]] = {
        "en": ("SEARCH",), "ru": ("НАЙТИ", "НАЙДИ", "ПОИСК"), "tk": ("GÖZLE", "TAP"), "uz": ("QIDIR",), "uz-cyrl": ("ҚИДИР",),
        "az": ("AXTAR", "TAP"),
    }  # fmt: skip
    help = gettext_lazy("FIND Aman Ataev 34 - who of this name is listed; with the age when you know it.")

    def parse(self, arguments: str) -> Told:
        """Pure. Raises ValueError with a sentence."""
        return read_search(arguments, "FIND Aman Ataev 34")

    def act(self, command: Told, by: Any) -> str:
        """Never a place, never a number, nobody who is not public."""
        return find_by_text(by=by, told=command)


PLUGS = [MissCommand(), SeenCommand(), SafeCommand(), FindCommand()]
