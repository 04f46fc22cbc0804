"""From packs and units to an item's base units, exactly. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

LARGEST = Decimal(10) ** 12  # what a quantity's eighteen digits hold before the point


@dataclass(frozen=True)
class UnitOfMeasure:
    """A unit as plain data. ``factor``: how many of its dimension's base unit one of it is."""

    symbol: str
    dimension: str
    factor: Decimal


class CannotConvert(ValueError):
    """The quantity cannot be expressed in the item's unit. The message says why."""


def to_base(quantity: Decimal, unit: UnitOfMeasure, base: UnitOfMeasure) -> Decimal:
    """``quantity`` of ``unit`` in ``base``, exact to six places. Raises CannotConvert for another dimension."""
    if unit.dimension != base.dimension:
        raise CannotConvert(
            _("%(unit)s cannot be counted in %(base)s. Give the quantity in %(base)s.")
            % {"unit": unit.symbol, "base": base.symbol}
        )
    exact = quantity * unit.factor / base.factor
    if abs(exact) >= LARGEST:
        raise CannotConvert(_("This is too much to be true. Check the quantity and its unit."))
    return exact.quantize(Decimal("0.000001"))


def packs_to_base(count: Decimal, in_one: Decimal) -> Decimal:
    """Base units in ``count`` packs."""
    return count * in_one


def whole_packs(quantity: Decimal, in_one: Decimal) -> tuple[int, Decimal]:
    """Full packs in ``quantity`` base units, and what is left over."""
    count = int(quantity // in_one)
    return count, quantity - count * in_one


def valid_gtin(text: str) -> bool:
    """Whether a barcode number of 8, 12, 13 or 14 digits has the right check digit (GS1 General Specifications, 7.9)."""
    if len(text) not in (8, 12, 13, 14) or not (text.isascii() and text.isdigit()):
        return False
    weighted = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(text[:-1])))
    return (10 - weighted % 10) % 10 == int(text[-1])
