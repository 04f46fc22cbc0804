"""Pages of services and standards: who sees and writes, nothing typed is lost, sent twice is once, and few queries."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from camps.headcounts import report_headcount
from camps.measuring import measure
from camps.models import Measurement, Standard
from tests.camps.conftest import CampCast
from tests.conftest import Cast, SignIn, actor

Standards = dict[str, Standard]


@pytest.fixture
def measured(camps: CampCast, standards: Standards) -> CampCast:
    operation = camps.camp.operation
    then = timezone.now() - timedelta(hours=3)
    report_headcount(by=actor(camps.dowlet), operation=operation, camp=camps.camp, people=400, occurred_at=then)
    for key, value in (("water", 1800), ("toilets_women", 8), ("toilets_men", 8), ("toilets", 16), ("health_post", 1)):
        measure(
            by=actor(camps.dowlet), operation=operation, camp=camps.camp, standard=standards[key], value=Decimal(value),
            occurred_at=then, source="Site visit",
        )  # fmt: skip
    return camps


def form(**figures: Any) -> dict[str, str]:
    moment = timezone.localtime() - timedelta(hours=1)
    fields = {"entry_id": str(uuid4()), "occurred_at": moment.strftime("%Y-%m-%dT%H:%M"), "source": "Visit of Tuesday"}
    return {**fields, **{f"value_{key}" if key in KEYS else key: str(value) for key, value in figures.items()}}


KEYS = {"water", "toilets", "toilets_women", "toilets_men", "education", "water_distance"}


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def test_the_page_tells_value_standard_gap_source_and_age(measured: CampCast, cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.oraz).get(f"/camps/{measured.camp.code}/standards/")
    text = text_of(page)
    for words in (
        "Compared for 400 people, counted 3 hours ago", "4.5 l a day per person", "at least 15 l a day per person",
        "4,200 l more water a day", "7 more toilets for women", "3 hours ago Site visit", "below the least",
        "not known: nothing measured", "nothing missing",
    ):  # fmt: skip
        assert words in text, words
    assert 'aria-label="30 % of the standard"' in page.content.decode()
    assert "Write down a visit" not in text


def test_without_a_headcount_nothing_is_made_up(camps: CampCast, standards: Standards, sign_in: SignIn) -> None:
    text = text_of(sign_in(camps.dowlet).get(f"/camps/{camps.camp.code}/standards/"))
    assert "Nobody has counted the people here" in text
    assert "not known: no headcount, nothing measured" in text
    assert "What is missing" not in text


def test_an_installation_without_standards_says_so(camps: CampCast, sign_in: SignIn) -> None:
    assert "No standards yet" in text_of(sign_in(camps.dowlet).get(f"/camps/{camps.camp.code}/standards/"))


def test_a_visit_is_written_down_in_one_form_and_a_resend_is_the_same_visit(
    camps: CampCast, standards: Standards, sign_in: SignIn
) -> None:
    client = sign_in(camps.dowlet)
    filled = form(water="7 800,5", toilets=12, education=0)
    for _twice in range(2):
        sent = client.post(f"/camps/{camps.camp.code}/visit/", filled)
        assert (sent.status_code, sent["Location"]) == (302, f"/camps/{camps.camp.code}/standards/")
    kept = dict(Measurement.objects.values_list("standard__key", "value"))
    assert kept == {"water": Decimal("7800.5"), "toilets": 12, "education": 0}
    assert set(Measurement.objects.values_list("source", flat=True)) == {"Visit of Tuesday"}


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"water": "12,000"}, "can be read in two ways"),
        ({"water": "12.000"}, "can be read in two ways"),
        ({"water": "lots"}, "Enter a number"),
        ({"toilets": "2.5"}, "counted in whole numbers"),
        ({"toilets": "-4"}, "cannot be negative"),
        ({"education": "7"}, "Select a valid choice"),
        ({}, "at least one figure"),
        ({"water": 5, "occurred_at": "2101-01-01T10:00"}, "in the future"),
        ({"water": 5, "occurred_at": "yesterday"}, "Enter a valid date/time"),
        ({"water": 5, "entry_id": "not an id"}, "needs your attention"),
        ({"toilets": 5, "toilets_women": 9}, "The parts make 9, more than 5"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_typed_is_lost(
    camps: CampCast, standards: Standards, sign_in: SignIn, figures: dict[str, Any], words: str
) -> None:
    filled = form(**{"water_distance": 321, **figures} if figures else {})
    page = sign_in(camps.dowlet).post(f"/camps/{camps.camp.code}/visit/", filled)
    assert page.status_code == 422
    assert words in text_of(page)
    if figures:
        assert 'value="321"' in page.content.decode()
    assert not Measurement.objects.exists()


def test_the_form_shows_the_last_figures_but_fills_none_in(measured: CampCast, sign_in: SignIn) -> None:
    page = sign_in(measured.dowlet).get(f"/camps/{measured.camp.code}/visit/")
    assert "Last: 1,800 l a day, 3 hours ago" in text_of(page)
    assert 'value="1800' not in page.content.decode()


def test_only_those_who_work_at_the_site_get_the_form(camps: CampCast, cast: Cast, sign_in: SignIn) -> None:
    address = f"/camps/{camps.camp.code}/visit/"
    assert [sign_in(user).get(address).status_code for user in (camps.dowlet, cast.aina)] == [200, 200]
    assert [sign_in(user).get(address).status_code for user in (cast.lale, cast.oraz)] == [403, 403]
    assert sign_in(cast.lale).post(address, form(water=5)).status_code == 403
    assert sign_in(cast.pending).get(address).status_code in (403, 404)


def test_the_past_of_an_indicator_is_a_chart_and_a_table_with_the_headcount_of_then(
    measured: CampCast, standards: Standards, sign_in: SignIn
) -> None:
    operation, then = measured.camp.operation, timezone.now() - timedelta(days=5)
    report_headcount(by=actor(measured.dowlet), operation=operation, camp=measured.camp, people=320, occurred_at=then)
    measure(
        by=actor(measured.dowlet), operation=operation, camp=measured.camp, standard=standards["water"],
        value=Decimal(3200), occurred_at=then + timedelta(hours=1),
    )  # fmt: skip
    page = sign_in(measured.dowlet).get(f"/camps/{measured.camp.code}/standards/water/")
    text = text_of(page)
    assert "10 l a day per person" in text and "4.5 l a day per person" in text
    assert "Water supply standard 2.1" in text
    assert '<svg class="chart"' in page.content.decode() and "over time; the same figures" in page.content.decode()


def test_a_wrong_figure_is_withdrawn_with_a_reason_and_stays_in_the_table(measured: CampCast, sign_in: SignIn) -> None:
    client = sign_in(measured.dowlet)
    wrong = Measurement.objects.get(standard__key="water")
    address = f"/camps/{measured.camp.code}/measurements/{wrong.pk}/withdraw/"
    assert "Say why" in text_of(client.post(address, {"reason": ""}, follow=True))
    page = client.post(address, {"reason": "Another camp"}, follow=True)
    assert "withdrawn" in text_of(page) and "1,800 l a day" in text_of(page)
    assert "not known: nothing measured" in text_of(page)


def test_a_figure_of_another_site_is_not_withdrawn_through_this_one(
    measured: CampCast, cast: Cast, sign_in: SignIn
) -> None:
    one = Measurement.objects.first()
    assert one is not None
    address = f"/camps/{measured.other.code}/measurements/{one.pk}/withdraw/"
    assert sign_in(cast.aina).post(address, {"reason": "x"}).status_code == 404
    assert sign_in(cast.lale).post(
        f"/camps/{measured.camp.code}/measurements/{one.pk}/withdraw/", {"reason": "x"}
    ).status_code == 403  # fmt: skip
    one.refresh_from_db()
    assert not one.is_withdrawn


def test_unknown_sites_and_standards_are_not_found(camps: CampCast, sign_in: SignIn) -> None:
    client = sign_in(camps.dowlet)
    assert client.get("/camps/C9999/standards/").status_code == 404
    assert client.get(f"/camps/{camps.camp.code}/standards/nonsense/").status_code == 404
    assert client.get("/standards/nonsense/").status_code == 404


def test_a_standard_out_of_use_is_not_compared_but_its_past_is_kept(
    measured: CampCast, standards: Standards, sign_in: SignIn
) -> None:
    Standard.objects.filter(key="water").update(is_active=False)
    client = sign_in(measured.dowlet)
    assert "4,200 l more water" not in text_of(client.get(f"/camps/{measured.camp.code}/standards/"))
    assert "1,800 l a day" in text_of(client.get(f"/camps/{measured.camp.code}/standards/water/"))


def test_the_page_costs_the_same_queries_with_one_figure_and_with_many(
    measured: CampCast, standards: Standards, sign_in: SignIn, django_assert_num_queries: Callable[..., Any]
) -> None:
    client = sign_in(measured.dowlet)

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as spent:
            assert client.get(f"/camps/{measured.camp.code}/standards/").status_code == 200
        return len(spent)

    cost()
    few = cost()
    for standard in standards.values():
        for days in range(3):
            measure(
                by=actor(measured.dowlet), operation=measured.camp.operation, camp=measured.camp, standard=standard,
                value=Decimal(0), occurred_at=timezone.now() - timedelta(days=days),
            )  # fmt: skip
    assert cost() == few
