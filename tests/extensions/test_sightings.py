"""What every plug of the ``sightings`` socket must hold to: whole sightings, each told again when asked about, nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from camps.entries import Entry, Member
from camps.registration import register_household
from komek.extensions import all_sockets
from komek.extensions.sightings import sightings
from komek.operations.models import Operation
from orgs.models import Site
from tests.camps.conftest import CampCast, camps  # noqa: F401 - a fixture
from tests.conftest import Cast, actor

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - timedelta(days=4000)


@pytest.fixture
def world(cast: Cast, camps: CampCast) -> Cast:  # noqa: F811 - the fixture above
    """Somebody who agreed and somebody who did not. A new plug adds what it needs to have something to tell."""
    register_household(
        by=actor(camps.dowlet), operation=cast.operation, camp=camps.camp,
        entry=Entry("Maral", members=[Member("Maral", "female", 34, may_be_found=True), Member("Myrat", "male", 6)]),
    )  # fmt: skip
    return cast


@pytest.mark.parametrize("plug", list(sightings), ids=lambda plug: plug.key)
def test_what_is_told_is_whole_stays_in_its_operation_and_is_told_again_when_asked_about(
    plug: Any, world: Cast, exercise_operation: Operation
) -> None:
    assert all_sockets()["sightings"] is sightings
    told = list(plug.since(LONG_AGO, world.operation))
    assert told
    for one in told:
        assert one.reference
        assert all(one.names)
        assert timezone.is_aware(one.seen_at)
        assert one.seen_at <= timezone.now()
        assert Site.objects.filter(pk=one.site_id).exists()
    references = {one.reference for one in told}
    assert len(references) == len(told)
    assert plug.still_told([*references, "never told"], world.operation) == references
    assert plug.still_told(references, exercise_operation) == frozenset()
    assert plug.still_told([], world.operation) == frozenset()
    assert list(plug.since(LONG_AGO, exercise_operation)) == []
    assert list(plug.since(timezone.now(), world.operation)) == []
