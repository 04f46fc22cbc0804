"""Goods by the row in the browser: the proposal and its reasons, kits, goods that come back, batches corrected, codes found."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from inventory.batches import change_batch
from inventory.issue_plans import explained
from inventory.models import Balance, Condition, Movement, MovementKind
from inventory.refusals import Refused
from inventory.search import PLUGS
from komek.extensions import Viewer
from komek.supplies.models import KitContent
from tests.conftest import Cast, SignIn, actor
from tests.inventory.conftest import Stores, batch, issue, stocked
from tests.inventory.test_stock_pages import now, rows


def test_the_proposal_says_why_each_place_is_taken_or_passed_over(stores: Stores, cast: Cast) -> None:
    soon, later = batch(stores, days=10, number="S"), batch(stores, days=50, number="L")
    stocked(stores, later, 40, bin=stores.shelf)
    stocked(stores, soon, 25, bin=stores.second_shelf)
    gone, damaged = batch(stores, days=-2, number="X"), batch(stores, number="D")
    stocked(stores, gone, 5, condition=Condition.DAMAGED)
    stocked(stores, damaged, 7, condition=Condition.DAMAGED)
    old = batch(stores, days=1, number="O")
    stocked(stores, old, 9)
    (plan,) = explained(
        cast.operation, stores.warehouse, {stores.rice: Decimal(60)}, on=timezone.localdate() + timedelta(days=3)
    )
    assert [(line.batch.number, line.quantity) for line in plan.taken] == [("S", 25), ("L", 35)]
    assert [line.why.split(",")[0] for line in plan.taken] == ["expires first", "expires next"]
    why = {line.batch.number: line.why for line in plan.left}
    assert why["O"].startswith("expired on") and why["D"] == why["X"] == "damaged" and not plan.shortage
    (short,) = explained(
        cast.operation, stores.warehouse, {stores.rice: Decimal(60)}, on=timezone.localdate(), usable_for_days=30
    )
    assert [line.batch.number for line in short.taken] == ["L"] and "40 kg can be given out" in short.shortage
    assert {line.why.split(" ")[0] for line in short.left if line.batch.number in "SO"} == {"usable"}


def test_a_keeper_takes_otherwise_than_proposed_and_a_changed_row_is_proposed_anew(
    stores: Stores, sign_in: SignIn
) -> None:
    soon, later = batch(stores, days=10), batch(stores, days=50)
    stocked(stores, soon, 25, bin=stores.second_shelf)
    stocked(stores, later, 40, bin=stores.shelf)
    keeper = sign_in(stores.kerim)
    address = f"/warehouses/{stores.warehouse.code}/give-out/"
    told = {
        **rows({"item": stores.rice.pk, "quantity": "2", "measure": "sack of 25 kg"}), "recipient": "School 4",
        "occurred_at": now(), "do": "issue", "_once": "a", "planned": f"{stores.rice.pk}:50;0",
    }  # fmt: skip
    boxes = {f"take-{soon.pk}-{stores.second_shelf.pk}": "10", f"take-{later.pk}-{stores.shelf.pk}": "40"}
    changed = keeper.post(address, {**told, **boxes, "goods-0-quantity": "1"})
    assert changed.status_code == 200 and not Movement.objects.filter(kind=MovementKind.ISSUE).exists()
    for forged in ({"take-x-1": "1"}, {f"take-{soon.pk}-999999": "1"}, {f"take-999999-{stores.shelf.pk}": "1"}, {}):
        assert keeper.post(address, {**told, **forged}).status_code == 422
    nonsense = keeper.post(address, {**told, **boxes, f"take-{soon.pk}-{stores.second_shelf.pk}": "many"})
    assert nonsense.status_code == 422 and 'value="many"' in nonsense.content.decode()
    assert keeper.post(address, {**told, **boxes}).status_code == 302
    assert keeper.post(address, {**told, **boxes}).status_code == 302  # sent twice
    assert dict(Balance.objects.values_list("batch", "quantity")) == {soon.pk: 15, later.pk: 0}
    nobody = keeper.post(address, {**told, **boxes, "recipient": "", "_once": "b"})
    assert nobody.status_code == 422 and "who gets the goods" in nobody.content.decode()


def test_several_goods_come_in_one_movement_and_one_bad_row_stops_all(stores: Stores, sign_in: SignIn) -> None:
    keeper = sign_in(stores.kerim)
    address = f"/warehouses/{stores.warehouse.code}/receive/"
    rice = {"item": stores.rice.pk, "quantity": "2", "measure": "sack of 25 kg", "expires_on": "", "condition": "good"}
    blankets = {"item": stores.blanket.pk, "quantity": "30", "bin": "A-02", "condition": "good"}
    told = {"donor_name": "Lions Club", "gift": "G-1", "occurred_at": now(), "_once": "a"}
    bad = keeper.post(address, {**rows(rice, blankets), **told})
    assert bad.status_code == 422 and "Rice expires" in bad.content.decode() and not Movement.objects.exists()
    assert keeper.post(address, {**rows({**rice, "expiry_is_unknown": "on"}, blankets), **told}).status_code == 302
    assert Movement.objects.count() == 1
    lots = {row.item_id: row for row in Balance.objects.select_related("batch")}
    assert lots[stores.rice.pk].quantity == 50 and lots[stores.rice.pk].batch.pack == stores.sack
    assert lots[stores.blanket.pk].batch.gift == "G-1" and lots[stores.blanket.pk].bin == stores.second_shelf
    empty = keeper.post(address, {**rows({}), **told})
    assert empty.status_code == 422 and "Nothing would move" in empty.content.decode()


def test_goods_come_back_and_kits_are_put_together_and_taken_apart(stores: Stores, sign_in: SignIn) -> None:
    keeper = sign_in(stores.kerim)
    house = f"/warehouses/{stores.warehouse.code}"
    rice = batch(stores)
    stocked(stores, rice, 100, bin=stores.shelf)
    issue(stores, rice, 30, bin=stores.shelf)
    back = {"batch": rice.pk, "quantity": "31", "bin": "A-02", "condition": "good"}
    told = {"recipient": "School 4", "occurred_at": now(), "_once": "a"}
    much = keeper.post(f"{house}/take-back/", {**rows(back), **told})
    assert much.status_code == 422 and "Only 30 kg" in much.content.decode()
    assert keeper.post(f"{house}/take-back/", {**rows({**back, "quantity": "30"}), **told}).status_code == 302
    KitContent.objects.create(kit=stores.blanket, item=stores.rice, quantity=8)
    assert "<strong>12</strong>" in keeper.get(f"{house}/kits/").content.decode()
    kit = {"kit": stores.blanket.pk, "count": "13", "bin": "A-01", "_once": "b"}
    assert keeper.post(f"{house}/kits/", kit).status_code == 422
    assert keeper.post(f"{house}/kits/", {**kit, "count": "5", "_once": "c"}).status_code == 302
    made = Balance.objects.get(item=stores.blanket)
    assert made.quantity == 5 and made.bin == stores.shelf
    assert "Take apart" in keeper.get(f"{house}/places/").content.decode()
    assert keeper.post(f"/stock/places/{made.pk}/break/", {"count": "5", "_once": "d"}).status_code == 302
    assert sum(Balance.objects.filter(item=stores.rice).values_list("quantity", flat=True)) == 100


def test_a_misread_expiry_is_corrected_with_a_reason_by_who_keeps_the_goods(
    stores: Stores, cast: Cast, sign_in: SignIn
) -> None:
    rice = batch(stores, number="B77")
    stocked(stores, rice, 10)
    by = {"by": actor(stores.kerim), "operation": cast.operation, "batch": rice}
    day = timezone.localdate() + timedelta(days=400)
    with pytest.raises(Refused, match="Say why"):
        change_batch(**by, expires_on=day)
    with pytest.raises(Refused, match="not both"):
        change_batch(**by, expiry_is_unknown=True)
    with pytest.raises(Refused, match="Rice expires"):
        change_batch(**by, expires_on=None, reason="none printed")
    with pytest.raises(PermissionDenied):
        change_batch(**{**by, "by": actor(stores.nur)}, note="x")
    told = {"number": "B78", "expires_on": f"{day:%Y-%m-%d}", "reason": "misread", "_once": "a"}
    assert sign_in(stores.kerim).post(f"/stock/batches/{rice.code}/change/", told).status_code == 302
    rice.refresh_from_db()
    assert (rice.expires_on, rice.number) == (day, "B78")
    past = sign_in(cast.oraz).get(f"/history/inventory/batch/{rice.pk}/").content.decode()
    assert "misread" in past and "B78" in past


def test_codes_and_printed_numbers_are_found_in_the_search_box(
    stores: Stores, cast: Cast, exercise_operation: object
) -> None:
    rice = batch(stores, number="LOT-9931")
    movement = stocked(stores, rice, 10, document="GRN-7")
    viewer = Viewer(user=cast.oraz, operation=cast.operation)

    def found(text: str, who: Viewer = viewer) -> list[str]:
        return [hit.code for plug in PLUGS for hit in plug.find(text, who, 10)]

    assert found(rice.code) == found("lot-99") == [rice.code]
    assert found(movement.code.lower()) == found("grn-7") == [movement.code]
    assert found(rice.code, Viewer(user=cast.oraz, operation=exercise_operation)) == []
    assert found(rice.code, Viewer(user=cast.pending, operation=cast.operation)) == []


def test_what_an_item_can_be_counted_in_is_suggested(stores: Stores, sign_in: SignIn) -> None:
    answer = sign_in(stores.kerim).get(f"/stock/measures/{stores.rice.pk}/").json()
    assert answer["measures"][:2] == ["sack of 25 kg", "kg"] and answer["unit"] == "kg"
