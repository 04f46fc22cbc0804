"""What the registry tells elsewhere: alerts on the desk, figures of the situation report, layers of the map."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from camps.alerts_sites import SiteAlerts
from camps.headcounts import report_headcount
from camps.map_layers import CampsLayer, PerimetersLayer
from camps.models import Camp
from camps.situation import CampFigures
from komek.extensions import Viewer
from komek.records.actor import Channel
from tests.camps.conftest import CampCast
from tests.conftest import Cast, actor, square

pytestmark = pytest.mark.django_db


def test_crowded_silent_and_questioned_sites_are_alerts_figures_and_colours(camps: CampCast, cast: Cast) -> None:
    now = timezone.now()
    by, common = actor(camps.bahar), {"operation": cast.operation, "camp": camps.camp}
    report_headcount(by=by, people=1350, occurred_at=now - timedelta(hours=5), **common)
    sent = actor(camps.bahar, Channel.SMS)
    report_headcount(by=sent, people=5000, occurred_at=now - timedelta(hours=1), **common)  # a jump: it waits
    Camp.objects.filter(pk=camps.other.pk).update(confirmed_at=now - timedelta(days=4))
    Camp.objects.filter(pk=camps.camp.pk).update(perimeter=square(58.398, 38.198, 0.004))

    coordinator = Viewer(user=cast.aina, operation=cast.operation)
    found = {alert.key: alert for alert in SiteAlerts().alerts(coordinator, 10)}
    crowded, waits = (
        found[f"camps.crowded.{camps.camp.code}"],
        [one for key, one in found.items() if "questioned" in key],
    )
    assert (crowded.title, crowded.detail) == (
        f"{camps.camp} is overcrowded", "1350 people, 1000 places (135 %)",
    )  # fmt: skip
    assert [one.detail for one in waits] == ["5000 people"]
    quiet = found[f"camps.silent.{camps.other.code}"]
    assert (quiet.title, quiet.since) == (f"Nothing was heard from {camps.other}", now - timedelta(days=4))
    for stranger in (None, cast.pending):
        assert SiteAlerts().alerts(Viewer(user=stranger, operation=cast.operation), 10) == []

    figures = {one.indicator: int(one.value) for one in CampFigures().figures(coordinator, timezone.localdate())}
    assert figures == {
        "camps_open": 2, "camps_people": 1350, "camps_places": 1200, "camps_crowded": 1, "camps_silent": 1,
    }  # fmt: skip

    shown = {row.pk: CampsLayer().popup(row)["lines"] for row in CampsLayer().queryset(coordinator)}
    assert ("Places", "1000 (135 %)") in shown[camps.camp.pk] and ("Places", "200") in shown[camps.other.pk]
    assert [row.pk for row in PerimetersLayer().queryset(coordinator)] == [camps.camp.pk]
    Camp.objects.filter(pk=camps.other.pk).update(opening="closed")
    assert not [alert for alert in SiteAlerts().alerts(coordinator, 10) if "silent" in alert.key]
