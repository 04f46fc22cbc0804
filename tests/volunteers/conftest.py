"""The cast of the pledges' tests: a coordinator, an organisation that gives, what is in the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from komek.accounts.models import User
from komek.supplies.models import Item
from komek.supplies.reference_data import Catalogue
from orgs.models import Site, SiteKind
from tests.conftest import Cast, actor, point
from volunteers.life_cycle import accept
from volunteers.models import NotifyBy, Pledge
from volunteers.offering import make_pledge

SignIn = Callable[[User], Client]
Give = Callable[..., Pledge]
PHONE = "+99365123456"


@dataclass
class Giving:
    """``aina`` coordinates all; ``murad`` manages Relief, ``lale`` manages Water; ``oraz`` only looks."""

    cast: Cast
    camp: Site
    blanket: Item
    operation: Any

    @property
    def aina(self) -> User:
        return self.cast.aina


@pytest.fixture
def giving(cast: Cast) -> Giving:
    with transaction.atomic():
        Catalogue().load(lambda line: None)
    camp = Site.objects.create(
        name="Stadium camp", kind=SiteKind.CAMP, organisation=cast.relief, operation=cast.operation,
        location=point(58.4, 38.2), search_key="stadium camp",
    )  # fmt: skip
    blanket = Item.objects.filter(name__icontains="blanket", unit__dimension="count", is_active=True).order_by("pk")[0]
    return Giving(cast, camp, blanket, cast.operation)


@pytest.fixture
def give(giving: Giving) -> Give:
    """A person's pledge of 100 blankets, accepted, told by SMS; anything can be said otherwise."""

    def make(*, quantity: int = 100, accepted: bool = True, by: User | None = None, **fields: Any) -> Pledge:
        if fields.get("kind", "goods") == "goods" and "description" not in fields:
            fields.setdefault("item", giving.blanket)
        given = {"donor_name": "Maral Ataeva", "phone": PHONE, "notify_by": NotifyBy.SMS, **fields}
        made = make_pledge(
            by=actor(by or giving.aina), operation=giving.operation, quantity=Decimal(quantity), confirmed=True, **given
        )
        if accepted:
            accept(by=actor(giving.aina), operation=giving.operation, pledge=made)
        return made

    return make


@pytest.fixture
def sign_in() -> SignIn:
    """A browser in which somebody is signed in."""

    def make(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make
