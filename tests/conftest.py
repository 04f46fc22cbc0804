"""The shared cast: people of differing standing, two organisations, an operation and an exercise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.test import Client
from django.utils import translation

from komek.accounts.models import User
from komek.accounts.roles import Role
from komek.operations.models import Operation
from komek.places.models import Area, Generation, GenerationState
from komek.records.actor import Actor, Channel
from komek.records.models import Approval


def pytest_configure() -> None:
    """Slow password hashing protects real accounts; the tests' invented ones need none of it."""
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


PASSWORD = "a-long-password-for-tests"
SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def in_english() -> None:
    """A test that spoke another language leaves nothing of it to the next."""
    translation.activate("en")


@pytest.fixture
def sign_in() -> SignIn:
    """A browser in which somebody is signed in."""

    def make(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


def person(name: str, **fields: Any) -> User:
    """An approved account; its e-mail is made from its name."""
    fields.setdefault("approval", Approval.APPROVED)
    return User.objects.create_user(f"{name.lower().replace(' ', '.')}@example.org", PASSWORD, name=name, **fields)


def member(user: User, organisation: Any, role: str, operation: Any = None) -> None:
    """Give a role, already approved."""
    from orgs.models import Membership

    Membership.objects.create(
        user=user, organisation=organisation, role=role, operation=operation, approval=Approval.APPROVED
    )


def actor(user: User | None, channel: Channel = Channel.BROWSER) -> Actor:
    return Actor(user=user, channel=channel, name=str(user) if user else "")


@pytest.fixture
def operation(db: None) -> Operation:
    return Operation.objects.create(slug="quake", name="Earthquake")


@pytest.fixture
def exercise_operation(db: None) -> Operation:
    return Operation.objects.create(slug="drill", name="Drill", is_exercise=True)


@pytest.fixture
def administrator(db: None) -> User:
    return User.objects.create_superuser("root@example.org", PASSWORD, name="Root")


@dataclass
class Cast:
    """Who is who. ``aina`` coordinates everything; ``murad`` manages Relief, ``lale`` manages Water; ``oraz`` only looks."""

    operation: Operation
    ministry: Any
    relief: Any
    water: Any
    aina: User
    murad: User
    lale: User
    oraz: User
    pending: User
    outsider: User


@pytest.fixture
def cast(operation: Operation) -> Cast:
    from orgs.models import Organisation, OrganisationKind

    approved = {"approval": Approval.APPROVED}
    ministry = Organisation.objects.create(
        name="Ministry of Emergencies", kind=OrganisationKind.GOVERNMENT, coordinates_operation=True, **approved
    )
    relief = Organisation.objects.create(name="Relief Society", kind=OrganisationKind.NATIONAL_NGO, **approved)
    water = Organisation.objects.create(name="Water Now", kind=OrganisationKind.INTERNATIONAL_NGO, **approved)
    people = {name: person(name, current_operation=operation) for name in ("Aina", "Murad", "Lale", "Oraz", "Outsider")}
    pending = person("Pending", approval=Approval.PENDING, current_operation=operation)
    member(people["Aina"], ministry, Role.COORDINATOR)
    member(people["Murad"], relief, Role.COORDINATOR)
    member(people["Lale"], water, Role.COORDINATOR)
    member(people["Oraz"], relief, Role.VIEWER)
    return Cast(
        operation, ministry, relief, water, people["Aina"], people["Murad"], people["Lale"], people["Oraz"],
        pending, people["Outsider"],
    )  # fmt: skip


def square(lon: float, lat: float, size: float = 1.0) -> MultiPolygon:
    """A square with its south-west corner at ``lon``, ``lat``; degrees."""
    ring = ((lon, lat), (lon + size, lat), (lon + size, lat + size), (lon, lat + size), (lon, lat))
    return MultiPolygon(Polygon(ring, srid=4326), srid=4326)


@pytest.fixture
def areas(db: None) -> dict[str, Area]:
    """A country with two regions of two districts each, by P-code: XX, XX1, XX11, XX12, XX2, XX21, XX22."""
    generation = Generation.objects.create(country="XX", name="test", state=GenerationState.ACTIVE)
    made: dict[str, Area] = {}

    def add(pcode: str, name: str, level: int, parent: str | None, shape: MultiPolygon) -> None:
        made[pcode] = Area.objects.create(
            generation=generation, pcode=pcode, name=name, level=level, parent=made.get(parent or ""),
            geometry=shape, centre=shape.centroid,
        )  # fmt: skip

    add("XX", "Testland", 0, None, square(58, 38, 4))
    add("XX1", "West", 1, "XX", square(58, 38, 2))
    add("XX2", "East", 1, "XX", square(60, 38, 2))
    add("XX11", "West Town", 2, "XX1", square(58, 38))
    add("XX12", "West Hills", 2, "XX1", square(59, 38))
    add("XX21", "East Town", 2, "XX2", square(60, 38))
    add("XX22", "East Hills", 2, "XX2", square(61, 38))
    return made


def point(lon: float, lat: float) -> Point:
    return Point(lon, lat, srid=4326)
