"""Two and more at the same moment, in real transactions: nothing below zero, nothing promised twice, nobody waiting in a circle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from inventory.issuing import issue_goods, return_goods
from inventory.models import Batch, Movement, MovementKind, Reservation
from inventory.moving import MoveLine, move_goods
from inventory.receiving import GoodsLine, receive_goods
from inventory.refusals import Refused
from inventory.reservations import reserve_stock
from inventory.reversing import reverse_movement
from inventory.verifying import verify
from tests.camps.test_health_and_hospital_races import at_once
from tests.inventory.conftest import TODAY, Stores, batch, issue, stocked
from tests.inventory.test_actions import here, left

pytestmark = pytest.mark.django_db(transaction=True)


def tried(work: Callable[[], Any], refused: list[str]) -> Callable[[], Any]:
    """The work, with a refusal noted instead of raised; anything else still fails the thread."""

    def run() -> Any:
        try:
            return work()
        except Refused as fault:
            refused.append(" ".join(fault.messages))
            return None

    return run


def give(stores: Stores, quantity: int, **fields: Any) -> Callable[[], Movement]:
    line = GoodsLine(Decimal(quantity), item=stores.rice)
    return lambda: issue_goods(**here(stores), **{"lines": [line], "recipient": "School", **fields})


def test_two_who_issue_the_last_at_once_do_not_both_get_it(stores: Stores) -> None:
    rice = batch(stores)
    stocked(stores, rice, 10)
    refused: list[str] = []
    assert at_once(*(tried(lambda: issue(stores, rice, 7), refused) for _ in range(3))) == 3
    assert left(rice) == 3 and len(refused) == 2


def test_what_is_picked_reserved_and_moved_at_once_is_never_promised_or_given_twice(stores: Stores) -> None:
    soon, later = batch(stores, days=5), batch(stores, days=50)
    for goods in (soon, later):
        stocked(stores, goods, 10)
    refused: list[str] = []
    tomorrow = timezone.now() + timedelta(days=1)
    works: list[Callable[[], Any]] = [
        give(stores, 9), give(stores, 9),
        lambda: reserve_stock(**here(stores), item=stores.rice, quantity=Decimal(9), until=tomorrow),
        lambda: move_goods(
            **here(stores),
            lines=[MoveLine(later, Decimal(4), to_bin=stores.shelf), MoveLine(soon, Decimal(4), to_bin=stores.shelf)],
        ),
        lambda: receive_goods(
            **here(stores),
            lines=[GoodsLine(Decimal(1), batch=soon, bin=stores.shelf), GoodsLine(Decimal(1), batch=later)],
        ),
    ]  # fmt: skip
    assert at_once(*(tried(work, refused) for work in works)) == len(works)
    held = sum(Reservation.objects.values_list("quantity", flat=True), Decimal(0))
    given = Movement.objects.filter(kind=MovementKind.ISSUE).count() * 9
    assert left(soon) + left(later) + given in (20, 22)
    assert held <= left(soon) + left(later) and verify() == []


def test_one_issue_sent_twice_at_once_is_one_movement_though_it_takes_all(stores: Stores) -> None:
    rice = batch(stores)
    stocked(stores, rice, 10)
    assert at_once(*(give(stores, 10, key="phone-1") for _ in range(3))) == 3
    assert Movement.objects.filter(kind=MovementKind.ISSUE).count() == 1 and left(rice) == 0


def test_two_who_take_one_movement_back_at_once_take_it_back_once(stores: Stores) -> None:
    rice = batch(stores)
    stocked(stores, rice, 10)
    wrong, refused = issue(stores, rice, 4), []
    by = {key: value for key, value in here(stores).items() if key != "warehouse"}
    back = tried(lambda: reverse_movement(**by, movement=wrong, reason="twice"), refused)
    assert at_once(back, back) == 2
    assert left(rice) == 10 and len(refused) == 1


def test_two_who_bring_back_the_last_at_once_bring_it_back_once(stores: Stores) -> None:
    rice, refused = batch(stores), []
    stocked(stores, rice, 10)
    issue(stores, rice, 4)
    back = tried(
        lambda: return_goods(**here(stores), lines=[GoodsLine(Decimal(4), batch=rice)], recipient="School"), refused
    )
    assert at_once(back, back) == 2 and left(rice) == 10 and len(refused) == 1


def test_two_who_receive_the_same_goods_in_opposite_order_make_one_batch_each_and_do_not_wait_in_a_circle(
    stores: Stores,
) -> None:
    rice = GoodsLine(Decimal(5), item=stores.rice, number="L1", expires_on=TODAY() + timedelta(days=9))
    wool = GoodsLine(Decimal(5), item=stores.blanket)
    come = [lambda lines=lines: receive_goods(**here(stores), lines=lines) for lines in ([rice, wool], [wool, rice])]
    assert at_once(*come, *come) == 4
    assert Batch.objects.count() == 2 and all(left(goods) == 20 for goods in Batch.objects.all())
