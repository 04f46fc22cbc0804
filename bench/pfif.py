"""How many records of PFIF a second come in, in how much memory, and go out again.

    DATABASE_URL=postgis://… uv run bench/pfif.py [--records 1000000] [--again] [--take-back]

Runs against the database in DATABASE_URL, which must be migrated and should hold nothing real; makes an operation of its own. The
file is made while it is read, so that none of it is kept: persons with names in Latin and Cyrillic, every third with a note inside.
A record is a person or a note. Prints the clock, the processor time of this process and the database's, and the peak of memory at
a tenth of the records and at the end, which must be the same. Then persons and notes are read from the feed, page by page.
"""

from __future__ import annotations

import argparse
import io
import os
import resource
import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "komek.settings")
os.environ.setdefault("KOMEK_SECRET_KEY", "bench")
os.environ.setdefault("KOMEK_DB_POOL", "0")

GIVEN = (
    "Aman",
    "Maral",
    "Оразмурат",
    "Ogulgerek",
    "Гульнара",
    "Batyr",
    "Şirin",
    "Dilnoza",
    "Əli",
    "Наргиза",
    "Timur",
    "Yevgeniya",
)
FAMILY = (
    "Orazow",
    "Каримов",
    "Əliyev",
    "Nurmatova",
    "Ataýewa",
    "Rahimov",
    "Hojayeva",
    "Мурадов",
    "Yo‘ldoshev",
    "Quliyeva",
)
PLACES = ("Aşgabat", "Baharly", "Kaka", "Tejen", "Büzmeýin", "Gökdepe")
STATUSES = ("information_sought", "believed_alive", "believed_missing", "is_note_author")


