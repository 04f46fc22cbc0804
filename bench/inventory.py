"""The stock ledger at 1,000,000 movements, 200 warehouses, 5,000 items, 20,000 batches; then 16 keepers at the same 10 batches.

    DATABASE_URL=postgis://… bin/manage migrate && bin/manage load_reference_data
    DATABASE_URL=postgis://… uv run bench/inventory.py [--movements 1000000] [--keepers 16] [--seconds 20]

Adds an invented operation to the database of DATABASE_URL, which should hold nothing real; a second run uses what the first
made. Prints median and 95th percentile in ms at the server, beside what is asked for; then movements per second of the keepers,
beside plain updates of the same ten rows by as many connections; then whether the ledger verifies.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "komek.settings")
os.environ.setdefault("KOMEK_SECRET_KEY", "bench")
os.environ.setdefault("KOMEK_DB_POOL", "0")

SLUG = "bench-inventory"
WAREHOUSES, ITEMS, BATCHES, BINS, HOT = 200, 5_000, 20_000, 20, 10
IN_CENTRAL = 10_000  # batches in the central warehouse, beside those that every warehouse has
TURNS = WAREHOUSES * 200  # movements until the same batch in the same warehouse moves again

MOVEMENTS = """
    INSERT INTO inventory_movement (id, code, kind, warehouse_id, operation_id, occurred_at, entered_at, updated_at, reported_by,
        channel, recipient, loss_reason, reason, document)
    SELECT %(base)s + n, 'XM' || %(base)s + n, CASE WHEN n < %(turns)s OR n >= %(most)s THEN 'receipt' ELSE 'issue' END,
        (%(houses)s::bigint[])[CASE WHEN n >= %(most)s THEN 1 ELSE 1 + n %% 200 END], %(operation)s,
        now() - interval '365 days' + (n / %(turns)s) * (interval '360 days' / (1 + %(most)s / %(turns)s))
            + (n %% %(turns)s) * interval '1 second',
        now(), now(), '', 'import', '', '', '', ''
    FROM generate_series(%(first)s, %(last)s) n
"""
ENTRIES = """
    INSERT INTO inventory_entry (movement_id, account, batch_id, item_id, warehouse_id, bin_id, condition, quantity, occurred_at)
    SELECT m.id, side.account, b.id, b.item_id, CASE side.account WHEN 'stock' THEN m.warehouse_id END,
        CASE side.account WHEN 'stock' THEN (%(bins)s::bigint[])[1 + house * 20 + (k %% 20)] END, 'good',
        side.sign * CASE m.kind WHEN 'receipt' THEN 1000 ELSE -10 END, m.occurred_at
    FROM (SELECT n, CASE WHEN n >= %(most)s THEN 0 ELSE n %% 200 END AS house,
            CASE WHEN n >= %(most)s THEN n - %(most)s ELSE (n / 200) %% 200 END AS k
        FROM generate_series(%(first)s, %(last)s) n) s
    JOIN inventory_movement m ON m.id = %(base)s + s.n
    JOIN inventory_batch b ON b.id = (%(batches)s::bigint[])[1 + (house * 100 + k) %% 20000]
    CROSS JOIN LATERAL (VALUES ('stock', 1), (CASE m.kind WHEN 'receipt' THEN 'supply' ELSE 'issued' END, -1)) side (account, sign)
