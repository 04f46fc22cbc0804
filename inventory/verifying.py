"""Whether the balances are what the ledger says, and building them anew from it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pgtrigger
from django.db import connection, transaction

from komek.records.actor import Actor, acting

LEDGER = """
    SELECT warehouse_id, batch_id, bin_id, condition, item_id, sum(quantity) AS quantity
    FROM inventory_entry WHERE account = 'stock' GROUP BY warehouse_id, batch_id, bin_id, condition, item_id
"""


@dataclass(frozen=True)
class Fault:
    """Something that does not agree. what: ``balance`` differs from the ledger, ``movement`` does not add up to zero, ``past``
    lay below zero at some moment. expected: what the ledger says; found: what is kept."""

    what: str
    place: str
    expected: Decimal
    found: Decimal


def verify(*, with_past: bool = True) -> list[Fault]:
    """Every disagreement, in one snapshot of the database; an empty list when all is well."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT coalesce(l.warehouse_id, b.warehouse_id), coalesce(l.batch_id, b.batch_id), coalesce(l.bin_id, b.bin_id),
                coalesce(l.condition, b.condition), coalesce(l.quantity, 0), coalesce(b.quantity, 0)
            FROM ({LEDGER}) l FULL JOIN inventory_balance b ON b.warehouse_id = l.warehouse_id AND b.batch_id = l.batch_id
                AND coalesce(b.bin_id, 0) = coalesce(l.bin_id, 0) AND b.condition = l.condition
            WHERE coalesce(l.quantity, 0) <> coalesce(b.quantity, 0) OR b.item_id <> l.item_id
            """  # noqa: S608 - only fixed words are put in
        )
        faults = [Fault("balance", _place(row), row[4], row[5]) for row in cursor.fetchall()]
        cursor.execute(
            """
            SELECT m.code, b.code, sum(e.quantity) FROM inventory_entry e JOIN inventory_movement m ON m.id = e.movement_id
                JOIN inventory_batch b ON b.id = e.batch_id
            GROUP BY m.code, b.code HAVING sum(e.quantity) <> 0
            """
        )
        faults += [Fault("movement", f"{code} {batch}", Decimal(0), total) for code, batch, total in cursor.fetchall()]
        if with_past:
            cursor.execute(
                """
                SELECT warehouse_id, batch_id, bin_id, condition, 0, min(lay) FROM (
                    SELECT warehouse_id, batch_id, bin_id, condition, sum(quantity) OVER (
                        PARTITION BY warehouse_id, batch_id, bin_id, condition ORDER BY occurred_at
                    ) AS lay FROM inventory_entry WHERE account = 'stock'
                ) running GROUP BY warehouse_id, batch_id, bin_id, condition HAVING min(lay) < 0
                """
            )
            faults += [Fault("past", _place(row), Decimal(0), row[5]) for row in cursor.fetchall()]
    return faults


@transaction.atomic
def rebuild(*, by: Actor) -> int:
    """Write the balances anew from the ledger, with everybody else waiting; how many there are. Raises nothing of its own."""
    with acting(by), pgtrigger.ignore("inventory.Balance:written_by_ledger"), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE inventory_entry IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DELETE FROM inventory_balance")
        cursor.execute(
            f"INSERT INTO inventory_balance (warehouse_id, batch_id, bin_id, condition, item_id, quantity) {LEDGER}"  # noqa: S608
        )
        return cursor.rowcount


def _place(row: tuple[object, ...]) -> str:
    warehouse, batch, bin_pk, condition = row[:4]
    return f"warehouse {warehouse}, batch {batch}, bin {bin_pk or '–'}, {condition}"
