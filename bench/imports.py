"""How many rows a second an import checks and writes, with every rule, permission, and history.

    DATABASE_URL=postgis://… uv run bench/imports.py --rows 10000

Runs against the database in DATABASE_URL, which must hold the exercise. Makes a 3W table of invented lines, brings it in
through the same functions as the pages, brings it in again (all unchanged), and takes it back.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "komek.settings")
os.environ.setdefault("KOMEK_SECRET_KEY", "bench")
os.environ.setdefault("KOMEK_DB_POOL", "0")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000)
    count = parser.parse_args().rows

    import django

    django.setup()
    from django.db import connection
    from processor_time import backend_pid, database_seconds

    from komek.accounts.authority import standing_of
    from komek.accounts.models import User
    from komek.exchange import importing
    from komek.exchange.reversing import reverse_batch
    from komek.extensions.exchange import exchange
    from komek.operations.models import Operation
    from komek.places.models import Area
    from komek.records.actor import Actor, Channel
    from orgs.models import Organisation, Sector

    pid = backend_pid(connection)
    operation = Operation.objects.get(slug="exercise-kopetdag")
    user = User.objects.get(email="coordinator@kopetdag.example.org")
    by = Actor(user=user, channel=Channel.IMPORT, name=str(user))
    doers = list(Organisation.objects.filter(operation=operation).values_list("code", flat=True)[:50])
    sectors = list(Sector.objects.values_list("key", flat=True))
    areas = list(Area.objects.filter(operation=operation).values_list("pcode", flat=True)[:100])
    lines = ["code,identifier in its source,organisation,sector,activity,area,starts,people reached,women reached"]
    lines += [
        f",bench-{n},{doers[n % len(doers)]},{sectors[n % len(sectors)]},Bench line {n},{areas[n % len(areas)]},"
        f"2026-11-{1 + n % 20:02d},{n % 900 + 9},{n % 9}"
        for n in range(count)
    ]
    content = "\n".join(lines).encode()
    resource = exchange.get("orgs.activity")

    def timed(label: str, work: object) -> object:
        began, web, database = time.perf_counter(), time.process_time(), database_seconds(pid)
        result = work()  # type: ignore[operator]
        took, web, database = time.perf_counter() - began, time.process_time() - web, database_seconds(pid) - database
        used = web + database
        print(
            f"{label:<20} {took:>6.1f} s {count / took:>6.0f} rows/s; processor: web {web:>5.1f} s, database {database:>5.1f} s, "
            f"{count / used:>6.0f} rows/s"
        )
        return result

    for which in ("first time", "again"):
        batch = timed(
            f"read ({which})",
            lambda: importing.receive(by=by, operation=operation, resource=resource, content=content, name="bench.csv"),
        )
        timed(f"check ({which})", lambda batch=batch: importing.check(batch))
        print(" " * 28, batch.counts)
        timed(f"write ({which})", lambda batch=batch: importing.apply(batch))
        if which == "first time":
            first = batch
    timed("take back", lambda: reverse_batch(by=by, batch=first, standing=standing_of(user, operation)))


if __name__ == "__main__":
    main()
