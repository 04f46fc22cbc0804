"""Two keepers with one consignment at the same moment, in real transactions: picked, sent and received once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from inventory.dispatching import dispatch_consignment
from inventory.models import Balance, Delivery, Movement, MovementKind, Reservation
from inventory.picking_consignments import load_parcels, pick_consignment
from inventory.receiving_consignments import Arrived, receive_consignment
from tests.camps.test_health_and_hospital_races import at_once
from tests.conftest import actor
from tests.inventory.conftest import Stores, batch, stocked
from tests.inventory.test_consignments import asked, sent

pytestmark = pytest.mark.django_db(transaction=True)


def tried(work: Callable[[], Any], refused: list[str]) -> Callable[[], Any]:
    """The work, with a refusal noted instead of raised; anything else still fails the thread."""

    def run() -> Any:
        try:
            return work()
        except ValidationError as fault:
            refused.append(" ".join(fault.messages))
            return None

    return run


def test_two_who_receive_at_once_receive_it_once(stores: Stores) -> None:
    stocked(stores, batch(stores), 100)
    made = sent(stores)
    lines = [Arrived(made.parcels.get(), Decimal(100))]
    refused: list[str] = []

    def work() -> Any:
        return receive_consignment(by=actor(stores.nur), consignment=made, lines=lines, is_last=True)

    at_once(*(tried(work, refused) for _ in range(3)))
    assert len(refused) == 2 and "was received on" in refused[0] and Delivery.objects.count() == 1
    assert Balance.objects.get(warehouse=stores.other).quantity == 100


def test_one_delivery_sent_twice_at_once_is_one(stores: Stores) -> None:
    stocked(stores, batch(stores), 100)
    made = sent(stores)
    lines = [Arrived(made.parcels.get(), Decimal(60))]
    refused: list[str] = []

    def work() -> Any:
        return receive_consignment(by=actor(stores.nur), consignment=made, lines=lines, is_last=False, key="phone-1")

    at_once(*(tried(work, refused) for _ in range(3)))
    assert refused == [] and Delivery.objects.count() == 1


def test_two_consignments_picked_at_once_do_not_get_the_same_goods_and_one_lorry_leaves_once(stores: Stores) -> None:
    stocked(stores, batch(stores), 100)
    first, second = asked(stores, 70), asked(stores, 70)
    refused: list[str] = []
    picks = [
        tried(lambda one=one: pick_consignment(by=actor(stores.kerim), consignment=one), refused)  # type: ignore[misc]
        for one in (first, second)
    ]
    at_once(*picks)
    assert len(refused) == 1 and "70 kg are held for others" in refused[0]
    assert Reservation.objects.get(closed_at=None).quantity == 70
    picked = first if first.parcels.exists() else second
    load_parcels(by=actor(stores.kerim), consignment=picked, parcels=picked.parcels.all())
    refused.clear()

    def leave() -> Any:
        return dispatch_consignment(by=actor(stores.kerim), consignment=picked, vehicle="AB 12")

    at_once(*(tried(leave, refused) for _ in range(3)))
    assert len(refused) == 2 and Movement.objects.filter(kind=MovementKind.DISPATCH).count() == 1
