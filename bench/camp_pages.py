"""How long the pages and the search of the camps take at 500 sites, 300,000 registered people and a year of daily headcounts.

    DATABASE_URL=postgis://… bin/manage migrate && bin/manage load_reference_data && bin/manage load_exercise
    DATABASE_URL=postgis://… uv run bench/camp_pages.py [--sites 500] [--households 80000]

Adds invented sites, people and headcounts to the exercise in the database of DATABASE_URL, which should hold nothing real; a second
run uses what the first made. Prints median and 95th percentile in ms at the server of ``--rounds`` requests after a warm-up, queries,
and bytes as sent with gzip; then what importing 50,000 households costs with every check.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "komek.settings")
os.environ.setdefault("KOMEK_SECRET_KEY", "bench")
os.environ.setdefault("KOMEK_DB_POOL", "0")

NAME = "Bench"
EVERYTHING = (
    "name", "code", "camp_type", "area", "opening", "people", "capacity", "occupancy", "counted_at", "heard", "organisation",
    "registered", "difference", "households", "room_left", "access", "registration", "landmark",
)  # fmt: skip


def make(sites: int, households: int, days: int) -> None:
    """Sites, their headcounts and their people, in bulk. Says how long each took."""
    from django.contrib.gis.geos import Point
    from django.utils import timezone

    from camps.exercise_people import household
    from camps.models import Camp, Headcount, RegistrationLevel
    from camps.registration import write_households
    from komek.operations.models import Operation
    from komek.records.actor import Actor, Channel
    from orgs.models import Organisation

    operation = Operation.objects.get(slug="exercise-kopetdag")
    organisation = Organisation.objects.filter(operation=operation).first()
    random, now = Random(5), timezone.now()
    by = Actor(user=None, channel=Channel.COMMAND, name="bench")
    began = time.perf_counter()
    camps = []
    for number in range(sites):
        camp = Camp(
            operation=operation, organisation=organisation, name=f"{NAME} {number}", capacity=800, capacity_unit="people",
            registration=RegistrationLevel.PEOPLE, location=Point(58 + number % 40 / 10, 37 + number // 40 / 10, srid=4326),
            search_key=f"bench {number}",
        )  # fmt: skip
        camp.save()
        camps.append(camp)
    print(f"{sites} sites in {time.perf_counter() - began:.0f} s", flush=True)
    began = time.perf_counter()
    for camp in camps:
        Headcount.objects.bulk_create([
            Headcount(camp=camp, operation=operation, people=500 + day % 90, households=120, occurred_at=now - timedelta(days=day))
            for day in range(days)
        ])  # fmt: skip
    print(f"{sites * days} headcounts in {time.perf_counter() - began:.0f} s", flush=True)
    began = time.perf_counter()
    for camp in camps:
        entries = [household(random, number) for number in range(households // sites)]
        write_households(by=by, camp=camp, entries=entries, at=now - timedelta(days=random.randint(1, 20)), scan=None)
    print(f"{households} households in {time.perf_counter() - began:.0f} s", flush=True)


def measure(rounds: int) -> None:
    from django.db import connection
    from django.test import Client
    from pages import note

    from camps.models import Camp, Headcount, Person
    from komek.accounts.models import User

    user = User.objects.get(email="coordinator@kopetdag.example.org")
    client = Client(headers={"accept-encoding": "gzip"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    camp = Camp.objects.filter(name__startswith=NAME).order_by("pk")[7]
    person = Person.objects.filter(camp=camp).order_by("pk")[50]
    columns = "&".join(f"column={name}" for name in EVERYTHING)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"{Camp.objects.count()} sites, {Person.objects.count()} people, {Headcount.objects.count()} headcounts")
    print(f"{'page':<52} {'median':>8} {'95 %':>8} {'queries':>8} {'bytes':>8}")
    pages = (
        ("site list, every column", f"/camps/?{columns}"),
        ("site list, every column, by places taken", f"/camps/?{columns}&sort=-occupancy"),
        ("site list, crowded only", "/camps/?is_crowded=true"),
        ("one site", f"/camps/{camp.code}/"),
        ("one site, headcounts of a year", f"/camps/{camp.code}/headcounts/"),
        ("people of a site", f"/camps/{camp.code}/people/"),
        ("a person in a site, by name", f"/camps/{camp.code}/people/?text={person.name.split()[0]}"),
        ("a person in a site, by code", f"/camps/{camp.code}/people/?text={person.code}"),
        ("where to send 500 people", "/camps/placement/?people=500"),
        ("map of the sites", "/camps.geojson"),
        ("API: sites", "/api/v1/camps/?limit=50"),
        ("API: headcounts", "/api/v1/headcounts/?limit=50"),
    )
    for title, page in pages:
        queries: list[str] = []
        with connection.execute_wrapper(partial(note, queries)):
            answer = client.get(page)
        if answer.status_code != 200:
            print(f"{title:<52} answered {answer.status_code}")
            continue
        took = []
        for _round in range(rounds):
            began = time.perf_counter()
            answer = client.get(page)
            took.append((time.perf_counter() - began) * 1000)
        took.sort()
        print(
            f"{title:<52} {statistics.median(took):>6.0f}ms {took[int(0.95 * (rounds - 1))]:>6.0f}ms "
            f"{len(queries):>8} {len(answer.content):>8}"
        )

    search(camp, person.name, rounds)


def search(camp: Any, name: str, rounds: int) -> None:
    """Finding a person in a site by name, as the desk and the API do it, without the page around it."""
    from camps.models import Person
    from camps.people_search import people_matching

    for title, text in (("search alone, whole name", name), ("search alone, given name", name.split()[0])):
        took = []
        for _round in range(rounds):
            began = time.perf_counter()
            found = list(people_matching(Person.objects.filter(camp=camp), text)[:20])
            took.append((time.perf_counter() - began) * 1000)
        took.sort()
        print(
            f"{title:<52} {statistics.median(took):>6.0f}ms {took[int(0.95 * (rounds - 1))]:>6.0f}ms "
            f"{1:>8} {len(found):>4} found"
        )


def bring(rows: int) -> None:
    """Import a list of households as the import page does, timing each step; then send it again."""
    from camps.models import Camp
    from komek.accounts.models import User
    from komek.exchange import importing
    from komek.extensions.exchange import exchange
    from komek.records.actor import Actor, Channel

    user = User.objects.get(email="coordinator@kopetdag.example.org")
    camps = list(Camp.objects.filter(name__startswith=NAME).order_by("pk").values_list("code", flat=True)[:50])
    lines = ["site,ration card,head of household,people,came from,tent"]
    run = int(time.time())
    lines += [
        f"{camps[n % len(camps)]},B{run}-{n},Maral Annaýewa {n},{1 + n % 7},Köne çarwa,T-{n}" for n in range(rows)
    ]
    resource: Any = exchange.get("camps.household")
    operation = Camp.objects.get(code=camps[0]).operation
    for label in ("first", "again"):
        began = time.perf_counter()
        batch = importing.receive(
            by=Actor(user=user, channel=Channel.IMPORT), operation=operation, resource=resource,
            content="\n".join(lines).encode(), name="households.csv",
        )  # fmt: skip
        importing.match_columns(
            batch, {int(place): ours for place, ours in batch.mapping.items()}, create_missing=False
        )
        read = time.perf_counter()
        importing.check(batch)
        checked = time.perf_counter()
        importing.apply(batch)
        done = time.perf_counter()
        print(
            f"import {rows} households, {label}: read {read - began:.1f} s, check {checked - read:.1f} s, "
            f"write {done - checked:.1f} s, in all {done - began:.1f} s; {batch.counts}"
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sites", type=int, default=500)
    parser.add_argument("--households", type=int, default=80_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--imports", type=int, default=50_000)
    asked = parser.parse_args()

    import django

    django.setup()
    from camps.models import Camp

    if not Camp.objects.filter(name__startswith=NAME).exists():
        make(asked.sites, asked.households, asked.days)
    measure(asked.rounds)
    if asked.imports:
        bring(asked.imports)


if __name__ == "__main__":
    main()
