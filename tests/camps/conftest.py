"""The cast of the camps' tests: who runs a camp, who registers there, and who may not see names."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.db import transaction

from camps.models import Camp, CampType, RegistrationLevel, Standard
from camps.reference_data_standards import Standards
from camps.sites import register_camp
from komek.accounts.models import User
from komek.accounts.roles import Role
from komek.supplies.reference_data import Catalogue
from orgs.models import Opening
from orgs.reference_data import Sectors
from tests.conftest import Cast, actor, member, person, point


@dataclass
class CampCast:
    """``bahar`` manages Relief's camps, ``dowlet`` registers people there, ``gozel`` is its protection officer.

    The camp is run by Relief and supported by nobody; the other one is run by Water (``lale``).
    """

    camp: Camp
    other: Camp
    bahar: User
    dowlet: User
    gozel: User


@pytest.fixture
def camps(cast: Cast) -> CampCast:
    people = {name: person(name, current_operation=cast.operation) for name in ("Bahar", "Dowlet", "Gozel")}
    member(people["Bahar"], cast.relief, Role.CAMP_MANAGER)
    member(people["Dowlet"], cast.relief, Role.REGISTRAR)
    member(people["Gozel"], cast.relief, Role.PROTECTION_OFFICER)
    camp = register_camp(
        by=actor(people["Bahar"]), operation=cast.operation, organisation=cast.relief, name="Stadium camp",
        camp_type=CampType.PLANNED, location=point(58.4, 38.2), registration=RegistrationLevel.PEOPLE, capacity=1000,
        opening=Opening.OPEN,
    )  # fmt: skip
    other = register_camp(
        by=actor(cast.lale), operation=cast.operation, organisation=cast.water, name="School 12",
        camp_type=CampType.COLLECTIVE, location=point(58.5, 38.3), registration=RegistrationLevel.PEOPLE, capacity=200,
        opening=Opening.OPEN,
    )  # fmt: skip
    return CampCast(camp, other, people["Bahar"], people["Dowlet"], people["Gozel"])


@pytest.fixture
def hospital(camps: CampCast, cast: Cast) -> Camp:
    """A hospital that Relief runs."""
    return register_camp(
        by=actor(camps.bahar), operation=cast.operation, organisation=cast.relief, name="Central hospital",
        camp_type=CampType.HOSPITAL, location=point(58.41, 38.21), opening=Opening.OPEN,
    )  # fmt: skip


@pytest.fixture
def standards(db: None) -> dict[str, Standard]:
    """The standards that come with Komek, by key, with the catalogue's items and the sectors they name."""
    with transaction.atomic():
        for plug in (Catalogue(), Sectors(), Standards()):
            plug.load(lambda line: None)
    return {standard.key: standard for standard in Standard.objects.select_related("part_of", "item", "sector")}
