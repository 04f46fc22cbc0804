"""Stock at the API's door: every kind of movement once however often it is sent, and lists that cost the same however long."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import Balance, Movement, MovementKind
from inventory.verifying import verify
from komek.supplies.models import Item, KitContent
from tests.conftest import Cast, SignIn
from tests.inventory.conftest import Stores, batch, stocked


@pytest.fixture
def kit(stores: Stores) -> Item:
    made = Item.objects.create(code="KIT-F", name="Family kit", category=stores.rice.category, unit=stores.blanket.unit)
    KitContent.objects.create(kit=made, item=stores.blanket, quantity=2)
    return made


def test_every_kind_of_movement_is_written_once_though_it_is_sent_twice(
    stores: Stores, cast: Cast, kit: Item, sign_in: SignIn
) -> None:
    rice, wool, old = batch(stores), batch(stores, stores.blanket, days=None), batch(stores, days=-3)
    stocked(stores, rice, 100, bin=stores.shelf)
    stocked(stores, wool, 100)
    stocked(stores, old, 7, condition="quarantine")
    client, lay = sign_in(stores.kerim), stores.warehouse.code
    taken = {"batch": rice.code, "bin": "A-01", "quantity": "5"}
    kits = client.get("/api/v1/stock-movements/?limit=1")
    assert kits.status_code == 200
    sent: list[tuple[str, dict[str, Any]]] = [
        (
            "receipt",
            {"lines": [{"item": "SHE-BLANKET", "quantity": "10", "donor_name": "Givers"}], "document": "GRN 1"},
        ),
        ("issue", {"lines": [{"item": "FOOD-RICE", "quantity": "1", "unit": "sack of 25 kg"}], "recipient": "Camp"}),
        ("return", {"lines": [taken], "recipient": "Camp"}),
        ("transfer", {"lines": [{**taken, "to_bin": "A-02"}]}),
        ("loss", {"lines": [taken], "loss_reason": "water"}),
        ("write_off", {"expired": True}),
        ("kit_made", {"kit": kit.code, "count": 4}),
    ]
    codes = {}
    for kind, data in sent:
        answers = [
            client.post(
                "/api/v1/stock-movements/", json.dumps({"kind": kind, "warehouse": lay, **data}), "application/json",
                headers={"Idempotency-Key": f"phone-{kind}-1"},
            )
            for _twice in (1, 2)
        ]  # fmt: skip
        assert [answer.status_code for answer in answers] == [201, 201], (kind, answers[0].content)
        assert answers[0].json()["code"] == answers[1].json()["code"], kind
        codes[kind] = answers[0].json()["code"]
    made = Balance.objects.get(item=kit).batch
    for path, data in (
        ("", {"kind": "kit_broken", "warehouse": lay, "lines": [{"batch": made.code, "quantity": "1"}]}),
        (f"{codes['loss']}/reverse/", {"reason": "Found again"}),
    ):
        again = [
            client.post(f"/api/v1/stock-movements/{path}", json.dumps(data), "application/json",
                        headers={"Idempotency-Key": f"phone-{len(path)}-2"})
            for _twice in (1, 2)
        ]  # fmt: skip
        assert [answer.status_code for answer in again] == [201, 201], again[0].content
        assert again[0].json()["code"] == again[1].json()["code"]
    written = list(Movement.objects.order_by("pk").values_list("kind", flat=True))
    assert written[3:] == [*(kind for kind, _data in sent), MovementKind.KIT_BROKEN, MovementKind.REVERSAL]
    lying = {row.item.code: Decimal(0) for row in Balance.objects.select_related("item")}
    for row in Balance.objects.select_related("item"):
        lying[row.item.code] += row.quantity
    assert lying == {"FOOD-RICE": 80, "SHE-BLANKET": 104, "KIT-F": 3}
    assert verify() == []
    # The sender's own key is known for ever: also under another Idempotency-Key, and another movement under it is refused.
    first = {
        "kind": "issue",
        "warehouse": lay,
        "recipient": "Camp",
        "key": "K1",
        "lines": [{"item": "FOOD-RICE", "quantity": "1"}],
    }
    other = {**first, "lines": [{"item": "FOOD-RICE", "quantity": "2"}]}
    told = [
        client.post("/api/v1/stock-movements/", json.dumps(data), "application/json") for data in (first, first, other)
    ]
    assert told[0].json()["code"] == told[1].json()["code"] and told[2].status_code in (400, 422)
    assert "was sent under this key before" in told[2].content.decode()


def test_lists_cost_the_same_queries_however_long_they_are(stores: Stores, sign_in: SignIn) -> None:
    client, house = sign_in(stores.kerim), stores.warehouse.code
    doors = (
        "/stock/", f"/warehouses/{house}/stock/", f"/warehouses/{house}/places/", "/stock/movements/",
        "/api/v1/stock-movements/", "/api/v1/balances/", "/api/v1/batches/", "/api/v1/warehouses/",
    )  # fmt: skip

    def more() -> None:
        for number in range(4):
            item = Item.objects.create(
                code=f"I{Item.objects.count()}", name=f"Item {Item.objects.count()}", category=stores.rice.category,
                unit=stores.rice.unit,
            )  # fmt: skip
            stocked(stores, batch(stores, item, days=20 + number, pack=None), 5, bin=stores.shelf, recipient="Givers")

    more()
    for door in doors:
        client.get(door)  # what is kept between requests is there
    costs = []
    for _twice in (1, 2):
        spent = {}
        for door in doors:
            with CaptureQueriesContext(connection) as seen:
                assert client.get(door).status_code == 200, door
            spent[door] = len(seen)
        costs.append(spent)
        more()
    assert costs[0] == costs[1]
    answer: Any = client.get(f"/exchange/inventory.stock/export/?format=csv&warehouse={house}")
    whole = b"".join(answer.streaming_content).decode()
    assert (
        whole.count(house) == 12 and f"warehouse={house}" in client.get(f"/warehouses/{house}/places/").content.decode()
    )
    assert max(costs[0].values()) <= 25, costs
