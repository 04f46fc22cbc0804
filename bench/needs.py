"""What pages, API and plugs about needs and pledges cost at 200,000 requests with 600,000 lines and 50,000 pledges.

    export DATABASE_URL=postgis://…
    bin/manage migrate && bin/manage createcachetable && bin/manage load_reference_data && bin/manage load_exercise --scale 10
    uv run bench/needs.py [--requests 200000] [--pledges 50000] [--rounds 10] [--only triage]

Adds to the exercise in the database of DATABASE_URL, which should hold nothing real; a later run uses what the first made. Prints
median and 95th percentile in ms by the clock of ``--rounds`` rounds after one to warm up, the processor time of one round (this
process's and the database's), what is asked for, queries, and bytes as sent with gzip. On a machine that does other work too, the
processor time says more. Then a plan of 2,000 needs × 200 sources beside the answer by hand.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "komek.settings")
os.environ.setdefault("KOMEK_SECRET_KEY", "bench")
os.environ.setdefault("KOMEK_DB_POOL", "0")

SLUG, WHO = "exercise-kopetdag", "coordinator@kopetdag.example.org"
BOX = (57.4, 38.1, 57.6, 38.3)
"""A town and the villages around it: degrees west, south, east, north."""

Row = tuple[str, int | None, Callable[[], Any]]
"""A title, what is asked for in ms, and the work."""

TRIAGE = (
    ("triage list", ""), ("page 50", "page=50"), ("last page", "page=100000"), ("open", "is_open=true"),
    ("overdue", "is_overdue=true"), ("not overdue", "is_overdue=false"), ("wanted before now", "is_late=true"),
    ("nobody answers", "is_open=true&is_unrouted=true"), ("mine", "is_mine=true"), ("claimed", "is_claimed=true"),
    ("possible duplicates", "is_double=true"), ("no duplicates", "is_double=false"), ("not in the catalogue", "is_unknown_item=true"),
    ("to be decided", "state=submitted&state=forwarded"), ("accepted", "state=accepted"), ("lives", "priority=life"),
    ("closed", "state=closed"), ("transport", "kind=transport"), ("rescue, lives", "kind=rescue&priority=life"),
    ("an item", "item=HOU-BLK"), ("a site", "site=Camp"), ("an area", "area={area}"),
    ("an organisation", "responsible={organisation}"),
    ("words", "text=blanket"), ("rare words", "text=zzzz"), ("a code", "text={code}"), ("false reports", "is_false=true"),
    ("public", "is_released=true"), ("since yesterday", "since={yesterday}"),
    ("by title", "sort=title"), ("by code, last first", "sort=-code"), ("by state", "sort=state"), ("by place", "sort=place"),
    ("by needed by", "sort=wanted_by"), ("by asked, newest first", "sort=-asked"), ("by next step due", "sort=due_at"),
    ("by who answers", "sort=responsible"), ("by people", "sort=-people&column=people&column=title"),
    ("by area", "sort=area&column=area&column=title"), ("open by place", "is_open=true&sort=place"),
)  # fmt: skip

PLEDGES = (
    ("pledges", ""), ("pledges, words", "text=blanket"), ("accepted goods", "state=accepted&kind=goods"),
    ("that wait", "is_waiting=true"), ("page 500", "page=500"), ("by item", "sort=what"), ("by quantity", "sort=-quantity"),
    ("by until", "sort=valid_to"),
)  # fmt: skip


def pages(facts: dict[str, Any]) -> Iterator[tuple[str, int | None, str]]:
    """Title, what is asked for, address."""
    for title, query in TRIAGE:
        yield f"triage: {title}", 100, f"/requests/?{query.format(**facts)}"
    yield from (
        ("piles above the list", None, "/requests/piles/"),
        ("ageing", 100, "/requests/ageing/"),
        ("duplicates", None, "/requests/duplicates/"),
        ("things not in the catalogue", None, "/requests/not-in-the-catalogue/"),
        ("a request", 100, f"/requests/{facts['code']}/"),
        ("match: offers for a line", 150, f"/requests/{facts['code']}/lines/{facts['line']}/offers/"),
        ("who needs an item", 150, f"/requests/needs-for/?item={facts['item']}&longitude=58.2&latitude=38.1"),
        ("plan of an item", None, f"/requests/plan/?item={facts['item']}"),
        ("plan of all items", None, "/requests/plan/"),
        ("appeals", None, "/appeals/"),
    )
    for title, query in PLEDGES:
        yield f"pledges: {title}", 50, f"/pledges/?{query}"
    yield from (
        ("a pledge", None, f"/pledges/{facts['pledge']}/"),
        ("pledged against received, by donor", None, "/pledges/reconciliation/?by=donor"),
        ("desk", None, "/"),
        ("search: words", None, "/search/?q=blanket"),
        ("search: a name", None, "/search/?q=Gulnara"),
        ("search: a code", None, f"/search/?q={facts['code']}"),
        ("API: requests", 100, "/api/v1/requests/?limit=50"),
        ("API: open requests, newest first", 100, "/api/v1/requests/?limit=50&is_open=true&sort=-occurred_at"),
        ("API: changed since", 100, f"/api/v1/requests/?limit=50&updated_since={facts['yesterday']}&sort=updated_at"),
        ("API: requests, GeoJSON", 100, "/api/v1/requests/?limit=50&format=geojson"),
        ("API: lines", 100, "/api/v1/request-lines/?limit=50"),
        ("API: lines still needed", 100, "/api/v1/request-lines/?limit=50&is_needed=true"),
        ("API: lines of an item, latest first", 100, "/api/v1/request-lines/?limit=50&item=HOU-BLK&sort=-updated_at"),
        ("API: promises", 100, "/api/v1/request-commitments/?limit=50"),
        ("API: open promises", 100, "/api/v1/request-commitments/?limit=50&state=open"),
        ("API: receipts", 100, "/api/v1/request-receipts/?limit=50"),
        ("API: pledges", 100, "/api/v1/pledges/?limit=50"),
        ("for everybody: needs", 100, "/needs/"),
        ("for everybody: page 20", 100, "/needs/?page=20"),
        ("for everybody: words", 100, "/needs/?q=blanket"),
        ("for everybody: as data", None, "/needs/feed.json"),
        ("for everybody: as a feed", None, "/needs/feed.atom"),
        ("for everybody: an appeal", None, "/appeals/bench-appeal/"),
    )


def plugs(viewer: Any) -> Iterator[Row]:
    """Every alert, figure and hit of the sockets by itself, and the map's layers."""
    from django.contrib.gis.geos import Polygon
    from django.utils import timezone

    from komek.extensions.alerts import alerts
    from komek.extensions.map_layers import map_layers
    from komek.extensions.search import search
    from komek.extensions.situation import situation

    today = timezone.localdate()
    for alert in alerts:
        yield f"alerts: {alert.key}", None, partial(alert.alerts, viewer, 20)
    for figure in situation:
        yield f"figures: {figure.key}", None, partial(figure.figures, viewer, today)
    for found in search:
        yield f"search: {found.key}", None, partial(found.find, "blanket", viewer, 20)
    box = Polygon.from_bbox(BOX)
    box.srid = 4326
    for layer in map_layers:
        if not layer.key.startswith(("requests", "volunteers")):
            continue
        rows = layer.queryset(viewer)
        shown = rows.filter(**{f"{layer.geometry_field}__coveredby": box})
        values = (layer.geometry_field, *layer.properties)
        yield (
            f"map: {layer.key}, a view of 500",
            None,
            lambda shown=shown, values=values: list(shown.values(*values)[:500]),
        )  # type: ignore[misc]
        yield f"map: {layer.key}, all counted", None, rows.count


