"""Plug for ``sms_commands``: a headcount by a text, such as ``HC C1143 412 M198 F214``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from camps.headcounts import decide_headcount, question_about, report_headcount
from camps.models import Camp, Headcount, HeadcountStanding
from komek.accounts.authority import standing_of, visible
from komek.extensions.sms_commands import Answer, Question, Reply
from komek.records.codes import MistypedCode, has_shape_of_code, parse_code

MOST = 99_999_999
_DIGITS = str.maketrans("OoОо", "0000")
_LETTERS = {
    "M": "M", "М": "M", "F": "F", "Ж": "F", "U": "U", "У": "U", "E": "E", "Е": "E", "H": "H", "Н": "H",
}  # fmt: skip
"""Latin letters, Cyrillic ones that look like them, and Ж for women: male, female, under five, elderly, households."""

_TOKEN = re.compile(r"(?P<sign>[+-])?(?P<letter>[^\W\d_])?[=:]?(?P<number>[\dOoОо]{1,9})")
_BETWEEN = re.compile(r"[,/]|(?<!\S)[-=](?!\S)")
_LETTER_BLANK = re.compile(r"(?<!\S)([^\W\d_]) (?=\d)")
_NUMBER_BLANK = re.compile(r"(?<=\d) (?=\d{3}\b(?! ?\d))")


@dataclass(frozen=True)
class Counted:
    """What a text says. code: canonical; others as counted, ``None`` when not given. arrived, left: since the last count."""

    code: str
    people: int
    male: int | None = None
    female: int | None = None
    under_five: int | None = None
    elderly: int | None = None
    households: int | None = None
    arrived: int | None = None
    left: int | None = None

    def written(self) -> str:
        """The same as a text."""
        parts = [self.code, str(self.people)]
        letters = {"M": self.male, "F": self.female, "U": self.under_five, "E": self.elderly, "H": self.households}
        parts += [f"{letter}{number}" for letter, number in letters.items() if number is not None]
        parts += [f"+{self.arrived}"] if self.arrived is not None else []
        parts += [f"-{self.left}"] if self.left is not None else []
        return " ".join(parts)


_FIELDS = {
    "M": "male", "F": "female", "U": "under_five", "E": "elderly", "H": "households", "+": "arrived", "-": "left",
}  # fmt: skip


class HeadcountCommand:
    key = "HC"
    aliases: Mapping[str, Sequence[str]] = {
        "en": ("COUNT", "HEADCOUNT"), "ru": ("СЧЕТ", "СЧИТАЮ"), "tk": ("SAN",), "uz": ("SANOQ",), "uz-cyrl": ("САНОҚ",),
        "az": ("SAY",),
    }  # fmt: skip
    # Not the words for people: a cry for help may begin with them.
    help = gettext_lazy(
        "HC C1143 412 M198 F214 U61 E30 - people at a site: all, male, female, under 5, 60 and over; also H90 households, "
        "+12 came, -4 left."
    )

    def parse(self, arguments: str) -> Counted:
        """``C1143 412 M198 F214 U61 E30 +12 -4`` → what was counted. Pure. Raises ValueError with a sentence."""
        code, rest = _code_first(arguments)
        numbers = _LETTER_BLANK.sub(r"\1", _NUMBER_BLANK.sub("", _BETWEEN.sub(" ", rest)))
        people: int | None = None
        given: dict[str, int] = {}
        for word in numbers.split():
            found = _TOKEN.fullmatch(word.strip("."))
            if found is None:
                raise ValueError(
                    _("“%(word)s” is not understood. Write: %(help)s") % {"word": word[:20], "help": _short()}
                )
            number = int(found["number"].translate(_DIGITS))
            if number > MOST:
                raise ValueError(_("%(number)d people are too many. Check the number.") % {"number": number})
            kind = found["sign"] or _LETTERS.get((found["letter"] or "").upper(), "")
            if not found["sign"] and not found["letter"] and people is None:
                people = number
            elif kind in _FIELDS and not (found["sign"] and found["letter"]) and _FIELDS[kind] not in given:
                given[_FIELDS[kind]] = number
            else:
                raise ValueError(
                    _("“%(word)s” is not understood. Write: %(help)s") % {"word": word[:20], "help": _short()}
                )
        if people is None and {"male", "female"} <= set(given):
            people = given["male"] + given["female"]
        if people is None:
            raise ValueError(_("How many people are there? Write: %(help)s") % {"help": _short()})
        return Counted(code, people, **given)

    def act(self, command: Counted, by: Any) -> Reply:
        """Report the headcount. One far from the last waits to be confirmed, by the sender's answer or by somebody else."""
        camp = _camp(command.code, by)
        waiting = _waiting(camp, command, by) if by.confirmed else None
        if waiting is not None:
            count = decide_headcount(by=by, operation=by.operation, headcount=waiting, accept=True)
        else:
            count = report_headcount(
                by=by,
                operation=by.operation,
                camp=camp,
                people=command.people,
                occurred_at=by.occurred_at,
                confirmed=by.confirmed,
                entry_id=uuid5(NAMESPACE_URL, by.reference) if by.reference else None,
                male=command.male,
                female=command.female,
                households=command.households,
                note=_note(command),
            )
        if count.standing == HeadcountStanding.QUESTIONED:
            yes = Answer(_("Yes"), f"{self.key} {command.written()}", is_yes=True)
            return Reply(question=Question(question_about(count, leaving_out=count), (yes, Answer(_("No")))))
        words = {"code": camp.code, "people": count.people, "name": camp.name[:30]}
        return Reply(_("%(code)s %(name)s: %(people)d people noted.") % words, camp.code, {"headcount": count.pk})

    def undo(self, memo: Mapping[str, Any], by: Any) -> str:
        """Withdraw a headcount, unless a correction took its place."""
        count = Headcount.objects.filter(pk=memo.get("headcount")).select_related("camp").first()
        if count is None:
            raise ValidationError(_("This headcount is not there any more."))
        decide_headcount(by=by, operation=by.operation, headcount=count, accept=False, reason=_("taken back by SMS"))
        return _("%(code)s: %(people)d people taken back.") % {"code": count.camp.code, "people": count.people}


