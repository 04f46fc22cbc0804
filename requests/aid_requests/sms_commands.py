"""Plugs for ``sms_commands``: asking for support, its stage, and confirming that it came."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aid_requests.asking_by_text import Asked, ask_by_text, got_by_text, known_by_text, take_back_by_text
from aid_requests.lines import in_words
from aid_requests.models import AidRequest, RequestState
from aid_requests.needed import lines_with_figures
from komek.extensions.sms_commands import Reply
from komek.records.codes import parse_code
from komek.supplies.models import plain

MOST_THINGS = 20
MOST_TOLD = 3

# A letter and four or more signs that are, or are taken for, digits: a site's code, also mistyped. See komek.records.codes.
SITE_CODE = re.compile(r"\s*(?P<code>[^\W\d_]\s?-?\d[\dOoОоIlІ|]{2,})(?=[\s:,]|$)[\s:,]*")
# Between two things: a comma that is not within a number, a plus, or a word for "and" before a number.
BETWEEN = re.compile(r"(?<!\d),|,(?!\d)|\+|\s(?:and|и|we|va|ва|və)\s+(?=\d)", re.IGNORECASE)
NUMBER = r"(?P<number>\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|\d{1,9})(?P<part>[.,]\d{1,6})?"
NUMBER_FIRST = re.compile(rf"{NUMBER}\s*(?P<what>[^\W\d_].*)", re.DOTALL)
NUMBER_LAST = re.compile(rf"(?P<what>[^\W\d_].*?)\s+{NUMBER}", re.DOTALL)
REQUEST_CODE = re.compile(r"\s*(?P<code>\S\s?-?[\dOoОоIlІ|]{3,})(?!\S)(?P<words>.*)", re.DOTALL)


@dataclass(frozen=True)
class Need:
    """What is asked for and where: a site's code, or a place in words. is_urgent: a ``!`` stood in the text."""

    wanted: tuple[Asked, ...]
    site_code: str = ""
    place: str = ""
    is_urgent: bool = False


@dataclass(frozen=True)
class Got:
    """words: what did not come; empty when everything did."""

    code: str
    words: str = ""


class NeedCommand:
    key = "NEED"
    aliases: Mapping[str, Sequence[str]] = {
        "en": ("REQUEST",), "ru": ("НУЖНО", "НУЖНА", "НУЖЕН", "НУЖНЫ", "НАДО", "ПРОШУ"), "tk": ("GEREK",), "uz": ("KERAK", "КЕРАК"),
        "az": ("LAZIM", "LAZIMDIR"),
    }  # fmt: skip
    help = gettext_lazy("NEED C1143 200 water, 40 blankets ! – asks for things for a site; ! means urgent.")

    def parse(self, arguments: str) -> Need:
        """``C1143 200 water, 40 blankets !`` → what, where, how urgent. Pure. Raises ValueError with a sentence."""
        text = " ".join(arguments.split())
        is_urgent, text = "!" in text, text.replace("!", " ").strip(" ,.")
        found = SITE_CODE.match(text)
        if found is not None:
            code, text = parse_code(found["code"], "CW"), text[found.end() :]
            return Need(_things(text), site_code=code, is_urgent=is_urgent)
        place, digit, rest = _place_and_things(text)
        if not place:
            raise ValueError(_("Begin with the code of the site, such as: NEED C1143 200 water, 40 blankets"))
        return Need(_things(digit + rest), place=place[:300], is_urgent=is_urgent)

    def act(self, command: Any, by: Any) -> Reply:
        """Ask for it; the reply says what was understood."""
        made = ask_by_text(
            by=by, wanted=command.wanted, site_code=command.site_code, place=command.place, is_urgent=command.is_urgent
        )
        words = {"code": made.code, "what": _short(", ".join(in_words(line) for line in made.lines.all())),
                 "where": _short(str(made.site or made.landmark), 30)}  # fmt: skip
        said = (
            _("%(code)s: %(what)s for %(where)s, urgent.")
            if command.is_urgent
            else _("%(code)s: %(what)s for %(where)s.")
        )
        return Reply(said % words, undo=made.code, memo={"request": made.pk})

    def undo(self, memo: Mapping[str, Any], by: Any) -> str:
        """Take it back while nobody has looked into it. Raises Refused."""
        made = AidRequest.objects.select_related("operation").get(pk=memo["request"])
        take_back_by_text(by=by, request=made)
        return _("%(code)s is taken back.") % {"code": made.code}


