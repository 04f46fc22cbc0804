"""Alerts about services: who has too little to survive comes to the desk of those who can act, the worst first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from camps.alerts import PLUGS
from camps.alerts_standards import StandardAlerts
from camps.headcounts import report_headcount
from camps.measuring import measure
from camps.models import Camp, Standard
from komek.extensions import Viewer
from komek.extensions.alerts import Alert
from orgs.models import Opening
from tests.camps.conftest import CampCast
from tests.conftest import Cast, actor

Standards = dict[str, Standard]


@pytest.fixture
def thirsty(camps: CampCast, standards: Standards, cast: Cast) -> CampCast:
    """Stadium camp has 5 l of water a person; School 12 has 2 l and one toilet for 100 people."""
    Camp.objects.update(opened_on=timezone.localdate() - timedelta(days=90))
    then = timezone.now() - timedelta(hours=2)
    for camp, figures in ((camps.camp, {"water": 500, "education": 0}), (camps.other, {"water": 200, "toilets": 1})):
        report_headcount(by=actor(cast.aina), operation=camp.operation, camp=camp, people=100, occurred_at=then)
        for key, value in figures.items():
            measure(
                by=actor(cast.aina), operation=camp.operation, camp=camp, standard=standards[key], value=Decimal(value),
                occurred_at=then,
            )  # fmt: skip
    return camps


def alerts(cast: Cast, user: Any, limit: int = 10) -> list[Alert]:
    return list(StandardAlerts().alerts(Viewer(user=user, operation=cast.operation), limit))


def test_the_plug_is_one_of_the_registrys() -> None:
    assert any(isinstance(plug, StandardAlerts) for plug in PLUGS)


def test_a_coordinator_sees_each_site_once_the_worst_first(thirsty: CampCast, cast: Cast) -> None:
    first, second = alerts(cast, cast.aina)
    assert first.title == "School 12: 1,300 l more water a day"
    assert first.detail == "Water: 2 l a day per person; 1 more below the least"
    assert second.title == "Stadium camp: 1,000 l more water a day"
    assert first.url == f"/camps/{thirsty.other.code}/standards/"
    assert 70 < second.urgency < first.urgency <= 90
    assert len(alerts(cast, cast.aina, limit=1)) == 1


def test_the_others_see_the_sites_they_work_at(thirsty: CampCast, cast: Cast) -> None:
    assert [one.title[:12] for one in alerts(cast, thirsty.bahar)] == ["Stadium camp"]
    assert [one.title[:9] for one in alerts(cast, cast.lale)] == ["School 12"]
    thirsty.other.supporting.add(cast.relief)
    assert len(alerts(cast, thirsty.bahar)) == 2
    assert alerts(cast, cast.oraz) == alerts(cast, cast.pending) == alerts(cast, None) == []


def test_what_is_short_but_enough_to_survive_is_no_alert(thirsty: CampCast, cast: Cast, standards: Standards) -> None:
    for camp, litres in ((thirsty.camp, 750), (thirsty.other, 800)):
        for key, value in (("water", litres), ("toilets", 2)):
            measure(
                by=actor(cast.aina), operation=camp.operation, camp=camp, standard=standards[key], value=Decimal(value),
                occurred_at=timezone.now(),
            )  # fmt: skip
    assert alerts(cast, cast.aina) == []


def test_a_closed_site_and_one_of_which_nothing_is_known_raise_none(thirsty: CampCast, cast: Cast) -> None:
    thirsty.other.headcounts.all().delete()
    Camp.objects.filter(pk=thirsty.camp.pk).update(opening=Opening.CLOSED)
    assert alerts(cast, cast.aina) == []


def test_alerts_cost_the_same_queries_for_one_site_and_for_many(
    thirsty: CampCast, cast: Cast, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    alerts(cast, cast.aina)
    with django_assert_max_num_queries(6):
        alerts(cast, cast.aina)
