"""Kits give back what went into them; stock is offered to those who need it, and held once; the ledger verifies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from inventory.kits import assemble_kits, break_kits
from inventory.models import Balance, Batch, Condition
from inventory.offers import StockOffers
from inventory.refusals import Refused
from inventory.verifying import verify
from komek.accounts.models import User
from komek.extensions import Viewer
from komek.extensions.offers import Need
from komek.supplies.models import Item, KitContent
from tests.conftest import Cast, actor
from tests.inventory.conftest import Stores, batch, stocked
from tests.inventory.test_actions import here, left


@pytest.fixture
def kit(stores: Stores) -> Item:
    """A family kit: 2 blankets and 5 kg of rice."""
    kit = Item.objects.create(
        code="KIT-FAMILY", name="Family kit", category=stores.rice.category, unit=stores.blanket.unit
    )
    KitContent.objects.create(kit=kit, item=stores.blanket, quantity=2)
    KitContent.objects.create(kit=kit, item=stores.rice, quantity=5)
    return kit


def test_kits_take_what_is_in_them_expire_with_the_first_of_it_and_give_back_the_same_batches(
    stores: Stores, kit: Item, cast: Cast
) -> None:
    soon, later = batch(stores, days=5, donor=cast.water), batch(stores, days=50, donor=cast.relief)
    wool = batch(stores, stores.blanket, days=None)
    for goods, quantity in ((soon, 12), (later, 100), (wool, 30)):
        stocked(stores, goods, quantity, bin=stores.shelf)
    made = assemble_kits(**here(stores), kit=kit, count=4, bin=stores.second_shelf)
    kits = made.entries.get(account="stock", item=kit).batch
    assert kits.expires_on == soon.expires_on and left(kits) == 4
    assert (left(soon), left(later), left(wool)) == (0, 92, 22)
    for count, rice in ((1, (5, 92)), (3, (12, 100))):
        break_kits(**here(stores), batch=kits, count=count, bin=stores.second_shelf, to_bin=stores.shelf)
        assert (left(soon), left(later)) == rice
    assert left(kits) == 0 and left(wool) == 30 and verify() == []


def test_kits_that_cannot_be_made_or_broken_are_refused_with_what_is_missing(stores: Stores, kit: Item) -> None:
    wool = batch(stores, stores.blanket, days=None)
    stocked(stores, wool, 30)
    with pytest.raises(Refused, match="20 kg of Rice cannot leave"):
        assemble_kits(**here(stores), kit=kit, count=4)
    with pytest.raises(Refused, match="is no kit"):
        assemble_kits(**here(stores), kit=stores.rice, count=4)
    with pytest.raises(Refused, match="at least one"):
        assemble_kits(**here(stores), kit=kit, count=0)
    with pytest.raises(Refused, match="is no kit"):
        break_kits(**here(stores), batch=wool, count=1)
    assert left(wool) == 30


def test_kits_from_outside_give_batches_with_their_own_number_expiry_and_donor(
    stores: Stores, kit: Item, cast: Cast
) -> None:
    kits = batch(stores, kit, days=60, number="K9", donor=cast.water, gift="G-1")
    stocked(stores, kits, 3)
    break_kits(**here(stores), batch=kits, count=2)
    rice = Batch.objects.get(item=stores.rice)
    assert (rice.number, rice.expires_on, rice.donor, rice.gift) == ("K9", kits.expires_on, cast.water, "G-1")
    assert left(rice) == 10 and left(kits) == 1


def test_stock_is_offered_nearest_then_first_to_expire_and_only_what_is_free_and_fit(
    stores: Stores, cast: Cast, exercise_operation: Any, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    soon, later, far, old = batch(stores, days=5), batch(stores, days=50), batch(stores, days=3), batch(stores, days=-1)
    for goods in (later, soon, old):
        stocked(stores, goods, 10)
    stocked(stores, later, 7, condition=Condition.DAMAGED)
    stocked(stores, far, 10, warehouse=stores.other)
    plug, operation = StockOffers(), stores.warehouse.operation
    need = Need(stores.rice.pk, None, Decimal(15), 58.5, 38.0, None)
    with django_assert_max_num_queries(12):
        offers = plug.find(need, Viewer(cast.aina, operation), 10)
    assert [one.reference.split("/")[1] for one in offers] == [soon.code, later.code, far.code]
    assert [one.quantity for one in offers] == [10, 10, 10] and 8_000 < (offers[0].distance_m or 0) < 9_500
    with django_assert_max_num_queries(12):
        everywhere = plug.of_items([stores.rice.pk, 0], Viewer(cast.aina, operation), 2)
    assert [one.quantity for one in everywhere[stores.rice.pk]] == [10, 10] and not everywhere.get(0)
    by, tomorrow = actor(cast.aina), timezone.now() + timedelta(days=1)
    held = plug.reserve(offers[0].reference, Decimal(8), tomorrow, by)
    with pytest.raises(ValueError, match="2 kg can be given out"):
        plug.reserve(offers[0].reference, Decimal(3), tomorrow, by)
    assert plug.find(need, Viewer(cast.aina, operation), 1)[0].quantity == 2
    plug.release(held, by)
    plug.release(held, by)
    assert plug.find(need, Viewer(cast.aina, operation), 1)[0].quantity == 10
    with pytest.raises(ValueError, match="does not exist"):
        plug.reserve("nonsense", Decimal(1), tomorrow, by)
    others: list[tuple[User | None, Any]] = [
        (None, operation),
        (cast.pending, operation),
        (cast.aina, exercise_operation),
    ]
    assert all(plug.find(need, Viewer(user, where), 10) == [] for user, where in others)


def test_the_command_finds_a_balance_written_by_hand_and_builds_it_anew(stores: Stores) -> None:
    rice = batch(stores)
    stocked(stores, rice, 10)
    with pgtrigger.ignore("inventory.Balance:written_by_ledger"):
        Balance.objects.filter(batch=rice).update(quantity=99)
    said = StringIO()
    with pytest.raises(CommandError, match="1 disagreements"):
        call_command("verify_ledger", stdout=said)
    assert "99" in said.getvalue()
    call_command("verify_ledger", rebuild=True, stdout=said)
    assert left(rice) == 10 and "The ledger verifies." in said.getvalue()
