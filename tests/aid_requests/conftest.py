"""The cast of the requests' tests: a camp that asks, the organisation that answers, what is in the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from aid_requests.asking import submit_request
from aid_requests.lines import LineDraft
from aid_requests.models import AidRequest
from komek.accounts.models import User
from komek.accounts.roles import Role
from komek.supplies.models import Item
from komek.supplies.reference_data import Catalogue
from orgs.models import Site, SiteKind
from tests.conftest import Cast, actor, member, person, point

Ask = Callable[..., AidRequest]


@dataclass
class Asking:
    """``bahar`` manages Relief's camp and asks; Water (``lale``) answers; ``aina`` coordinates all; ``oraz`` only looks."""

    cast: Cast
    camp: Site
    bahar: User
    blanket: Item
    operation: Any

    @property
    def aina(self) -> User:
        return self.cast.aina


@pytest.fixture
def asking(cast: Cast) -> Asking:
    with transaction.atomic():
        Catalogue().load(lambda line: None)
    bahar = person("Bahar", current_operation=cast.operation)
    member(bahar, cast.relief, Role.CAMP_MANAGER)
    camp = Site.objects.create(
        name="Stadium camp", kind=SiteKind.CAMP, organisation=cast.relief, operation=cast.operation,
        location=point(58.4, 38.2), search_key="stadium camp",
    )  # fmt: skip
    blanket = Item.objects.filter(name__icontains="blanket", unit__dimension="count", is_active=True).order_by("pk")[0]
    return Asking(cast, camp, bahar, blanket, cast.operation)


@pytest.fixture
def ask(asking: Asking) -> Ask:
    """Submit a request for 200 blankets for the camp, by its manager, answered for by Water; anything can be said otherwise."""

    def make(*, by: User | None = None, quantity: int = 200, lines: Any = None, **fields: Any) -> AidRequest:
        fields.setdefault("site", asking.camp)
        fields.setdefault("asked_by", asking.cast.relief)
        fields.setdefault("responsible", asking.cast.water)
        return submit_request(
            by=actor(by or asking.bahar), operation=fields.pop("operation", asking.operation),
            lines=lines or [LineDraft(Decimal(quantity), item=asking.blanket)], **fields,
        )  # fmt: skip

    return make
