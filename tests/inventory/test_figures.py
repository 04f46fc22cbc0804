"""The figures people act on: a past moment, the way of a gift, the pipeline, what runs out or expires, and what the alerts say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from inventory.alerts_stock import StockAlerts
from inventory.alerts_stores import StoreAlerts
from inventory.announcing import Coming, announce_consignment
from inventory.consignments import WantedLine, request_consignment
from inventory.dispatching import dispatch_consignment
from inventory.donor_report import stories
from inventory.forecasting import Lot, forecast
from inventory.issuing import issue_goods
from inventory.kits import assemble_kits, break_kits
from inventory.map_layers_warehouses import WarehousesLayer
from inventory.models import Account, Batch, Movement, StockLevel, TemperatureReading, Zone, ZoneKind
from inventory.overview import with_stock
from inventory.past_stock import WRITTEN_THEN, stock_at
from inventory.picking_consignments import load_parcels, pick_consignment
from inventory.pipeline import pipeline
from inventory.receiving import GoodsLine, receive_goods
from inventory.receiving_consignments import Arrived, receive_consignment
from inventory.refusals import Refused
from inventory.reversing import reverse_movement
from inventory.situation import StockFigures
from inventory.stock_cards import Card, balance_at, lines_of
from komek.accounts.authority import standing_of
from komek.extensions import Viewer
from komek.extensions.demands import Demand, demands
from komek.extensions.pledged import pledged
from komek.supplies.models import Item, KitContent
from orgs.models import Site, SiteKind
from tests.conftest import Cast, actor, point
from tests.inventory.conftest import Stores, batch, issue, stocked


def lay(stores: Stores, days_ago: int, **more: Any) -> dict[int, Decimal]:
    """What lay in the warehouse so many days ago, by item."""
    moment = timezone.now() - timedelta(days=days_ago)
    totals: dict[int, Decimal] = {}
    for row in stock_at(stores.warehouse.operation, [stores.warehouse.pk], moment, **more):
        totals[row.item] = totals.get(row.item, Decimal(0)) + row.quantity
    return totals


def entered(movement: Movement, days_ago: int) -> None:
    """As if the movement had been entered so many days ago; the ledger itself lets nobody say so."""
    import pgtrigger

    with pgtrigger.ignore("inventory.Movement:append_only"):
        Movement.objects.filter(pk=movement.pk).update(entered_at=timezone.now() - timedelta(days=days_ago))


def test_a_past_moment_is_as_known_today_or_as_the_ledger_said_then(stores: Stores, cast: Cast) -> None:
    ago = lambda days: timezone.now() - timedelta(days=days)  # noqa: E731
    rice = batch(stores)
    first = stocked(stores, rice, 100, occurred_at=ago(10))
    late = stocked(stores, rice, 40, occurred_at=ago(8))  # entered five days late
    wrong = stocked(stores, rice, 900, occurred_at=ago(7))
    back = reverse_movement(
        by=actor(stores.kerim), operation=cast.operation, movement=wrong, reason="A nought too many", occurred_at=ago(2)
    )
    out = issue(stores, rice, 30, occurred_at=ago(1), recipient="Camp")
    for movement, days in ((first, 10), (late, 3), (wrong, 7), (back, 2), (out, 1)):
        entered(movement, days)
    # Days ago: what is known today; what the ledger said then.
    for days, today, then in (
        (11, 0, 0),
        (9, 100, 100),
        (6, 140, 1000),
        (4, 140, 1000),
        (3, 140, 1040),
        (2, 140, 140),
        (0, 110, 110),
    ):
        moment = days - Decimal("0.5") if days else 0
        assert lay(stores, float(moment)).get(stores.rice.pk, 0) == today, days  # type: ignore[arg-type]
        said = lay(stores, float(moment), reading=WRITTEN_THEN).get(stores.rice.pk, 0)  # type: ignore[arg-type]
        assert said == then, (days, said)


def test_a_stock_card_runs_by_when_things_happened_and_a_mistake_does_not_count(stores: Stores, cast: Cast) -> None:
    now, rice = timezone.now(), batch(stores)
    type(stores.warehouse).objects.update(occurred_at=now - timedelta(days=20))
    stocked(stores, rice, 100, bin=stores.shelf, occurred_at=now - timedelta(days=6))
    wrong = issue(stores, rice, 60, bin=stores.shelf, occurred_at=now - timedelta(days=4), recipient="Camp")
    reverse_movement(by=actor(stores.kerim), operation=cast.operation, movement=wrong, reason="Not ours")
    issue(stores, rice, 20, bin=stores.shelf, occurred_at=now - timedelta(days=5), recipient="Camp")  # entered last
    card = Card(cast.operation, stores.warehouse, stores.rice)
    since = now - timedelta(days=5, hours=1)
    assert balance_at(card, since) == 100
    lines = list(lines_of(card, since, now + timedelta(minutes=1), Decimal(100)))
    assert [(line.movement.kind, line.came, line.left, line.balance, line.counts, line.is_late) for line in lines] == [
        ("issue", 0, 20, 80, True, True), ("issue", 0, 60, 80, False, True), ("reversal", 60, 0, 80, False, False),
    ]  # fmt: skip
    assert lines[0].bins == ["A-01"]
    figures = {
        (days, figure.indicator): figure.value
        for days in (0, 5, 8)
        for figure in StockFigures().figures(
            Viewer(user=stores.kerim, operation=cast.operation), timezone.localdate() - timedelta(days=days)
        )
    }
    assert [figures[(days, "stock_items")] for days in (0, 5, 8)] == [1, 1, 0]
    assert [figures[(days, "stock_issues")] for days in (0, 5, 8)] == [0, 1, 0]
    with pytest.raises(Refused, match="takes back another movement and cannot be taken back itself"):
        reverse_movement(
            by=actor(stores.kerim), operation=cast.operation, movement=Movement.objects.get(reverses=wrong), reason="No"
        )


def test_a_gift_is_followed_through_kits_and_consignments_down_to_the_site(
    stores: Stores, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = Item.objects.create(code="KIT-F", name="Family kit", category=stores.rice.category, unit=stores.blanket.unit)
    KitContent.objects.create(kit=kit, item=stores.blanket, quantity=2)
    camp = Site.objects.create(
        name="Camp 1",
        kind=SiteKind.CAMP,
        organisation=cast.relief,
        operation=cast.operation,
        location=point(58.5, 38.1),
    )
    by = {"by": actor(stores.kerim), "operation": cast.operation}
    lorry = announce_consignment(
        **by, destination=stores.warehouse, sender="Givers", donor=cast.water, gift="G-1",
        lines=[Coming(stores.blanket, Decimal(100))],
    )  # fmt: skip
    parcel = lorry.parcels.get()
    receive_consignment(
        by=actor(stores.kerim), consignment=lorry, is_last=True,
        lines=[Arrived(parcel, good=Decimal(96), bin=stores.shelf, explanation="Fell off")],
    )  # fmt: skip
    gift = parcel.batch
    assemble_kits(**by, warehouse=stores.warehouse, kit=kit, count=10)
    issue_goods(**by, warehouse=stores.warehouse, lines=[GoodsLine(Decimal(7), item=kit)], site=camp)
    taken = issue_goods(**by, warehouse=stores.warehouse, lines=[GoodsLine(Decimal(5), item=stores.blanket)], site=camp)
    reverse_movement(**by, movement=taken, reason="Another camp")
    asked = request_consignment(
        **by, origin=stores.warehouse, destination=stores.other, lines=[WantedLine(stores.blanket, Decimal(30))]
    )
    pick_consignment(by=actor(stores.kerim), consignment=asked)
    load_parcels(by=actor(stores.kerim), consignment=asked, parcels=list(asked.parcels.all()))
    dispatch_consignment(by=actor(stores.kerim), consignment=asked, vehicle="AB 12")
    receive_consignment(
        by=actor(stores.nur), consignment=asked, is_last=False, lines=[Arrived(asked.parcels.get(), good=Decimal(18))]
    )
    (told,) = stories([gift])
    fates = {(fate.account, str(fate.place or ""), fate.inside is not None): fate.quantity for fate in told.fates}
    assert told.received == 100 and told.unaccounted == 0
    assert fates == {
        (Account.LOST, lorry.code, False): 4,
        (Account.ISSUED, "Camp 1", True): 14,  # seven kits of two
        (Account.STOCK, "Central store", True): 6,
        (Account.STOCK, "Central store", False): 46,
        (Account.STOCK, "East store", False): 18,
        (Account.TRANSIT, asked.code, False): 12,
    }

    outside = batch(stores, kit, days=None, donor=cast.water, gift="G-2")
    stocked(stores, outside, 3)
    break_kits(**by, warehouse=stores.warehouse, batch=outside, count=2)
    for one in stories(list(Batch.objects.filter(operation=cast.operation))):
        assert one.unaccounted == 0, one
    (opened,) = stories([outside])
    assert {fate.account: fate.quantity for fate in opened.fates} == {Account.STOCK: 1, Account.KITS: 2}

    class Pledges:
        key = "test.pledges"

        def by_item(self, viewer: Viewer) -> Mapping[int, Decimal]:
            return {stores.blanket.pk: Decimal(500)}

    viewer = Viewer(user=stores.kerim, operation=cast.operation)
    monkeypatch.setattr(pledged, "_plugs", {"test.pledges": Pledges()})
    stages = pipeline(viewer, standing_of(stores.kerim, cast.operation), timezone.localdate())
    (blankets,) = [stage for stage in stages if stage.item == stores.blanket]
    shown = (blankets.pledged, blankets.in_transit, blankets.usable, blankets.issued, blankets.gone)
    assert shown == (500, 12, 68, 0, 4)
    (kits,) = [stage for stage in stages if stage.item == kit]
    assert (kits.usable, kits.issued) == (4, 7)


@pytest.mark.parametrize(
    ("lots", "daily", "days", "wasted"),
    [
        ([(100, None)], 10, 10, [0]),
        ([(100, 4), (100, None)], 10, 15, [50, 0]),  # five days of the first, the rest of it expires unused
        ([(30, 9), (30, 2)], 10, 6, [0, 0]),
        ([(30, 4), (90, 2)], 10, 5, [10, 60]),  # what expires first goes first, and holds the other up
        ([(100, None)], 0, None, [0]),
    ],
)  # fmt: skip
def test_stock_runs_out_by_use_and_by_expiry(
    lots: list[tuple[int, int | None]], daily: int, days: int | None, wasted: list[int]
) -> None:
    today = date(2026, 11, 1)
    given = [Lot(Decimal(q), None if d is None else today + timedelta(days=d)) for q, d in lots]
    found = forecast(given, Decimal(daily), today)
    assert (found.days, list(found.wasted)) == (days, wasted)


def test_alerts_say_what_is_short_what_expires_and_who_asks_for_it(
    stores: Stores, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    StockLevel.objects.create(warehouse=stores.warehouse, item=stores.rice, minimum=500, target=800)
    StockLevel.objects.create(warehouse=stores.other, item=stores.rice, minimum=50)
    soon = batch(stores, days=5)
    stocked(stores, soon, 280, bin=stores.shelf, occurred_at=timezone.now() - timedelta(days=9))
    stocked(stores, batch(stores, days=90), 60, occurred_at=timezone.now() - timedelta(days=9))
    stocked(stores, batch(stores, days=-2), 11, condition="quarantine", occurred_at=timezone.now() - timedelta(days=8))
    issue(stores, soon, 140, bin=stores.shelf, occurred_at=timezone.now() - timedelta(days=1), recipient="Camp")

    class Requests:
        key = "test.requests"

        def nearest(
            self,
            item_ids: Iterable[int],
            *,
            longitude: float | None,
            latitude: float | None,
            viewer: Viewer,
            limit: int,
        ) -> Mapping[int, Sequence[Demand]]:
            asked = [
                Demand(
                    f"R{place}",
                    f"Bread for camp {place}",
                    stores.rice.pk,
                    Decimal(75),
                    1000.0 * place,
                    None,
                    f"/r/{place}/",
                )
                for place in (3, 1, 2)
            ]
            return {stores.rice.pk: asked}

    viewer = Viewer(user=stores.kerim, operation=cast.operation)
    monkeypatch.setattr(demands, "_plugs", {"test.requests": Requests()})
    found = {alert.key: alert for alert in StockAlerts().alerts(viewer, 50)}
    short = found[f"inventory.short.{stores.warehouse.code}.FOOD-RICE"]
    assert "below its minimum" in short.title
    assert "200 kg usable; never below 500 kg" in short.detail and "11 kg more has expired" in short.detail
    # 140 kg in ten days are 14 a day: six days of the first batch (84 of 140 kg), then four of the second.
    runs_out = timezone.localdate() + timedelta(days=10)
    assert f"{runs_out.day}" in short.detail and "lasts until" in short.detail
    expiring = found[f"inventory.expiring.{stores.warehouse.code}.{soon.code}"]
    assert "expires in 5 days" in expiring.title and expiring.url == "/r/1/"
    assert "56 kg will be left over" in expiring.detail
    assert "Bread for camp 1, 75 kg, 1 km away" in expiring.detail
    assert "East store" in expiring.detail and "50 kg short of it" in expiring.detail
    assert any("has expired" in alert.title and "11 kg" in alert.detail for alert in found.values())


def test_alerts_say_where_the_cold_chain_broke_and_which_ledger_is_silent(stores: Stores, cast: Cast) -> None:
    room = Zone.objects.create(
        warehouse=stores.warehouse, name="Cold room", kind=ZoneKind.COLD, coldest_c=2, warmest_c=8
    )
    now = timezone.now()
    for hours, celsius in ((30, "9.9"), (6, "11.4"), (3, "8.5"), (1, "5.0")):
        TemperatureReading.objects.create(
            warehouse=stores.warehouse, zone=room, operation=cast.operation, celsius=Decimal(celsius),
            occurred_at=now - timedelta(hours=hours),
        )  # fmt: skip
    entered(stocked(stores, batch(stores), 10, occurred_at=now - timedelta(days=9)), 8)
    viewer = Viewer(user=stores.kerim, operation=cast.operation)
    found = {alert.key: alert for alert in StoreAlerts().alerts(viewer, 50)}
    cold = found[f"inventory.cold.{stores.warehouse.code}.{room.pk}"]
    assert "was too warm" in cold.title and "11.4 °C" in cold.detail
    assert "silent" in found[f"inventory.silent.{stores.warehouse.code}"].title
    assert StoreAlerts().alerts(Viewer(user=cast.oraz, operation=cast.operation), 50) == []

    entered(stocked(stores, batch(stores), 10), 6)
    assert f"inventory.silent.{stores.warehouse.code}" not in {alert.key for alert in StoreAlerts().alerts(viewer, 50)}


def test_a_warehouse_is_as_full_as_its_goods_are_large(stores: Stores, cast: Cast) -> None:
    Item.objects.filter(pk=stores.rice.pk).update(volume_l=Decimal("1.5"))
    type(stores.warehouse).objects.filter(pk=stores.warehouse.pk).update(volume_m3=10)
    receive_goods(
        by=actor(stores.kerim), operation=cast.operation, warehouse=stores.warehouse,
        lines=[GoodsLine(Decimal(2000), batch=batch(stores)), GoodsLine(Decimal(9), item=stores.blanket)],
    )  # fmt: skip
    row: Any = with_stock(type(stores.warehouse).objects.filter(pk=stores.warehouse.pk)).get()
    assert (row.fill, row.volume, row.batches) == (30.0, 3, 2)
    layer, viewer = WarehousesLayer(), Viewer(user=stores.kerim, operation=cast.operation)
    assert {one.name: one.level for one in layer.queryset(viewer)} == {"Central store": "room", "East store": "unknown"}
    stocked(stores, batch(stores, days=3), 1000)
    stocked(stores, batch(stores, days=-1), 7, warehouse=stores.other, condition="quarantine")
    shown = {one.name: one for one in layer.queryset(viewer)}
    assert {name: (one.level, one.expiring, one.expired) for name, one in shown.items()} == {
        "Central store": ("expiring", 1, 0), "East store": ("expired", 0, 1),
    }  # fmt: skip
    assert any("45 % of 10 m³" in str(value) for _label, value in layer.popup(shown["Central store"])["lines"])
    assert list(layer.queryset(Viewer(user=stores.kerim, operation=None))) == []
