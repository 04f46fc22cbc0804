"""Helpers check in and out by text, are at one site at a time, and are looked for when they have not left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from komek.extensions import Viewer
from komek.records.codes import make_code
from orgs.models import Opening, Site
from tests.conftest import Cast, actor, point
from tests.messaging.conftest import STRANGER, bound, said
from volunteers.alerts_check_ins import OverdueAlerts
from volunteers.check_in_commands import Came, InCommand
from volunteers.check_ins import found_well
from volunteers.models import CheckIn

pytestmark = pytest.mark.django_db
CODE = make_code("C", 114)


@pytest.fixture
def site(cast: Cast) -> Site:
    return Site.objects.create(
        name="North camp", organisation=cast.relief, operation=cast.operation, location=point(58.5, 38.5)
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [(CODE, Came(CODE)), (f"{CODE} 3", Came(CODE, 3)), (f"{CODE[0]} {CODE[1:]} 3 8h", Came(CODE, 3, 8)),
     (f"с{CODE[1:]} 8ч", Came(CODE, 1, 8))],
)  # fmt: skip
def test_a_check_in_is_read(text: str, expected: Came) -> None:
    assert InCommand().parse(text) == expected


@pytest.mark.parametrize(
    "text", ["", "the school", f"{CODE} many", f"{CODE} 90h", f"{CODE[:-1]}{(int(CODE[-1]) + 1) % 10}"]
)
def test_what_is_no_check_in_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError) as refusal:
        InCommand().parse(text)
    assert len(str(refusal.value)) > 10


def test_a_helper_comes_moves_on_and_leaves(cast: Cast, site: Site) -> None:
    bound(cast.oraz)
    other = Site.objects.create(
        name="School", organisation=cast.relief, operation=cast.operation, location=point(58.6, 38.5)
    )
    assert said(f"IN {site.code} 3").startswith(f"At {site.code} North camp: 3. Send OUT when you leave")
    assert f"You have left {site.code}" in said(f"прибыл {other.code}")
    assert CheckIn.objects.get(left_at=None).site == other
    assert said(f"IN {other.code} 5").startswith(f"At {other.code}")
    assert CheckIn.objects.get(left_at=None).party == 5
    assert f"not checked in at {other.code}" in said("UNDO")
    said(f"IN {site.code}")
    assert f"you are at {site.code} North camp" in said("SOS")
    assert f"You have left {site.code}" in said("OUT!")
    assert "Write where you are" in said("SOS!")
    assert said("OUT") == "You are checked in nowhere."
    assert "You have left since then" in said("UNDO")
    site.opening = Opening.CLOSED
    site.save()
    assert "is closed" in said(f"IN {site.code}")
    assert "1 to 200" in said(f"IN {other.code} 900")
    assert "send JOIN" in said(f"IN {other.code}", sender=STRANGER)
    made = CheckIn.objects.filter(site=site).latest("pk")
    assert (made.reported_by, made.channel) == ("Oraz", "sms"), "the number stands in no record"


def test_who_has_not_left_in_time_is_looked_for_until_found(cast: Cast, site: Site, client: Client) -> None:
    bound(cast.oraz)
    said(f"IN {site.code} 2 8h")
    CheckIn.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    late = CheckIn.objects.get()

    def alerts(user: Any) -> list[str]:
        return [alert.title for alert in OverdueAlerts().alerts(Viewer(user=user, operation=cast.operation), 5)]

    assert alerts(cast.aina) == ["Oraz has not checked out of North camp"]
    assert alerts(cast.murad) == alerts(cast.oraz) == []
    client.force_login(cast.murad, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/helpers/").status_code == 403
    with pytest.raises(PermissionDenied):
        found_well(by=actor(cast.murad), operation=cast.operation, check_in=late, has_left=False)
    client.force_login(cast.aina, backend="django.contrib.auth.backends.ModelBackend")
    assert "overdue" in client.get("/helpers/").content.decode()
    client.post(f"/helpers/{late.pk}/well/", {"here": "1"})
    assert alerts(cast.aina) == []
    assert CheckIn.objects.get().left_at is None
    client.post(f"/helpers/{late.pk}/well/", {"left": "1"})
    assert "Nobody is checked in" in client.get("/helpers/").content.decode()
