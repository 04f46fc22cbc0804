"""Plug for ``sms_commands``: offering help by a text, such as ``GIVE 40 blankets, Tejen market, 15.12``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.extensions.sms_commands import Reply
from komek.supplies.models import written
from volunteers.check_in_commands import CHECK_INS
from volunteers.models import Pledge
from volunteers.offering import offer_by_text, take_back_by_text
from volunteers.work.sms_commands import TASKS

SHAPE = re.compile(
    r"\s*(?P<number>\d{1,9}(?:[.,]\d{1,6})?)\s*(?P<what>[^\W\d_][^,;]*?)\s*(?:[,;]\s*(?P<rest>.*?)\s*)?", re.DOTALL
)
ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
DAY_FIRST = re.compile(r"(\d{1,2})[./](\d{1,2})(?:[./](\d{4}|\d{2}))?\.?")


@dataclass(frozen=True)
class Offered:
    """How much of what, in the sender's words; where, if they said so; and from which day it can be had.

    day: year (``None``: the next such day), month, day of the month.
    """

    quantity: Decimal
    what: str
    where: str = ""
    day: tuple[int | None, int, int] | None = None


class GiveCommand:
    key = "GIVE"
    aliases: Mapping[str, Sequence[str]] = {
        "en": ("OFFER", "PLEDGE"), "ru": ("ДАЮ", "ПРЕДЛАГАЮ"), "tk": ("TEKLIP",), "uz": ("TAKLIF", "ТАКЛИФ"),
        "az": ("TƏKLİF", "TEKLIF"),
    }  # fmt: skip
    help = gettext_lazy("GIVE 40 blankets, Tejen market, 15.12 – offers help from that day; you are answered by SMS.")

    def parse(self, arguments: str) -> Offered:
        """``40 blankets, Tejen market, 15.12`` → how much, what, where, from when. Pure. Raises ValueError with a sentence."""
        found = SHAPE.fullmatch(arguments)
        if found is None:
            raise ValueError(_("Write how much and what, such as: GIVE 40 blankets, Tejen market, 15.12"))
        quantity = Decimal(found["number"].replace(",", "."))
        where, day = _where_and_when(found["rest"] or "")
        return Offered(quantity, " ".join(found["what"].split())[:300], where[:300], day)

    def act(self, command: Any, by: Any) -> Reply:
        """Write the offer down; the reply names its code. Raises Refused and NeedsConfirmation."""
        made = offer_by_text(by=by, quantity=command.quantity, what=command.what, where=command.where, day=command.day)
        words = {"code": made.code, "what": f"{written(made.quantity)} {made.unit} {made.what}"[:60].replace("  ", " ")}
        said = _("Thank you. Your offer %(code)s: %(what)s. Please bring nothing before you are answered.") % words
        return Reply(said, undo=made.code, memo={"pledge": made.pk})

    def undo(self, memo: Mapping[str, Any], by: Any) -> str:
        """Take the offer back. Raises Refused once it is on its way."""
        made = take_back_by_text(by=by, pledge=Pledge.objects.select_related("operation").get(pk=memo["pledge"]))
        return _("%(code)s is taken back.") % {"code": made.code}


def _where_and_when(text: str) -> tuple[str, tuple[int | None, int, int] | None]:
    """The last part is the day when it looks like one; the others are the place."""
    parts = [" ".join(part.split()) for part in re.split(r"[,;]", text)]
    parts = [part for part in parts if part]
    found = ISO_DAY.fullmatch(parts[-1]) if parts else None
    if found is not None:
        return ", ".join(parts[:-1]), _day(int(found[1]), int(found[2]), int(found[3]))
    found = DAY_FIRST.fullmatch(parts[-1]) if parts else None
    if found is None:
        return ", ".join(parts), None
    year = int(found[3]) if found[3] else None
    if year is not None and year < 100:
        year += 2000
    return ", ".join(parts[:-1]), _day(year, int(found[2]), int(found[1]))


def _day(year: int | None, month: int, day: int) -> tuple[int | None, int, int]:
    try:
        date(year or 2000, month, day)  # 2000 has a 29 February
    except ValueError:
        raise ValueError(_("There is no such day. Write it as day.month, such as 15.12")) from None
    return year, month, day


PLUGS = [GiveCommand(), *CHECK_INS, *TASKS]
