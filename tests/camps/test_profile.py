"""The profile of a site: one page to print and a PDF; every figure with source and day, nothing its reader may not see."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from camps.headcounts import report_headcount
from camps.measuring import measure
from camps.models import (
    BedCount,
    Camp,
    CampType,
    HospitalReport,
    ServiceStatus,
    ShelterCapacity,
    Standard,
    Syndrome,
    SyndromeCount,
)
from camps.sites import register_camp
from komek.operations.models import Operation
from komek.web import pdf
from orgs.models import Contact, ContactVisibility, Opening
from tests.camps.conftest import CampCast
from tests.conftest import Cast, SignIn, actor, square

Standards = dict[str, Standard]
AGES = {"female_0_4": 40, "female_5_11": 30, "female_12_17": 30, "female_18_59": 90, "female_60": 20}
AGES |= {name.replace("female", "male"): number - 5 for name, number in AGES.items()}
NAME = "Стадион Көпетдаг — Çöl ýaka ňž, Ağdərə, Boʻston"


@pytest.fixture
def told(camps: CampCast, standards: Standards, cast: Cast) -> CampCast:
    camp, operation = camps.camp, camps.camp.operation
    camp.name, camp.opened_on = NAME, timezone.localdate() - timedelta(days=90)
    camp.perimeter = square(58.398, 38.198, 0.004)
    camp.save()
    camp.supporting.add(cast.water)
    ShelterCapacity.objects.create(camp=camp, kind="tent", units=120, usable_units=110, people_per_unit=5)
    then = timezone.now() - timedelta(days=1)
    report_headcount(
        by=actor(camps.dowlet), operation=operation, camp=camp, people=395, households=80, occurred_at=then,
        source="Block leaders", disability=17, **AGES,
    )  # fmt: skip
    measure(
        by=actor(camps.dowlet), operation=operation, camp=camp, standard=standards["water"], value=Decimal(1800),
        occurred_at=then, source="Tanker's book",
    )  # fmt: skip
    for name, visibility in (
        ("Seen By All", ContactVisibility.PUBLIC),
        ("Own People Only", ContactVisibility.ORGANISATION),
    ):
        Contact.objects.create(
            organisation=cast.relief, site=camp, person=name, phone="+99312345678", visibility=visibility
        )
    return camps


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def words_of(made: bytes, folder: Path) -> str:
    """The text of a PDF, as a reader's program finds it."""
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    file = folder / "profile.pdf"
    file.write_bytes(made)
    found = subprocess.run([program, "-raw", str(file), "-"], capture_output=True, check=True)
    return re.sub(r"\s+", " ", found.stdout.decode())


def test_the_page_tells_who_runs_it_who_is_there_and_what_is_missing(told: CampCast, sign_in: SignIn) -> None:
    page = sign_in(told.bahar).get(f"/camps/{told.camp.code}/profile/")
    text = text_of(page)
    for words in (
        "Relief Society", "Water Now", "395", "in 80 households", "People with a disability 17", "tents 120 110 5 550",
        "4.6 l a day per person", "4,125 l more water a day", "Tanker&#x27;s book", "count on the spot, Block leaders",
        "Perimeter and point as entered", "Sphere Handbook 2018",
    ):  # fmt: skip
        assert words in text, words
    assert page.content.decode().count("<svg") >= 3  # sketch, pyramid and bars


def test_a_site_of_which_nothing_is_known_says_so(camps: CampCast, standards: Standards, sign_in: SignIn) -> None:
    text = text_of(sign_in(camps.bahar).get(f"/camps/{camps.camp.code}/profile/"))
    assert "Not known: nobody has counted the people here." in text
    assert "Ages and sex are not known." in text


def test_contacts_are_those_the_reader_may_see(told: CampCast, cast: Cast, sign_in: SignIn) -> None:
    address = f"/camps/{told.camp.code}/profile/"
    assert "Own People Only" in text_of(sign_in(told.bahar).get(address))
    others = text_of(sign_in(cast.lale).get(address))
    assert "Seen By All" in others and "Own People Only" not in others


def test_ages_come_from_the_newest_count_that_tells_them_with_its_own_day(told: CampCast, sign_in: SignIn) -> None:
    report_headcount(
        by=actor(told.dowlet), operation=told.camp.operation, camp=told.camp, people=400, occurred_at=timezone.now()
    )
    page = sign_in(told.bahar).get(f"/camps/{told.camp.code}/profile/").content.decode()
    assert "18–59: female 90, male 85" in re.sub(r"\s+", " ", page)
    assert re.search(r"By age and sex: [^<]*count on the spot, Block leaders", page)


def test_a_hospital_shows_beds_and_services_and_the_health_watch_its_cases(told: CampCast, sign_in: SignIn) -> None:
    camp = told.camp
    Camp.objects.filter(pk=camp.pk).update(camp_type=CampType.HOSPITAL)
    common = {"camp": camp, "operation": camp.operation}
    report = HospitalReport.objects.create(power=ServiceStatus.CRITICAL, source="Head nurse", **common)
    BedCount.objects.create(report=report, kind="surgical", total=40, available=3)
    measles = Syndrome.objects.create(key="rash", name="Fever with rash", source="Test")
    for days, cases in ((1, 4), (2, 3), (30, 99)):
        day = timezone.localdate() - timedelta(days=days)
        SyndromeCount.objects.create(syndrome=measles, day=day, under_five=cases, five_and_over=1, **common)
    text = text_of(sign_in(told.bahar).get(f"/camps/{camp.code}/profile/"))
    assert "Power: about to fail" in text and "surgery 40 3" in text and "Head nurse" in text
    assert "Fever with rash 9 0" in text


