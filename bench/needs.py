"""200,000 requests with 600,000 lines: triage, a request, the offers for a line, who needs an item; then 2,000 needs × 200 sources.

    DATABASE_URL=postgis://… bin/manage migrate && bin/manage load_reference_data
    DATABASE_URL=postgis://… uv run bench/needs.py [--requests 200000] [--rounds 20]

Adds an invented operation to the database of DATABASE_URL, which should hold nothing real; a second run uses what the first made.
Prints median and 95th percentile in ms at the server through the whole stack, beside what is asked for, and the number of queries.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "komek.settings")
os.environ.setdefault("KOMEK_SECRET_KEY", "bench")
os.environ.setdefault("KOMEK_DB_POOL", "0")

SLUG, SITES, WAREHOUSES, ITEMS, BATCH = "bench-needs", 300, 50, 60, 5_000
STATES = ("submitted", "verified", "accepted", "forwarded", "partly", "met", "closed", "closed", "closed", "cancelled")


def make(count: int) -> None:
    """In bulk; every third open line is promised in part."""
    from datetime import timedelta

    from django.contrib.gis.geos import Point
    from django.db import connection
    from django.utils import timezone

    from aid_requests.lines import rank_of
    from aid_requests.models import AidRequest, Commitment, Priority, RequestLine
    from inventory.models import Warehouse
    from inventory.receiving import GoodsLine, receive_goods
    from komek.accounts.models import User
    from komek.operations.models import Operation
    from komek.records.actor import Actor, Channel
    from komek.records.codes import next_codes
    from komek.supplies.models import Category, Dimension, Item, Unit
    from orgs.models import Organisation, OrganisationKind, Site, SiteKind

    began, random, now = time.perf_counter(), Random(1), timezone.now()
    operation = Operation.objects.create(slug=SLUG, name="Bench of needs", is_exercise=True)
    organisation = Organisation.objects.create(
        operation=operation, name="Bench of needs", kind=OrganisationKind.NATIONAL_NGO, approval="approved"
    )
    user = User.objects.create_superuser(
        "needs@example.org", "a-long-password", name="Bench", current_operation=operation
    )
    unit = Unit.objects.filter(dimension=Dimension.COUNT, factor=1).first()
    unit = unit or Unit.objects.create(name="piece", symbol="pc", dimension=Dimension.COUNT)
    category, _made = Category.objects.get_or_create(key="bench", defaults={"name": "Bench"})
    items = Item.objects.bulk_create(
        Item(code=f"NEED-{n}", name=f"Needed {n}", category=category, unit=unit) for n in range(ITEMS)
    )
    sites = [
        Site.objects.create(
            operation=operation, organisation=organisation, name=f"Camp {n}", kind=SiteKind.CAMP, search_key=f"camp {n}",
            location=Point(58 + random.random() * 3, 37 + random.random() * 2, srid=4326),
        )
        for n in range(SITES)
    ]  # fmt: skip
    by = Actor(user=user, channel=Channel.COMMAND)
    for n in range(WAREHOUSES):
        house = Warehouse.objects.create(
            operation=operation, organisation=organisation, name=f"Store {n}", kind=SiteKind.WAREHOUSE,
            location=Point(58 + random.random() * 3, 37 + random.random() * 2, srid=4326),
        )  # fmt: skip
        lines = [GoodsLine(quantity=Decimal(500), item=item) for item in items]
        receive_goods(by=by, operation=operation, warehouse=house, lines=lines)
    for first in range(0, count, BATCH):
        requests, lines, promises = [], [], []
        for number, code in enumerate(next_codes("R", min(BATCH, count - first)), start=first):
            asked = now - timedelta(minutes=random.randint(1, 80_000))
            request = AidRequest(
                code=code, operation=operation, state=random.choice(STATES), site=random.choice(sites), occurred_at=asked,
                entered_at=asked, state_since=asked, priority=random.choice(Priority.values), responsible=organisation,
                title=f"Needed {number}", due_at=asked + timedelta(days=30), channel="command", search_key=f"needed {number}",
            )  # fmt: skip
            request.rank = rank_of(request)
            requests.append(request)
            for order in range(3):
                line = RequestLine(
                    request=request, order=order, item=random.choice(items), quantity=random.randint(10, 400), unit="pc",
                    priority=request.priority,
                )  # fmt: skip
                lines.append(line)
                if order == 0 and number % 3 == 0:
                    promises.append(
                        Commitment(
                            line=line, operation=operation, organisation=organisation, quantity=5, channel="command",
                            until=now + timedelta(days=30), occurred_at=asked,
                        )
                    )  # fmt: skip
        for model, rows in ((AidRequest, requests), (RequestLine, lines), (Commitment, promises)):
            model._default_manager.bulk_create(rows)  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    print(f"{count} requests, {3 * count} lines in {time.perf_counter() - began:.0f} s", flush=True)


def timed(title: str, asked: int | None, rounds: int, work: Any) -> None:
    """Median and 95th percentile of ``work``, after one round to warm up."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        work()
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    limit = f"{asked:>6} ms" if asked else " " * 9
    worst = took[int(0.95 * (rounds - 1))]
    print(f"{title:<44} {statistics.median(took):>8.1f} ms {worst:>8.1f} ms {limit} {len(queries):>4}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=20)
    chosen = parser.parse_args()
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    from aid_requests.models import AidRequest
    from komek.accounts.models import User
    from komek.operations.models import Operation

    if not Operation.objects.filter(slug=SLUG).exists():
        make(chosen.requests)
    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    user = User.objects.get(email="needs@example.org")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    request = AidRequest.objects.filter(operation__slug=SLUG, state="accepted").order_by("pk")[0]
    line = request.lines.order_by("pk")[0]
    spot = request.site.location if request.site else None
    where = f"&longitude={spot.x}&latitude={spot.y}" if spot else ""

    def opened(address: str) -> Any:
        def work() -> None:
            answer = client.get(address, secure=settings.SECURE_SSL_REDIRECT)
            assert answer.status_code == 200, (address, answer.status_code)

        return work

    for title, limit, address in (
        ("list of triage", 100, "/requests/"),
        ("a request", None, request.get_absolute_url()),
        ("offers for a line", 150, f"{request.get_absolute_url()}lines/{line.pk}/offers/"),
        ("who needs an item", None, f"/requests/needs-for/?item={line.item_id}{where}"),
        ("API, 50 requests", None, "/api/v1/requests/?limit=50"),
        ("API, 50 lines", None, "/api/v1/request-lines/?limit=50"),
        ("what is needed, for everybody", None, "/needs/"),
    ):
        timed(title, limit, chosen.rounds, opened(address))
    share_out()


def share_out(needs: int = 2_000, sources: int = 200) -> None:
    """One item, 2,000 needs and 200 sources: the solver beside the answer by hand."""
    from aid_requests.planning.problem import Held, Problem, Wanted
    from aid_requests.planning.solver import solve

    r = Random(1)
    wanted = [
        Wanted(
            n, r.randint(1, 300), r.choice(("life", "high", "normal", "low")), r.choice((0, r.randint(1, 900))),
            r.choice((None, r.uniform(-10, 300))), 58 + r.random() * 3, 38 + r.random(),
        )
        for n in range(needs)
    ]  # fmt: skip
    held = [Held(str(n), r.randint(0, 1500), 58 + r.random() * 3, 38 + r.random()) for n in range(sources)]
    began = time.perf_counter()
    answer = solve(Problem(wanted, held))
    took = time.perf_counter() - began
    print(
        f"sharing out {needs} × {sources}: {took:.1f} s (asked: 10 s); worth {answer.worth:.0f}, by hand {answer.worth_by_hand:.0f}"
    )


if __name__ == "__main__":
    main()
