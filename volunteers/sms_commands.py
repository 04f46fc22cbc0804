"""Plug for ``sms_commands``: offering help by a text, such as ``OFFER 40 blankets, Tejen market``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from volunteers.check_in_commands import CHECK_INS
from volunteers.offering import offer_by_text
from volunteers.refusals import NeedsConfirmation

SHAPE = re.compile(
    r"\s*(?P<number>\d{1,9}(?:[.,]\d{1,6})?)\s+(?P<what>[^,;]+?)\s*(?:[,;]\s*(?P<where>.*?)\s*)?", re.DOTALL
)


@dataclass(frozen=True)
class Offered:
    """How much of what, in the sender's words, and where if they said so."""

    quantity: Decimal
    what: str
    where: str = ""


class OfferCommand:
    key = "OFFER"
    aliases: Mapping[str, Sequence[str]] = {
        "en": ("OFFER", "PLEDGE"), "ru": ("ДАЮ", "ПРЕДЛАГАЮ"), "tk": ("TEKLIP",), "uz": ("TAKLIF", "ТАКЛИФ"),
        "az": ("TƏKLİF", "TEKLIF"),
    }  # fmt: skip
    help = gettext_lazy("OFFER 40 blankets, Tejen market – offers help; you are answered by SMS.")

    def parse(self, arguments: str) -> Offered:
        """``40 blankets, Tejen market`` → how much, what, where. Pure. Raises ValueError with a sentence."""
        found = SHAPE.fullmatch(arguments)
        if found is None:
            raise ValueError(_("Write how much and what, such as: OFFER 40 blankets, Tejen market"))
        quantity = Decimal(found["number"].replace(",", "."))
        return Offered(quantity, " ".join(found["what"].split())[:300], " ".join((found["where"] or "").split())[:300])

    def act(self, command: Any, by: Any) -> str:
        """Write the offer down; the reply names its code. ``by.name``: the sender's number (E.164)."""
        try:
            made = offer_by_text(by=by, quantity=command.quantity, what=command.what, where=command.where)
        except NeedsConfirmation as asked:
            return f"{asked.question} {_('If it is, offer it on our page or call us.')}"
        except ValidationError as refusal:
            return " ".join(refusal.messages)
        return _(
            "Thank you. Your offer has the code %(code)s. Please do not bring anything before you are answered."
        ) % {"code": made.code}


PLUGS = [OfferCommand(), *CHECK_INS]
