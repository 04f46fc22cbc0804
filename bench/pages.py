"""How long list pages and API answers take at the server, how many queries they cost, and how large they are.

    export DATABASE_URL=postgis://…
    bin/manage migrate && bin/manage createcachetable && bin/manage load_reference_data && bin/manage load_exercise --scale 334
    uv run bench/pages.py

Runs against the database in DATABASE_URL, which should hold the exercise at the scale wanted and nothing real. Prints one row per
page: median and 95th percentile in ms of ``--rounds`` requests after one warm-up, the processor time of one request (this process's
and the database's), queries, and bytes as sent with gzip. On a machine that does other work too, the processor time says more.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "komek.settings")
os.environ.setdefault("KOMEK_SECRET_KEY", "bench")
os.environ.setdefault("KOMEK_DB_POOL", "0")

PAGES = (
    "/organisations/",
    "/organisations/?sort=-activities",
    "/organisations/?text=umyt",
    "/organisations/?page=100",
    "/sites/",
    "/activities/",
    "/activities/?sector=wash&status=ongoing",
    "/activities/?page=500",
    "/coverage/",
    "/search/?q=Umyt",
    "/",
    "/api/v1/organisations/?limit=50",
    "/api/v1/activities/?limit=50",
    "/api/v1/activities/?limit=50&sector=wash",
    "/api/v1/sites/?limit=50&format=geojson",
)


def note(queries: list[str], execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
    """Count a query and run it."""
    queries.append(sql)
    return execute(sql, *rest)


def database_seconds(pid: int) -> float:
    """Processor time that a database process on this machine has used; 0 where it runs elsewhere."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds

    import django

    django.setup()
    from django.db import connection
    from django.test import Client

    from komek.accounts.models import User
    from komek.operations.models import Operation
    from orgs.models import Activity, Organisation, Site

    operation = Operation.objects.get(slug="exercise-kopetdag")
    user = User.objects.get(email="coordinator@kopetdag.example.org")
    client = Client(headers={"accept-encoding": "gzip"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    held = {"operation": operation}
    print(
        f"{Organisation.objects.filter(**held).count()} organisations, {Site.objects.filter(**held).count()} sites, "
        f"{Activity.objects.filter(**held).count()} activities"
    )
    print(f"{'page':<48} {'median':>8} {'95 %':>8} {'web':>6} {'db':>6} {'queries':>8} {'bytes':>8}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    for page in PAGES:
        queries: list[str] = []
        with connection.execute_wrapper(partial(note, queries)):
            answer = client.get(page)
        assert answer.status_code == 200, (page, answer.status_code)
        took = []
        web, database = time.process_time(), database_seconds(pid)
        for _round in range(rounds):
            began = time.perf_counter()
            answer = client.get(page)
            took.append((time.perf_counter() - began) * 1000)
        web, database = (
            (now - before) * 1000 / rounds
            for now, before in ((time.process_time(), web), (database_seconds(pid), database))
        )
        took.sort()
        size = len(answer.content)
        print(
            f"{page:<48} {statistics.median(took):>6.0f}ms {took[int(0.95 * (rounds - 1))]:>6.0f}ms "
            f"{web:>4.0f}ms {database:>4.0f}ms {len(queries):>8} {size:>8}"
        )


if __name__ == "__main__":
    main()
