"""From what people write (a number and a unit or a pack) to base units of an item, exactly, and back to packs.

Goods that are counted stay whole; what cannot be said in six places after the point is refused, never rounded.
"""

from __future__ import annotations

import re
from decimal import Decimal, localcontext

from django.utils.translation import gettext as _

from inventory.refusals import Refused
from komek.exchange.cells import exact_number
from komek.supplies.conversion import CannotConvert, to_base, whole_packs
from komek.supplies.measures import measure_named
from komek.supplies.models import Dimension, Item, Pack, Unit, plain, written

SIX_PLACES = Decimal("0.000001")
MOST = Decimal(10) ** 12


def base_quantity(item: Item, quantity: Decimal, *, unit: Unit | None = None, pack: Pack | None = None) -> Decimal:
    """``quantity`` of a unit or of packs, in the item's base unit; of neither, it is in the base unit already.

    Raises Refused: not above zero, a unit of another kind, a pack of another item, a part of a thing that is counted.
    """
    if not quantity.is_finite() or quantity <= 0:
        raise Refused({"quantity": _("Give a quantity above zero.")})
    if quantity >= MOST:
        raise Refused({"quantity": _("This is too much to be true. Check the quantity and its unit.")})
    base = item.unit
    if pack is not None:
        if pack.item_id != item.pk:
            raise Refused({"pack": _("This is a pack of another item. Choose a pack of %(item)s.") % {"item": item}})
        with localcontext(prec=60):
            exact = quantity * pack.quantity
    elif unit is not None and unit.pk != base.pk:
        try:
            to_base(quantity, unit.measure, base.measure)
        except CannotConvert as fault:
            raise Refused({"unit": str(fault)}) from fault
        with localcontext(prec=60):
            exact = quantity * unit.factor / base.factor
    else:
        exact = quantity
    return checked(item, exact, of_pack=pack, count=quantity)


def checked(item: Item, exact: Decimal, *, of_pack: Pack | None = None, count: Decimal | None = None) -> Decimal:
    """``exact`` base units as they are kept: six places, whole where the item is counted. Raises Refused."""
    with localcontext(prec=60):
        kept = exact.quantize(SIX_PLACES)
    if abs(kept) >= MOST:
        raise Refused({"quantity": _("This is too much to be true. Check the quantity and its unit.")})
    if not is_whole_enough(item, exact):
        words = {"quantity": plain(kept), "unit": item.unit.symbol, "item": item}
        if of_pack is not None and count is not None:
            sentence = _(
                "%(count)s × %(pack)s would be %(quantity)s %(unit)s of %(item)s, and these are not cut. "
                "Give whole packs, or the number in %(unit)s."
            ) % {**words, "count": plain(count), "pack": of_pack}
        else:
            sentence = _("%(item)s is counted in whole %(unit)s; %(quantity)s is not whole.") % words
        raise Refused({"quantity": sentence})
    if kept != exact:
        raise Refused(
            {
                "quantity": _("This is no exact quantity in %(unit)s. Give it in %(unit)s, with six decimals at most.")
                % {"unit": item.unit.symbol}
            }
        )
    return kept


def is_whole_enough(item: Item, quantity: Decimal) -> bool:
    """Whether so many base units can lie on a shelf: things that are counted come whole."""
    if item.unit.dimension != Dimension.COUNT:
        return True
    with localcontext(prec=60):
        return quantity * item.unit.factor % 1 == 0


def read_quantity(item: Item, number: str, measure: str = "") -> Decimal:
    """A number and the name or symbol of a unit or pack, as written on a list, in base units. Raises Refused."""
    quantity = read_number(number)
    words = measure.strip()
    if not words:
        return base_quantity(item, quantity)
    try:
        measure = measure_named(item, words)
    except CannotConvert as fault:
        raise Refused({"unit": str(fault)}) from fault
    if isinstance(measure, Pack):
        return base_quantity(item, quantity, pack=measure)
    return base_quantity(item, quantity, unit=measure)


def read_sum(item: Item, text: str) -> Decimal:
    """What a counter writes: ``0``, ``137``, ``4 sack of 25 kg + 12``; in base units. Raises Refused."""
    total = Decimal(0)
    for part in text.split("+"):
        found = re.fullmatch(r"\s*([\d\s.,]*\d)\s*([^\d\s].*)?", part)
        if found is None or not found[2]:
            number = read_number(part)
            total += checked(item, number) if number else number
        else:
            total += read_quantity(item, found[1], found[2])
    return total


def read_number(text: str) -> Decimal:
    """``2,5``, ``1 200.5`` or ``1,200,000``. What could be read in two ways (``1,200``) is refused. Raises Refused."""
    compact = re.sub(r"[\s\u00a0\u202f']", "", text)
    if re.fullmatch(r"[1-9]\d{0,2},\d{3}", compact):
        raise Refused(
            {
                "quantity": _("“%(text)s” could be %(thousands)s or %(decimals)s. Write it without a comma.")
                % {"text": text, "thousands": compact.replace(",", ""), "decimals": compact.replace(",", ".")}
            }
        )
    if re.fullmatch(r"\d{1,3}(,\d{3}){2,}(\.\d+)?", compact):
        compact = compact.replace(",", "")
    try:
        number = exact_number(digits=12, places=6)(compact)
    except ValueError as fault:
        raise Refused({"quantity": str(fault)}) from fault
    if number is None:
        raise Refused({"quantity": _("Give a quantity above zero.")})
    return number


def in_packs(quantity: Decimal, pack: Pack | None) -> tuple[int, Decimal]:
    """Full packs in ``quantity`` base units, and loose base units left over."""
    return (0, quantity) if pack is None else whole_packs(quantity, pack.quantity)


def in_words(item: Item, quantity: Decimal, pack: Pack | None = None) -> str:
    """``60 kg``, or with a pack ``60 kg (2 × sack of 25 kg + 10 kg)``."""
    words = f"{written(quantity)} {item.unit.symbol}"
    packs, loose = in_packs(quantity, pack)
    if not packs:
        return words
    rest = f" + {written(loose)} {item.unit.symbol}" if loose else ""
    return f"{words} ({packs} × {pack}{rest})"
