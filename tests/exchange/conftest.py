"""The shared cast in a world whose areas and sectors are known by name."""

from __future__ import annotations

import pytest

from komek.places.models import Area
from komek.places.reference_data import store_names
from orgs.models import Sector
from tests.conftest import Cast


@pytest.fixture
def world(cast: Cast, areas: dict[str, Area]) -> Cast:
    store_names(list(areas.values()))
    for key, name, aliases in (
        ("wash", "WASH", ["agua"]),
        ("health", "Health", ["Salud"]),
        ("education", "Education", ["Educación"]),
    ):
        Sector.objects.update_or_create(key=key, defaults={"name": name, "aliases": aliases})
    return cast
