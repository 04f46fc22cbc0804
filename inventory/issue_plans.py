"""What would be given out, first expired first, in words: from which bins, why these, and what stays and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from inventory.choosing import WHY, shortage
from inventory.models import Batch, Bin, Warehouse
from inventory.picking import Lot, Plan, Why
from inventory.quantities import in_words
from inventory.stock import plan_picking
from komek.supplies.models import Item, plain


@dataclass(frozen=True)
class TakenLine:
    """A place to take from. name: of its box in the form. why: why this one comes now."""

    name: str
    batch: Batch
    bin: Bin | None
    quantity: Decimal
    lies: str
    why: str

    @property
    def proposed(self) -> str:
        return plain(self.quantity)


@dataclass(frozen=True)
class LeftLine:
    """A place that is passed over, and why."""

    batch: Batch
    bin: Bin | None
    lies: str
    why: str


@dataclass(frozen=True)
class ItemPlan:
    """What is proposed for one item. shortage: a sentence when there is too little."""

    item: Item
    wanted: str
    taken: list[TakenLine]
    left: list[LeftLine]
    shortage: str


def explained(
    operation: Any, warehouse: Warehouse, wanted: Mapping[Item, Decimal], *, on: date, usable_for_days: int = 0
) -> list[ItemPlan]:
    """The plan for each item wanted (base units), with reasons. A constant number of queries, however many lots."""
    until = on + timedelta(days=usable_for_days) if usable_for_days else None
    plans = plan_picking(
        operation, warehouse, {item.pk: quantity for item, quantity in wanted.items()}, on=on, usable_until=until
    )
    lots = [one.lot for plan in plans.values() for one in (*plan.picks, *plan.skipped)]
    batches = Batch.objects.select_related("item__unit", "pack").in_bulk({lot.batch for lot in lots})
    bins: dict[int | None, Bin | None] = dict(Bin.objects.select_related("zone").in_bulk({lot.bin for lot in lots}))
    bins[None] = None
    return [
        _item_plan(operation, warehouse, item, quantity, plans[item.pk], batches, bins)
        for item, quantity in wanted.items()
    ]


def box_name(lot: Lot) -> str:
    """The box of a lot in the form: batch, bin, condition."""
    return f"take-{lot.batch}-{lot.bin or 0}"


def _item_plan(
    operation: Any, warehouse: Warehouse, item: Item, wanted: Decimal, plan: Plan, batches: dict[int, Batch],
    bins: dict[int | None, Bin | None],
) -> ItemPlan:  # fmt: skip
    taken = [
        TakenLine(
            box_name(one.lot), batches[one.lot.batch], bins[one.lot.bin], one.quantity,
            in_words(item, one.lot.quantity, batches[one.lot.batch].pack), _why_now(one.lot, place, plan),
        )
        for place, one in enumerate(plan.picks)
    ]  # fmt: skip
    left = [
        LeftLine(
            batches[one.lot.batch], bins[one.lot.bin], in_words(item, one.quantity, batches[one.lot.batch].pack),
            _why_left(one.lot, one.why),
        )
        for one in plan.skipped
    ]  # fmt: skip
    words = ""
    if plan.missing:
        words = shortage(operation, warehouse, item, wanted, plan, batches, bins)
    return ItemPlan(item, in_words(item, wanted), taken, left, words)


def _why_now(lot: Lot, place: int, plan: Plan) -> str:
    """In which order the lots come, and why this one has its place."""
    before = plan.picks[place - 1].lot if place else None
    if before is not None and before.expires_on == lot.expires_on:
        if before.is_open and not lot.is_open:
            return _("expires the same day; the pack that is open goes first")
        return _("expires the same day; it is next on the way")
    if lot.expires_on is not None:
        day = formats.date_format(lot.expires_on, "SHORT_DATE_FORMAT")
        if place == 0:
            return _("expires first, on %(day)s") % {"day": day}
        return _("expires next, on %(day)s") % {"day": day}
    if lot.expiry_is_unknown:
        return _("its expiry is not known, so it goes before what does not expire")
    return _("does not expire; an open pack goes first") if lot.is_open else _("does not expire")


def _why_left(lot: Lot, why: Why) -> str:
    if why in (Why.EXPIRED, Why.TOO_SHORT) and lot.expires_on is not None:
        day = formats.date_format(lot.expires_on, "SHORT_DATE_FORMAT")
        if why is Why.EXPIRED:
            return _("expired on %(day)s") % {"day": day}
        return _("usable only until %(day)s") % {"day": day}
    return str(WHY[why])
