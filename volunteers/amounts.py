"""From what people offer (a number and a unit or a pack) to base units of an item, exactly; and what is too much."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from komek.supplies.conversion import CannotConvert
from komek.supplies.measures import in_base_unit
from komek.supplies.models import Dimension, Item, plain
from volunteers.models import PledgeKind
from volunteers.refusals import Refused

MOST = Decimal(10) ** 9
MOST_MONEY = Decimal(10) ** 11
"""More than this is a slip of the finger."""

LIKELY_MOST = {
    PledgeKind.GOODS: 100_000,
    PledgeKind.MONEY: 10_000_000,
    PledgeKind.SERVICE: 1_000,
    PledgeKind.TRANSPORT: 200,
    PledgeKind.SHELTER: 5_000,
    PledgeKind.PEOPLE: 1_000,
}
"""Above this the donor is asked whether it is right. Limits of ours, not a standard."""

WHOLE = (PledgeKind.PEOPLE, PledgeKind.SHELTER)
STEP = Decimal("0.000001")


def base_amount(kind: str, item: Item | None, quantity: Decimal, measure: str) -> tuple[Decimal, str]:
    """``quantity`` of ``measure`` (a unit's or pack's name, a currency, or nothing) as it is kept, with its unit's symbol.

    Of an item: in its base unit. Else as it was said. Raises Refused.
    """
    words = " ".join(measure.split())
    if not quantity.is_finite() or quantity <= 0:
        raise Refused({"quantity": _("Give how much is offered, more than 0.")})
    if quantity > (MOST_MONEY if kind == PledgeKind.MONEY else MOST):
        raise Refused({"quantity": _("This is too much to be true. Check the quantity and its unit.")})
    if kind == PledgeKind.MONEY:
        return _money(quantity, words)
    if kind in WHOLE and quantity % 1:
        raise Refused({"quantity": _("Give a whole number of people or places.")})
    if item is None:
        kept = quantity.quantize(STEP)
        if kept <= 0:
            raise Refused({"quantity": _("Give how much is offered, more than 0.")})
        return kept, words[:40]
    kept = _in_base(item, quantity, words).quantize(STEP)
    if kept > MOST:
        raise Refused({"quantity": _("This is too much to be true. Check the quantity and its unit.")})
    if kept <= 0 or (item.unit.dimension == Dimension.COUNT and kept * item.unit.factor % 1):
        raise Refused(
            {"quantity": _("%(item)s is counted in whole %(unit)s; %(quantity)s is not whole.")
             % {"item": item, "unit": item.unit.symbol, "quantity": plain(kept)}}
        )  # fmt: skip
    return kept, item.unit.symbol


def question_about(kind: str, what: str, quantity: Decimal, unit: str) -> str:
    """A question when so much is unlikely, else an empty text. quantity: as it is kept."""
    if quantity <= LIKELY_MOST[PledgeKind(kind)]:
        return ""
    words = {"quantity": plain(quantity), "unit": unit, "what": what}
    return _("%(quantity)s %(unit)s of “%(what)s” is very much. Is this right?") % words


def _money(quantity: Decimal, currency: str) -> tuple[Decimal, str]:
    code = currency.upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise Refused({"unit": _("Give the currency by its three letters, such as TMT, USD or EUR.")})
    if quantity != round(quantity, 2):
        raise Refused({"quantity": _("Give the amount with at most two digits after the point.")})
    return quantity, code


def _in_base(item: Item, quantity: Decimal, words: str) -> Decimal:
    try:
        return in_base_unit(item, quantity, words)
    except CannotConvert as fault:
        raise Refused({"unit": str(fault)}) from fault
