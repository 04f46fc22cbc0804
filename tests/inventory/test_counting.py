"""Physical counts: blind, reviewed, posted once, and right whatever moves meanwhile."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from inventory.counting import (
    Decision,
    abandon_count,
    add_found,
    count_again,
    end_counting,
    expected_now,
    open_count,
    post_count,
    review_lines,
    write_counts,
)
from inventory.losses import record_loss
from inventory.models import Balance, Count, CountState, LossReason, Movement, Zone
from inventory.receiving import GoodsLine
from inventory.refusals import Refused
from inventory.reservations import reserve_stock
from tests.conftest import Cast, SignIn, actor
from tests.inventory.conftest import Stores, batch, issue, stocked


def begin(stores: Stores, zones: tuple[Zone, ...] = ()) -> Count:
    return open_count(
        by=actor(stores.kerim), operation=stores.warehouse.operation, warehouse=stores.warehouse, zones=zones
    )


def doing(stores: Stores, count: Count) -> dict[str, Any]:
    return {"by": actor(stores.kerim), "operation": stores.warehouse.operation, "count": count}


def lies(stores: Stores, goods: object) -> Decimal:
    return sum(Balance.objects.filter(batch=goods).values_list("quantity", flat=True), Decimal(0))


def counted(stores: Stores, count: Count, quantity: int) -> None:
    write_counts(**doing(stores, count), found={line.pk: Decimal(quantity) for line in count.lines.all()})


def accept_all(stores: Stores, count: Count, why: str = "torn sacks") -> None:
    decisions = {line.pk: Decision(True, why) for line in count.lines.all()}
    review_lines(**doing(stores, count), decisions=decisions)


def test_what_was_found_and_accepted_becomes_the_balance_and_is_posted_once(stores: Stores) -> None:
    rice = batch(stores)
    stocked(stores, rice, 100, bin=stores.shelf)
    count = begin(stores)
    counted(stores, count, 97)
    end_counting(**doing(stores, count))
    with pytest.raises(Refused, match="1 difference waits"):
        post_count(**doing(stores, count))
    with pytest.raises(Refused, match="say why"):
        accept_all(stores, count, why=" ")
    accept_all(stores, count)
    movement = post_count(**doing(stores, count))
    assert movement is not None and movement.count == count and lies(stores, rice) == 97
    with pytest.raises(Refused, match="posted already"):
        post_count(**doing(stores, count))
    with pytest.raises(Refused, match="Counting has ended already"):
        end_counting(**doing(stores, count))
    assert lies(stores, rice) == 97 and Movement.objects.count() == 2
    line = count.lines.get()
    assert (line.expected, line.counted) == (100, 97)


def test_goods_that_leave_before_and_after_the_look_and_late_news_make_no_difference(stores: Stores) -> None:
    rice = batch(stores)
    began = timezone.now() - timedelta(hours=5)
    stocked(stores, rice, 100, bin=stores.shelf, occurred_at=began - timedelta(days=1))
    count = begin(stores)
    issue(stores, rice, 10, bin=stores.shelf, occurred_at=began)
    looked = began + timedelta(hours=2)
    write_counts(**doing(stores, count), found={count.lines.get().pk: Decimal(85)}, at=looked)
    issue(stores, rice, 20, bin=stores.shelf, occurred_at=looked + timedelta(hours=1))
    assert expected_now(count)[count.lines.get().pk] == 90
    # Entered only now, but it happened before the look: the counter could not have seen these goods.
    issue(stores, rice, 5, bin=stores.shelf, occurred_at=looked - timedelta(minutes=5))
    assert expected_now(count)[count.lines.get().pk] == 85
    end_counting(**doing(stores, count))
    assert post_count(**doing(stores, count)) is None
    assert lies(stores, rice) == 65


def test_goods_nobody_expected_are_added_with_their_batch(stores: Stores) -> None:
    count = begin(stores)
    line = GoodsLine(Decimal(12), item=stores.blanket, bin=stores.second_shelf)
    added = add_found(**doing(stores, count), goods=line)
    with pytest.raises(Refused, match="on the list already"):
        add_found(**doing(stores, count), goods=line)
    end_counting(**doing(stores, count))
    accept_all(stores, count, "found behind the door")
    post_count(**doing(stores, count))
    assert lies(stores, added.batch) == 12


def test_lines_nobody_counted_stop_the_end_unless_nothing_was_there(stores: Stores) -> None:
    rice = batch(stores)
    stocked(stores, rice, 100, bin=stores.shelf)
    count = begin(stores)
    with pytest.raises(Refused, match="1 line is not counted"):
        end_counting(**doing(stores, count))
    end_counting(**doing(stores, count), rest_is_zero=True)
    with pytest.raises(Refused, match="ended already"):
        end_counting(**doing(stores, count), rest_is_zero=True)
    assert count.lines.get().counted == 0


def test_a_rejected_difference_leaves_the_ledger_and_a_line_can_be_counted_again(stores: Stores) -> None:
    rice = batch(stores)
    stocked(stores, rice, 100, bin=stores.shelf)
    count = begin(stores)
    counted(stores, count, 40)
    end_counting(**doing(stores, count))
    count_again(**doing(stores, count), lines=[count.lines.get().pk])
    assert count.lines.get().counted is None
    counted(stores, count, 98)
    end_counting(**doing(stores, count))
    review_lines(**doing(stores, count), decisions={count.lines.get().pk: Decision(False, "miscounted")})
    assert post_count(**doing(stores, count)) is None
    assert lies(stores, rice) == 100 and count.lines.get().explanation == "miscounted"


def test_one_part_is_counted_once_at_a_time_and_another_zone_beside_it(stores: Stores) -> None:
    yard = Zone.objects.create(warehouse=stores.warehouse, name="Yard")
    first = begin(stores, (stores.zone,))
    with pytest.raises(Refused, match="not finished"):
        begin(stores)
    with pytest.raises(Refused, match="not finished"):
        begin(stores, (stores.zone,))
    begin(stores, (yard,))
    abandon_count(**doing(stores, first), reason="wrong zone")
    first.refresh_from_db()
    assert first.state == CountState.ABANDONED
    begin(stores, (stores.zone,))


@pytest.mark.parametrize("quantity", [Decimal(-1), Decimal("NaN"), Decimal(10) ** 13, Decimal("0.0000001")])
def test_a_quantity_that_cannot_be_is_refused_and_nothing_is_kept(stores: Stores, quantity: Decimal) -> None:
    rice = batch(stores)
    stocked(stores, rice, 100, bin=stores.shelf)
    count = begin(stores)
    with pytest.raises(Refused, match="0 or more"):
        write_counts(**doing(stores, count), found={count.lines.get().pk: quantity})
    assert count.lines.get().counted is None


def test_another_organisation_and_a_viewer_may_not_count(stores: Stores, cast: Cast) -> None:
    for user in (stores.nur, cast.oraz):
        with pytest.raises(PermissionDenied):
            open_count(by=actor(user), operation=cast.operation, warehouse=stores.warehouse)
    count = begin(stores)
    with pytest.raises(PermissionDenied):
        end_counting(by=actor(stores.nur), operation=cast.operation, count=count)


def test_what_is_gone_is_written_although_it_was_promised_and_the_promise_is_not_lost(stores: Stores) -> None:
    rice = batch(stores)
    stocked(stores, rice, 100, bin=stores.shelf)
    here = {"by": actor(stores.kerim), "operation": stores.warehouse.operation, "warehouse": stores.warehouse}
    until = timezone.now() + timedelta(days=1)
    (held,) = reserve_stock(**here, item=stores.rice, quantity=Decimal(90), until=until, reference="R1")
    burnt = [GoodsLine(Decimal(20), batch=rice, bin=stores.shelf)]
    record_loss(**here, lines=burnt, loss_reason=LossReason.FIRE)
    count = begin(stores)
    counted(stores, count, 60)
    end_counting(**doing(stores, count))
    accept_all(stores, count)
    post_count(**doing(stores, count))
    held.refresh_from_db()
    assert lies(stores, rice) == 60 and held.closed_at is None
    with pytest.raises(Refused, match="held for others; 0 kg are free"):
        issue(stores, rice, 1, bin=stores.shelf)


def test_a_difference_beyond_what_is_left_is_left_out_or_counted_again_and_the_rest_is_posted(
    stores: Stores, sign_in: SignIn
) -> None:
    rice, oats = batch(stores), batch(stores)
    for goods in (rice, oats):
        stocked(stores, goods, 100, bin=stores.shelf)
    count = begin(stores)
    counted(stores, count, 60)
    end_counting(**doing(stores, count))
    accept_all(stores, count)
    issue(stores, rice, 90, bin=stores.shelf)
    with pytest.raises(Refused, match=f"Less is left of .*{rice.code}.* than the difference would take"):
        post_count(**doing(stores, count))
    client = sign_in(stores.kerim)
    assert "Leave these out and post the rest" in client.get(count.get_absolute_url()).content.decode()
    said = client.post(
        reverse("inventory:count_post", args=[count.pk]), {"leave_out": "1"}, follow=True
    ).content.decode()
    assert "Posted, without what left after it was counted" in said and "left out: goods left" in said
    assert (lies(stores, rice), lies(stores, oats)) == (10, 60)
    assert [line.accepted for line in count.lines.order_by("batch")] == [False, True]
    assert Movement.objects.get(count=count).entries.filter(batch=rice).count() == 0
