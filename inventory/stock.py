"""What lies where now, from the balances. Quantities are in the item's base unit. For past moments see ``past_stock``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Min, Q, QuerySet, Sum
from django.utils import timezone

from inventory.locking import open_reservations
from inventory.models import Balance, Warehouse, ZoneKind
from inventory.picking import Lot, Plan, Why, pick, why_not

NOTHING = Decimal(0)


@dataclass
class ItemStock:
    """What a warehouse has of an item. usable: can be given out; the rest is shown apart, by why it cannot. held: of the usable."""

    item: int
    usable: Decimal = NOTHING
    held: Decimal = NOTHING
    apart: dict[Why, Decimal] = field(default_factory=dict)
    first_expiry: date | None = None

    @property
    def free(self) -> Decimal:
        return max(self.usable - self.held, NOTHING)

    @property
    def expired(self) -> Decimal:
        return self.apart.get(Why.EXPIRED, NOTHING)

    @property
    def total(self) -> Decimal:
        return self.usable + sum(self.apart.values(), NOTHING)

    @property
    def is_out(self) -> bool:
        """Out of stock: nothing that could be given out, even if something expired lies there."""
        return self.usable <= 0


def balances(operation: Any, *, warehouse: Warehouse | None = None) -> QuerySet[Balance]:
    """Balances of an operation's goods in which something lies."""
    rows = goods_of(operation, Balance.objects.filter(quantity__gt=0))
    return rows if warehouse is None else rows.filter(warehouse=warehouse)


def goods_of(operation: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Of rows that have a batch, those of an operation's goods: a warehouse of the standing register may hold those of several."""
    if operation is None:
        return rows.filter(batch__operation=None)
    if operation.is_exercise:
        return rows.filter(batch__operation=operation)
    return rows.filter(Q(batch__operation=operation) | Q(batch__operation=None))


def lots_of(
    operation: Any, warehouse: Warehouse, *, items: Iterable[int] | None = None, batches: Iterable[int] | None = None
) -> dict[int, list[Lot]]:
    """Lots by item, as picking takes them. One query."""
    rows = balances(operation, warehouse=warehouse)
    if items is not None:
        rows = rows.filter(item__in=set(items))
    if batches is not None:
        rows = rows.filter(batch__in=set(batches))
    found: dict[int, list[Lot]] = {}
    for item, batch, bin_pk, quantity, expires_on, unknown, blocked, condition, kind, pack, order in rows.values_list(
        "item", "batch", "bin", "quantity", "batch__expires_on", "batch__expiry_is_unknown", "batch__is_blocked", "condition",
        "bin__zone__kind", "batch__pack__quantity", "bin__pick_order",
    ):  # fmt: skip
        found.setdefault(item, []).append(
            Lot(
                batch,
                bin_pk,
                quantity,
                expires_on,
                unknown,
                blocked,
                condition,
                kind == ZoneKind.QUARANTINE,
                pack,
                order or 0,
            )
        )
    return found


def held_in(warehouse: Warehouse, *, items: Iterable[int] | None = None, but: Iterable[int] = ()) -> dict[int, Decimal]:
    """What is promised of each batch in the warehouse. but: keys of reservations left out."""
    rows = open_reservations(warehouse).exclude(pk__in=list(but))
    if items is not None:
        rows = rows.filter(item__in=set(items))
    return dict(rows.order_by().values_list("batch").annotate(total=Sum("quantity")))


def held_everywhere(items: Iterable[int]) -> dict[tuple[int, int], Decimal]:
    """What is promised of batches of these items, by warehouse and batch. One query."""
    rows = open_reservations().filter(item__in=set(items)).order_by().values_list("warehouse", "batch")
    return {(warehouse, batch): total for warehouse, batch, total in rows.annotate(total=Sum("quantity"))}


def stock_by_item(
    operation: Any, warehouse: Warehouse, *, on: date | None = None, items: Iterable[int] | None = None
) -> dict[int, ItemStock]:
    """What the warehouse has, by item: usable and apart. on: the day by which expiry is judged, today unless given. Two queries.

    Batches between which it makes no difference are added up by the database: a row for each item and reason, not for each batch.
    """
    today = on or timezone.localdate()
    rows, held = balances(operation, warehouse=warehouse), goods_of(operation, open_reservations(warehouse))
    if items is not None:
        wanted = set(items)
        rows, held = rows.filter(item__in=wanted), held.filter(item__in=wanted)
    is_past = ExpressionWrapper(Q(batch__expires_on__lt=today), output_field=BooleanField())
    alike = rows.order_by().values_list("item", "condition", "batch__is_blocked", "bin__zone__kind", is_past)
    found: dict[int, ItemStock] = {}
    reasons: dict[tuple[Any, ...], Why | None] = {}
    for item, condition, blocked, kind, has_expired, quantity, first in alike.annotate(
        total=Sum("quantity"), first=Min("batch__expires_on")
    ):
        stock = found.get(item) or found.setdefault(item, ItemStock(item))
        standing = (condition, blocked, kind, has_expired)
        if standing not in reasons:
            lot = Lot(0, None, quantity, first, False, blocked, condition, kind == ZoneKind.QUARANTINE, None, 0)
            reasons[standing] = why_not(lot, today)
        why = reasons[standing]
        if why is not None:
            stock.apart[why] = stock.apart.get(why, NOTHING) + quantity
            continue
        stock.usable += quantity
        if first is not None and (stock.first_expiry is None or first < stock.first_expiry):
            stock.first_expiry = first
    for item, quantity in held.order_by().values_list("item").annotate(total=Sum("quantity")):
        if item in found:
            found[item].held = quantity
    return found


def plan_picking(
    operation: Any, warehouse: Warehouse, wanted: Mapping[int, Decimal], *, on: date | None = None,
    usable_until: date | None = None, but: Iterable[int] = (), bin: int | None = None,
) -> dict[int, Plan]:  # fmt: skip
    """What to take for each item (by key: base units wanted), first expired first. but: own reservations. Two queries.

    bin: take from this one alone.
    """
    today = on or timezone.localdate()
    lots, held = lots_of(operation, warehouse, items=wanted), held_in(warehouse, items=wanted, but=but)
    return {
        item: pick(
            quantity, [lot for lot in lots.get(item, ()) if bin is None or lot.bin == bin],
            today=today, usable_until=usable_until, held=held,
        )
        for item, quantity in wanted.items()
    }  # fmt: skip
