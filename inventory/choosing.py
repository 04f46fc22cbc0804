"""From lines of goods to batches and bins that may leave, with a sentence when there is too little that may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.locking import lock_items, promised
from inventory.models import Balance, Batch, Bin, Reservation, Warehouse, ZoneKind
from inventory.picking import NOTHING, Lot, Plan, Why, pick, why_not
from inventory.receiving import GoodsLine
from inventory.refusals import Refused
from inventory.stock import balances
from komek.supplies.models import Item, plain

WHY = {
    Why.EXPIRED: gettext_lazy("expired"),
    Why.TOO_SHORT: gettext_lazy("not usable long enough"),
    Why.UNKNOWN: gettext_lazy("expiry not known"),
    Why.BLOCKED: gettext_lazy("blocked"),
    Why.QUARANTINE: gettext_lazy("in quarantine"),
    Why.DAMAGED: gettext_lazy("damaged"),
    Why.HELD: gettext_lazy("held for others"),
}


def choose(
    operation: Any, warehouse: Warehouse, lines: Sequence[GoodsLine], *, on: date, usable_until: date | None = None,
    holding: Sequence[Reservation] = (), only: Batch | None = None,
) -> list[GoodsLine]:  # fmt: skip
    """Lines with a batch each, from lines of items or batches. What is chosen is locked until the transaction ends.

    only: pick items from this batch alone. Lines of batches are checked (expired, blocked, …) and taken first; items are picked
    from what is left. Raises Refused.
    """
    items = {line.item.pk for line in lines if line.batch is None and line.item is not None}
    named = {line.batch.item_id for line in lines if line.batch is not None}
    rows = [row for row in lock_items(warehouse, items | named) if row.quantity > 0]
    batches = Batch.objects.select_related("item__unit", "pack").in_bulk({row.batch_id for row in rows})
    rows = [row for row in rows if _is_of(operation, batches[row.batch_id])]
    lots = {row.pk: _lot(row, batches[row.batch_id]) for row in rows}
    left = {row.pk: row.quantity for row in rows}
    chosen: list[GoodsLine] = []
    for line in lines:
        if line.batch is not None:
            chosen.append(_named(line, rows, lots, left, batches, on))
    held = promised(warehouse, batches.values(), but=holding)
    bins = {row.bin_id: row.bin for row in rows}
    for line in lines:
        if line.batch is None:
            assert line.item is not None
            mine = [
                (row.pk, replace(lots[row.pk], quantity=left[row.pk]))
                for row in rows
                if row.item_id == line.item.pk
                and (line.bin is None or row.bin_id == line.bin.pk)
                and (only is None or row.batch_id == only.pk)
            ]
            plan = pick(line.quantity, [lot for _pk, lot in mine], today=on, usable_until=usable_until, held=held)
            if plan.missing:
                raise Refused(
                    {"quantity": shortage(operation, warehouse, line.item, line.quantity, plan, batches, bins)}
                )
            for taken in plan.picks:
                left[next(pk for pk, lot in mine if lot is taken.lot)] -= taken.quantity
                chosen.append(
                    replace(line, batch=batches[taken.lot.batch], bin=bins[taken.lot.bin], quantity=taken.quantity)
                )
    return chosen


def shortage(
    operation: Any, warehouse: Warehouse, item: Item, wanted: Decimal, plan: Plan, batches: dict[int, Batch],
    bins: dict[int | None, Bin | None],
) -> str:  # fmt: skip
    """How much there is, where, what cannot be given out and why, and which other warehouses have some."""
    unit = item.unit.symbol
    sentence = _("%(wanted)s %(unit)s of %(item)s cannot leave %(warehouse)s: %(has)s %(unit)s can be given out.") % {
        "wanted": plain(wanted), "unit": unit, "item": item, "warehouse": warehouse, "has": plain(plan.picked),
    }  # fmt: skip
    places = [
        f"{plain(one.quantity)} {unit} {bins.get(one.lot.bin) or _('without a bin')}, {batches[one.lot.batch].code}"
        for one in plan.picks[:5]
    ]
    if places:
        sentence += " " + _("They are here: %(places)s.") % {"places": "; ".join(places)}
    apart: dict[Why, Decimal] = {}
    for one in plan.skipped:
        apart[one.why] = apart.get(one.why, NOTHING) + one.quantity
    if apart:
        words = "; ".join(f"{plain(quantity)} {unit} {WHY[why]}" for why, quantity in apart.items())
        sentence += " " + _("Not to be given out: %(apart)s.") % {"apart": words}
    others = _others(operation, warehouse, item)
    if others:
        words = "; ".join(f"{plain(quantity)} {unit} {name}" for name, quantity in others)
        sentence += " " + _("Other warehouses: %(others)s.") % {"others": words}
    return sentence


def _others(operation: Any, warehouse: Warehouse, item: Item) -> list[tuple[str, Decimal]]:
    usable = balances(operation).filter(item=item, condition="good", batch__is_blocked=False)
    usable = usable.exclude(warehouse=warehouse).exclude(batch__expires_on__lt=timezone.localdate())
    rows = usable.exclude(bin__zone__kind=ZoneKind.QUARANTINE).order_by().values_list("warehouse__name")
    return list(rows.annotate(total=Sum("quantity")).order_by("-total")[:3])


def _is_of(operation: Any, batch: Batch) -> bool:
    return batch.operation_id == getattr(operation, "pk", None)


def _lot(row: Balance, batch: Batch) -> Lot:
    return Lot(
        batch=batch.pk, bin=row.bin_id, quantity=row.quantity, expires_on=batch.expires_on,
        expiry_is_unknown=batch.expiry_is_unknown, is_blocked=batch.is_blocked, condition=row.condition,
        is_quarantine_zone=row.bin is not None and row.bin.zone.kind == ZoneKind.QUARANTINE,
        pack=batch.pack.quantity if batch.pack else None, order=row.bin.pick_order if row.bin else 0,
    )  # fmt: skip


def _named(
    line: GoodsLine,
    rows: Sequence[Balance],
    lots: dict[int, Lot],
    left: dict[int, Decimal],
    batches: dict[int, Batch],
    on: date,
) -> GoodsLine:
    """A line that names its batch and place: it may leave; whether enough lies there the ledger says. Raises Refused."""
    assert line.batch is not None
    fresh = batches.get(line.batch.pk) or Batch.objects.select_related("item__unit").get(pk=line.batch.pk)
    lot = Lot(
        fresh.pk, line.bin.pk if line.bin else None, line.quantity, fresh.expires_on, fresh.expiry_is_unknown, fresh.is_blocked,
        line.condition, line.bin is not None and line.bin.zone.kind == ZoneKind.QUARANTINE,
    )  # fmt: skip
    why = why_not(lot, on)
    if why is Why.EXPIRED:
        assert fresh.expires_on is not None
        sentence = _(
            "%(batch)s expired on %(day)s and cannot be given out. Choose another batch, and write this one off."
        )
        day = formats.date_format(fresh.expires_on, "SHORT_DATE_FORMAT")
        raise Refused({"batch": sentence % {"batch": fresh, "day": day}})
    if why is not None:
        sentence = _("%(batch)s cannot be given out: %(why)s. Choose another batch.")
        raise Refused({"batch": sentence % {"batch": fresh, "why": WHY[why]}})
    for row in rows:
        if (row.batch_id, row.bin_id, row.condition) == (fresh.pk, lot.bin, line.condition):
            left[row.pk] = max(left[row.pk] - line.quantity, NOTHING)
    return replace(line, batch=fresh)
