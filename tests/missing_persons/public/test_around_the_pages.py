"""What stands around the public pages: numbers to call, the search for programs, what is deleted."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from komek.api.tokens import issue_token
from komek.extensions.reference_data import reference_data
from missing_persons.emergency_numbers import save_emergency_number
from missing_persons.erasing import erase
from missing_persons.models import EmergencyNumber, Report, UseCount
from missing_persons.photos import keep_photo, made_ready
from tests.conftest import actor
from tests.missing_persons.conftest import PUBLIC, Desk
from tests.missing_persons.public.conftest import Listed, jpeg

pytestmark = pytest.mark.django_db


def test_the_numbers_of_the_operations_country_stand_on_every_public_page_and_coordinators_keep_them(
    desk: Desk, areas: Any, phone: Client, sign_in: Any
) -> None:
    plug: Any = reference_data.get("missing_persons.emergency_numbers")
    plug.load(lambda line: None)
    loaded = EmergencyNumber.objects.count()
    plug.load(lambda line: None)
    assert EmergencyNumber.objects.count() == loaded > 10
    page = phone.get("/find/your-data/").content.decode()
    assert 'href="tel:03"' in page and 'href="tel:103"' not in page, "Turkmenistan's, where nothing else is said"
    said = {"country": "xx", "service": "rescue", "number_text": "1050", "source": "the ministry", "is_active": "on"}
    assert sign_in(desk.nurjan).post("/find/numbers/add/", said).status_code == 403
    aina = sign_in(desk.cast.aina)
    assert "as it is dialled" in aina.post("/find/numbers/add/", {**said, "number_text": "call us"}).content.decode()
    assert aina.post("/find/numbers/add/", said).status_code == 302
    assert "not checked yet" in aina.get("/find/numbers/").content.decode()
    desk.operation.affected_areas.add(areas["XX1"])
    page = phone.get("/find/report/safe/").content.decode()
    assert 'href="tel:1050"' in page and 'href="tel:03"' not in page
    kept = EmergencyNumber.objects.get(country="XX")
    save_emergency_number(
        by=actor(desk.cast.aina), operation=desk.operation, number=kept, **{**said, "country": "XX", "is_active": False}
    )
    assert "tel:1050" not in phone.get("/find/report/safe/").content.decode()


def test_programs_find_what_the_page_finds_and_no_more_with_the_same_limits(
    listed: Listed, phone: Client, desk: Desk
) -> None:
    listed("Мухаммад Алиев", age_from=31, age_to=31, last_seen_text="tent 7")
    answer = phone.get("/api/v1/person-search/", {"name": "Muhammet Aliyev"})
    found = answer.json()
    assert [person["names"] for person in found["persons"]] == [["Мухаммад Алиев"]]
    assert set(found["persons"][0]) == {"names", "age_band", "status", "address", "photo"}
    assert "tent 7" not in answer.content.decode() and phone.get(found["persons"][0]["address"]).status_code == 200
    assert phone.get("/api/v1/person-search/", {"name": "Nobody Atall"}).json() == {
        "are_too_many": False,
        "persons": [],
    }
    assert phone.get("/api/v1/person-search/", {"name": "Ali*"}).status_code == 400
    assert phone.get("/api/v1/person-search/", {"name": "ж" * 10_000}).status_code == 400
    for scope, status in (("person-search:read", 200), ("organisations:read", 403)):
        key = issue_token(by=actor(desk.nurjan), name="search", scopes=(scope,), operation=desk.operation)[1]
        by_key = phone.get(
            "/api/v1/person-search/", {"name": "Muhammet Aliyev"}, headers={"Authorization": f"Bearer {key}"}
        )
        assert by_key.status_code == status, by_key.content
    assert by_key.json()["detail"]
    UseCount.objects.filter(action="search").update(count=500)
    assert phone.get("/api/v1/person-search/", {"name": "Muhammet Aliyev"}).status_code == 429


def test_photos_leave_the_disk_when_their_report_is_erased(
    listed: Listed, media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    report = listed("Aman Ataev")
    keep_photo(by=PUBLIC, report=report, ready=made_ready(jpeg()))
    assert len(list(media.rglob("*.jpg"))) == 2
    Report.objects.update(expiry_date=timezone.now() - timedelta(days=1))
    with django_capture_on_commit_callbacks(execute=True):
        erase(by=actor(None), report_ids=[report.pk], reason="expired")
    assert not list(media.rglob("*.jpg"))