def test_the_pdf_holds_the_letters_of_the_region_and_every_part(
    told: CampCast, sign_in: SignIn, tmp_path: Path
) -> None:
    answer = sign_in(told.bahar).get(f"/camps/{told.camp.code}/profile.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"].startswith(f'inline; filename="{told.camp.code}-profile-')
    words = words_of(answer.content, tmp_path)
    for part in (
        NAME,
        "4,125 l more water a day",
        "Block leaders",
        "18–59",
        "Relief Society",
        "Seen By All",
        "for Bahar",
    ):
        assert part in words, part
    assert "EXERCISE" not in words


def test_the_pdf_of_an_exercise_says_so_on_every_page(
    exercise_operation: Operation, administrator: Any, standards: Standards, sign_in: SignIn, tmp_path: Path
) -> None:
    camp = register_camp(
        by=actor(administrator), operation=exercise_operation, organisation=None, name="Drill camp",
        camp_type=CampType.PLANNED, opening=Opening.OPEN,
    )  # fmt: skip
    administrator.current_operation = exercise_operation
    administrator.save()
    answer = sign_in(administrator).get(f"/camps/{camp.code}/profile.pdf")
    assert "EXERCISE-" in answer["Content-Disposition"]
    words = words_of(answer.content, tmp_path)
    pages = int(re.findall(r"1 ?/ ?(\d+)", words)[0])
    assert words.count("EXERCISE — invented data") == pages >= 2


def test_a_program_fetches_the_profile_and_is_told_where_none_can_be_made(
    told: CampCast, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, address = APIClient(), f"/api/v1/camps/{told.camp.code}/profile/"
    assert client.get(address).status_code == 401
    client.force_authenticate(told.bahar)
    answer = client.get(address, headers={"accept": "application/pdf"})
    assert (answer.status_code, answer["Content-Type"], answer.content[:4]) == (200, "application/pdf", b"%PDF")
    assert "private" in answer["Cache-Control"] and f"{told.camp.code}-profile-" in answer["Content-Disposition"]
    assert client.get(f"/api/v1/camps/{told.camp.code[:-1]}/profile/").status_code == 404

    def cannot(html: str) -> bytes:
        raise pdf.NoPdf("This server cannot make PDF files.")

    monkeypatch.setattr("camps.profile_pdf.pdf_of", cannot)
    answer = client.get(address, headers={"accept": "application/pdf"})
    assert (answer.status_code, answer.json()["detail"]) == (503, "This server cannot make PDF files.")


def test_what_people_typed_is_text_and_not_markup(told: CampCast, sign_in: SignIn, tmp_path: Path) -> None:
    told.camp.access_note = "<img src=http://192.0.2.1/x><b>ford</b>"
    told.camp.save()
    client = sign_in(told.bahar)
    assert "&lt;b&gt;ford" in client.get(f"/camps/{told.camp.code}/profile/").content.decode()
    words = words_of(client.get(f"/camps/{told.camp.code}/profile.pdf").content, tmp_path)
    assert "<b>ford</b>" in words.replace(" ", "")


def test_where_pdf_cannot_be_made_the_page_is_shown_with_the_reason(
    told: CampCast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(html: str) -> bytes:
        raise pdf.NoPdf("This server cannot make PDF files.")

    monkeypatch.setattr("camps.profile_pdf.pdf_of", cannot)
    page = sign_in(told.bahar).get(f"/camps/{told.camp.code}/profile.pdf", follow=True)
    assert "This server cannot make PDF files." in text_of(page)


def test_the_profile_is_closed_to_the_public_and_to_waiting_accounts(
    told: CampCast, cast: Cast, sign_in: SignIn, client: Any
) -> None:
    for address in (f"/camps/{told.camp.code}/profile/", f"/camps/{told.camp.code}/profile.pdf"):
        assert client.get(address).status_code == 302
        assert sign_in(cast.pending).get(address).status_code in (302, 403, 404)


def test_the_profile_costs_the_same_queries_however_long_its_history(
    told: CampCast, standards: Standards, sign_in: SignIn
) -> None:
    client = sign_in(told.bahar)

    def cost() -> int:
        with CaptureQueriesContext(connection) as spent:
            assert client.get(f"/camps/{told.camp.code}/profile/").status_code == 200
        return len(spent)

    cost()
    few = cost()
    for days in range(2, 12):
        moment = timezone.now() - timedelta(days=days)
        measure(
            by=actor(told.dowlet), operation=told.camp.operation, camp=told.camp, standard=standards["toilets"],
            value=Decimal(days), occurred_at=moment,
        )  # fmt: skip
        report_headcount(
            by=actor(told.dowlet), operation=told.camp.operation, camp=told.camp, people=395, occurred_at=moment
        )
    assert cost() == few