class StatusCommand:
    key = "ST"
    aliases: Mapping[str, Sequence[str]] = {
        "en": ("STATUS",), "ru": ("СТАТУС",), "tk": ("YAGDAY", "ÝAGDAÝ"), "uz": ("HOLAT", "ҲОЛАТ"),
        "az": ("VEZIYYET", "VƏZİYYƏT"),
    }  # fmt: skip
    help = gettext_lazy("ST R3075 – what became of a request.")

    def parse(self, arguments: str) -> str:
        """The request's code. Pure. Raises ValueError with a sentence."""
        if not arguments.strip():
            raise ValueError(_("Write the code of the request, such as: ST R3075"))
        return parse_code(arguments.strip(" .!?"), "R")

    def act(self, command: Any, by: Any) -> str:
        """The stage, to anybody who knows the code; to who asked, and to who may see it, what came and what is still needed."""
        found, hears_all = known_by_text(by=by, code=command)
        words = {
            "code": found.code,
            "state": found.get_state_display(),
            "kept": found.merged_into and found.merged_into.code,
        }
        if found.merged_into is not None:
            return _("%(code)s goes on as %(kept)s.") % words
        said = _("%(code)s: %(state)s.") % words
        return " ".join([said, *_figures(found)]) if hears_all else said


class GotCommand:
    key = "GOT"
    aliases: Mapping[str, Sequence[str]] = {
        "en": ("RECEIVED",), "ru": ("ПОЛУЧЕНО", "ПОЛУЧИЛ", "ПОЛУЧИЛИ"), "tk": ("ALDYM", "ALDYK"), "uz": ("OLDIM", "ОЛДИМ"),
        "az": ("ALDIM", "ALDIQ"),
    }  # fmt: skip
    help = gettext_lazy("GOT R3075 – everything came. GOT R3075 20 blankets missing – not all of it did.")

    def parse(self, arguments: str) -> Got:
        """The code, and what did not come. Pure. Raises ValueError with a sentence."""
        found = REQUEST_CODE.fullmatch(arguments)
        if found is None:
            raise ValueError(_("Write the code of the request, such as: GOT R3075"))
        return Got(parse_code(found["code"], "R"), " ".join(found["words"].split()).strip(" .,:!-")[:300])

    def act(self, command: Any, by: Any) -> str:
        """Confirm the receipt, or keep what is missing. Raises Refused."""
        request = got_by_text(by=by, code=command.code, words=command.words)
        words = {"code": request.code, "state": request.get_state_display()}
        if request.state == RequestState.CLOSED:
            return _("%(code)s is closed. Thank you.") % words
        return _("%(code)s: noted. Who answers for it reads what you wrote.") % words


def _place_and_things(text: str) -> tuple[str, str, str]:
    """Words before the first number are the place: ``Tejen bridge, 40 blankets``."""
    found = re.search(r"(?:^|\s)(\d)", text)
    if found is None:
        return "", "", ""
    return text[: found.start(1)].strip(" ,:"), found[1], text[found.end(1) :]


def _things(text: str) -> tuple[Asked, ...]:
    parts = [part.strip(" .:") for part in BETWEEN.split(text)]
    things = [_thing(part) for part in parts if part]
    if not things:
        raise ValueError(_("Write how many of what is needed, such as: 200 water, 40 blankets"))
    if len(things) > MOST_THINGS:
        raise ValueError(_("A text takes %(most)s things. Send the rest in another.") % {"most": MOST_THINGS})
    return tuple(things)


def _thing(part: str) -> Asked:
    found = NUMBER_FIRST.fullmatch(part) or NUMBER_LAST.fullmatch(part)
    if found is None:
        raise ValueError(_("Write how many and what: “%(part)s” is not clear.") % {"part": part[:40]})
    whole = re.sub(r"\s", "", found["number"])
    quantity = Decimal(whole + (found["part"] or "").replace(",", "."))
    return Asked(quantity, found["what"].strip(" .")[:300])


def _figures(request: AidRequest) -> list[str]:
    """What came of each line, as short as a text must be, and what is promised."""
    lines: list[Any] = lines_with_figures(request)
    more = ", …" if len(lines) > MOST_TOLD else ""
    shown = [(_short(str(line), 30), line) for line in lines[:MOST_TOLD]]
    came = ", ".join(f"{what} {plain(line.received)}/{plain(line.quantity)}" for what, line in shown)
    promised = ", ".join(f"{what} {plain(line.promised)}" for what, line in shown if line.promised)
    told = [_("Came: %(what)s.") % {"what": came + more}]
    return [*told, _("Promised: %(what)s.") % {"what": promised}] if promised else told


def _short(text: str, most: int = 70) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip(' ,')}…"


PLUGS = [NeedCommand(), StatusCommand(), GotCommand()]
