"""How long pages about pledges and the search for offers take with 50,000 pledges.

    DATABASE_URL=postgis://… bin/manage migrate && bin/manage load_reference_data && bin/manage load_exercise
    DATABASE_URL=postgis://… uv run bench/pledges.py [--pledges 50000]

Adds invented pledges to the exercise in the database of DATABASE_URL, which should hold nothing real; a second run uses what the first
made. Prints median and 95th percentile in ms at the server of ``--rounds`` rounds after a warm-up, and queries.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "komek.settings")
os.environ.setdefault("KOMEK_SECRET_KEY", "bench")
os.environ.setdefault("KOMEK_DB_POOL", "0")

PAGES = (
    "/pledges/", "/pledges/?text=blanket", "/pledges/?state=accepted&kind=goods", "/pledges/?is_waiting=true", "/pledges/?page=500",
    "/pledges/reconciliation/?by=item", "/pledges/reconciliation/?by=donor", "/api/v1/pledges/?limit=50", "/search/?q=blanket",
)  # fmt: skip


def make(pledges: int) -> None:
    """More of what the exercise has, the same mix of states and kinds."""
    from django.db import connection, transaction

    from komek.extensions.exercise import ExerciseContext
    from komek.operations.models import Operation
    from komek.places.models import Area
    from orgs.models import Organisation
    from volunteers.exercise import PLEDGES, PledgesExercise
    from volunteers.models import Pledge

    operation = Operation.objects.get(slug="exercise-kopetdag")
    missing = pledges - Pledge.objects.filter(operation=operation).count()
    if missing < PLEDGES:
        return
    areas = list(Area.objects.filter(operation=operation, level=2).exclude(centre=None).order_by("pk"))
    made = {
        "organisations": list(Organisation.objects.filter(operation=operation).order_by("pk")),
        "areas": {"affected": areas},
    }
    began = time.perf_counter()
    with transaction.atomic():
        context = ExerciseContext(operation, missing // PLEDGES, Random("bench"), lambda *_: None, made)
        PledgesExercise().load(context)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"{missing} pledges in {time.perf_counter() - began:.0f} s", flush=True)


def timed(label: str, work: Callable[[], Any], rounds: int) -> None:
    """Print how long the work takes and how many queries it makes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    work()
    took = []
    for _round in range(rounds):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1000)
    with CaptureQueriesContext(connection) as queries:
        work()
    took.sort()
    last = took[min(len(took) - 1, int(len(took) * 0.95))]
    print(f"{label:<48}{statistics.median(took):7.0f}ms{last:7.0f}ms{len(queries):9}", flush=True)


def measure(rounds: int) -> None:
    from django.test import Client

    from komek.accounts.models import User
    from komek.extensions import Viewer
    from komek.extensions.alerts import alerts
    from komek.extensions.offers import Need, offers
    from komek.extensions.pledged import pledged
    from komek.operations.models import Operation
    from komek.supplies.models import Item

    operation = Operation.objects.get(slug="exercise-kopetdag")
    user = User.objects.get(email="coordinator@kopetdag.example.org")
    browser = Client(headers={"host": "localhost"})
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    print(f"{'':<48}{'median':>9}{'95 %':>9}{'queries':>9}")

    def page(path: str) -> None:
        answer = browser.get(path)
        assert answer.status_code == 200, (path, answer.status_code)

    for path in PAGES:
        timed(path, lambda path=path: page(path), rounds)  # type: ignore[misc]

    def viewer() -> Viewer:
        return Viewer(user=User.objects.get(pk=user.pk), operation=operation)

    item = Item.objects.get(code="HOU-BLK")
    near = Need(item.pk, None, Decimal(100), 58.4, 38.0, None)
    skilled = Need(None, "surgeons", Decimal(2), 58.4, 38.0, None)
    offer: Any = offers.get("volunteers.pledges")
    timed("offers of an item, nearest first", lambda: offer.find(near, viewer(), 20), rounds)
    timed("offers of a skill", lambda: offer.find(skilled, viewer(), 20), rounds)
    timed("pledged of each item", lambda: next(iter(pledged)).by_item(viewer()), rounds)
    plug: Any = alerts.get("volunteers.pledges")
    timed("alerts", lambda: plug.alerts(viewer(), 20), rounds)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pledges", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=15)
    asked = parser.parse_args()

    import django

    django.setup()
    make(asked.pledges)
    measure(asked.rounds)


if __name__ == "__main__":
    main()
