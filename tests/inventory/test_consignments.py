"""Consignments: on the way in the ledger until received or explained, in parts, with each difference explained."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from inventory.consignments import (
    WantedLine,
    cancel_consignment,
    request_consignment,
    split_off,
    start_from_reservation,
)
from inventory.dispatching import dispatch_consignment, on_the_way, report_position, turn_back
from inventory.models import (
    Account,
    Balance,
    Condition,
    Consignment,
    ConsignmentState,
    Entry,
    LossReason,
    Movement,
    MovementKind,
    Reservation,
)
from inventory.offers import StockOffers
from inventory.picking_consignments import load_parcels, pick_consignment, undo_picking
from inventory.receiving_consignments import Arrived, receive_consignment
from inventory.refusals import Refused
from komek.accounts.roles import Role
from komek.extensions.arrivals import Arrival, arrivals
from orgs.models import Site, SiteKind
from tests.conftest import actor, member, person, point
from tests.inventory.conftest import Stores, batch, stocked


def asked(stores: Stores, quantity: int = 100, *, to: Any = None, **fields: Any) -> Consignment:
    return request_consignment(
        by=actor(stores.kerim), operation=stores.warehouse.operation, origin=stores.warehouse,
        destination=to or stores.other, lines=[WantedLine(stores.rice, Decimal(quantity))], **fields,
    )  # fmt: skip


def sent(stores: Stores, quantity: int = 100, **fields: Any) -> Consignment:
    made = pick_consignment(by=actor(stores.kerim), consignment=asked(stores, quantity, **fields))
    load_parcels(by=actor(stores.kerim), consignment=made, parcels=made.parcels.all())
    return dispatch_consignment(by=actor(stores.kerim), consignment=made, vehicle="AB 12")


def received(stores: Stores, made: Consignment, good: int, *, by: Any = None, is_last: bool = True, **line: Any) -> Any:
    options = {name: line.pop(name) for name in ("key", "occurred_at") if name in line}
    lines = [Arrived(made.parcels.get(), Decimal(good), **line)]
    return receive_consignment(
        by=actor(by or stores.nur), consignment=made, lines=lines, is_last=is_last, **options
    )  # fmt: skip


def total(account: str, **where: Any) -> Decimal:
    return sum(Entry.objects.filter(account=account, **where).values_list("quantity", flat=True), Decimal(0))


@pytest.fixture
def camp(stores: Stores, cast: Any) -> tuple[Site, Any]:
    site = Site.objects.create(
        operation=cast.operation, organisation=cast.water, name="Camp", kind=SiteKind.CAMP, location=point(59, 38)
    )
    manager = person("Maya", current_operation=cast.operation)
    member(manager, cast.water, Role.CAMP_MANAGER)
    return site, manager


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Arrival]:
    heard: list[Arrival] = []

    class Ear:
        key = "test.ear"

        def told(self, arrival: Arrival, *, by: Any) -> None:
            heard.append(arrival)

    monkeypatch.setattr(arrivals, "_plugs", {"test.ear": Ear()})
    return heard


def test_goods_travel_first_expired_first_and_are_on_the_way_until_received(stores: Stores) -> None:
    late, early = batch(stores, days=200), batch(stores, days=30)
    stocked(stores, late, 100, bin=stores.shelf)
    stocked(stores, early, 60, bin=stores.second_shelf)
    made = sent(stores)
    assert on_the_way(made) == {early.pk: 60, late.pk: 40}
    assert not Reservation.objects.filter(closed_at=None).exists()
    lines = [Arrived(parcel, parcel.quantity) for parcel in made.parcels.all()]
    receive_consignment(by=actor(stores.nur), consignment=made, lines=lines, is_last=True)
    made.refresh_from_db()
    assert made.state == ConsignmentState.RECEIVED and on_the_way(made) == {}
    there = Balance.objects.filter(warehouse=stores.other).values_list("batch", "quantity")
    assert dict(there) == {early.pk: 60, late.pk: 40}


def test_short_damaged_and_over_need_an_explanation_and_the_ledger_shows_each(stores: Stores) -> None:
    rice = batch(stores)
    stocked(stores, rice, 100)
    made = sent(stores)
    before = Movement.objects.count()
    with pytest.raises(Refused, match="20 kg are missing, 10 kg are damaged"):
        received(stores, made, 70, damaged=Decimal(10))
    assert Movement.objects.count() == before and not made.deliveries.exists()
    received(stores, made, 70, damaged=Decimal(10), explanation="Two sacks fell off at the pass")
    lost = Movement.objects.get(kind=MovementKind.LOSS)
    assert lost.loss_reason == LossReason.MISSING and "pass" in lost.reason
    assert total(Account.LOST) == 20 and total(Account.TRANSIT) == 0
    damaged = Balance.objects.get(warehouse=stores.other, condition=Condition.DAMAGED)
    assert damaged.quantity == 10
    second = batch(stores)
    stocked(stores, second, 50)
    more = sent(stores, 50)
    with pytest.raises(Refused, match="5 kg too many"):
        received(stores, more, 55)
    received(stores, more, 55, explanation="An extra bag was on the lorry")
    assert total(Account.COUNTED, batch=second) == -5 and total(Account.TRANSIT) == 0


def test_a_consignment_comes_in_parts_and_the_rest_stays_on_the_way(stores: Stores) -> None:
    rice = batch(stores)
    stocked(stores, rice, 100)
    made = sent(stores)
    received(stores, made, 40, is_last=False)
    made.refresh_from_db()
    assert made.state == ConsignmentState.PARTLY_RECEIVED and on_the_way(made) == {rice.pk: 60}
    received(stores, made, 55, is_last=True, explanation="One sack torn, thrown away")
    made.refresh_from_db()
    assert made.state == ConsignmentState.RECEIVED and total(Account.LOST) == 5


def test_a_consignment_is_received_once_and_a_resend_changes_nothing(stores: Stores) -> None:
    stocked(stores, batch(stores), 100)
    made = sent(stores)
    first = received(stores, made, 100, key="phone-7")
    count = Movement.objects.count()
    assert received(stores, made, 100, key="phone-7") == first
    with pytest.raises(Refused, match=rf"{made.code} was received on .* by Nur. Nothing is changed"):
        received(stores, made, 100)
    assert Movement.objects.count() == count


def test_a_parcel_is_put_into_several_bins(stores: Stores) -> None:
    stocked(stores, batch(stores), 100, warehouse=stores.other)
    made = request_consignment(
        by=actor(stores.nur), operation=stores.warehouse.operation, origin=stores.other, destination=stores.warehouse,
        lines=[WantedLine(stores.rice, Decimal(100))],
    )  # fmt: skip
    pick_consignment(by=actor(stores.nur), consignment=made)
    load_parcels(by=actor(stores.nur), consignment=made, parcels=made.parcels.all())
    dispatch_consignment(by=actor(stores.nur), consignment=made, carrier="Donkeys")
    one = Arrived(made.parcels.get(), Decimal(60), bin=stores.shelf)
    lines = [one, replace(one, good=Decimal(40), bin=stores.second_shelf)]
    receive_consignment(by=actor(stores.kerim), consignment=made, lines=lines, is_last=True)
    found = Balance.objects.filter(warehouse=stores.warehouse).values_list("bin__label", "quantity")
    assert dict(found) == {"A-01": 60, "A-02": 40}


def test_a_camp_manager_receives_short_and_the_goods_count_as_issued_to_the_camp(
    stores: Stores, camp: Any, told: list[Arrival]
) -> None:
    site, manager = camp
    stocked(stores, batch(stores), 100)
    made = sent(stores, to=site, request_reference="R1234")
    received(stores, made, 90, by=manager, damaged=Decimal(4), explanation="Wet")
    assert (total(Account.ISSUED), total(Account.LOST), total(Account.TRANSIT)) == (90, 10, 0)
    assert Movement.objects.get(kind=MovementKind.ARRIVAL).site_id == site.pk
    assert [(a.event, a.sent, a.received, a.explanation) for a in told] == [
        ("dispatched", 100, 0, ""), ("received", 100, 90, "Wet"),
    ]  # fmt: skip
    assert len({arrival.key for arrival in told}) == 2 and told[0].request_reference == "R1234"


def test_neither_end_does_the_work_of_the_other_and_a_viewer_does_nothing(stores: Stores, cast: Any) -> None:
    stocked(stores, batch(stores), 100)
    made = asked(stores)
    with pytest.raises(PermissionDenied):
        pick_consignment(by=actor(stores.nur), consignment=made)
    gone = sent(stores)
    for user in (stores.kerim, cast.oraz):
        with pytest.raises(PermissionDenied):
            received(stores, gone, 100, by=user)
    with pytest.raises(PermissionDenied):
        report_position(by=actor(cast.oraz), consignment=gone, location=point(59, 38))


def test_what_cannot_be_picked_is_said_with_what_expired_and_what_others_hold(stores: Stores) -> None:
    stocked(stores, batch(stores, days=-2), 30)
    stocked(stores, batch(stores, days=5), 20)
    fresh = batch(stores)
    stocked(stores, fresh, 50)
    Reservation.objects.create(
        operation=fresh.operation, warehouse=stores.warehouse, batch=fresh, item=fresh.item, quantity=10,
        until=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    made = asked(stores, least_shelf_life_days=30)
    with pytest.raises(Refused) as refusal:
        pick_consignment(by=actor(stores.kerim), consignment=made)
    said = " ".join(refusal.value.messages)
    for words in ("60 kg of 100 kg", "30 kg have expired", "20 kg expire too soon", "10 kg are held for others"):
        assert words in said
    pick_consignment(by=actor(stores.kerim), consignment=made, allow_less=True)
    assert made.parcels.get().quantity == 40
    undo_picking(by=actor(stores.kerim), consignment=made)
    assert Reservation.objects.filter(closed_at=None).count() == 1


def test_what_is_not_loaded_does_not_leave_and_can_travel_on_its_own(stores: Stores) -> None:
    stocked(stores, batch(stores, days=10), 60)
    stocked(stores, batch(stores, days=20), 40)
    made = pick_consignment(by=actor(stores.kerim), consignment=asked(stores))
    first, second = made.parcels.order_by("pk")
    load_parcels(by=actor(stores.kerim), consignment=made, parcels=[first])
    with pytest.raises(Refused, match="Not loaded yet"):
        dispatch_consignment(by=actor(stores.kerim), consignment=made, vehicle="AB 12")
    other = split_off(
        by=actor(stores.kerim), operation=made.operation, consignment=made, parcels={second: second.quantity}
    )
    assert other.split_from == made and other.lines.get().quantity == 40 and made.lines.get().quantity == 60
    gone = dispatch_consignment(by=actor(stores.kerim), consignment=made, vehicle="AB 12")
    assert sum(on_the_way(gone).values()) == 60
    assert Reservation.objects.get(closed_at=None).consignment == other


def test_a_lorry_called_back_brings_the_goods_back_and_those_who_wait_are_told(
    stores: Stores, told: list[Arrival]
) -> None:
    stocked(stores, batch(stores), 100, bin=stores.shelf)
    made = sent(stores, request_reference="R1")
    turn_back(by=actor(stores.kerim), consignment=made, reason="The pass is closed")
    made.refresh_from_db()
    assert made.state == ConsignmentState.CANCELLED and on_the_way(made) == {}
    assert Balance.objects.get(bin=stores.shelf).quantity == 100
    assert [arrival.event for arrival in told] == ["dispatched", "cancelled"]
    with pytest.raises(Refused, match="cancelled: The pass is closed"):
        received(stores, made, 100)


def test_a_consignment_begins_from_a_reservation_once(stores: Stores, told: list[Arrival]) -> None:
    rice = batch(stores)
    stocked(stores, batch(stores, days=5), 100)
    stocked(stores, rice, 100)
    held = Reservation.objects.create(
        operation=rice.operation, warehouse=stores.warehouse, batch=rice, item=rice.item, quantity=30,
        until=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    start = {"by": actor(stores.kerim), "operation": rice.operation, "reservation": held, "destination": stores.other}
    made = start_from_reservation(**start, wanted_by=None, request_reference="R9")
    again = StockOffers().start_delivery(
        str(held.pk), site_id=stores.other.pk, wanted_by=None, request_reference="R9", by=actor(stores.kerim)
    )
    assert again is not None and (again.code, again.url) == (made.code, made.get_absolute_url())
    pick_consignment(by=actor(stores.kerim), consignment=made)
    assert made.parcels.get().batch == rice
    cancel_consignment(by=actor(stores.kerim), operation=rice.operation, consignment=made, reason="Not needed")
    held.refresh_from_db()
    assert held.closed_at is not None and told[0].reservation == str(held.pk)


def test_a_position_is_kept_and_one_before_it_left_is_refused(stores: Stores) -> None:
    stocked(stores, batch(stores), 100)
    made = sent(stores)
    where = {"by": actor(stores.kerim), "consignment": made, "location": point(59, 38)}
    with pytest.raises(Refused, match="before it left"):
        report_position(**where, occurred_at=timezone.now() - timedelta(hours=3))
    report_position(**where)
    made.refresh_from_db()
    assert made.state == ConsignmentState.IN_TRANSIT and made.positions.count() == 1
