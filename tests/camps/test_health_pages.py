"""The pages of the health watch: a grid for a day, the weeks, all alerts, and thresholds that coordinators set."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from camps.health_charts import spark
from camps.health_forms import seen_of
from camps.health_watch import Cases, record_counts
from camps.models import Camp, Syndrome, SyndromeCount
from camps.reference_data_syndromes import Syndromes
from tests.camps.conftest import CampCast
from tests.conftest import Cast, SignIn, actor


@pytest.fixture
def measles(db: None) -> Syndrome:
    Syndromes().load(lambda line: None)
    return Syndrome.objects.get(key="measles")


def record(camp: Camp, by: Any, syndrome: Syndrome, young: int, days_ago: int = 0, deaths: int = 0) -> None:
    day = timezone.localdate() - timedelta(days=days_ago)
    counts = [Cases(syndrome, young, 0, deaths)]
    record_counts(by=actor(by), operation=camp.operation, camp=camp, day=day, counts=counts)


def address(camp: Camp) -> str:
    return f"/camps/{camp.code}/health/"


def typed(day: date | None = None, **fields: Any) -> dict[str, Any]:
    """A day's grid as a browser sends it; ``measles=(1, 0, 0)`` fills a row."""
    rows = dict.fromkeys(
        (f"{name}_{pk}" for name in ("under_five", "five_and_over", "deaths") for pk in Syndrome.objects.values_list("pk", flat=True)),
        "",
    )  # fmt: skip
    sent = {**rows, "day": (day or timezone.localdate()).isoformat(), "seen": seen_of([])}
    for key, value in fields.items():
        syndrome = Syndrome.objects.filter(key=key).first()
        if syndrome is None:
            sent[key] = value
            continue
        for name, figure in zip(("under_five", "five_and_over", "deaths"), value, strict=True):
            sent[f"{name}_{syndrome.pk}"] = figure
    return sent


def test_a_day_is_typed_and_only_what_was_said_is_kept(camps: CampCast, sign_in: SignIn, measles: Syndrome) -> None:
    answer = sign_in(camps.dowlet).post(address(camps.camp), typed(measles=("1", "0", "0"), reported_by="Nurse"))
    assert answer.status_code == 302
    row = SyndromeCount.objects.get()
    assert (row.syndrome, row.under_five, row.reported_by) == (measles, 1, "Nurse")


def test_one_button_says_that_nobody_else_fell_ill(camps: CampCast, sign_in: SignIn, measles: Syndrome) -> None:
    sign_in(camps.dowlet).post(address(camps.camp), typed(measles=("1", "", ""), zero="1"))
    assert SyndromeCount.objects.count() == Syndrome.objects.filter(is_active=True).count()
    assert SyndromeCount.objects.filter(under_five=0, five_and_over=0, deaths=0).count() > 5


def test_another_day_shows_its_own_figures(camps: CampCast, sign_in: SignIn, measles: Syndrome) -> None:
    record(camps.camp, camps.dowlet, measles, 4, days_ago=1)
    browser = sign_in(camps.dowlet)
    yesterday = timezone.localdate() - timedelta(days=1)
    field = f"under_five_{measles.pk}"
    assert browser.get(address(camps.camp), {"day": yesterday.isoformat()}).context["form"][field].value() == 4
    assert browser.get(address(camps.camp)).context["form"][field].value() is None
    assert browser.get(address(camps.camp), {"day": "soon"}).status_code == 200


def test_a_future_day_and_a_negative_number_are_refused_and_nothing_typed_is_lost(
    camps: CampCast, sign_in: SignIn, measles: Syndrome
) -> None:
    browser = sign_in(camps.dowlet)
    tomorrow = timezone.localdate() + timedelta(days=1)
    answer = browser.post(address(camps.camp), typed(tomorrow, measles=("7", "0", "0")))
    assert answer.status_code == 422
    assert "future" in answer.content.decode()
    answer = browser.post(address(camps.camp), typed(measles=("-1", "5", "0")))
    assert answer.status_code == 422
    assert 'value="5"' in answer.content.decode()
    assert not SyndromeCount.objects.exists()


def test_more_deaths_than_cases_are_asked_about_once(camps: CampCast, sign_in: SignIn, measles: Syndrome) -> None:
    browser = sign_in(camps.dowlet)
    answer = browser.post(address(camps.camp), typed(measles=("0", "0", "2")))
    assert answer.status_code == 422
    assert "2 died, but 0 fell ill" in answer.content.decode()
    assert "Yes, the numbers are right" in answer.content.decode()
    assert browser.post(address(camps.camp), typed(measles=("0", "0", "2"), confirmed="on")).status_code == 302


