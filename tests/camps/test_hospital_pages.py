"""The pages of a hospital: what is known now, a form that starts from the last report and loses nothing typed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from camps.hospitals import report_hospital
from camps.models import Camp, HospitalReport
from tests.camps.conftest import CampCast
from tests.conftest import Cast, SignIn, actor

NOW = timezone.now()


def report(hospital: Camp, by: Any, hours_ago: float = 1, **fields: Any) -> HospitalReport:
    return report_hospital(
        by=actor(by),
        operation=hospital.operation,
        camp=hospital,
        occurred_at=NOW - timedelta(hours=hours_ago),
        **fields,
    )


def beds(kind: str, total: int, available: int) -> dict[str, Any]:
    return {"kind": kind, "total": total, "available": available}


def address(hospital: Camp, page: str = "") -> str:
    return f"/camps/{hospital.code}/hospital/{page}"


def typed(**fields: Any) -> dict[str, Any]:
    """A form as a browser sends it."""
    states = ("overall", "emergency", "staffing", "power", "water", "oxygen", *(f"service_{n}" for n in range(14)))
    moment = timezone.localtime(NOW - timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M")
    return {**dict.fromkeys(states, "unknown"), "occurred_at": moment, "entry_id": str(uuid4()), **fields}


def test_the_page_shows_states_in_words_with_a_shape_and_the_sum_of_beds(
    hospital: Camp, camps: CampCast, cast: Cast, sign_in: SignIn
) -> None:
    report(
        hospital, camps.dowlet, beds=[beds("burns", 6, 1), beds("maternity", 20, 4)], power="critical",
        services={"surgery": "strained", "x-ray van": "none"}, fuel_hours=18,
    )  # fmt: skip
    page = sign_in(cast.oraz).get(address(hospital)).content.decode()
    for words in ("about to fail", "◆", "under strain", "▲", "X-ray van", "not working", "18 hours", "1 hour ago"):
        assert words in page
    assert '<strong>5</strong></td><td class="numeric"><strong>26</strong>' in page
    assert "81 %" in page


def test_a_newer_report_without_beds_keeps_the_beds_with_their_own_age(
    hospital: Camp, camps: CampCast, sign_in: SignIn
) -> None:
    report(hospital, camps.dowlet, hours_ago=50, beds=[beds("burns", 6, 1)])
    report(hospital, camps.dowlet, hours_ago=1, power="none")
    page = sign_in(camps.dowlet).get(address(hospital)).content.decode()
    assert "Counted 2 days ago" in page
    assert "Burns" in page


def test_a_hospital_nobody_reported_on_says_so(hospital: Camp, camps: CampCast, cast: Cast, sign_in: SignIn) -> None:
    assert "Make the first report" in sign_in(camps.dowlet).get(address(hospital)).content.decode()
    seen = sign_in(cast.lale).get(address(hospital)).content.decode()
    assert "Nothing is known" in seen
    assert "Make the first report" not in seen


def test_the_form_starts_from_the_last_report_and_its_beds(hospital: Camp, camps: CampCast, sign_in: SignIn) -> None:
    report(hospital, camps.dowlet, hours_ago=9, beds=[beds("burns", 6, 1)])
    report(hospital, camps.dowlet, hours_ago=1, power="strained", services={"dental": "normal"})
    form = sign_in(camps.dowlet).get(address(hospital, "report/")).context["form"]
    assert (form.initial["total_burns"], form.initial["free_burns"]) == (6, 1)
    assert form.initial["power"] == "strained"
    assert "Dental" in {str(field.label) for field in form.service_fields()}


def test_a_report_is_made_once_however_often_the_button_is_pressed(
    hospital: Camp, camps: CampCast, sign_in: SignIn
) -> None:
    browser, data = sign_in(camps.dowlet), typed(total_burns="6", free_burns="2", power="none", service_0="normal")
    for _press in range(2):
        assert browser.post(address(hospital, "report/"), data).status_code == 302
    made = HospitalReport.objects.get()
    assert (made.power, made.services, made.beds.get().available) == ("none", {"surgery": "normal"}, 2)


def test_wrong_beds_are_named_at_their_row_and_nothing_typed_is_lost(
    hospital: Camp, camps: CampCast, sign_in: SignIn
) -> None:
    data = typed(total_burns="3", free_burns="5", total_maternity="9", note="Roof leaks", water="strained")
    answer = sign_in(camps.dowlet).post(address(hospital, "report/"), data)
    assert answer.status_code == 422
    form = answer.context["form"]
    assert "5 free of 3 beds" in form.errors["free_burns"][0]
    assert "both numbers" in form.errors["free_maternity"][0]
    assert "Roof leaks" in answer.content.decode()
    assert not HospitalReport.objects.exists()


def test_a_report_from_the_future_and_one_without_a_time_are_refused(
    hospital: Camp, camps: CampCast, sign_in: SignIn
) -> None:
    tomorrow = timezone.localtime(NOW + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    browser = sign_in(camps.dowlet)
    answer = browser.post(address(hospital, "report/"), typed(occurred_at=tomorrow))
    assert "future" in answer.context["form"].errors["occurred_at"][0]
    assert browser.post(address(hospital, "report/"), typed(occurred_at="yesterday")).status_code == 422


def test_who_does_not_work_there_sees_the_page_but_not_the_form(
    hospital: Camp, camps: CampCast, cast: Cast, sign_in: SignIn
) -> None:
    for person in (cast.lale, cast.oraz, camps.gozel):
        assert sign_in(person).get(address(hospital)).status_code == 200
        assert sign_in(person).get(address(hospital, "report/")).status_code == 403
        assert sign_in(person).post(address(hospital, "report/"), typed()).status_code == 403
    assert sign_in(cast.pending).get(address(hospital)).status_code in (403, 404)


def test_a_mistyped_code_is_not_found_and_the_public_is_asked_to_sign_in(hospital: Camp, client: Any) -> None:
    assert client.get(address(hospital)).status_code == 302
    assert client.get(address(hospital, "report/")).status_code == 302


def test_the_page_costs_the_same_queries_however_many_reports_there_are(
    hospital: Camp, camps: CampCast, sign_in: SignIn
) -> None:
    browser = sign_in(camps.dowlet)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert browser.get(address(hospital)).status_code == 200
        return len(found)

    report(hospital, camps.dowlet, beds=[beds("burns", 6, 1)])
    queries()
    few = queries()
    for hours in range(2, 30):
        report(hospital, camps.dowlet, hours_ago=hours, beds=[beds("burns", 6, 1), beds("maternity", 3, 1)])
    assert queries() == few
