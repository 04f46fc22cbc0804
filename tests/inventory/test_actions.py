"""Receiving, issuing, moving, losing, writing off, adjusting, taking back: each through its function, with its sentences."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from inventory.adjusting import Difference, adjust_stock
from inventory.issuing import issue_goods, return_goods
from inventory.losses import record_loss, write_off, write_off_expired
from inventory.models import Balance, Batch, Condition, Movement, MovementKind, Reservation
from inventory.moving import MoveLine, block_batch, move_goods, unblock_batch
from inventory.past_stock import stock_at
from inventory.receiving import GoodsLine, receive_goods
from inventory.refusals import Refused
from inventory.reservations import lapse_due, release, reserve_stock
from inventory.reversing import reverse_movement
from inventory.stock import stock_by_item
from inventory.verifying import verify
from tests.conftest import Cast, actor
from tests.inventory.conftest import TODAY, Stores, batch, stocked


def here(stores: Stores) -> dict[str, Any]:
    return {"by": actor(stores.kerim), "operation": stores.warehouse.operation, "warehouse": stores.warehouse}


def left(goods: Batch, **where: Any) -> Decimal:
    return sum(Balance.objects.filter(batch=goods, **where).values_list("quantity", flat=True), Decimal(0))


def give(stores: Stores, quantity: int, **fields: Any) -> Movement:
    """So much rice to a school, first expired first."""
    line = GoodsLine(Decimal(quantity), item=stores.rice)
    return issue_goods(**here(stores), **{"lines": [line], "recipient": "School 4", **fields})


def test_goods_alike_come_into_one_batch_and_others_into_another(stores: Stores, cast: Cast) -> None:
    line = GoodsLine(
        Decimal(50),
        item=stores.rice,
        bin=stores.shelf,
        number="L1",
        expires_on=TODAY() + timedelta(days=40),
        donor=cast.water,
    )
    one = receive_goods(**here(stores), lines=[line])
    receive_goods(**here(stores), lines=[line])
    receive_goods(**here(stores), lines=[GoodsLine(Decimal(1), item=stores.rice, number="L2", expiry_is_unknown=True)])
    assert Batch.objects.count() == 2 and left(Batch.objects.get(number="L1")) == 100
    assert one.entries.count() == 2 and one.entered_by == stores.kerim


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"expires_on": TODAY() - timedelta(days=1)}, "before it was received"),
        ({}, "Give the date, or say that it is not known"),
        ({"expires_on": TODAY(), "expiry_is_unknown": True}, "not both"),
        ({"expires_on": TODAY() + timedelta(days=9), "produced_on": TODAY() + timedelta(days=2)}, "produced after"),
        ({"expiry_is_unknown": True, "quantity": Decimal(0)}, "above zero"),
        ({"expiry_is_unknown": True, "quantity": Decimal("NaN")}, "above zero"),
        ({"expiry_is_unknown": True, "quantity": Decimal("0.0000001")}, "cannot be true"),
    ],
)
def test_a_receipt_that_cannot_be_true_is_refused_whole(stores: Stores, fields: dict[str, Any], sentence: str) -> None:
    good = GoodsLine(Decimal(1), item=stores.blanket)
    bad = GoodsLine(**{"quantity": Decimal(5), "item": stores.rice, **fields})
    with pytest.raises(Refused, match=sentence):
        receive_goods(**here(stores), lines=[good, bad])
    assert not Movement.objects.exists() and not Batch.objects.exists()


def test_expired_goods_are_received_into_quarantine_and_not_counted_as_usable(stores: Stores) -> None:
    line = GoodsLine(
        Decimal(5), item=stores.rice, expires_on=TODAY() - timedelta(days=1), condition=Condition.QUARANTINE
    )
    receive_goods(**here(stores), lines=[line])
    stock = stock_by_item(stores.warehouse.operation, stores.warehouse)[stores.rice.pk]
    assert stock.is_out and stock.total == 5


def test_what_is_given_out_is_picked_first_expired_first_over_batches_and_bins(stores: Stores) -> None:
    soon, later = batch(stores, days=5), batch(stores, days=50)
    stocked(stores, later, 100, bin=stores.shelf)
    stocked(stores, soon, 20, bin=stores.second_shelf)
    give(stores, 30)
    assert left(soon) == 0 and left(later) == 90


def test_more_than_there_is_is_refused_saying_how_much_where_what_expired_and_who_else_has_some(stores: Stores) -> None:
    stocked(stores, batch(stores, days=5), 40, bin=stores.shelf)
    stocked(stores, batch(stores, days=-2), 25, bin=stores.second_shelf)
    stocked(stores, batch(stores, days=70), 200, warehouse=stores.other)
    with pytest.raises(Refused) as refusal:
        give(stores, 60)
    sentence = " ".join(refusal.value.messages)
    for words in ("40 kg can be given out", "40 kg A-01", "25 kg expired", "200 kg East store"):
        assert words in sentence
    assert Movement.objects.filter(kind=MovementKind.ISSUE).count() == 0


def test_an_expired_blocked_or_damaged_batch_is_not_given_out_even_when_named(stores: Stores) -> None:
    expired, blocked = batch(stores, days=-1), batch(stores)
    for goods in (expired, blocked):
        stocked(stores, goods, 10)
    stocked(stores, blocked, 10, condition=Condition.DAMAGED)
    give(stores, 1, lines=[GoodsLine(Decimal(1), batch=blocked)])
    block_batch(by=actor(stores.kerim), operation=stores.warehouse.operation, batch=blocked, reason="recalled")
    # The page still holds the batch as it was before it was blocked.
    for line, words in (
        (GoodsLine(Decimal(1), batch=expired), "expired on"),
        (GoodsLine(Decimal(1), batch=blocked), "blocked"),
        (GoodsLine(Decimal(1), batch=blocked, condition=Condition.DAMAGED), "damaged"),
    ):
        with pytest.raises(Refused, match=words):
            give(stores, 1, lines=[line])
    unblock_batch(by=actor(stores.kerim), operation=stores.warehouse.operation, batch=blocked)
    give(stores, 1, lines=[GoodsLine(Decimal(1), batch=blocked)])
    with pytest.raises(Refused, match="Say why"):
        block_batch(by=actor(stores.kerim), operation=stores.warehouse.operation, batch=blocked, reason=" ")


def test_goods_must_be_usable_as_long_as_asked_for_and_go_to_somebody(stores: Stores) -> None:
    stocked(stores, batch(stores, days=10), 10)
    with pytest.raises(Refused, match="not usable long enough"):
        give(stores, 1, usable_for_days=30)
    with pytest.raises(Refused, match="who gets"):
        give(stores, 1, recipient=" ")


def test_an_issue_sent_again_is_the_same_even_when_nothing_is_left_to_pick(stores: Stores) -> None:
    stocked(stores, batch(stores), 10)
    first = give(stores, 10, key="phone-7")
    assert give(stores, 10, key="phone-7") == first
    with pytest.raises(Refused, match=first.code):
        give(stores, 9, key="phone-7")


def test_no_more_comes_back_than_was_given_out(stores: Stores) -> None:
    rice = batch(stores)
    stocked(stores, rice, 10)
    give(stores, 6)
    back = {"lines": [GoodsLine(Decimal(4), batch=rice)], "recipient": "School 4"}
    return_goods(**here(stores), **back)
    with pytest.raises(Refused, match="Only 2 kg"):
        return_goods(**here(stores), **back)
    assert left(rice) == 8


def test_goods_move_between_bins_and_conditions_and_what_is_held_moves_along(stores: Stores) -> None:
    rice = batch(stores)
    stocked(stores, rice, 10, bin=stores.shelf)
    reserve_stock(**here(stores), batch=rice, quantity=Decimal(8), until=timezone.now() + timedelta(days=1))
    move_goods(**here(stores), lines=[MoveLine(rice, Decimal(10), bin=stores.shelf, to_bin=stores.second_shelf)])
    spoil = MoveLine(
        rice, Decimal(3), bin=stores.second_shelf, to_bin=stores.second_shelf, to_condition=Condition.DAMAGED
    )
    with pytest.raises(Refused, match="held for others; 2 kg are free"):
        move_goods(**here(stores), lines=[spoil])
    with pytest.raises(Refused, match="lie there already"):
        move_goods(**here(stores), lines=[MoveLine(rice, Decimal(1), bin=stores.shelf, to_bin=stores.shelf)])
    stores.shelf.is_active = False
    stores.shelf.save()
    with pytest.raises(Refused, match="not in use"):
        move_goods(**here(stores), lines=[MoveLine(rice, Decimal(1), bin=stores.second_shelf, to_bin=stores.shelf)])
    assert left(rice, bin=stores.second_shelf) == 10


def test_losses_have_a_reason_and_everything_expired_is_written_off_at_once(stores: Stores) -> None:
    old, rice = batch(stores, days=-3), batch(stores)
    stocked(stores, old, 7, bin=stores.shelf)
    stocked(stores, old, 2)
    stocked(stores, rice, 10)
    record_loss(**here(stores), lines=[GoodsLine(Decimal(1), batch=rice)], loss_reason="theft")
    write_off(**here(stores), lines=[GoodsLine(Decimal(1), batch=rice)], loss_reason="spoiled")
    for reason, words in (("", "Choose a reason"), ("other", "few words")):
        with pytest.raises(Refused, match=words):
            record_loss(**here(stores), lines=[GoodsLine(Decimal(1), batch=rice)], loss_reason=reason)
    written = write_off_expired(**here(stores), key="k")
    assert write_off_expired(**here(stores), key="k") == written
    assert left(old) == 0 and left(rice) == 8
    with pytest.raises(Refused, match="Nothing here has expired"):
        write_off_expired(**here(stores))


def test_an_adjustment_goes_both_ways(stores: Stores) -> None:
    rice, other = batch(stores), batch(stores, days=9)
    stocked(stores, rice, 10)
    adjust_stock(
        **here(stores), differences=[Difference(rice, Decimal(-4)), Difference(other, Decimal(2))], reason="count"
    )
    assert (left(rice), left(other)) == (6, 2)


def test_a_movement_is_taken_back_once_whole_and_by_name_and_a_reversal_never(stores: Stores) -> None:
    rice = batch(stores)
    receipt = stocked(stores, rice, 10, bin=stores.shelf)
    issued = give(stores, 4)
    by = {"by": actor(stores.kerim), "operation": stores.warehouse.operation, "reason": "wrong batch"}
    with pytest.raises(Refused, match="there are 6 kg"):
        reverse_movement(**by, movement=receipt)
    back = reverse_movement(**by, movement=issued)
    assert left(rice, bin=stores.shelf) == 10 and back.reverses == issued and back.recipient == "School 4"
    with pytest.raises(Refused, match=back.code):
        reverse_movement(**by, movement=issued)
    with pytest.raises(Refused, match="cannot be taken back"):
        reverse_movement(**by, movement=back)
    reverse_movement(**by, movement=receipt)
    assert left(rice) == 0 and verify() == []


def test_a_late_message_may_not_take_what_was_not_there_yet(stores: Stores) -> None:
    rice, now = batch(stores), timezone.now()
    stocked(stores, rice, 10, occurred_at=now - timedelta(days=5))
    give(stores, 10, occurred_at=now - timedelta(days=4))
    stocked(stores, rice, 6, occurred_at=now - timedelta(days=2))
    with pytest.raises(Refused, match="only 0 kg"):
        give(stores, 5, occurred_at=now - timedelta(days=3))
    give(stores, 5, occurred_at=now - timedelta(days=1))
    # A receipt by a clock that is a little fast: the issue right after follows it.
    stocked(stores, rice, 3, occurred_at=now + timedelta(minutes=5))
    assert give(stores, 4).occurred_at == now + timedelta(minutes=5)
    lay = [
        sum(
            row.quantity for row in stock_at(stores.warehouse.operation, [stores.warehouse.pk], now - timedelta(days=d))
        )
        for d in (6, 4.5, 3.5, 1.5, 0.5)
    ]
    assert lay == [0, 10, 0, 6, 1] and verify() == []


def test_what_is_reserved_is_not_promised_again_until_released_or_lapsed(stores: Stores) -> None:
    soon, later = batch(stores, days=5), batch(stores, days=50)
    stocked(stores, soon, 10)
    stocked(stores, later, 10)
    tomorrow = timezone.now() + timedelta(days=1)
    held = reserve_stock(**here(stores), item=stores.rice, quantity=Decimal(12), until=tomorrow, reference="R1")
    assert [(one.batch, one.quantity) for one in held] == [(soon, 10), (later, 2)]
    with pytest.raises(Refused, match="12 kg held for others|8 kg can be given out"):
        reserve_stock(**here(stores), item=stores.rice, quantity=Decimal(9), until=tomorrow)
    by = {"by": actor(stores.kerim), "operation": stores.warehouse.operation}
    assert release(**by, reservations=held[:1]) == 1 and release(**by, reservations=held[:1]) == 0
    Reservation.objects.filter(pk=held[1].pk).update(until=timezone.now() - timedelta(minutes=1))
    assert lapse_due() == 1 and lapse_due() == 0
    give(stores, 20)
    with pytest.raises(Refused, match="future"):
        reserve_stock(**here(stores), item=stores.rice, quantity=Decimal(1), until=timezone.now())


def test_a_warehouse_of_an_exercise_is_out_of_reach_of_the_real_operation(
    stores: Stores, exercise_operation: Any
) -> None:
    rice = batch(stores)
    with pytest.raises(Refused, match="another operation"):
        receive_goods(
            by=actor(stores.kerim), operation=exercise_operation, warehouse=stores.warehouse,
            lines=[GoodsLine(Decimal(1), batch=rice)],
        )  # fmt: skip
