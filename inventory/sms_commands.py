"""Plug for ``sms_commands``: stock by a text. ``STK W0211 rice =40 kg`` counts, ``+20`` receives, ``-5 C1143`` issues."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.models import Movement
from inventory.reversing import reverse_movement
from inventory.stock_by_text import count_by_text, issue_by_text, item_called, receive_by_text, warehouse_called
from komek.extensions.sms_commands import Answer, Question, Reply
from komek.records.codes import has_shape_of_code, parse_code

EXAMPLE = "STK W0211 rice +20 kg B77 E0627"
_QUANTITY = re.compile(r"(?<!\S)(?P<sign>[=+-])?\s*(?P<number>\d[\d.,oOоО]*)\s*(?P<measure>[^\W\d_]+\.?)?(?!\S)")
_EXPIRY = re.compile(r"[EeЕе](?P<month>\d{2})(?P<year>\d{2})")
_BATCH = re.compile(r"[BbВв](?P<number>[\w\-/]*\d[\w\-/]*)")
_OS = str.maketrans("oOоО", "0000")


@dataclass(frozen=True)
class Stock:
    """What a text says. code: the warehouse's. sign: ``=`` counted, ``+`` received, ``-`` issued. number, measure: as written.

    expires_on: the last day of the month given. to: code of the site that gets what is issued.
    """

    code: str
    item: str
    sign: str
    number: str
    measure: str = ""
    batch: str = ""
    expires_on: date | None = None
    to: str = ""


class StockCommand:
    key = "STK"
    aliases: Mapping[str, Sequence[str]] = {
        "en": ("STOCK",), "ru": ("СКЛАД",), "tk": ("AMMAR",), "uz": ("OMBOR",), "uz-cyrl": ("ОМБОР",), "az": ("ANBAR",),
    }  # fmt: skip
    help = gettext_lazy(
        "STK W0211 rice =40 kg counted, +20 kg B77 E0627 received (batch, expiry), -5 kg C1143 issued to a site."
    )

    def parse(self, arguments: str) -> Stock:
        """The warehouse's code, an item, a sign and a number. Pure. Raises ValueError with a sentence."""
        code, rest = _code_first(arguments)
        found = _QUANTITY.search(rest)
        if found is None:
            raise ValueError(_("How much? Write: %(example)s") % {"example": EXAMPLE})
        before, after = rest[: found.start()].split(), rest[found.end() :].split()
        measure = (found["measure"] or "").strip(".")
        batch, expires_on, to, words = _described(after)
        item = " ".join(before) or " ".join(words)
        if not item and measure:
            item, measure = measure, ""
        if not item or (before and words):
            raise ValueError(_("Of what? Write: %(example)s") % {"example": EXAMPLE})
        number = found["number"].translate(_OS).rstrip(".,")
        return Stock(code, item[:80], found["sign"] or "=", number, measure[:20], batch, expires_on, to)

    def act(self, command: Stock, by: Any) -> Reply:
        """Count, receive or issue. Goods that leave, and counts that take much away, are confirmed by the sender's own phone."""
        warehouse = warehouse_called(command.code, by)
        items = item_called(command.item, by)
        if len(items) > 1:
            answers = [Answer(f"{item.name} ({item.code})", _text(command, item.code)) for item in items]
            return Reply(question=Question(_("Which one?"), answers))
        given: dict[str, Any] = {
            "by": by, "warehouse": warehouse, "item": items[0], "number": command.number, "measure": command.measure,
        }  # fmt: skip
        if command.sign == "+":
            made = receive_by_text(**given, batch=command.batch, expires_on=command.expires_on)
        elif command.sign == "-":
            made = issue_by_text(**given, to=command.to, batch=command.batch)
        else:
            made = count_by_text(**given, batch=command.batch)
        if made.question:
            yes = Answer(_("Yes"), _text(command, items[0].code), is_yes=True)
            return Reply(question=Question(made.question, (yes, Answer(_("No"))), is_guarded=True))
        if made.movement is None:
            return Reply(made.sentence)
        return Reply(made.sentence, made.movement.code, {"movement": made.movement.pk})

    def undo(self, memo: Mapping[str, Any], by: Any) -> str:
        """Take the movement back by another one, if its goods are still there."""
        movement = Movement.objects.filter(pk=memo.get("movement")).first()
        if movement is None:
            raise ValidationError(_("This movement is not there any more."))
        made = reverse_movement(
            by=by, operation=by.operation, movement=movement, reason=_("taken back by SMS"), key=by.reference or None
        )
        return _("%(code)s is taken back by %(other)s.") % {"code": movement.code, "other": made.code}


def _text(command: Stock, item_code: str) -> str:
    """The same command again, with the item's code in place of its name."""
    parts = [StockCommand.key, command.code, item_code, f"{command.sign}{command.number}", command.measure]
    parts += [f"B{command.batch}" if command.batch else "", command.to]
    parts += [f"E{command.expires_on:%m%y}" if command.expires_on else ""]
    return " ".join(filter(None, parts))


def _code_first(arguments: str) -> tuple[str, str]:
    words = arguments.split()
    for taken in (1, 2):
        joined = "".join(words[:taken])
        if len(words) >= taken and has_shape_of_code(joined):
            return parse_code(joined, "WC"), " ".join(words[taken:])
    raise ValueError(_("Which warehouse? Write its code first: %(example)s") % {"example": EXAMPLE})


def _described(after: Sequence[str]) -> tuple[str, date | None, str, list[str]]:
    """Batch, expiry and destination among the words after the quantity, and what is left of them."""
    batch, expires_on, to, words = "", None, "", []
    for word in after:
        if found := _EXPIRY.fullmatch(word):
            month = int(found["month"])
            if not 1 <= month <= 12:
                raise ValueError(_("“%(word)s”: write month and year of expiry, such as E0627.") % {"word": word})
            year = 2000 + int(found["year"])
            expires_on = date(year, month, monthrange(year, month)[1])
        elif has_shape_of_code(word) and word[0].upper() in "CWСВ" and not to:
            to = parse_code(word, "CW")
        elif found := _BATCH.fullmatch(word):
            batch = found["number"][:40]
        else:
            words.append(word)
    return batch, expires_on, to, words


PLUGS = [StockCommand()]