"""


def make(movements: int) -> None:
    """Everything in bulk; the database itself keeps the balances, as it does for one movement."""
    from django.contrib.gis.geos import Point
    from django.db import connection
    from django.utils import timezone

    from inventory.models import Batch, Bin, Warehouse, Zone
    from komek.accounts.models import User
    from komek.operations.models import Operation
    from komek.supplies.models import Category, Dimension, Item, Unit
    from orgs.models import Organisation, OrganisationKind, SiteKind

    began, today = time.perf_counter(), timezone.localdate()
    operation = Operation.objects.create(slug=SLUG, name="Bench", is_exercise=True)
    organisation = Organisation.objects.create(
        operation=operation, name="Bench", kind=OrganisationKind.NATIONAL_NGO, approval="approved"
    )
    User.objects.create_superuser("bench@example.org", "a-long-password", name="Bench", current_operation=operation)
    unit = Unit.objects.filter(dimension=Dimension.MASS, factor=1).first()
    unit = unit or Unit.objects.create(name="kilogram", symbol="kg", dimension=Dimension.MASS)
    category, _made = Category.objects.get_or_create(key="bench", defaults={"name": "Bench"})
    items = Item.objects.bulk_create(
        Item(code=f"BENCH-{n}", name=f"Bench {n}", category=category, unit=unit) for n in range(ITEMS)
    )
    houses = []
    for n in range(WAREHOUSES):
        house = Warehouse(
            operation=operation, organisation=organisation, name=f"Bench {n}", kind=SiteKind.WAREHOUSE,
            location=Point(58 + n % 20 / 10, 37 + n // 20 / 10, srid=4326),
        )  # fmt: skip
        house.save()
        houses.append(house)
    zones = Zone.objects.bulk_create(Zone(warehouse=house, name="Hall") for house in houses)
    bins = Bin.objects.bulk_create(
        Bin(zone=zone, warehouse_id=zone.warehouse_id, label=f"A-{n}", pick_order=n)
        for zone in zones
        for n in range(BINS)
    )
    batches = Batch.objects.bulk_create(
        Batch(
            code=f"XB{n}", operation=operation, item=items[n % ITEMS], expires_on=today + timedelta(days=n % 700 - 20)
        )
        for n in range(BATCHES)
    )
    print(f"warehouses, items, batches in {time.perf_counter() - began:.0f} s", flush=True)
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM inventory_movement")
        values = {
            "base": cursor.fetchone()[0] + 1, "turns": TURNS, "most": movements, "operation": operation.pk,
            "houses": [one.pk for one in houses], "bins": [one.pk for one in bins], "batches": [one.pk for one in batches],
        }  # fmt: skip
        for first in range(0, movements + IN_CENTRAL, 50_000):
            part = {**values, "first": first, "last": min(first + 50_000, movements + IN_CENTRAL) - 1}
            cursor.execute(MOVEMENTS, part)
            cursor.execute(ENTRIES, part)
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('inventory_movement', 'id'), (SELECT max(id) FROM inventory_movement))"
        )
        cursor.execute("VACUUM ANALYZE")
    print(f"{movements + IN_CENTRAL} movements in {time.perf_counter() - began:.0f} s", flush=True)


def timed(title: str, asked: int | None, rounds: int, work: Callable[[int], Any]) -> None:
    """Median and 95th percentile of ``work``, after one round to warm up."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        work(0)
    took = []
    for number in range(rounds):
        began = time.perf_counter()
        work(number + 1)
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    limit = f"{asked:>6} ms" if asked else " " * 9
    print(
        f"{title:<58} {statistics.median(took):>7.1f} ms {took[int(0.95 * (rounds - 1))]:>7.1f} ms {limit} {len(queries):>5}",
        flush=True,
    )


