"""Hospital reports: late and repeated ones, figures that cannot be right, and who may report."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from camps.hospitals import latest_report, latest_report_with_beds, latest_reports, report_hospital
from camps.models import BedCount, BedKind, Camp, CampType, HospitalReport, ServiceStatus
from camps.refusals import Refused
from komek.accounts.authority import NotAllowed
from komek.records.actor import Channel
from tests.camps.conftest import CampCast
from tests.conftest import Cast, actor

NOW = timezone.now()


def report(hospital: Camp, by: Any, **fields: Any) -> HospitalReport:
    fields.setdefault("occurred_at", NOW - timedelta(hours=1))
    return report_hospital(by=actor(by), operation=hospital.operation, camp=hospital, **fields)


def beds(kind: str, total: int, available: int) -> dict[str, Any]:
    return {"kind": kind, "total": total, "available": available}


def test_a_report_is_added_with_its_beds_and_the_hospital_counts_as_heard_from(hospital: Camp, camps: CampCast) -> None:
    Camp.objects.update(confirmed_at=NOW - timedelta(days=9))
    made = report(
        hospital, camps.dowlet, beds=[beds("burns", 6, 1), beds("maternity", 20, 0)], power=ServiceStatus.CRITICAL,
        services={"surgery": "strained"}, fuel_hours=18, reported_by="Dr Annayewa",
    )  # fmt: skip
    hospital.refresh_from_db()
    assert {(row.kind, row.total, row.available) for row in made.beds.all()} == {("burns", 6, 1), ("maternity", 20, 0)}
    assert (made.reported_by, made.entered_by, made.channel) == ("Dr Annayewa", camps.dowlet, Channel.BROWSER)
    assert timezone.now() - hospital.confirmed_at < timedelta(minutes=1)


def test_the_same_entry_sent_twice_is_one_report(hospital: Camp, camps: CampCast) -> None:
    entry = uuid4()
    first = report(hospital, camps.dowlet, entry_id=entry, beds=[beds("burns", 6, 1)])
    assert report(hospital, camps.dowlet, entry_id=entry, beds=[beds("burns", 6, 0)]) == first
    assert (HospitalReport.objects.count(), BedCount.objects.get().available) == (1, 1)


def test_an_entry_of_one_hospital_is_not_taken_for_another(hospital: Camp, camps: CampCast) -> None:
    entry = uuid4()
    report(hospital, camps.dowlet, entry_id=entry)
    Camp.objects.filter(pk=camps.camp.pk).update(camp_type=CampType.HOSPITAL)
    camps.camp.refresh_from_db()
    with pytest.raises(Refused, match="another site"):
        report(camps.camp, camps.dowlet, entry_id=entry)


def test_a_late_report_is_kept_but_does_not_become_the_latest(hospital: Camp, camps: CampCast) -> None:
    newest = report(hospital, camps.dowlet, occurred_at=NOW - timedelta(hours=1), power="normal")
    report(hospital, camps.dowlet, occurred_at=NOW - timedelta(hours=5), power="none")
    assert latest_report(hospital) == newest
    assert latest_reports([hospital.pk]) == {hospital.pk: newest}
    assert hospital.hospital_reports.count() == 2


def test_a_report_without_beds_does_not_make_the_beds_unknown(hospital: Camp, camps: CampCast) -> None:
    counted = report(hospital, camps.dowlet, occurred_at=NOW - timedelta(hours=5), beds=[beds("burns", 6, 1)])
    outage = report(hospital, camps.dowlet, power="none")
    assert (latest_report(hospital), latest_report_with_beds(hospital)) == (outage, counted)


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"beds": [beds("burns", 3, 5)]}, "beds", "5 free of 3 beds"),
        ({"beds": [beds("burns", -3, -5)]}, "beds", "negative"),
        ({"beds": [beds("burns", 9_999_999_999, 0)]}, "beds", "so many beds"),
        ({"beds": [beds("burns", 3, 1), beds("burns", 4, 1)]}, "beds", "two rows"),
        ({"beds": [beds("hammocks", 3, 1)]}, "beds", "hammocks"),
        ({"occurred_at": NOW + timedelta(hours=3)}, "occurred_at", "future"),
        ({"fuel_hours": -1}, "fuel_hours", "cannot be right"),
        ({"staff_on_duty": 99_999_999_999}, "staff_on_duty", "cannot be right"),
        ({"power": "purple"}, "power", "states shown"),
        ({"services": {"surgery": "purple"}}, "services", "surgery"),
        ({"services": ["surgery"]}, "services", "names with a state"),
        ({"services": {"": "normal"}}, "services", "name"),
        ({"note": "x" * 501}, "note", "500"),
    ],
)
def test_figures_that_cannot_be_right_are_refused_in_words_and_nothing_is_kept(
    hospital: Camp, camps: CampCast, fields: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(Refused) as refusal:
        report(hospital, camps.dowlet, **fields)
    assert words in " ".join(refusal.value.message_dict[field])
    assert not HospitalReport.objects.exists()


def test_every_wrong_row_of_beds_is_named_at_once(hospital: Camp, camps: CampCast) -> None:
    with pytest.raises(Refused) as refusal:
        report(hospital, camps.dowlet, beds=[beds("burns", 3, 5), beds("maternity", 2, 4)])
    sentence = refusal.value.message_dict["beds"][0]
    assert str(BedKind.BURNS.label) in sentence
    assert str(BedKind.MATERNITY.label) in sentence


def test_only_a_hospital_has_hospital_reports(camps: CampCast) -> None:
    with pytest.raises(Refused, match="not a hospital"):
        report(camps.camp, camps.dowlet)


def test_only_those_who_work_there_report(hospital: Camp, camps: CampCast, cast: Cast) -> None:
    for person in (cast.lale, cast.oraz, cast.outsider, camps.gozel):
        with pytest.raises(NotAllowed):
            report(hospital, person)
    assert report(hospital, camps.dowlet) and report(hospital, camps.bahar) and report(hospital, cast.aina)


def test_a_report_is_written_to_history(hospital: Camp, camps: CampCast) -> None:
    made = report(hospital, camps.dowlet, beds=[beds("burns", 6, 1)])
    assert made.events.count() == 1
    assert made.beds.get().events.get().pgh_context["user"] == camps.dowlet.pk
