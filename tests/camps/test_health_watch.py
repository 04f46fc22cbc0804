"""Recording cases by site and day, the alerts at sites that follow, and who may set thresholds."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from camps.alerts_health import HealthAlerts
from camps.headcounts import report_headcount
from camps.health_standing import standing_alerts
from camps.health_thresholds import add_syndrome, change_syndrome
from camps.health_watch import Cases, record_counts
from camps.models import Camp, Syndrome, SyndromeCount
from camps.reference_data_syndromes import Syndromes, shipped
from camps.refusals import NeedsConfirmation, Refused
from komek.accounts.authority import NotAllowed
from komek.extensions import Viewer
from komek.records.actor import Channel
from orgs.models import Opening
from tests.camps.conftest import CampCast
from tests.conftest import Cast, actor


def today() -> date:
    return timezone.localdate()


@pytest.fixture
def measles(db: None) -> Syndrome:
    Syndromes().load(lambda line: None)
    return Syndrome.objects.get(key="measles")


@pytest.fixture
def diarrhoea(measles: Syndrome) -> Syndrome:
    return Syndrome.objects.get(key="acute_watery_diarrhoea")


def record(camp: Camp, by: Any, counts: list[Cases], days_ago: int = 0, **options: Any) -> list[SyndromeCount]:
    channel = options.pop("channel", Channel.BROWSER)
    return record_counts(
        by=actor(by, channel),
        operation=camp.operation,
        camp=camp,
        day=today() - timedelta(days=days_ago),
        counts=counts,
        **options,
    )


# --- recording


def test_a_day_is_recorded_with_who_said_it(camps: CampCast, measles: Syndrome, diarrhoea: Syndrome) -> None:
    record(camps.camp, camps.dowlet, [Cases(measles, 1, 0, 0), Cases(diarrhoea, 3, 4, 1)], reported_by="Nurse Ogul")
    rows = {row.syndrome.key: row for row in SyndromeCount.objects.all()}
    assert (rows["acute_watery_diarrhoea"].cases, rows["acute_watery_diarrhoea"].deaths) == (7, 1)
    assert (rows["measles"].reported_by, rows["measles"].entered_by) == ("Nurse Ogul", camps.dowlet)


def test_the_same_day_sent_again_changes_nothing(camps: CampCast, measles: Syndrome) -> None:
    for _time in range(2):
        record(camps.camp, camps.dowlet, [Cases(measles, 1, 0, 0)])
    assert SyndromeCount.objects.get().events.count() == 1


def test_a_correction_replaces_the_figure_and_history_keeps_the_old(camps: CampCast, measles: Syndrome) -> None:
    record(camps.camp, camps.dowlet, [Cases(measles, 1, 0, 0)])
    record(camps.camp, camps.bahar, [Cases(measles, 2, 0, 0)])
    row = SyndromeCount.objects.get()
    kept = [(event.under_five, event.pgh_context["user"]) for event in row.events.order_by("pgh_id")]
    assert kept == [(1, camps.dowlet.pk), (2, camps.bahar.pk)]


def test_a_figure_taken_back_is_unknown_again_not_zero(camps: CampCast, measles: Syndrome) -> None:
    pk = record(camps.camp, camps.dowlet, [Cases(measles, 1, 0, 0)])[0].pk
    assert record(camps.camp, camps.dowlet, [Cases(measles)]) == []
    assert not SyndromeCount.objects.exists()
    assert SyndromeCount.pgh_event_model.objects.filter(pgh_obj_id=pk).count() == 2


def test_a_report_says_that_the_site_is_alive(camps: CampCast, measles: Syndrome) -> None:
    Camp.objects.update(confirmed_at=timezone.now() - timedelta(days=9))
    record(camps.camp, camps.dowlet, [Cases(measles, 0, 0, 0)])
    camps.camp.refresh_from_db()
    assert timezone.now() - camps.camp.confirmed_at < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("days_ago", "figures", "field", "words"),
    [
        (-1, (1, 0, 0), "day", "future"),
        (5000, (1, 0, 0), "day", "year"),
        (0, (-1, 0, 0), "measles", "negative"),
        (0, (1, 0, -2), "measles", "negative"),
        (0, (9_999_999, 0, 0), "measles", "cannot be right"),
    ],
)
def test_what_cannot_be_right_is_refused_and_nothing_is_kept(
    camps: CampCast, measles: Syndrome, diarrhoea: Syndrome, days_ago: int, figures: Any, field: str, words: str
) -> None:
    with pytest.raises(Refused) as refusal:
        record(camps.camp, camps.dowlet, [Cases(diarrhoea, 1, 1, 0), Cases(measles, *figures)], days_ago=days_ago)
    assert words in " ".join(refusal.value.message_dict[field])
    assert not SyndromeCount.objects.exists()


def test_a_syndrome_in_two_rows_or_out_of_use_is_refused(camps: CampCast, measles: Syndrome) -> None:
    with pytest.raises(Refused, match="two rows"):
        record(camps.camp, camps.dowlet, [Cases(measles, 1, 0, 0), Cases(measles, 2, 0, 0)])
    measles.is_active = False
    measles.save()
    with pytest.raises(Refused, match="not watched"):
        record(camps.camp, camps.dowlet, [Cases(measles, 1, 0, 0)])


def test_more_deaths_than_cases_are_asked_about_at_a_screen_and_kept_from_a_message(
    camps: CampCast, measles: Syndrome
) -> None:
    with pytest.raises(NeedsConfirmation, match="2 died, but 1 fell ill"):
        record(camps.camp, camps.dowlet, [Cases(measles, 1, 0, 2)])
    assert not SyndromeCount.objects.exists()
    record(camps.camp, camps.dowlet, [Cases(measles, 1, 0, 2)], confirmed=True)
    record(camps.camp, camps.dowlet, [Cases(measles, 1, 0, 3)], days_ago=1, channel=Channel.SMS)
    assert SyndromeCount.objects.count() == 2


def test_only_those_who_work_at_a_site_record_there(camps: CampCast, cast: Cast, measles: Syndrome) -> None:
    for person in (cast.lale, cast.oraz, cast.outsider, camps.gozel):
        with pytest.raises(NotAllowed):
            record(camps.camp, person, [Cases(measles, 1, 0, 0)])
    record(camps.camp, cast.aina, [Cases(measles, 1, 0, 0)])


# --- alerts


def alerts(camps: CampCast) -> list[Any]:
    return standing_alerts(Camp.objects.filter(operation=camps.camp.operation))


def test_an_alert_says_where_how_many_over_what_and_since_when(camps: CampCast, measles: Syndrome) -> None:
    record(camps.camp, camps.dowlet, [Cases(measles, 1, 1, 1)], days_ago=2)
    record(camps.camp, camps.dowlet, [Cases(measles, 0, 0, 0)])
    found = alerts(camps)[0]
    assert (found.camp, found.syndrome) == (camps.camp, measles)
    summary = found.summary()
    for words in ("2 cases", "1 death", "reported on 2 of 7 days", "alert since"):
        assert words in summary
    assert found.reasons() == ["The threshold is 1 within 7 days."]


def test_a_rate_uses_the_newest_accepted_head_count(camps: CampCast, diarrhoea: Syndrome) -> None:
    Syndrome.objects.filter(pk=diarrhoea.pk).update(alert_ratio=None, alert_per_10000=Decimal(10))
    record(camps.camp, camps.dowlet, [Cases(diarrhoea, 1, 1, 0)])
    assert alerts(camps) == []
    report_headcount(
        by=actor(camps.dowlet), operation=camps.camp.operation, camp=camps.camp, people=1900, occurred_at=timezone.now()
    )
    assert "10.5 for 10,000 people (1900 counted)" in alerts(camps)[0].reasons()[0]


def test_a_closed_site_and_a_syndrome_out_of_use_raise_no_alert(camps: CampCast, measles: Syndrome) -> None:
    record(camps.camp, camps.dowlet, [Cases(measles, 1, 0, 0)])
    Camp.objects.filter(pk=camps.camp.pk).update(opening=Opening.CLOSED)
    assert alerts(camps) == []
    Camp.objects.filter(pk=camps.camp.pk).update(opening=Opening.OPEN)
    assert len(alerts(camps)) == 1
    Syndrome.objects.filter(pk=measles.pk).update(is_active=False)
    assert alerts(camps) == []


def test_alerts_cost_the_same_queries_for_one_site_or_many(
    camps: CampCast, measles: Syndrome, diarrhoea: Syndrome
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            alerts(camps)
        return len(found)

    record(camps.camp, camps.dowlet, [Cases(measles, 1, 0, 0)])
    few = queries()
    for ago in range(1, 10):
        record(camps.camp, camps.dowlet, [Cases(measles, 1, 0, 0), Cases(diarrhoea, 9, 9, 0)], days_ago=ago)
        record(camps.other, camps_lale(camps), [Cases(measles, 1, 0, 0)], days_ago=ago)
    assert queries() == few


def camps_lale(camps: CampCast) -> Any:
    return camps.other.entered_by


def test_the_desk_shows_alerts_to_coordinators_and_to_those_at_the_site(
    camps: CampCast, cast: Cast, measles: Syndrome
) -> None:
    record(camps.camp, camps.dowlet, [Cases(measles, 1, 0, 1)])

    def shown(user: Any) -> list[Any]:
        return list(HealthAlerts().alerts(Viewer(user=user, operation=cast.operation), 10))

    for person in (cast.aina, cast.murad, camps.bahar, camps.dowlet):
        assert [alert.title for alert in shown(person)] == ["Stadium camp: Measles (suspected)"]
    for person in (cast.lale, cast.oraz, cast.outsider, cast.pending, None):
        assert shown(person) == []
    assert shown(cast.aina)[0].urgency >= 90


# --- thresholds and what comes with Komek


def test_thresholds_are_set_by_coordinators_of_everything_only(camps: CampCast, cast: Cast, measles: Syndrome) -> None:
    for person in (camps.bahar, cast.murad, cast.oraz):
        with pytest.raises(NotAllowed):
            change_syndrome(by=actor(person), operation=cast.operation, syndrome=measles, alert_cases=9)
        with pytest.raises(NotAllowed):
            add_syndrome(by=actor(person), operation=cast.operation, name="Anthrax", source="Ministry")
    change_syndrome(by=actor(cast.aina), operation=cast.operation, syndrome=measles, alert_cases=9)
    record(camps.camp, camps.dowlet, [Cases(measles, 8, 0, 0)])
    assert alerts(camps) == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"window_days": 0}, "window_days"),
        ({"window_days": 90}, "window_days"),
        ({"alert_cases": 0}, "alert_cases"),
        ({"alert_ratio": Decimal("0.5")}, "alert_ratio"),
        ({"alert_per_10000": Decimal(0)}, "alert_per_10000"),
        ({"source": " "}, "source"),
        ({"name": " "}, "name"),
    ],
)
def test_thresholds_that_make_no_sense_are_refused(cast: Cast, measles: Syndrome, fields: Any, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        change_syndrome(by=actor(cast.aina), operation=cast.operation, syndrome=measles, **fields)
    assert field in refusal.value.message_dict


def test_a_syndrome_is_added_once(cast: Cast, measles: Syndrome) -> None:
    made = add_syndrome(
        by=actor(cast.aina), operation=cast.operation, name="Anthrax (suspected)", source="Ministry", alert_cases=1
    )
    assert made.key == "anthrax_suspected"
    with pytest.raises(Refused, match="already"):
        add_syndrome(by=actor(cast.aina), operation=cast.operation, name="anthrax (Suspected)", source="Ministry")


def test_a_name_is_changed_in_the_language_of_who_changes_it(cast: Cast, measles: Syndrome) -> None:
    change_syndrome(by=actor(cast.aina), operation=cast.operation, syndrome=measles, language="ru", name="Корь?")
    measles.refresh_from_db()
    with translation.override("ru"):
        assert str(measles) == "Корь?"
    with translation.override("en"):
        assert str(measles) == "Measles (suspected)"


def test_loading_again_never_undoes_what_an_installation_set(cast: Cast, measles: Syndrome) -> None:
    change_syndrome(
        by=actor(cast.aina), operation=cast.operation, syndrome=measles, alert_cases=7, name="Measles!", is_active=False
    )
    said: list[str] = []
    Syndromes().load(said.append)
    measles.refresh_from_db()
    assert (measles.alert_cases, measles.name, measles.is_active) == (7, "Measles!", False)
    assert said == []
    names = {key: value for key, value in measles.names.items() if key != "tk"}
    Syndrome.objects.filter(pk=measles.pk).update(names=names)
    Syndromes().load(said.append)
    assert Syndrome.objects.get(pk=measles.pk).names["tk"]


def test_every_syndrome_that_comes_with_komek_has_all_languages_a_source_and_a_rule() -> None:
    rows = shipped()
    keys = {row["key"] for row in rows}
    assert {"measles", "acute_watery_diarrhoea", "bloody_diarrhoea", "respiratory", "jaundice", "fever_rash"} <= keys
    assert {"meningitis", "flaccid_paralysis", "unexplained_fever", "unexplained_deaths"} <= keys
    for row in rows:
        for texts in (row["names"], row["definitions"]):
            assert set(texts) == {"tk", "uz", "uz-cyrl", "az", "ru"}
            assert all(texts.values())
        assert row["source"] and row["definition"]
        assert row["alert_cases"] or row["alert_ratio"] or row["alert_per_10000"]
