"""The cast of the pledges' tests: a coordinator, an organisation that gives, what is in the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from komek.accounts.models import User
from komek.supplies.models import Item
from komek.supplies.reference_data import Catalogue
from orgs.models import Site, SiteKind
from tests.conftest import Cast, actor, point
from volunteers.life_cycle import accept
from volunteers.models import NotifyBy, Pledge
from volunteers.offering import make_pledge

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


@dataclass
class Helping:
    """``cast``, two volunteers with phones who know first aid, and the skill."""

    cast: Cast
    skill: Any
    maral: Any
    kerim: Any

    @property
    def operation(self) -> Any:
        return self.cast.operation


VOLUNTEERS = ("+99361000001", "+99361000002")


@pytest.fixture
def helping(cast: Cast) -> Helping:
    from volunteers.models import Skill
    from volunteers.people.registering import accept_volunteer, register_volunteer

    skill = Skill.objects.create(key="first-aid", name="First aid", asks_evidence=True)
    made = []
    for name, phone in zip(("Maral", "Kerim"), VOLUNTEERS, strict=True):
        one = register_volunteer(
            by=actor(cast.aina), operation=cast.operation, name=name, phone=phone, organisation=cast.relief,
            location=point(58.4, 38.2), skills=[skill],
        )  # fmt: skip
        made.append(accept_volunteer(by=actor(cast.aina), operation=cast.operation, volunteer=one))
    return Helping(cast, skill, *made)


@pytest.fixture
def plan(helping: Helping) -> Any:
    """A task of Relief in two hours; anything can be said otherwise."""
    from datetime import timedelta

    from django.utils import timezone

    from volunteers.work.planning import create_task

    def make(*, by: User | None = None, **fields: Any) -> Any:
        begins = fields.pop("starts_at", timezone.now() + timedelta(hours=2))
        given = {"title": "Unload a lorry", "landmark": "Tejen market", "organisation": helping.cast.relief,
                 "ends_at": begins + timedelta(hours=4), "location": point(58.4, 38.2), **fields}  # fmt: skip
        return create_task(by=actor(by or helping.cast.murad), operation=helping.operation, starts_at=begins, **given)

    return make
