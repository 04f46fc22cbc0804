"""EDXL-HAVE in and out: a look first, the right hospital or none, nothing twice, nothing half-written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from camps.have.checking import checked
from camps.have.exporting import document_of
from camps.have.importing import Outcome, plan, receive, record
from camps.have.reading import read
from camps.hospitals import latest_report, report_hospital
from camps.models import Camp, CampType, HaveImport, HaveImportState, HospitalReport
from camps.refusals import Refused
from camps.sites import register_camp
from komek.accounts.authority import NotAllowed, standing_of
from komek.operations.models import Operation
from komek.records.actor import Channel
from tests.camps.conftest import CampCast
from tests.conftest import Cast, SignIn, actor, point

FOREIGN = (Path(__file__).parent / "files" / "have-foreign.xml").read_bytes()
MOMENT = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
IMPORT = "/camps/hospitals/import/"
EXPORT = "/camps/hospitals/have.xml"


def planned(content: bytes, user: Any, hospital: Camp) -> Any:
    user.__dict__.pop("_standings", None)
    return plan(content, operation=hospital.operation, standing=standing_of(user, hospital.operation))


def bring_in(content: bytes, user: Any, hospital: Camp) -> HaveImport:
    kept = receive(by=actor(user), operation=hospital.operation, content=content, file_name="beds.xml")
    return record(by=actor(user), operation=hospital.operation, document=kept)


def file(content: bytes, name: str = "beds.xml") -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, content, content_type="text/xml")}


# --- which hospital


def test_the_look_says_which_hospital_was_found_and_writes_nothing(hospital: Camp, camps: CampCast) -> None:
    found = planned(FOREIGN, camps.dowlet, hospital)
    first, second = found.rows
    assert (first.camp, first.outcome) == (hospital, Outcome.RECORD)
    assert "by its name" in first.sentences[0]
    assert second.outcome == Outcome.REFUSED
    assert "HD-99" in second.sentences[0]
    assert not HospitalReport.objects.exists()


def test_a_code_of_another_system_finds_the_hospital_whatever_its_name(hospital: Camp, camps: CampCast) -> None:
    Camp.objects.filter(pk=hospital.pk).update(name="Renamed", external_ids={"ministry": "HD-17"})
    row = planned(FOREIGN, camps.dowlet, hospital).rows[0]
    assert row.camp == hospital
    assert "another system" in row.sentences[0]


def test_one_outside_code_at_two_hospitals_stops_and_asks(hospital: Camp, camps: CampCast) -> None:
    Camp.objects.filter(pk=camps.other.pk).update(camp_type=CampType.HOSPITAL)
    Camp.objects.update(external_ids={"ministry": "HD-17"})
    row = planned(FOREIGN, camps.dowlet, hospital).rows[0]
    assert (row.camp, row.outcome) == (None, Outcome.REFUSED)
    assert hospital.code in row.sentences[0]


def test_two_hospitals_of_one_name_stop_and_ask(hospital: Camp, camps: CampCast, cast: Cast) -> None:
    register_camp(
        by=actor(camps.bahar), operation=cast.operation, organisation=cast.relief, name="Central Hospital",
        camp_type=CampType.HOSPITAL, location=point(58.9, 38.9),
    )  # fmt: skip
    row = planned(FOREIGN, camps.dowlet, hospital).rows[0]
    assert row.camp is None
    assert "Several hospitals" in row.sentences[0]


def test_hospital_1_is_never_taken_for_hospital_11(hospital: Camp, camps: CampCast) -> None:
    Camp.objects.filter(pk=hospital.pk).update(name="Hospital 11")
    row = planned(FOREIGN.replace(b"Central hospital", b"Hospital 1"), camps.dowlet, hospital).rows[0]
    assert row.camp is None


def test_our_code_with_another_name_is_not_believed(hospital: Camp, camps: CampCast) -> None:
    content = FOREIGN.replace(b"HD-17", hospital.code.encode()).replace(b"Central hospital", b"Somewhere else")
    row = planned(content, camps.dowlet, hospital).rows[0]
    assert row.camp is None
    assert "Somewhere else" in row.sentences[0]


def test_a_site_that_is_no_hospital_is_not_found(camps: CampCast, hospital: Camp) -> None:
    content = FOREIGN.replace(b"Central hospital", b"Stadium camp")
    assert planned(content, camps.dowlet, hospital).rows[0].camp is None


# --- what is recorded


def test_a_document_is_recorded_once_with_the_channel_it_came_by(hospital: Camp, camps: CampCast) -> None:
    kept = bring_in(FOREIGN, camps.dowlet, hospital)
    made = HospitalReport.objects.get()
    assert (made.occurred_at, made.channel, made.entered_by) == (MOMENT, Channel.IMPORT, camps.dowlet)
    assert (made.reported_by, made.overall, made.emergency) == ("Health Department", "critical", "strained")
    assert {(bed.kind, bed.total, bed.available) for bed in made.beds.all()} == {("adult_icu", 8, 2), ("burns", 6, 0)}
    assert "Norovirus" in made.note
    assert kept.state == HaveImportState.RECORDED
    assert made.events.get().pgh_context["batch"] == f"have-{kept.pk}"


def test_a_second_run_changes_nothing(hospital: Camp, camps: CampCast) -> None:
    bring_in(FOREIGN, camps.dowlet, hospital)
    assert planned(FOREIGN, camps.dowlet, hospital).rows[0].outcome == Outcome.UNCHANGED
    again = bring_in(FOREIGN, camps.dowlet, hospital)
    assert HospitalReport.objects.count() == 1
    assert again.result[0]["outcome"] == Outcome.UNCHANGED
    assert record(by=actor(camps.dowlet), operation=hospital.operation, document=again).pk == again.pk


def test_other_figures_for_the_same_moment_are_refused_not_mixed_in(hospital: Camp, camps: CampCast) -> None:
    bring_in(FOREIGN, camps.dowlet, hospital)
    changed = FOREIGN.replace(b"<have:availableCount>2<", b"<have:availableCount>7<")
    row = planned(changed, camps.dowlet, hospital).rows[0]
    assert row.outcome == Outcome.REFUSED
    assert "other figures" in row.sentences[-1]


def test_a_late_document_goes_into_the_history_and_says_so(hospital: Camp, camps: CampCast) -> None:
    newest = report_hospital(
        by=actor(camps.dowlet), operation=hospital.operation, camp=hospital, power="normal",
        occurred_at=MOMENT + timedelta(days=1),
    )  # fmt: skip
    assert "newer report" in planned(FOREIGN, camps.dowlet, hospital).rows[0].sentences[-1]
    bring_in(FOREIGN, camps.dowlet, hospital)
    assert latest_report(hospital) == newest
    assert hospital.hospital_reports.count() == 2


def test_more_free_beds_than_beds_and_a_future_moment_are_refused_for_that_hospital(
    hospital: Camp, camps: CampCast
) -> None:
    row = planned(FOREIGN.replace(b"Count>2<", b"Count>12<"), camps.dowlet, hospital).rows[0]
    assert "12 free of 8" in row.sentences[-1]
    row = planned(FOREIGN.replace(b"2026-03-01T12", b"2086-03-01T12"), camps.dowlet, hospital).rows[0]
    assert "future" in row.sentences[-1]


def test_a_hospital_twice_in_a_document_is_taken_once(hospital: Camp, camps: CampCast) -> None:
    content = FOREIGN.replace(b"HD-99", b"HD-17b").replace(b"Hospital of nowhere", b"Central Hospital")
    found = planned(content, camps.dowlet, hospital)
    assert [row.outcome for row in found.rows] == [Outcome.RECORD, Outcome.REFUSED]
    bring_in(content, camps.dowlet, hospital)
    assert HospitalReport.objects.count() == 1


def test_nobody_records_for_a_hospital_they_do_not_work_at(hospital: Camp, cast: Cast) -> None:
    row = planned(FOREIGN, cast.lale, hospital).rows[0]
    assert row.outcome == Outcome.REFUSED
    assert "may not report" in row.sentences[-1]
    assert planned(FOREIGN, cast.aina, hospital).rows[0].outcome == Outcome.RECORD
    with pytest.raises(NotAllowed):
        receive(by=actor(cast.oraz), operation=hospital.operation, content=FOREIGN)
    kept = receive(by=actor(cast.murad), operation=hospital.operation, content=FOREIGN)
    with pytest.raises(NotAllowed):
        record(by=actor(cast.lale), operation=hospital.operation, document=kept)


# --- there and back


def test_an_export_comes_back_to_no_change(hospital: Camp, camps: CampCast) -> None:
    report_hospital(
        by=actor(camps.dowlet), operation=hospital.operation, camp=hospital, occurred_at=timezone.now(), overall="none",
        power="critical", water="strained", services={"surgery": "normal", "X-ray van": "none"}, fuel_hours=7,
        patients_waiting=0, note="Roof\nleaks", beds=[{"kind": "burns", "total": 6, "available": 0}],
    )  # fmt: skip
    content = document_of(Camp.objects.filter(camp_type=CampType.HOSPITAL), hospital.operation)
    assert content is not None
    row = planned(content, camps.dowlet, hospital).rows[0]
    assert (row.camp, row.outcome) == (hospital, Outcome.UNCHANGED)
    bring_in(content, camps.dowlet, hospital)
    assert HospitalReport.objects.count() == 1


def test_a_document_of_an_exercise_stays_out_of_a_real_operation(
    hospital: Camp, camps: CampCast, exercise_operation: Operation
) -> None:
    report_hospital(
        by=actor(camps.dowlet), operation=hospital.operation, camp=hospital, occurred_at=timezone.now(), power="normal"
    )
    content = document_of(Camp.objects.filter(camp_type=CampType.HOSPITAL), exercise_operation)
    assert content is not None
    with pytest.raises(Refused, match="exercise"):
        receive(by=actor(camps.dowlet), operation=hospital.operation, content=content)
    assert not HaveImport.objects.exists()


# --- pages


def test_the_pages_lead_from_the_file_over_the_look_to_the_record(
    hospital: Camp, camps: CampCast, sign_in: SignIn
) -> None:
    browser = sign_in(camps.dowlet)
    assert browser.get(IMPORT).status_code == 200
    answer = browser.post(IMPORT, file(FOREIGN))
    assert answer.status_code == 302
    look = browser.get(answer["Location"]).content.decode()
    for words in ("Nothing is recorded yet", "found by its name", "Health Department", "helipad", "Record 1 report"):
        assert words in look
    assert not HospitalReport.objects.exists()
    done = browser.post(answer["Location"], follow=True).content.decode()
    assert "Reports recorded: 1" in done
    assert "This is what became of it" in done
    assert "recorded already" in browser.post(answer["Location"], follow=True).content.decode()
    assert HospitalReport.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<HAVE", "not valid XML"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "DOCTYPE"),
        (b'<HospitalStatus xmlns="urn:oasis:names:tc:emergency:EDXL:HAVE:1.0"/>', "EDXL-HAVE 1.0"),
        (FOREIGN.replace(b"<have:facilityID>HD-17</have:facilityID>", b""), "facilityID"),
    ],
)
def test_a_document_that_cannot_be_read_is_refused_on_the_page_and_not_kept(
    hospital: Camp, camps: CampCast, sign_in: SignIn, content: bytes, words: str
) -> None:
    answer = sign_in(camps.dowlet).post(IMPORT, file(content))
    assert answer.status_code == 422
    assert words in " ".join(answer.context["form"].errors["file"])
    assert not HaveImport.objects.exists()


def test_a_document_of_somebody_else_is_not_seen(hospital: Camp, camps: CampCast, cast: Cast, sign_in: SignIn) -> None:
    kept = receive(by=actor(camps.dowlet), operation=hospital.operation, content=FOREIGN)
    assert sign_in(cast.lale).get(kept.get_absolute_url()).status_code == 404
    assert sign_in(cast.lale).post(kept.get_absolute_url()).status_code == 404
    assert sign_in(cast.aina).get(kept.get_absolute_url()).status_code == 200
    assert sign_in(cast.oraz).get(IMPORT).status_code == 403


def test_the_export_gives_one_hospital_or_all(
    hospital: Camp, camps: CampCast, cast: Cast, sign_in: SignIn, client: Any
) -> None:
    browser = sign_in(cast.oraz)
    assert browser.get(EXPORT).status_code == 404
    Camp.objects.filter(pk=camps.camp.pk).update(camp_type=CampType.HOSPITAL)
    camps.camp.refresh_from_db()
    for camp in (hospital, camps.camp):
        report_hospital(
            by=actor(camps.dowlet), operation=camp.operation, camp=camp, occurred_at=timezone.now(), power="normal"
        )
    everything = read(checked(browser.get(EXPORT).content))
    assert {one.external_id for one in everything.facilities} == {hospital.code, camps.camp.code}
    answer = browser.get(EXPORT, {"site": hospital.code})
    assert [one.external_id for one in read(checked(answer.content)).facilities] == [hospital.code]
    assert "attachment" in answer["Content-Disposition"]
    assert browser.get(EXPORT, {"site": "C0000"}).status_code == 404
    assert client.get(EXPORT).status_code == 302


def test_the_list_of_hospitals_shows_state_and_free_beds_at_the_same_cost(
    hospital: Camp, camps: CampCast, cast: Cast, sign_in: SignIn
) -> None:
    browser = sign_in(cast.oraz)
    report_hospital(
        by=actor(camps.dowlet), operation=hospital.operation, camp=hospital, occurred_at=MOMENT, overall="strained",
        beds=[{"kind": "burns", "total": 6, "available": 2}, {"kind": "maternity", "total": 9, "available": 1}],
    )  # fmt: skip

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            page = browser.get("/hospitals/")
        assert page.status_code == 200
        return len(found)

    page = browser.get("/hospitals/").content.decode()
    assert "under strain" in page
    assert "Stadium camp" not in page
    few = queries()
    for number in range(5):
        register_camp(
            by=actor(camps.bahar), operation=cast.operation, organisation=cast.relief, name=f"Hospital {number}",
            camp_type=CampType.HOSPITAL, location=point(58.9, 38.9),
        )  # fmt: skip
    assert queries() == few
    free = browser.get("/hospitals/", {"has_free_beds": "true"}).content.decode()
    assert "Central hospital" in free and "Hospital 3" not in free
    assert "Central hospital" in browser.get("/hospitals/", {"overall": "strained"}).content.decode()
    assert "Central hospital" not in browser.get("/hospitals/", {"overall": "none"}).content.decode()


def test_a_code_of_another_system_is_entered_on_the_sites_form(
    hospital: Camp, camps: CampCast, sign_in: SignIn
) -> None:
    browser = sign_in(camps.bahar)
    form = browser.get(f"/camps/{hospital.code}/change/").context["form"]
    data = {name: form[name].value() or "" for name in form.fields if name not in ("location", "perimeter", "hazards")}
    data |= {"organisation": hospital.organisation_id, "is_cold": "", "external_ids": "ministry: HD-17\nX9\nX10"}
    assert browser.post(f"/camps/{hospital.code}/change/", data).status_code == 302
    hospital.refresh_from_db()
    assert hospital.external_ids == {"ministry": "HD-17", "code": "X9", "code 2": "X10"}
    assert "another system" in planned(FOREIGN, camps.dowlet, hospital).rows[0].sentences[0]
    shown = browser.get(f"/camps/{hospital.code}/change/").content.decode()
    assert "ministry: HD-17" in shown
