"""Two people at the same moment, in two real transactions: one report, one figure, one import."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.utils import timezone

from camps.have.importing import receive, record
from camps.health_watch import Cases, record_counts
from camps.hospitals import report_hospital
from camps.models import Camp, HospitalReport, Syndrome, SyndromeCount
from tests.camps.conftest import CampCast
from tests.conftest import actor

FOREIGN = (Path(__file__).parent / "files" / "have-foreign.xml").read_bytes()

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works: Callable[[], Any]) -> int:
    """Run all in threads that start together; how many came through."""
    done: list[Any] = []
    gate = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> None:
        try:
            gate.wait(10)
            done.append(work())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(done)


def test_one_entry_sent_twice_at_once_is_one_report(hospital: Camp, camps: CampCast) -> None:
    entry, moment = uuid4(), timezone.now() - timedelta(hours=1)

    def send() -> None:
        report_hospital(
            by=actor(camps.dowlet), operation=hospital.operation, camp=hospital, occurred_at=moment, entry_id=entry,
            beds=[{"kind": "burns", "total": 6, "available": 1}],
        )  # fmt: skip

    assert at_once(send, send, send) == 3
    assert HospitalReport.objects.get().beds.count() == 1


def test_two_who_enter_one_day_at_once_leave_one_figure(camps: CampCast) -> None:
    measles = Syndrome.objects.create(key="measles", name="Measles", source="test", alert_cases=1)

    def enter(user: Any, young: int) -> Callable[[], Any]:
        counts = [Cases(measles, young, 0, 0)]
        return lambda: record_counts(
            by=actor(user), operation=camps.camp.operation, camp=camps.camp, day=timezone.localdate(), counts=counts
        )

    assert at_once(enter(camps.dowlet, 1), enter(camps.bahar, 2)) == 2
    row = SyndromeCount.objects.get()
    assert row.under_five in (1, 2)
    assert row.events.count() == 2


def test_a_document_recorded_by_two_at_once_is_recorded_once(hospital: Camp, camps: CampCast) -> None:
    kept = receive(by=actor(camps.dowlet), operation=hospital.operation, content=FOREIGN)

    def press() -> None:
        record(by=actor(camps.dowlet), operation=hospital.operation, document=kept)

    assert at_once(press, press) == 2
    assert HospitalReport.objects.count() == 1