class Made(io.RawIOBase):
    """A PFIF file of ``records`` records, made as it is read."""

    def __init__(self, records: int) -> None:
        self.records, self.made, self.number = records, 0, 0
        self.kept = b'<?xml version="1.0" encoding="UTF-8"?>\n<pfif:pfif xmlns:pfif="http://zesty.ca/pfif/1.4">\n'
        self.is_over = False

    def read(self, size: int = -1) -> bytes:
        parts, length = [self.kept], len(self.kept)
        while length < size and self.made < self.records:
            part = self._person().encode()
            parts.append(part)
            length += len(part)
        if self.made >= self.records and not self.is_over:
            self.is_over = True
            parts.append(b"</pfif:pfif>\n")
        whole = b"".join(parts)
        piece, self.kept = whole[:size], whole[size:]
        return piece

    def _person(self) -> str:
        n = self.number
        self.number += 1
        self.made += 1
        given, family = GIVEN[n % len(GIVEN)], FAMILY[n // 7 % len(FAMILY)]
        note = ""
        if n % 3 == 0 and self.made < self.records:
            self.made += 1
            note = (
                f"<pfif:note><pfif:note_record_id>bench.example/n{n}</pfif:note_record_id>"
                "<pfif:entry_date>2026-11-03T10:00:00Z</pfif:entry_date><pfif:author_name>Maral A.</pfif:author_name>"
                f"<pfif:source_date>2026-11-03T09:00:00Z</pfif:source_date><pfif:status>{STATUSES[n // 3 % 4]}</pfif:status>"
                f"<pfif:text>Seen near house {n % 97}</pfif:text></pfif:note>\n"
            )
        return (
            f"<pfif:person>\n<pfif:person_record_id>bench.example/{n}</pfif:person_record_id>\n"
            "<pfif:entry_date>2026-11-02T10:00:00Z</pfif:entry_date>\n<pfif:expiry_date>2030-01-01T00:00:00Z</pfif:expiry_date>\n"
            "<pfif:author_name>Maral A.</pfif:author_name>\n<pfif:author_email>maral@example.org</pfif:author_email>\n"
            "<pfif:source_name>Bench</pfif:source_name>\n<pfif:source_date>2026-11-02T09:00:00Z</pfif:source_date>\n"
            f"<pfif:full_name>{given} {family}</pfif:full_name>\n<pfif:given_name>{given}</pfif:given_name>\n"
            f"<pfif:family_name>{family}</pfif:family_name>\n<pfif:description>scar {n % 13}</pfif:description>\n"
            f"<pfif:sex>{'female' if n % 2 else 'male'}</pfif:sex>\n<pfif:age>{18 + n % 60}-{20 + n % 60}</pfif:age>\n"
            f"<pfif:home_city>{PLACES[n % len(PLACES)]}</pfif:home_city>\n{note}</pfif:person>\n"
        )


def read_feed(operation: Any) -> None:
    """What a page of the feeds costs: the newest, and those from the middle on, as another registry pulls them."""
    from django.db import connection

    from missing_persons.models import Person
    from missing_persons.pfif import giving, writing

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    count = Person.objects.filter(operation=operation).count()
    middle = Person.objects.filter(operation=operation).order_by("updated_at")[count // 2].updated_at
    giving.SETTLED_AFTER = timedelta(0)
    for kind in ("persons", "notes"):
        for label, since in (("newest", None), ("from the middle", middle)):
            times, processor = [], time.process_time()
            for page in range(10):
                began = time.perf_counter()
                found = getattr(giving, kind)(giving.Asked(operation=operation, since=since, skip=page * 200))
                text = "".join(writing.document(found))
                times.append(time.perf_counter() - began)
            processor = (time.process_time() - processor) / 10
            print(
                f"feed of {kind}, {label}: {statistics.median(times) * 1000:.0f} ms a page of {len(found)} by the clock,"
                f" {processor * 1000:.0f} ms of this processor, {len(text) // 1024} KB",
                flush=True,
            )


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--again", action="store_true", help="bring the same in once more: nothing may change")
    parser.add_argument("--take-back", action="store_true")
    asked = parser.parse_args()

    import django

    django.setup()
    from django.db import connection
    from django.utils import timezone
    from processor_time import backend_pid, database_seconds

    from komek.operations.models import Operation
    from komek.records.actor import Actor, Channel
    from missing_persons.pfif.reading import read
    from missing_persons.pfif.reversing import reverse_run
    from missing_persons.pfif.runs import begin_run, carry_out

    pid = backend_pid(connection)
    by = Actor(user=None, channel=Channel.COMMAND, name="bench")
    slug = f"bench-pfif-{timezone.now():%Y%m%d%H%M%S}"
    operation = Operation.objects.create(slug=slug, name=slug, is_exercise=True, started_at=timezone.now())
    peaks: dict[int, float] = {}

    def watch(done: int) -> None:
        if done >= asked.records // 10:
            peaks.setdefault(10, peak_mb())

    def timed(label: str, work: Any) -> Any:
        began, web, database = time.perf_counter(), time.process_time(), database_seconds(pid)
        result = work()
        took, web, database = time.perf_counter() - began, time.process_time() - web, database_seconds(pid) - database
        print(
            f"{label:<12} {took:>7.1f} s {asked.records / took:>6.0f} records/s; processor: here {web:>6.1f} s,"
            f" database {database:>6.1f} s, {asked.records / (web + database or 1):>6.0f} records/s",
            flush=True,
        )
        return result

    def bring() -> Any:
        run = begin_run(by=by, operation=operation, domain="bench.example", file_name="bench.xml", publishes=True)
        return carry_out(run, by=by, stream=Made(asked.records), progress=watch)

    timed("read alone", lambda: sum(1 for _record in read(Made(asked.records))))  # type: ignore[arg-type]
    run = timed("bring in", bring)
    print(
        f"{run.counts}; memory at most {peaks.get(10, 0):.0f} MB after a tenth, {peak_mb():.0f} MB at the end",
        flush=True,
    )
    read_feed(operation)
    if asked.again:
        print(timed("again", bring).counts)
    if asked.take_back:
        print(timed("take back", lambda: reverse_run(run, by=by)).counts)


if __name__ == "__main__":
    main()