def test_two_people_at_one_day_see_each_other(camps: CampCast, sign_in: SignIn, measles: Syndrome) -> None:
    record(camps.camp, camps.bahar, measles, 4)
    browser = sign_in(camps.dowlet)
    answer = browser.post(address(camps.camp), typed(measles=("1", "0", "0")))
    assert answer.status_code == 422
    assert "Somebody else entered this day" in answer.content.decode()
    assert SyndromeCount.objects.get().under_five == 4
    again = typed(measles=("1", "0", "0"), seen=answer.context["form"]["seen"].value())
    assert browser.post(address(camps.camp), again).status_code == 302
    assert SyndromeCount.objects.get().under_five == 1


def test_the_weeks_tell_nothing_reported_from_nobody_ill(camps: CampCast, sign_in: SignIn, measles: Syndrome) -> None:
    record(camps.camp, camps.dowlet, measles, 0, days_ago=1)
    record(camps.camp, camps.dowlet, measles, 3, days_ago=8, deaths=1)
    answer = sign_in(camps.dowlet).get(address(camps.camp))
    row = next(row for row in answer.context["rows"] if row["syndrome"] == measles)
    assert [(week["reported"], week["cases"]) for week in row["weeks"][:3]] == [(1, 0), (1, 3), (0, 0)]
    page = answer.content.decode()
    assert "1 of 7 days" in page and "1 death" in page
    assert 'role="img"' in page and "at most 3 in a day" in page


def test_the_page_says_which_alert_stands(camps: CampCast, cast: Cast, sign_in: SignIn, measles: Syndrome) -> None:
    record(camps.camp, camps.dowlet, measles, 2)
    page = sign_in(cast.oraz).get(address(camps.camp)).content.decode()
    assert "2 cases" in page and "The threshold is 1 within 7 days." in page
    assert "Save; where" not in page


def test_who_does_not_work_there_cannot_enter(camps: CampCast, cast: Cast, sign_in: SignIn, measles: Syndrome) -> None:
    for person in (cast.lale, cast.oraz, camps.gozel):
        assert sign_in(person).get(address(camps.camp)).status_code == 200
        assert sign_in(person).post(address(camps.camp), typed(measles=("1", "0", "0"))).status_code == 403
    assert sign_in(cast.pending).get(address(camps.camp)).status_code in (403, 404)
    assert not SyndromeCount.objects.exists()


def test_the_page_costs_the_same_queries_however_long_the_history(
    camps: CampCast, sign_in: SignIn, measles: Syndrome
) -> None:
    browser = sign_in(camps.dowlet)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert browser.get(address(camps.camp)).status_code == 200
        return len(found)

    record(camps.camp, camps.dowlet, measles, 2)
    queries()
    few = queries()
    for ago in range(1, 30):
        record(camps.camp, camps.dowlet, measles, 2, days_ago=ago)
    assert queries() == few


def test_the_overview_lists_every_alert_and_how_many_sites_report(
    camps: CampCast, cast: Cast, sign_in: SignIn, measles: Syndrome
) -> None:
    record(camps.camp, camps.dowlet, measles, 2)
    page = sign_in(cast.aina).get("/health-watch/").content.decode()
    assert "Stadium camp" in page and "1 of 2 open sites reported" in page
    assert "Stadium camp" not in sign_in(cast.aina).get("/health-watch/", {"syndrome": "jaundice"}).content.decode()
    assert sign_in(cast.pending).get("/health-watch/").status_code == 403


def test_a_coordinator_sets_a_threshold_on_the_page_and_others_only_read_it(
    camps: CampCast, cast: Cast, sign_in: SignIn, measles: Syndrome
) -> None:
    change = f"/health-watch/thresholds/{measles.key}/"
    data = {
        "name": "Measles",
        "window_days": "7",
        "alert_cases": "3",
        "source": "Ministry of Health",
        "is_active": "on",
    }
    assert sign_in(cast.oraz).get("/health-watch/thresholds/").status_code == 200
    assert sign_in(camps.bahar).get(change).status_code == 403
    assert sign_in(camps.bahar).post(change, data).status_code == 403
    browser = sign_in(cast.aina)
    page = browser.get(change)
    assert page.context["form"].initial["alert_cases"] == 1
    assert f"/history/camps/syndrome/{measles.pk}/" in page.content.decode()
    assert browser.get(f"/history/camps/syndrome/{measles.pk}/").status_code == 200
    refused = browser.post(change, {**data, "source": ""})
    assert refused.status_code == 422
    assert browser.post(change, data).status_code == 302
    measles.refresh_from_db()
    assert (measles.alert_cases, measles.source) == (3, "Ministry of Health")
    assert browser.post("/health-watch/thresholds/add/", {**data, "name": "Anthrax"}).status_code == 302
    assert Syndrome.objects.filter(key="anthrax").exists()


def test_a_missing_day_is_drawn_as_a_mark_and_a_day_without_cases_as_a_bar() -> None:
    first = date(2026, 3, 1)
    found = spark({first: 0, first + timedelta(days=2): 8}, first=first, days=3)
    assert found is not None
    assert [bar.is_missing for bar in found.bars] == [False, True, False]
    assert found.bars[0].height == 1.0
    assert found.bars[2].height == found.height - 4
    assert spark({}, first=first, days=3) is None