def facts_of(operation: Any) -> dict[str, Any]:
    """One of each for the addresses: a request that waits for offers, in the middle of the list."""
    from datetime import timedelta

    from django.utils import timezone

    from aid_requests.models import AidRequest
    from komek.supplies.models import Item
    from volunteers.models import Pledge

    item = Item.objects.get(code="HOU-BLK")
    waiting = AidRequest.objects.filter(operation=operation, state="accepted", lines__item=item).exclude(site=None)
    request = waiting.order_by("rank", "occurred_at", "pk")[500]
    return {
        "code": request.code, "line": request.lines.filter(item=item)[0].pk, "item": item.pk,
        "organisation": request.responsible_id or "", "area": request.site.area_id if request.site else "",
        "pledge": Pledge.objects.filter(operation=operation, state="accepted").order_by("pk")[100].code,
        "yesterday": (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }  # fmt: skip


class Stopwatch:
    """Prints a row for each piece of work."""

    def __init__(self, rounds: int, only: str) -> None:
        from django.db import connection
        from pages import note
        from processor_time import backend_pid

        self.rounds, self.only, self.connection, self.note = rounds, only, connection, note
        self.pid = backend_pid(connection)
        print(
            f"{'':<44} {'median':>8} {'95 %':>8} {'web':>6} {'db':>6} {'both':>6} {'asked':>7} {'queries':>7} {'bytes':>7}"
        )

    def row(self, title: str, asked: int | None, work: Callable[[], Any]) -> None:
        from processor_time import database_seconds

        if self.only not in title:
            return
        queries: list[str] = []
        with self.connection.execute_wrapper(partial(self.note, queries)):
            answer = work()
        if getattr(answer, "status_code", 200) not in (200, 302):
            print(f"{title:<44} answered {answer.status_code}", flush=True)
            return
        took = []
        web, database = time.process_time(), database_seconds(self.pid)
        for _round in range(self.rounds):
            began = time.perf_counter()
            work()
            took.append((time.perf_counter() - began) * 1000)
        web, database = (
            (now - before) * 1000 / self.rounds
            for now, before in ((time.process_time(), web), (database_seconds(self.pid), database))
        )
        took.sort()
        limit = f"{asked}ms" if asked else ""
        print(
            f"{title:<44} {statistics.median(took):>6.0f}ms {took[int(0.95 * (self.rounds - 1))]:>6.0f}ms {web:>4.0f}ms "
            f"{database:>4.0f}ms {web + database:>4.0f}ms {limit:>7} {len(queries):>7} {len(getattr(answer, 'content', b'')):>7}",
            flush=True,
        )


def measure(operation: Any, rounds: int, only: str) -> None:
    from django.conf import settings
    from django.test import Client

    from aid_requests.models import AidRequest, Commitment, RequestLine
    from komek.accounts.models import User
    from komek.extensions import Viewer
    from volunteers.models import Pledge

    counts = {model: model._default_manager.count() for model in (AidRequest, RequestLine, Commitment, Pledge)}
    print(", ".join(f"{count} {model._meta.verbose_name_plural}" for model, count in counts.items()), flush=True)
    settings.ALLOWED_HOSTS = ["*"]
    client, user = Client(headers={"accept-encoding": "gzip"}), User.objects.get(email=WHO)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    watch, everybody = Stopwatch(rounds, only), Client(headers={"accept-encoding": "gzip"})
    for title, asked, address in pages(facts_of(operation)):
        browser = everybody if title.startswith("for everybody") else client
        watch.row(title, asked, partial(browser.get, address, secure=settings.SECURE_SSL_REDIRECT))
    for title, asked, work in plugs(Viewer(user=user, operation=operation)):
        watch.row(title, asked, work)


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
    began, busy = time.perf_counter(), time.process_time()
    answer = solve(Problem(wanted, held))
    took, busy = time.perf_counter() - began, time.process_time() - busy
    print(
        f"sharing out {needs} × {sources}: {took:.1f} s by the clock, {busy:.1f} s of the processor (asked: 10 s); "
        f"worth {answer.worth:.0f}, by hand {answer.worth_by_hand:.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--pledges", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--only", default="", help="measure only what has this in its title")
    chosen = parser.parse_args()
    import django

    django.setup()
    from needs_data import make

    from komek.operations.models import Operation

    operation = Operation.objects.get(slug=SLUG)
    make(operation, chosen.requests, chosen.pledges)
    operation.refresh_from_db()
    measure(operation, chosen.rounds, chosen.only)
    if not chosen.only or chosen.only in "sharing out":
        share_out()


if __name__ == "__main__":
    main()
