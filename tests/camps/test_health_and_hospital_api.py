"""Hospitals and health watch over the API: the same rules as on the pages."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from camps.have.checking import checked
from camps.have.reading import read
from camps.models import Camp, HospitalReport, Syndrome, SyndromeCount
from camps.reference_data_syndromes import Syndromes
from tests.camps.conftest import CampCast
from tests.conftest import Cast

FOREIGN = (Path(__file__).parent / "files" / "have-foreign.xml").read_bytes()
REPORTS = "/api/v1/hospital-reports/"
HAVE = f"{REPORTS}have/"
COUNTS = "/api/v1/syndrome-counts/"


def signed_in(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def measles(db: None) -> Syndrome:
    Syndromes().load(lambda line: None)
    return Syndrome.objects.get(key="measles")


def report(hospital: Camp, **fields: Any) -> dict[str, Any]:
    moment = (timezone.now() - timedelta(hours=1)).isoformat()
    return {"camp": hospital.code, "occurred_at": moment, **fields}


# --- hospitals


def test_a_report_is_sent_once_with_its_beds_and_read_by_everybody(hospital: Camp, camps: CampCast, cast: Cast) -> None:
    body = report(
        hospital, entry_id=str(uuid4()), power="none", services={"surgery": "strained"},
        beds=[{"kind": "burns", "total": 6, "available": 2}],
    )  # fmt: skip
    client = signed_in(camps.dowlet)
    first, again = (client.post(REPORTS, body, format="json") for _time in range(2))
    assert first.status_code == 201, first.content
    assert again.json()["id"] == first.json()["id"]
    seen = signed_in(cast.oraz).get(first["Location"]).json()
    assert (seen["power"], seen["channel"]) == ("none", "api")
    assert seen["beds"] == [{"kind": "burns", "total": 6, "available": 2}]
    assert signed_in(cast.oraz).patch(first["Location"], {"power": "normal"}, format="json").status_code == 405


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"beds": [{"kind": "burns", "total": 3, "available": 5}]}, "beds", "5 free of 3"),
        ({"beds": [{"kind": "burns", "total": -3, "available": 0}]}, "beds", "0"),
        ({"services": {"surgery": "purple"}}, "services", "purple"),
        ({"services": {"\x07": "normal"}}, "services", "name"),
        ({"camp": "C0000"}, "camp", "C0000"),
        ({"occurred_at": "2090-01-01T00:00:00Z"}, "occurred_at", "future"),
    ],
)
def test_a_report_that_cannot_be_right_is_named_by_field(
    hospital: Camp, camps: CampCast, fields: dict[str, Any], field: str, words: str
) -> None:
    answer = signed_in(camps.dowlet).post(REPORTS, {**report(hospital), **fields}, format="json")
    assert answer.status_code in (400, 422)
    assert field in answer.content.decode()
    assert words in answer.content.decode()
    assert not HospitalReport.objects.exists()


def test_reports_are_filtered_to_the_latest_at_the_same_cost(hospital: Camp, camps: CampCast, cast: Cast) -> None:
    client = signed_in(camps.dowlet)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(REPORTS).status_code == 200
        return len(found)

    client.post(REPORTS, report(hospital, overall="none"), format="json")
    queries()
    few = queries()
    for hours in range(2, 9):
        moment = (timezone.now() - timedelta(hours=hours)).isoformat()
        beds = [{"kind": "burns", "total": 6, "available": 2}]
        client.post(REPORTS, report(hospital, occurred_at=moment, beds=beds), format="json")
    assert queries() == few
    latest = client.get(REPORTS, {"is_latest": "true"}).json()["results"]
    assert [row["overall"] for row in latest] == ["none"]
    assert len(client.get(REPORTS, {"camp": hospital.code}).json()["results"]) == 8
    assert signed_in(cast.lale).post(REPORTS, report(hospital), format="json").status_code == 403


def test_a_document_is_looked_at_first_and_recorded_when_asked(hospital: Camp, camps: CampCast, cast: Cast) -> None:
    client = signed_in(camps.dowlet)
    look = client.post(HAVE, FOREIGN, content_type="application/xml")
    assert look.status_code == 200, look.content
    assert (look.json()["recorded"], look.json()["hospitals"][0]["outcome"]) == (False, "record")
    assert "helipad" in " ".join(look.json()["warnings"])
    assert not HospitalReport.objects.exists()
    for _time in range(2):
        done = client.post(f"{HAVE}?record=true", FOREIGN, content_type="text/xml")
        assert done.json()["recorded"] is True
    assert HospitalReport.objects.count() == 1
    back = client.get(HAVE, HTTP_ACCEPT="application/xml")
    assert back["Content-Type"].startswith("application/xml")
    assert read(checked(back.content)).facilities[0].external_id == hospital.code
    assert (
        client.post(HAVE, back.content, content_type="application/xml").json()["hospitals"][0]["outcome"] == "unchanged"
    )
    assert signed_in(cast.oraz).post(HAVE, FOREIGN, content_type="application/xml").status_code == 403


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<HAVE", "not valid XML"),
        (b"", "empty"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "DOCTYPE"),
        (b'<HospitalStatus xmlns="urn:oasis:names:tc:emergency:EDXL:HAVE:1.0"/>', "EDXL-HAVE 1.0"),
    ],
)
def test_a_bad_document_is_refused_in_words(hospital: Camp, camps: CampCast, content: bytes, words: str) -> None:
    answer = signed_in(camps.dowlet).post(f"{HAVE}?record=true", content, content_type="application/xml")
    assert answer.status_code in (400, 422)
    assert words in answer.content.decode()


def test_nothing_to_export_is_said_and_a_mistyped_code_too(hospital: Camp, cast: Cast) -> None:
    client = signed_in(cast.oraz)
    assert "nothing to export" in client.get(HAVE).content.decode()
    assert client.get(HAVE, {"camp": "C123"}).status_code in (400, 404, 422)


# --- health watch


def test_a_count_is_added_corrected_and_taken_back(camps: CampCast, cast: Cast, measles: Syndrome) -> None:
    client = signed_in(camps.dowlet)
    body = {"camp": camps.camp.code, "syndrome": "measles", "day": timezone.localdate().isoformat(), "under_five": 2}
    made = client.post(COUNTS, body, format="json")
    assert made.status_code == 201, made.content
    assert made.json()["cases"] == 2
    again = client.post(COUNTS, {**body, "under_five": 3}, format="json")
    assert again.json()["id"] == made.json()["id"]
    seen = client.get(made["Location"])
    assert seen.json()["under_five"] == 3
    changed = client.patch(made["Location"], {"deaths": 1}, format="json", HTTP_IF_MATCH=seen["ETag"])
    assert (changed.json()["under_five"], changed.json()["deaths"]) == (3, 1)
    assert signed_in(cast.lale).delete(made["Location"], HTTP_IF_MATCH=changed["ETag"]).status_code == 403
    assert client.delete(made["Location"], HTTP_IF_MATCH=changed["ETag"]).status_code == 204
    assert not SyndromeCount.objects.exists()


def test_a_whole_day_is_all_or_nothing(camps: CampCast, measles: Syndrome) -> None:
    client = signed_in(camps.dowlet)
    good = [{"syndrome": "measles", "under_five": 1}, {"syndrome": "jaundice", "five_and_over": 4}]
    body = {"camp": camps.camp.code, "day": timezone.localdate().isoformat(), "counts": good}
    bad = {**body, "counts": [*good, {"syndrome": "meningitis", "deaths": 2}]}
    answer = client.post(f"{COUNTS}day/", bad, format="json")
    assert answer.status_code in (400, 409, 422)
    assert "2 died, but 0 fell ill" in answer.content.decode()
    assert not SyndromeCount.objects.exists()
    done = client.post(f"{COUNTS}day/", body, format="json")
    assert {row["syndrome"]: row["cases"] for row in done.json()} == {"measles": 1, "jaundice": 4}
    confirmed = client.post(f"{COUNTS}day/", {**bad, "confirmed": True}, format="json")
    assert len(confirmed.json()) == 3


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"under_five": -1}, "under_five"),
        ({"day": "2090-01-01"}, "future"),
        ({"syndrome": "dancing"}, "dancing"),
        ({"under_five": None}, "under_five"),
    ],
)
def test_a_count_that_cannot_be_right_is_refused(
    camps: CampCast, measles: Syndrome, fields: dict[str, Any], words: str
) -> None:
    body = {"camp": camps.camp.code, "syndrome": "measles", "day": timezone.localdate().isoformat(), "under_five": 2}
    answer = signed_in(camps.dowlet).post(COUNTS, {**body, **fields}, format="json")
    assert answer.status_code in (400, 422)
    assert words in answer.content.decode()


def test_a_count_without_a_figure_says_nothing_and_is_refused(camps: CampCast, measles: Syndrome) -> None:
    body = {"camp": camps.camp.code, "syndrome": "measles", "day": timezone.localdate().isoformat()}
    answer = signed_in(camps.dowlet).post(COUNTS, body, format="json")
    assert "at least one figure" in answer.content.decode()


def test_alerts_say_where_how_many_over_what_since_when(camps: CampCast, cast: Cast, measles: Syndrome) -> None:
    today = timezone.localdate().isoformat()
    body = {"camp": camps.camp.code, "syndrome": "measles", "day": today, "under_five": 2, "deaths": 1}
    signed_in(camps.dowlet).post(COUNTS, body, format="json")
    found = signed_in(cast.oraz).get(f"{COUNTS}alerts/").json()
    assert [(row["camp"], row["syndrome"], row["cases"], row["deaths"], row["since"]) for row in found] == [
        (camps.camp.code, "measles", 2, 1, today)
    ]
    assert found[0]["reasons"] == [{"rule": "cases", "value": "2", "limit": "1"}]


def test_thresholds_are_read_by_all_and_set_by_coordinators(camps: CampCast, cast: Cast, measles: Syndrome) -> None:
    one = "/api/v1/syndromes/measles/"
    seen = signed_in(cast.oraz).get(one)
    assert seen.json()["alert_cases"] == 1
    tag = seen["ETag"]
    for person in (camps.bahar, cast.murad):
        client = signed_in(person)
        refused = client.patch(one, {"alert_cases": 9}, format="json", HTTP_IF_MATCH=client.get(one)["ETag"])
        assert refused.status_code == 403
    client = signed_in(cast.aina)
    tag = client.get(one)["ETag"]
    assert client.patch(one, {"alert_cases": 0}, format="json", HTTP_IF_MATCH=tag).status_code in (400, 422)
    assert client.patch(one, {"alert_cases": 9}, format="json", HTTP_IF_MATCH=tag).json()["alert_cases"] == 9
    made = client.post("/api/v1/syndromes/", {"name": "Anthrax", "source": "Ministry", "alert_cases": 1}, format="json")
    assert made.status_code == 201, made.content
