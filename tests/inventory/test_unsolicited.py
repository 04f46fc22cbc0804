"""Unsolicited goods: sorted beside the stock, in it only once somebody takes them there."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from inventory.models import Balance, Movement, Outcome, Priority, UnsolicitedGoods
from inventory.receiving import GoodsLine
from inventory.refusals import Refused
from inventory.unsolicited import (
    change_unsolicited,
    register_unsolicited,
    settle_unsolicited,
    sort_unsolicited,
    stock_unsolicited,
)
from tests.conftest import Cast, SignIn, actor
from tests.inventory.conftest import Stores
from tests.inventory.test_stock_pages import now, rows


def heap(stores: Stores, **fields: object) -> UnsolicitedGoods:
    return register_unsolicited(
        by=actor(stores.kerim), operation=stores.warehouse.operation, warehouse=stores.warehouse,
        description="blankets and clothes", donor_name="Lions Club", **fields,
    )  # fmt: skip


def test_a_heap_stays_beside_the_stock_until_it_is_sorted_and_taken_in(stores: Stores) -> None:
    goods = heap(stores)
    assert goods.priority == Priority.UNSORTED and not Balance.objects.exists()
    by = {"by": actor(stores.kerim), "operation": stores.warehouse.operation}
    lines = [GoodsLine(Decimal(20), item=stores.blanket, bin=stores.shelf)]
    with pytest.raises(Refused, match="Sort it first"):
        stock_unsolicited(**by, goods=goods, lines=lines)
    sort_unsolicited(**by, goods=goods, priority=Priority.DISCARD)
    with pytest.raises(Refused, match="to be discarded"):
        stock_unsolicited(**by, goods=goods, lines=lines)
    sort_unsolicited(**by, goods=goods, priority=Priority.USEFUL)
    part = stock_unsolicited(**by, goods=goods, lines=lines, rest_stays=True)
    assert part.outcome == Outcome.WAITING
    stocked = stock_unsolicited(**by, goods=goods, lines=lines)
    assert stocked.outcome == Outcome.STOCKED and stocked.movement is not None
    lot = Balance.objects.select_related("batch").get()
    assert lot.quantity == 40 and lot.batch.donor_name == "Lions Club"
    with pytest.raises(Refused, match="settled already"):
        stock_unsolicited(**by, goods=goods, lines=lines)
    assert Movement.objects.count() == 2


def test_what_is_passed_on_or_discarded_says_to_whom_or_how_and_useful_goods_are_not_discarded(stores: Stores) -> None:
    by = {"by": actor(stores.kerim), "operation": stores.warehouse.operation}
    goods = heap(stores, priority=Priority.USEFUL)
    with pytest.raises(Refused, match="to whom"):
        settle_unsolicited(**by, goods=goods, outcome=Outcome.PASSED_ON, note=" ")
    with pytest.raises(Refused, match="of use"):
        settle_unsolicited(**by, goods=goods, outcome=Outcome.DISCARDED, note="burnt")
    with pytest.raises(Refused, match="passed on or discarded"):
        settle_unsolicited(**by, goods=goods, outcome=Outcome.STOCKED, note="x")
    settle_unsolicited(**by, goods=goods, outcome=Outcome.PASSED_ON, note="City orphanage")
    for late in (
        lambda: settle_unsolicited(**by, goods=goods, outcome=Outcome.DISCARDED, note="burnt"),
        lambda: sort_unsolicited(**by, goods=goods, priority=Priority.URGENT),
        lambda: change_unsolicited(**by, goods=goods, description="shoes"),
    ):
        with pytest.raises(Refused, match="settled already"):
            late()
    goods.refresh_from_db()
    assert (goods.outcome, goods.note, goods.description) == (
        Outcome.PASSED_ON,
        "City orphanage",
        "blankets and clothes",
    )
    assert not Movement.objects.exists()


def test_others_and_viewers_may_not_and_a_wrong_entry_gets_a_sentence(stores: Stores, cast: Cast) -> None:
    for user in (stores.nur, cast.oraz):
        with pytest.raises(PermissionDenied):
            register_unsolicited(
                by=actor(user), operation=stores.warehouse.operation, warehouse=stores.warehouse, description="shoes"
            )
    with pytest.raises(Refused, match="future"):
        heap(stores, occurred_at=timezone.now() + timedelta(days=1))
    with pytest.raises(Refused, match="less than nothing"):
        heap(stores, weight_kg=Decimal(-1))
    assert not UnsolicitedGoods.objects.exists()


def test_a_keeper_writes_down_sorts_and_stocks_a_heap_in_the_browser(
    stores: Stores, cast: Cast, sign_in: SignIn
) -> None:
    keeper = sign_in(stores.kerim)
    house = f"/warehouses/{stores.warehouse.code}/unsolicited/"
    told = {
        "description": "blankets",
        "priority": "unsorted",
        "donor_name": "Lions Club",
        "occurred_at": now(),
        "_once": "a",
    }
    assert keeper.post(f"{house}add/", {**told, "description": ""}).status_code == 422
    assert keeper.post(f"{house}add/", told).status_code == 302
    goods = UnsolicitedGoods.objects.get()
    page = f"/stock/unsolicited/{goods.pk}/"
    keeper.post(f"{page}sort/", {"priority": "urgent"})
    assert "urgent" in keeper.get(house).content.decode()
    # The list sorts many at once; those of others stay as they are.
    assert sign_in(stores.nur).post("/stock/unsolicited/", {"action": "discard", "all": "on"}).status_code == 302
    goods.refresh_from_db()
    assert goods.priority == Priority.URGENT
    line = {"item": stores.blanket.pk, "quantity": "12", "bin": "A-01", "condition": "good"}
    wrong = keeper.post(f"{page}stock/", {**rows({**line, "bin": "Z-9"}), "_once": "b"})
    assert wrong.status_code == 422 and "has no bin" in wrong.content.decode()
    assert keeper.post(f"{page}stock/", {**rows(line), "_once": "c"}).status_code == 302
    assert Balance.objects.get().quantity == 12
    again = keeper.post(f"{page}settle/", {"outcome": "discarded", "note": "burnt", "_once": "d"})
    assert again.status_code == 422 and "settled already" in again.content.decode()
    for address in (page, house, "/stock/unsolicited/", f"/warehouses/{stores.warehouse.code}/"):
        assert sign_in(cast.oraz).get(address).status_code == 200
    for door in (f"{house}add/", f"{page}settle/", f"{page}change/", f"{page}stock/"):
        assert sign_in(cast.oraz).post(door, told).status_code == 403
