"""Stock as tables: back and forth without a change, opening stock through the ledger, refusals in words, taking back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from inventory.consignments import WantedLine, request_consignment
from inventory.models import Balance, Batch, Consignment, Movement, MovementKind, Warehouse
from inventory.receiving import GoodsLine, receive_goods
from inventory.reversing import reverse_movement
from inventory.verifying import verify
from komek.accounts.authority import standing_of
from komek.exchange.exporting import FORMATS, chosen_columns
from komek.exchange.reversing import reverse_batch
from komek.extensions import Viewer
from komek.extensions.exchange import exchange
from komek.records.actor import Channel
from komek.supplies.models import Dimension, Unit
from orgs.models import Site, SiteKind
from tests.camps.test_camp_exchange import bring, sentences, written
from tests.conftest import Cast, actor
from tests.inventory.conftest import Stores, batch, issue, stocked

KEYS = ("inventory.warehouse", "inventory.stock", "inventory.batch", "inventory.movement", "inventory.consignment")


@pytest.fixture
def full(stores: Stores, cast: Cast) -> Stores:
    """A store with a bit of everything that a table may have to say."""
    goods = batch(
        stores, number="=L 1", donor=cast.water, gift="G-7", unit_value=Decimal("2.5"), currency="TMT", pack=stores.sack
    )
    stocked(stores, goods, 500, bin=stores.shelf)
    stocked(stores, batch(stores, days=30), Decimal("12.25"), condition="damaged")
    wrong = stocked(stores, batch(stores, stores.blanket, days=None), 40, bin=stores.second_shelf)
    reverse_movement(by=actor(stores.kerim), operation=cast.operation, movement=wrong, reason="Counted twice")
    issue(stores, goods, 25, bin=stores.shelf, recipient="Köpri, «базар»")
    for count in (1, 2):
        request_consignment(
            by=actor(stores.kerim), operation=cast.operation, origin=stores.warehouse, destination=stores.other, note="1;2",
            lines=[WantedLine(stores.rice, Decimal("2.5")), WantedLine(stores.blanket, Decimal(count))],
            wanted_by=timezone.localdate(),
        )  # fmt: skip
    Warehouse.objects.filter(pk=stores.warehouse.pk).update(
        coldest_c=Decimal(2), warmest_c=Decimal("7.5"), lorry_note="Gate 3"
    )
    return stores


@pytest.mark.parametrize("name", ["csv", "xlsx", "hxl"])
def test_what_is_exported_comes_back_unchanged(full: Stores, cast: Cast, name: str) -> None:
    before = Movement.objects.count()
    for key in KEYS:
        resource: Any = exchange.get(key)
        records = resource.export_queryset(Viewer(user=cast.aina, operation=cast.operation)).order_by("pk")
        assert records.exists(), key
        content = b"".join(FORMATS[name][2](resource, chosen_columns(resource), records, is_exercise=False))
        made = written(cast, bring(cast, key, content, name=f"x.{FORMATS[name][0]}"))
        assert set(made.counts) == {"unchanged"}, (
            key,
            sentences(made),
            list(made.rows.values_list("changes", flat=True)),
        )
    assert Movement.objects.count() == before


OPENING = """warehouse,bin,item,number,expires_on,donor,quantity,unit
{code},A-01,FOOD-RICE,L77,2031-05-01,Unknown giver,2,t
{code},,Blanket,,,,40,
{code},A-01,FOOD-RICE,L77,2031-05-01,Unknown giver,2,t
{code},Z-99,FOOD-RICE,L78,2031-05-01,,5,
{code},A-02,FOOD-RICE,L79,2001-05-01,,5,
{code},A-02,Blanket,,,,1.5,
{code},A-02,FOOD-RICE,L80,2031-05-01,,5,pc
"""


def test_opening_stock_comes_through_the_ledger_once_and_is_taken_back_by_it(stores: Stores, cast: Cast) -> None:
    Unit.objects.create(name="tonne", symbol="t", dimension=Dimension.MASS, factor=Decimal(1000))
    content = OPENING.format(code=stores.warehouse.code)
    made = written(cast, bring(cast, "inventory.stock", content, by=stores.kerim))
    assert made.counts == {"create": 2, "refused": 5}, sentences(made)
    said = sentences(made)
    for words in ("says the same", "has no bin “Z-99”", "expired on", "counted in whole", "kg|pieces"):
        assert any(word in said for word in words.split("|")), (words, said)
    receipt = Movement.objects.get()
    assert receipt.kind == MovementKind.RECEIPT
    assert receipt.channel == Channel.IMPORT
    rice = Balance.objects.get(item=stores.rice)
    assert (rice.quantity, rice.bin, rice.batch.donor_name) == (Decimal(2000), stores.shelf, "Unknown giver")

    again = bring(cast, "inventory.stock", content.replace("40,", "41,"), by=stores.kerim)
    assert again.counts["unchanged"] == 2
    assert "The ledger has 40 pc of it there" in sentences(again)

    by = actor(stores.kerim, Channel.BROWSER)
    reversal = reverse_batch(by=by, batch=made, standing=standing_of(stores.kerim, cast.operation))
    assert reversal.removed == 2
    assert Movement.objects.get(kind=MovementKind.REVERSAL).reverses == receipt
    assert not Balance.objects.filter(quantity__gt=0).exists()
    assert verify() == []


def test_stock_of_another_organisation_is_not_brought_in(stores: Stores, cast: Cast) -> None:
    text = f"warehouse,item,quantity\n{stores.other.code},Blanket,5\n"
    made = bring(cast, "inventory.stock", text, by=stores.kerim)
    assert made.counts == {"refused": 1}
    assert "Only the keepers of East store" in sentences(made)


def test_movements_come_in_as_receipts_once_and_the_ledger_is_not_written_over(stores: Stores, cast: Cast) -> None:
    done = receive_goods(
        by=actor(stores.kerim), operation=cast.operation, warehouse=stores.warehouse,
        lines=[GoodsLine(quantity=Decimal(10), item=stores.blanket)],
    )  # fmt: skip
    yesterday = f"{timezone.localtime() - timedelta(days=1):%Y-%m-%d %H:%M}"
    text = (
        "code,kind,occurred_at,warehouse,item,quantity,document\n"
        f",receipt,{yesterday},{stores.warehouse.code},Blanket,30,GRN 1\n"
        f",issue,{yesterday},{stores.warehouse.code},Blanket,-3,\n"
        f"{done.code},,{yesterday},{stores.warehouse.code},Blanket,11,\n"
        f",,2041-01-01,{stores.warehouse.code},Blanket,30,\n"
    )
    made = written(cast, bring(cast, "inventory.movement", text, by=stores.kerim))
    assert made.counts == {"create": 1, "refused": 3}, sentences(made)
    assert "Only receipts can be brought in" in sentences(made)
    assert f"something else of {done.code}" in sentences(made)
    assert "lies in the future" in sentences(made)
    assert bring(cast, "inventory.movement", text, by=stores.kerim).counts["unchanged"] == 1
    assert Movement.objects.get(document="GRN 1").entries.get(quantity__gt=0).quantity == 30


def test_warehouses_come_in_and_a_store_of_the_register_is_taken_over(stores: Stores, cast: Cast) -> None:
    site = Site.objects.create(
        name="Old mill", kind=SiteKind.DISTRIBUTION, organisation=cast.relief, operation=cast.operation
    )
    text = (
        "name,organisation,volume_m3,coldest_c,warmest_c,lorry_access,latitude,longitude\n"
        f"Old mill,{cast.relief.code},900,,,t20,,\n"
        f"New shed,{cast.relief.code},200,2,8,van,38.1,58.2\n"
        f"Odd shed,{cast.relief.code},200,8,2,van,38.1,58.2\n"
    )
    made = written(cast, bring(cast, "inventory.warehouse", text))
    assert "must not be colder" in sentences(made)
    taken, new = Warehouse.objects.get(name="Old mill"), Warehouse.objects.get(name="New shed")
    assert (taken.code, taken.kind, taken.volume_m3) == (site.code, SiteKind.DISTRIBUTION, 900)
    assert (new.code[0], new.kind, new.warmest_c) == ("W", SiteKind.WAREHOUSE, Decimal(8))


def test_batches_are_described_ahead_corrected_and_keep_their_item(stores: Stores, cast: Cast) -> None:
    known = batch(stores, number="L1")
    text = (
        "code,item,number,expires_on,gift\n"
        f"{known.code},FOOD-RICE,L1,2032-01-01,G-9\n,FOOD-RICE,L2,2032-01-01,\n,FOOD-RICE,L3,,\n{known.code},SHE-BLANKET,L1,,\n"
    )
    made = written(cast, bring(cast, "inventory.batch", text))
    assert made.counts == {"update": 1, "create": 1, "refused": 2}, sentences(made)
    assert "Give the date, or say that it is not known" in sentences(made)
    assert "stays of its item" in sentences(made)
    known.refresh_from_db()
    assert (known.gift, str(known.expires_on)) == ("G-9", "2032-01-01")
    assert Batch.objects.get(number="L2").code.startswith("B")


def test_consignments_are_asked_for_and_taken_back_by_cancelling(stores: Stores, cast: Cast) -> None:
    text = (
        "origin,destination,goods,wanted_by\n"
        f"{stores.warehouse.code},{stores.other.code},FOOD-RICE: 2 sack of 25 kg; Blanket: 7,2031-01-01\n"
        f"{stores.warehouse.code},{stores.other.code},Rice ten,\n{stores.warehouse.code},{stores.other.code},Gold: 10,\n"
        f",{stores.other.code},Blanket: 7,\n{stores.warehouse.code},{stores.warehouse.code},Blanket: 7,\n"
    )
    made = written(cast, bring(cast, "inventory.consignment", text, by=stores.kerim))
    assert made.counts == {"create": 1, "refused": 4}, sentences(made)
    for words in ("write it like FOD-RICE: 500 kg", "“Gold” is not known", "which warehouse is to send", "already are"):
        assert words in sentences(made)
    asked = Consignment.objects.get()
    assert [line.quantity for line in asked.lines.all()] == [50, 7]
    reverse_batch(
        by=actor(stores.kerim, Channel.BROWSER), batch=made, standing=standing_of(stores.kerim, cast.operation)
    )
    asked.refresh_from_db()
    assert asked.state == "cancelled"