def measure(rounds: int) -> None:
    from django.db import transaction
    from django.utils import timezone

    from inventory.issuing import issue_goods
    from inventory.models import Balance, Entry, Movement, Warehouse
    from inventory.past_stock import WRITTEN_THEN, stock_at
    from inventory.receiving import GoodsLine
    from inventory.stock import plan_picking, stock_by_item
    from komek.accounts.models import User
    from komek.operations.models import Operation
    from komek.records.actor import Actor, Channel
    from komek.supplies.models import Item

    operation = Operation.objects.get(slug=SLUG)
    houses = list(Warehouse.objects.filter(operation=operation).order_by("pk"))
    print(f"{Movement.objects.count()} movements, {Entry.objects.count()} entries, {Balance.objects.count()} balances")
    print(f"{'':<58} {'median':>10} {'95 %':>10} {'asked':>9} {'queries':>7}")
    now = timezone.now()
    timed("balance of a warehouse (200 batches)", 50, rounds, lambda n: stock_by_item(operation, houses[1 + n % 199]))
    timed(
        "balance of the central warehouse (10,000 batches)", 50, rounds, lambda n: stock_by_item(operation, houses[0])
    )
    for days in (7, 90, 360):
        moment = now - timedelta(days=days)
        timed(
            f"stock as of {days} days ago, a warehouse", 200, rounds,
            lambda n, moment=moment: stock_at(operation, [houses[1 + n % 199].pk], moment),
        )  # fmt: skip
        timed(
            f"stock as of {days} days ago, the central warehouse", 200, rounds,
            lambda n, moment=moment: stock_at(operation, [houses[0].pk], moment),
        )  # fmt: skip
    timed(
        "stock as the ledger said 90 days ago, a warehouse", 200, rounds,
        lambda n: stock_at(operation, [houses[1 + n % 199].pk], now - timedelta(days=90), reading=WRITTEN_THEN),
    )  # fmt: skip
    items = list(Item.objects.filter(code__startswith="BENCH-").select_related("unit").order_by("pk")[:500])
    wanted = {item.pk: Decimal(7) for item in items}
    timed("picking 500 lines", 300, rounds, lambda n: plan_picking(operation, houses[0], wanted))
    by = Actor(user=User.objects.get(email="bench@example.org"), channel=Channel.COMMAND)
    lines = [GoodsLine(Decimal(1), item=item) for item in items]

    def issue_all(_number: int) -> None:
        with transaction.atomic():
            issue_goods(by=by, operation=operation, warehouse=houses[0], lines=lines, recipient="bench")
            transaction.set_rollback(True)

    timed("issuing 500 lines: picked, checked, written", None, max(3, rounds // 4), issue_all)


def keeper(number: int, seconds: float, is_plain: bool, start: Any, answers: Any) -> None:
    """One connection's work: issues of one unit from one to three of the ten batches, in any order; or one plain update each."""
    import django

    django.setup()
    import pgtrigger
    from django.db import connection, transaction

    from inventory.issuing import issue_goods
    from inventory.models import Balance, Batch, Warehouse
    from inventory.receiving import GoodsLine
    from inventory.refusals import Refused
    from komek.accounts.models import User
    from komek.operations.models import Operation
    from komek.records.actor import Actor, Channel

    random = Random(number)
    operation = Operation.objects.get(slug=SLUG)
    house = Warehouse.objects.filter(operation=operation).order_by("pk")[1]
    rows = list(Balance.objects.filter(pk__in=hot_rows()).select_related("bin__zone").order_by("pk"))
    batches = Batch.objects.select_related("item__unit").in_bulk({row.batch_id for row in rows})
    by = Actor(user=User.objects.get(email="bench@example.org"), channel=Channel.COMMAND)
    done = units = refused = faults = 0
    start.wait()
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        chosen = random.sample(rows, random.randint(1, 3))
        try:
            if is_plain:
                guard = pgtrigger.ignore("inventory.Balance:written_by_ledger")
                with guard, transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute("UPDATE inventory_balance SET quantity = quantity + 0 WHERE id = %s", [chosen[0].pk])
            else:
                lines = [GoodsLine(Decimal(1), batch=batches[row.batch_id], bin=row.bin) for row in chosen]
                issue_goods(by=by, operation=operation, warehouse=house, lines=lines, recipient="bench")
                units += len(lines)
            done += 1
        except Refused:
            refused += 1
        except Exception as fault:  # noqa: BLE001 - counted and shown: a deadlock must not hide
            faults += 1
            print(f"keeper {number}: {fault}", flush=True)
    answers.put((done, units, refused, faults))


def hot_rows() -> list[int]:
    """The ten balances everybody takes from: of the second warehouse, usable."""
    from django.utils import timezone

    from inventory.models import Balance, Warehouse

    house = Warehouse.objects.filter(operation__slug=SLUG).order_by("pk")[1]
    rows = Balance.objects.filter(warehouse=house, batch__expires_on__gt=timezone.localdate() + timedelta(days=30))
    return list(rows.order_by("pk").values_list("pk", flat=True)[:HOT])


def crowd(keepers: int, seconds: float) -> None:
    """As many processes as keepers, first plain updates, then issues; what is left must be exactly what was not issued."""
    from django.db import connections
    from django.db.models import Sum

    from inventory.models import Balance
    from inventory.verifying import verify

    hot = hot_rows()
    rates = {}
    for is_plain, title in (
        (True, "plain updates of one of the 10 rows"),
        (False, "issues from 1 to 3 of the 10 batches"),
    ):
        before = Balance.objects.filter(pk__in=hot).aggregate(total=Sum("quantity"))["total"]
        connections.close_all()
        context = multiprocessing.get_context("spawn")
        start, answers = context.Barrier(keepers), context.Queue()
        crew = [
            context.Process(target=keeper, args=(n, seconds, is_plain, start, answers)) for n in range(keepers)
        ]  # fmt: skip
        for one in crew:
            one.start()
        told = [answers.get() for _one in crew]
        for one in crew:
            one.join()
        done, units, refused, faults = (sum(column) for column in zip(*told, strict=True))
        left = Balance.objects.filter(pk__in=hot).aggregate(total=Sum("quantity"))["total"]
        rates[is_plain] = done / seconds
        print(
            f"{keepers} keepers, {title}: {done / seconds:.0f}/s; {refused} refused, {faults} faults or deadlocks; "
            f"units lost or doubled: {before - left - units}",
            flush=True,
        )
    print(f"issues at {rates[False] / max(rates[True], 1):.1%} of the rate of plain updates")
    began = time.perf_counter()
    print(f"the ledger verifies: {verify() == []}, in {time.perf_counter() - began:.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--movements", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--keepers", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=20)
    asked = parser.parse_args()

    import django

    django.setup()
    from komek.operations.models import Operation

    if not Operation.objects.filter(slug=SLUG).exists():
        make(asked.movements)
    measure(asked.rounds)
    crowd(asked.keepers, asked.seconds)


if __name__ == "__main__":
    main()
