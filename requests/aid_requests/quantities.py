"""From what people ask for (a number and a unit or a pack) to base units of an item, exactly; and what is too much."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from aid_requests.models import LineKind
from aid_requests.refusals import Refused
from komek.supplies.conversion import CannotConvert
from komek.supplies.measures import in_base_unit
from komek.supplies.models import Dimension, Item, plain

MOST = Decimal(10) ** 9
"""More than this of anything is a slip of the finger."""

LIKELY_MOST = {
    LineKind.GOODS: 1_000_000,
    LineKind.SERVICE: 10_000,
    LineKind.PEOPLE: 5_000,
    LineKind.TRANSPORT: 1_000,
    LineKind.RESCUE: 1_000,
    LineKind.MEDICAL: 50_000,
}
"""Above this the asker is asked whether it is right. A field limit of ours, not a standard."""

LIKELY_MOST_EACH = {Dimension.COUNT: 50}
LIKELY_MOST_EACH_MEASURED = 1_000
"""Per person: pieces, and base units of what is weighed or measured."""


def base_quantity(item: Item | None, quantity: Decimal, measure: str) -> tuple[Decimal, str]:
    """``quantity`` of ``measure`` (a unit's or pack's name, or nothing) in the item's base unit, and that unit's symbol.

    Without an item the quantity and the measure stay as they were said. Raises Refused.
    """
    words = measure.strip()
    if not quantity.is_finite() or quantity <= 0:
        raise Refused({"quantity": _("Give how many are needed, more than 0.")})
    if quantity > MOST:
        raise Refused({"quantity": _("This is too much to be true. Check the quantity and its unit.")})
    if item is None:
        return quantity.quantize(Decimal("0.000001")), words[:40]
    exact = _in_base(item, quantity, words)
    kept = exact.quantize(Decimal("0.000001"))
    if kept > MOST:
        raise Refused({"quantity": _("This is too much to be true. Check the quantity and its unit.")})
    if kept <= 0 or (item.unit.dimension == Dimension.COUNT and kept * item.unit.factor % 1):
        raise Refused(
            {
                "quantity": _("%(item)s is counted in whole %(unit)s; %(quantity)s is not whole.")
                % {"item": item, "unit": item.unit.symbol, "quantity": plain(kept)}
            }
        )
    return kept, item.unit.symbol


def question_about(kind: str, item: Item | None, quantity: Decimal, unit: str, people: int | None) -> str:
    """A question when so much is unlikely, else an empty text. quantity: in the item's base unit."""
    words = {"quantity": plain(quantity), "unit": unit, "item": item or ""}
    if people and item is not None and kind == LineKind.GOODS:
        most = LIKELY_MOST_EACH.get(Dimension(item.unit.dimension), LIKELY_MOST_EACH_MEASURED)
        if quantity / people > most:
            return _("%(quantity)s %(unit)s of %(item)s for %(people)s people: is this right?") % {
                **words,
                "people": people,
            }
    if quantity > LIKELY_MOST[LineKind(kind)]:
        what = " ".join(filter(None, (words["quantity"], unit, str(words["item"]))))
        return _("%(what)s is very much. Is this right?") % {"what": what}
    return ""


def _in_base(item: Item, quantity: Decimal, words: str) -> Decimal:
    try:
        return in_base_unit(item, quantity, words)
    except CannotConvert as fault:
        raise Refused({"unit": str(fault)}) from fault
