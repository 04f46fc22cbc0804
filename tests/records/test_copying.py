"""Records stored by COPY are the records that the ordinary way would have stored."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.gis.geos import Point

from komek.records.actor import Actor, Channel, acting
from komek.records.changes import changes_of
from komek.records.copying import copy_in
from orgs.models import Site
from tests.conftest import Cast


def test_copied_records_read_back_as_given_and_are_in_history_under_the_actor(cast: Cast) -> None:
    opened = datetime(2026, 11, 7, 3, 41, tzinfo=UTC)
    sites = [
        Site(
            code=f"C900{number}", name="Tab\t, line\nand \\N – çadyr", names={"ru": "«Лагерь»"}, operation=cast.operation,
            location=Point(58.4, 37.9, srid=4326), capacity=None, occurred_at=opened, channel=Channel.COMMAND,
        )
        for number in range(3)
    ]  # fmt: skip
    with acting(Actor(user=cast.aina, channel=Channel.COMMAND, reason="bulk")):
        copy_in(sites)
    kept = Site.objects.get(pk=sites[1].pk)
    for field in Site._meta.local_concrete_fields:
        assert getattr(kept, field.attname) == getattr(sites[1], field.attname), field.name
    assert kept.location.coords == (58.4, 37.9)
    assert [(change.kind, change.who, change.reason) for change in changes_of(kept)] == [("insert", "Aina", "bulk")]
    kept.name = "Later"
    kept.save()
    assert Site.objects.create(name="Next").pk > sites[-1].pk
