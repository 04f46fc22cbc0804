"""What lies where: now, from the balances, and at any past moment, from the ledger. Quantities are in the item's base unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from inventory.locking import open_reservations
from inventory.models import Balance, Warehouse, ZoneKind
from inventory.picking import Lot, Plan, Why, pick, why_not
from komek.accounts.authority import in_operation

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
    rows = Balance.objects.filter(quantity__gt=0)
    if operation is None:
        rows = rows.filter(batch__operation=None)
    elif operation.is_exercise:
        rows = rows.filter(batch__operation=operation)
    else:
        rows = rows.filter(Q(batch__operation=operation) | Q(batch__operation=None))
    return rows if warehouse is None else rows.filter(warehouse=warehouse)


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


def stock_by_item(
    operation: Any, warehouse: Warehouse, *, on: date | None = None, items: Iterable[int] | None = None
) -> dict[int, ItemStock]:
    """What the warehouse has, by item: usable and apart. on: the day by which expiry is judged, today unless given. Two queries."""
    today = on or timezone.localdate()
    held = held_in(warehouse, items=items)
    found: dict[int, ItemStock] = {}
    for item, lots in lots_of(operation, warehouse, items=items).items():
        stock = found[item] = ItemStock(item)
        for lot in lots:
            why = why_not(lot, today)
            if why is not None:
                stock.apart[why] = stock.apart.get(why, NOTHING) + lot.quantity
                continue
            stock.usable += lot.quantity
            if lot.expires_on is not None and (stock.first_expiry is None or lot.expires_on < stock.first_expiry):
                stock.first_expiry = lot.expires_on
        stock.held = sum((held.get(batch, NOTHING) for batch in {lot.batch for lot in lots}), NOTHING)
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


@dataclass(frozen=True)
class Lay:
    """What lay at a past moment of a batch in a bin in a condition."""

    item: int
    batch: int
    bin: int | None
    condition: str
    quantity: Decimal


def stock_as_of(operation: Any, warehouse: Warehouse, moment: datetime, *, item: int | None = None) -> list[Lay]:
    """What lay in the warehouse at the end of ``moment``, by the moments at which things happened.

    Read backwards: what lies there now, less what came after. A recent day is read from few entries, whatever the ledger's age.
    """
    only = "AND item_id = %(item)s" if item is not None else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT item_id, batch_id, bin_id, condition, sum(quantity) FROM (
                SELECT item_id, batch_id, bin_id, condition, quantity FROM inventory_balance
                WHERE warehouse_id = %(warehouse)s AND quantity > 0 {only}
                UNION ALL
                SELECT item_id, batch_id, bin_id, condition, -quantity FROM inventory_entry
                WHERE account = 'stock' AND warehouse_id = %(warehouse)s AND occurred_at > %(moment)s {only}
            ) lay GROUP BY item_id, batch_id, bin_id, condition HAVING sum(quantity) <> 0
            """,  # noqa: S608 - only fixed words are put in
            {"warehouse": warehouse.pk, "moment": moment, "item": item},
        )
        rows = [Lay(*row) for row in cursor.fetchall()]
    if warehouse.operation_id is not None:
        return rows
    seen = _batches_of(operation, {row.batch for row in rows})
    return [row for row in rows if row.batch in seen]


def _batches_of(operation: Any, batches: set[int]) -> set[int]:
    """Of a warehouse in the standing register, only the goods this operation may see."""
    from inventory.models import Batch

    return set(in_operation(Batch.objects.filter(pk__in=batches), operation).values_list("pk", flat=True))
