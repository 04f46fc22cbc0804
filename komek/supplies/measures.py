"""Units and packs by the words people write for them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, localcontext
from typing import TypeVar

from django.utils.translation import gettext as _

from komek.supplies.conversion import CannotConvert, to_base
from komek.supplies.models import Item, Pack, Unit

Named = TypeVar("Named", Unit, Pack)


def measure_named(item: Item, words: str) -> Unit | Pack:
    """The item's pack or else the unit of this name or symbol, in any language. Raises CannotConvert with what could be used."""
    found = _named(item.packs.all(), words) or _named(Unit.objects.all(), words)
    if found is None:
        known = ", ".join([item.unit.symbol, *(str(pack) for pack in item.packs.all())])
        raise CannotConvert(
            _("The unit “%(unit)s” is not known. For %(item)s use one of: %(known)s.")
            % {"unit": words[:40], "item": item, "known": known}
        )
    return found


def in_base_unit(item: Item, quantity: Decimal, words: str) -> Decimal:
    """``quantity`` of the unit or pack that ``words`` name, or of the base unit where they name none. Raises CannotConvert."""
    if not words or words.casefold() == item.unit.symbol.casefold():
        return quantity
    measure = measure_named(item, words)
    if isinstance(measure, Pack):
        with localcontext(prec=60):
            return quantity * measure.quantity
    return to_base(quantity, measure.measure, item.unit.measure)


def _named(rows: Iterable[Named], words: str) -> Named | None:
    wanted = words.casefold().rstrip(".")
    for row in rows:
        names = [row.name, *row.names.values(), getattr(row, "symbol", "")]
        if wanted in (name.casefold().rstrip(".") for name in names if name):
            return row
    return None
