"""Pages of stock, movements and counts: a keeper's day in the browser, and who is kept out."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from inventory.models import Balance, Condition, Count, CountState, Movement, MovementKind
from tests.conftest import Cast, SignIn
from tests.inventory.conftest import Stores, batch, stocked


def now() -> str:
    return f"{timezone.localtime():%Y-%m-%dT%H:%M}"


def rows(*goods: dict[str, Any], prefix: str = "goods") -> dict[str, Any]:
    """Rows of a form as a browser sends them."""
    sent: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(goods), f"{prefix}-INITIAL_FORMS": 0}
    for place, row in enumerate(goods):
        sent |= {f"{prefix}-{place}-{name}": value for name, value in row.items()}
    return sent


def receive(client: Any, stores: Stores, **more: Any) -> Any:
    goods = {
        "item": stores.rice.pk, "quantity": "4", "measure": "sack of 25 kg", "number": "B77", "bin": "A-01",
        "expires_on": f"{timezone.localdate().year + 1}-12-31", "condition": "good", **more,
    }  # fmt: skip
    data = {"occurred_at": now(), "_once": "one", **rows(goods)}
    return client.post(f"/warehouses/{stores.warehouse.code}/receive/", data)


def test_goods_are_received_given_out_and_a_mistake_is_taken_back(stores: Stores, cast: Cast, sign_in: SignIn) -> None:
    keeper = sign_in(stores.kerim)
    answer = receive(keeper, stores)
    movement = Movement.objects.get()
    assert answer.status_code == 302 and answer["Location"].endswith(f"/stock/movements/{movement.code}/")
    receive(keeper, stores)  # the same form sent twice
    assert Movement.objects.count() == 1 and Balance.objects.get().quantity == 100
    issue = f"/warehouses/{stores.warehouse.code}/give-out/"
    told = {"recipient": "School 4", "occurred_at": now()}
    lot = Balance.objects.get()
    much = {**told, **rows({"item": stores.rice.pk, "quantity": "130"}), "_once": "two"}
    short = keeper.post(issue, {**much, "do": "issue"})  # nothing was proposed yet, so this only proposes
    assert short.status_code == 200 and "100 kg can be given out" in short.content.decode()
    assert "School 4" in short.content.decode() and Movement.objects.count() == 1
    one = {**told, **rows({"item": stores.rice.pk, "quantity": "30"}), "_once": "three"}
    proposal = keeper.post(issue, {**one, "do": "plan"}).content.decode()
    box = f"take-{lot.batch_id}-{stores.shelf.pk}"
    assert f'name="{box}"' in proposal and "expires first" in proposal
    planned = f"{stores.rice.pk}:30;0"
    assert f'value="{planned}"' in proposal
    too_much = keeper.post(issue, {**one, "do": "issue", "planned": planned, box: "130"})
    assert too_much.status_code == 422 and "there are 100 kg" in too_much.content.decode()
    assert keeper.post(issue, {**one, "do": "issue", "planned": planned, box: "30", "_once": "4"}).status_code == 302
    given = Movement.objects.get(kind=MovementKind.ISSUE)
    back = keeper.post(f"/stock/movements/{given.code}/take-back/", {"reason": "wrong school", "_once": "four"})
    assert back.status_code == 302 and Balance.objects.get().quantity == 100
    page = keeper.get(f"/stock/movements/{given.code}/").content.decode()
    assert "wrong school" in page and "take-back" not in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"quantity": "0"}, "above zero"),
        ({"measure": "bucket"}, "is not known"),
        ({"bin": "Z-99"}, "has no bin"),
        ({"expires_on": "2020-01-01"}, "expire"),
        ({"quantity": "lots"}, "number"),
    ],
)
def test_a_wrong_receipt_gets_a_sentence_and_the_ledger_stays(
    stores: Stores, sign_in: SignIn, wrong: dict[str, str], sentence: str
) -> None:
    answer = receive(sign_in(stores.kerim), stores, **wrong)
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert not Movement.objects.exists()


def test_what_lies_in_a_place_is_moved_lost_and_written_off(stores: Stores, sign_in: SignIn) -> None:
    keeper = sign_in(stores.kerim)
    rice = batch(stores)
    stocked(stores, rice, 100, bin=stores.shelf)
    place = Balance.objects.get()
    moved = {"quantity": "40", "to_bin": "A-02", "to_condition": "damaged", "_once": "m"}
    assert keeper.post(f"/stock/places/{place.pk}/move/", moved).status_code == 302
    assert Balance.objects.get(bin=stores.second_shelf, condition=Condition.DAMAGED).quantity == 40
    lost = {"quantity": "10", "loss_reason": "theft", "_once": "l"}
    assert keeper.post(f"/stock/places/{place.pk}/lose/", lost).status_code == 302
    assert (
        keeper.post(f"/stock/places/{place.pk}/write-off/", {**lost, "quantity": "51", "_once": "w"}).status_code == 422
    )
    place.refresh_from_db()
    assert place.quantity == 50


def test_everything_that_expired_leaves_at_once(stores: Stores, sign_in: SignIn) -> None:
    stocked(stores, batch(stores, days=-3), 12, condition=Condition.QUARANTINE)
    stocked(stores, batch(stores, days=90), 7)
    keeper = sign_in(stores.kerim)
    address = f"/warehouses/{stores.warehouse.code}/expired/"
    assert keeper.post(address, {"reason": "burnt", "_once": "e"}).status_code == 302
    assert sum(Balance.objects.values_list("quantity", flat=True)) == 7
    assert keeper.post(address, {"reason": "burnt", "_once": "f"}).status_code == 422


def test_a_batch_is_blocked_with_a_reason_and_freed(stores: Stores, sign_in: SignIn) -> None:
    rice = batch(stores)
    stocked(stores, rice, 5)
    keeper = sign_in(stores.kerim)
    keeper.post(f"/stock/batches/{rice.code}/block/", {"reason": "recalled by the maker", "_once": "b"})
    assert "recalled by the maker" in keeper.get(f"/stock/batches/{rice.code}/").content.decode()
    keeper.post(f"/stock/batches/{rice.code}/unblock/")
    rice.refresh_from_db()
    assert not rice.is_blocked


def test_only_expired_goods_count_as_out_of_stock_on_the_list(stores: Stores, cast: Cast, sign_in: SignIn) -> None:
    stocked(stores, batch(stores, days=-3), 12, condition=Condition.QUARANTINE)
    page = sign_in(cast.aina).get("/stock/").content.decode()
    assert "Rice" in page and "out of stock" in page


def test_a_count_is_blind_then_reviewed_and_posted(stores: Stores, sign_in: SignIn) -> None:
    rice = batch(stores)
    stocked(stores, rice, 137, bin=stores.shelf)
    keeper = sign_in(stores.kerim)
    begun = keeper.post(f"/warehouses/{stores.warehouse.code}/counts/add/", {"zones": [stores.zone.pk], "_once": "c"})
    count = Count.objects.get()
    assert begun["Location"].endswith(f"/stock/counts/{count.pk}/")
    address = f"/stock/counts/{count.pk}/"
    assert "137" not in keeper.get(address).content.decode()
    line = count.lines.get()
    wrong = keeper.post(address, {f"counted-{line.pk}": "many"})
    assert wrong.status_code == 422 and 'value="many"' in wrong.content.decode()
    keeper.post(address, {f"counted-{line.pk}": "5 sack of 25 kg + 5"})
    keeper.post(f"{address}end/")
    assert "137" in keeper.get(address).content.decode()
    keeper.post(address, {f"accept-{line.pk}": "yes", f"why-{line.pk}": "torn sacks"})
    keeper.post(f"{address}post/")
    count.refresh_from_db()
    assert count.state == CountState.POSTED and Balance.objects.get().quantity == 130
    assert keeper.post(f"{address}post/", follow=True).content.decode().count("posted already") == 1


def test_found_goods_and_giving_up_have_their_forms(stores: Stores, sign_in: SignIn) -> None:
    keeper = sign_in(stores.kerim)
    keeper.post(f"/warehouses/{stores.warehouse.code}/counts/add/", {"_once": "c"})
    count = Count.objects.get()
    found = {"item": stores.blanket.pk, "quantity": "12", "bin": "A-02", "condition": "good", "_once": "g"}
    assert keeper.post(f"/stock/counts/{count.pk}/found/", found).status_code == 302
    assert count.lines.get().counted == 12
    keeper.post(f"/stock/counts/{count.pk}/abandon/", {"reason": "fire alarm", "_once": "h"})
    count.refresh_from_db()
    assert count.state == CountState.ABANDONED and "fire alarm" in count.note


def test_every_page_opens_for_who_looks_and_nothing_can_be_done_by_others(
    stores: Stores, cast: Cast, sign_in: SignIn
) -> None:
    rice = batch(stores)
    movement = stocked(stores, rice, 10, bin=stores.shelf)
    place = Balance.objects.get()
    house = f"/warehouses/{stores.warehouse.code}"
    pages = [
        "/warehouses/", f"{house}/", f"{house}/stock/", f"{house}/places/", f"{house}/movements/", f"{house}/counts/",
        f"{house}/zones/", f"{house}/levels/", f"{house}/temperatures/", "/stock/", "/stock/movements/", "/stock/counts/",
        f"/stock/movements/{movement.code}/", f"/stock/batches/{rice.code}/", f"/stock/items/{stores.rice.code}/",
        "/consignments/", "/stock/reports/", "/stock/scan/",
    ]  # fmt: skip
    for user in (cast.oraz, stores.kerim):
        client = sign_in(user)
        assert {page: client.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)
    doors = [
        f"{house}/receive/", f"{house}/give-out/", f"{house}/expired/", f"{house}/counts/add/",
        f"/stock/movements/{movement.code}/take-back/", f"/stock/batches/{rice.code}/block/",
        *(f"/stock/places/{place.pk}/{deed}/" for deed in ("move", "lose", "write-off", "break")),
    ]  # fmt: skip
    for user in (cast.oraz, stores.nur):
        client = sign_in(user)
        assert {door: client.post(door, {"reason": "x"}).status_code for door in doors} == dict.fromkeys(doors, 403)
    assert Movement.objects.count() == 1


def test_reports_open_with_goods_and_leave_as_csv(stores: Stores, sign_in: SignIn) -> None:
    stocked(stores, batch(stores, donor_name="Lions Club", gift="G-1"), 10, bin=stores.shelf)
    stocked(stores, batch(stores, days=10), 20)
    client = sign_in(stores.kerim)
    for report in ("card", "past", "donors", "levels", "expiring", "pipeline"):
        answer = client.get(f"/stock/reports/{report}/")
        assert answer.status_code == 200, report