def _short() -> str:
    return "HC C1143 412 M198 F214"


def _code_first(arguments: str) -> tuple[str, str]:
    """The site's code, with or without a blank in it, and what follows. Raises ValueError."""
    words = arguments.split()
    for taken in (1, 2):
        joined = "".join(words[:taken])
        if has_shape_of_code(joined) and len(words) >= taken:
            return parse_code(joined, "CW"), " ".join(words[taken:])
    if words and re.match(r"[^\W\d_]", words[0]):
        raise MistypedCode(
            _("“%(word)s” is not a site's code. Write: %(help)s") % {"word": words[0][:20], "help": _short()}
        )
    raise ValueError(_("Which site? Write its code first: %(help)s") % {"help": _short()})


def _camp(code: str, by: Any) -> Camp:
    """The site as the sender may see it. Raises ValidationError."""
    found = visible(Camp.objects.all(), standing_of(by.user, by.operation)).filter(code=code).first()
    if found is None:
        if by.user is None:
            raise ValidationError(
                _("Your number is not known here yet. Ask your coordinator for a code and send JOIN.")
            )
        raise ValidationError(_("No site with people has the code %(code)s.") % {"code": code})
    return found


def _waiting(camp: Camp, command: Counted, by: Any) -> Headcount | None:
    """The sender's own headcount that waits for the yes just given."""
    own = Headcount.objects.filter(camp=camp, people=command.people, standing=HeadcountStanding.QUESTIONED)
    return own.filter(entered_by=by.user).order_by("-pk").first()


def _note(command: Counted) -> str:
    """What a headcount has no figure for, as both sexes together."""
    parts = []
    if command.under_five is not None:
        parts.append(_("under 5: %(number)d") % {"number": command.under_five})
    if command.elderly is not None:
        parts.append(_("60 and over: %(number)d") % {"number": command.elderly})
    if command.arrived is not None:
        parts.append(_("came: %(number)d") % {"number": command.arrived})
    if command.left is not None:
        parts.append(_("left: %(number)d") % {"number": command.left})
    return ", ".join(parts)


PLUGS = [HeadcountCommand()]
