"""The cast of the inventory's tests: who keeps which warehouse, and goods to move."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from inventory.ledger import Draft, both_sides, post
from inventory.models import Account, Batch, Bin, Condition, Movement, MovementKind, Warehouse, Zone, ZoneKind
from komek.accounts.models import User
from komek.accounts.roles import Role
from komek.supplies.models import Category, Dimension, Item, Pack, Unit
from orgs.models import SiteKind
from tests.conftest import Cast, actor, member, person, point


@dataclass
class Stores:
    """``kerim`` keeps Relief's warehouse, ``nur`` keeps Water's. Rice expires and comes in sacks of 25 kg; blankets do not expire."""

    warehouse: Warehouse
    other: Warehouse
    zone: Zone
    shelf: Bin
    second_shelf: Bin
    rice: Item
    blanket: Item
    sack: Pack
    kerim: User
    nur: User


@pytest.fixture
def stores(cast: Cast) -> Stores:
    people = {name: person(name, current_operation=cast.operation) for name in ("Kerim", "Nur")}
    member(people["Kerim"], cast.relief, Role.WAREHOUSE_KEEPER)
    member(people["Nur"], cast.water, Role.WAREHOUSE_KEEPER)
    kilogram = Unit.objects.create(name="kilogram", symbol="kg", dimension=Dimension.MASS)
    piece = Unit.objects.create(name="piece", symbol="pc", dimension=Dimension.COUNT)
    category = Category.objects.create(name="Food and shelter", key="all")
    rice = Item.objects.create(code="FOOD-RICE", name="Rice", category=category, unit=kilogram, is_perishable=True)
    blanket = Item.objects.create(code="SHE-BLANKET", name="Blanket", category=category, unit=piece)
    sack = Pack.objects.create(item=rice, name="sack of 25 kg", quantity=Decimal(25))
    ours = Warehouse.objects.create(
        operation=cast.operation, organisation=cast.relief, name="Central store", kind=SiteKind.WAREHOUSE,
        location=point(58.4, 38.0), floor_area_m2=800, pallet_places=200,
    )  # fmt: skip
    theirs = Warehouse.objects.create(
        operation=cast.operation, organisation=cast.water, name="East store", kind=SiteKind.WAREHOUSE,
        location=point(60.4, 38.2),
    )  # fmt: skip
    zone = Zone.objects.create(warehouse=ours, name="Hall", kind=ZoneKind.GENERAL)
    shelves = [Bin.objects.create(zone=zone, warehouse=ours, label=label) for label in ("A-01", "A-02")]
    return Stores(ours, theirs, zone, *shelves, rice, blanket, sack, people["Kerim"], people["Nur"])


def batch(stores: Stores, item: Item | None = None, *, days: int | None = 90, **fields: Any) -> Batch:
    """A batch that expires in so many days from today; with ``None`` never."""
    expires = None if days is None else timezone.localdate() + timedelta(days=days)
    return Batch.objects.create(
        operation=stores.warehouse.operation, item=item or stores.rice, expires_on=expires, **fields
    )


def stocked(
    stores: Stores, goods: Batch, quantity: int | Decimal, *, bin: Bin | None = None, condition: str = Condition.GOOD,
    warehouse: Warehouse | None = None, by: User | None = None, **fields: Any,
) -> Movement:  # fmt: skip
    """A receipt of so much of a batch from outside."""
    house = warehouse or stores.warehouse
    keeper = by or (stores.kerim if house == stores.warehouse else stores.nur)
    return post(
        by=actor(keeper), operation=house.operation, kind=MovementKind.RECEIPT, warehouse=house,
        drafts=both_sides(
            goods, Decimal(quantity), of={"account": Account.SUPPLY},
            to={"account": Account.STOCK, "bin": bin, "condition": condition},
        ),
        **fields,
    )  # fmt: skip


def issue(stores: Stores, goods: Batch, quantity: int | Decimal, *, bin: Bin | None = None, **fields: Any) -> Movement:
    """So much of a batch given out from a bin of the keeper's own warehouse."""
    drafts: tuple[Draft, Draft] = both_sides(
        goods, Decimal(quantity), of={"account": Account.STOCK, "bin": bin}, to={"account": Account.ISSUED}
    )
    return post(
        by=actor(stores.kerim), operation=stores.warehouse.operation, kind=MovementKind.ISSUE,
        warehouse=stores.warehouse, drafts=drafts, **fields,
    )  # fmt: skip


TODAY: Callable[[], date] = timezone.localdate
