"""A request answered from real warehouses: promised once, sent, short, promised again; called off where it stands."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from aid_requests import arrivals as requests_arrivals
from aid_requests.committing import commit_offer, prolong, release
from aid_requests.confirming import confirm_receipt
from aid_requests.life_cycle import accept, cancel, verify
from aid_requests.matching import matches_for
from aid_requests.models import AidRequest, Commitment, CommitmentState, NotifyBy, RequestState
from aid_requests.needed import still_needed
from aid_requests.receipts import record_receipt
from aid_requests.refusals import Refused
from inventory.dispatching import dispatch_consignment
from inventory.ledger import both_sides, post
from inventory.models import (
    Account,
    Batch,
    Condition,
    Consignment,
    ConsignmentState,
    Keeper,
    MovementKind,
    Reservation,
    Warehouse,
)
from inventory.picking_consignments import load_parcels, pick_consignment
from inventory.receiving_consignments import Arrived, receive_consignment
from komek.accounts.models import User
from komek.accounts.roles import Role
from komek.extensions import Viewer
from orgs.models import SiteKind
from tests.aid_requests.conftest import Ask, Asking
from tests.camps.test_health_and_hospital_races import at_once
from tests.conftest import SignIn, actor, member, person, point

pytestmark = pytest.mark.django_db

PLUG = "inventory.stock"
MAIL = {"reporter_name": "Bahar", "reporter_email": "bahar@example.org", "notify_by": NotifyBy.EMAIL}


@dataclass
class Store:
    """A warehouse with blankets and its keeper."""

    house: Warehouse
    batch: Batch
    keeper: User

    @property
    def offer(self) -> str:
        return f"{self.house.code}/{self.batch.code}"


Stock = Callable[..., Store]


@pytest.fixture
def stock(asking: Asking) -> Stock:
    """A warehouse of an organisation with so many of the blankets that the camp asks for."""

    def make(name: str, organisation: Any, quantity: int, longitude: float) -> Store:
        keeper = person(f"{name} keeper", current_operation=asking.operation)
        member(keeper, organisation, Role.WAREHOUSE_KEEPER)
        house = Warehouse.objects.create(
            operation=asking.operation, organisation=organisation, name=f"{name} store", kind=SiteKind.WAREHOUSE,
            location=point(longitude, 38.2),
        )  # fmt: skip
        batch = Batch.objects.create(operation=asking.operation, item=asking.blanket)
        post(
            by=actor(keeper), operation=asking.operation, kind=MovementKind.RECEIPT, warehouse=house,
            drafts=both_sides(
                batch, Decimal(quantity), of={"account": Account.SUPPLY},
                to={"account": Account.STOCK, "condition": Condition.GOOD},
            ),
        )  # fmt: skip
        return Store(house, batch, keeper)

    return make


def promise(asking: Asking, request: AidRequest, store: Store, quantity: int, *, delivers: bool = True) -> Commitment:
    return commit_offer(
        by=actor(asking.aina), operation=asking.operation, line=request.lines.get(), plug=PLUG, offer=store.offer,
        quantity=Decimal(quantity), title=str(store.house), delivers=delivers,
    )  # fmt: skip


def loaded(store: Store, commitment: Commitment) -> Consignment:
    """The consignment of a promise, with its goods on the lorry."""
    by = actor(store.keeper)
    made = pick_consignment(by=by, consignment=Consignment.objects.get(code=commitment.delivery))
    load_parcels(by=by, consignment=made, parcels=made.parcels.all())
    return made


def leave(store: Store, made: Consignment) -> Consignment:
    return dispatch_consignment(by=actor(store.keeper), consignment=made, vehicle="AB 12")


def come(asking: Asking, made: Consignment, good: int, **difference: Any) -> None:
    lines = [Arrived(made.parcels.get(), Decimal(good), **difference)]
    receive_consignment(by=actor(asking.bahar), consignment=made, lines=lines, is_last=True)


def test_200_blankets_from_the_request_over_two_warehouses_to_the_confirmation_with_every_message(
    asking: Asking, ask: Ask, stock: Stock
) -> None:
    near, far = stock("Near", asking.cast.relief, 150, 58.5), stock("Far", asking.cast.water, 500, 60.4)
    request = ask(**MAIL)
    verify(by=actor(asking.aina), operation=asking.operation, request=request)
    accept(by=actor(asking.aina), operation=asking.operation, request=request)
    line = request.lines.get()
    found = [one for one in matches_for(line, Viewer(asking.aina, asking.operation)).found if one.plug == PLUG]
    assert [(one.offer.reference, one.takes, one.leaves) for one in found] == [
        (near.offer, 150, 0), (far.offer, 200, 300)
    ]  # fmt: skip
    first = promise(asking, request, near, 150)
    made = leave(near, loaded(near, first))
    assert (made.request_reference, made.destination_id) == (request.code, asking.camp.pk)
    come(asking, made, 120, explanation="a bale was gone")
    first.refresh_from_db()
    request.refresh_from_db()
    assert (first.state, first.received, first.short) == (CommitmentState.RECEIVED, 120, 30)
    assert request.state == RequestState.PARTLY_MET and still_needed(request.lines.get()) == 80
    with pytest.raises(Refused, match="Only 80"):
        promise(asking, request, far, 81)
    second = promise(asking, request, far, 80)
    come(asking, leave(far, loaded(far, second)), 80)
    request.refresh_from_db()
    assert request.state == RequestState.MET and still_needed(request.lines.get()) == 0
    confirm_receipt(by=actor(asking.bahar), request=request)
    passed = list(request.steps.order_by("occurred_at", "pk").values_list("after", flat=True))
    assert passed == ["submitted", "verified", "accepted", "partly", "met", "closed"]
    told = [(notice.to, notice.body.replace(request.code, "R…")) for notice in request.notices.order_by("pk")]
    expected = (
        ("bahar", "Request R… (200 pc Blanket) has arrived."),
        ("bahar", "Request R… (200 pc Blanket) was looked into and is verified."),
        ("bahar", "Request R… (200 pc Blanket) is accepted."),
        ("aina", "You promised 150 pc Blanket for request R…. The promise holds until "),
        ("bahar", "150 pc Blanket for request R… are on the way. http"),
        ("bahar", "Part of what request R… (200 pc Blanket) asks for has come. We go on with the rest."),
        ("aina", "You promised 80 pc Blanket for request R…. The promise holds until "),
        ("bahar", "80 pc Blanket for request R… are on the way. http"),
        ("bahar", "Everything request R… (200 pc Blanket) asks for has come. Please confirm that you received it."),
        ("bahar", "Request R… (200 pc Blanket) is closed. Thank you for confirming."),
    )
    assert [to for to, _body in told] == [f"{name}@example.org" for name, _start in expected]
    for (_to, body), (_name, start) in zip(told, expected, strict=True):
        assert body.startswith(start)


def test_a_consignment_that_nobody_began_to_pick_ends_with_its_promise_and_the_keeper_of_a_picked_one_reads_why(
    asking: Asking, ask: Ask, stock: Stock
) -> None:
    store = stock("Near", asking.cast.relief, 500, 58.5)
    request = ask()
    one, two = promise(asking, request, store, 50), promise(asking, request, store, 60)
    made = Consignment.objects.get(code=one.delivery)
    assert two.delivery == one.delivery and made.lines.count() == 2
    release(by=actor(asking.bahar), operation=asking.operation, commitment=one, reason="bought here")
    made.refresh_from_db()
    assert made.state == ConsignmentState.REQUESTED and [line.quantity for line in made.lines.all()] == [60]
    cancel(by=actor(asking.aina), operation=asking.operation, request=request, reason="they moved")
    made.refresh_from_db()
    assert made.state == ConsignmentState.CANCELLED and made.cancel_reason == f"{request.code}: they moved"
    assert not Reservation.objects.filter(closed_at=None).exists()
    other = ask(confirmed=True)
    picked = loaded(store, promise(asking, other, store, 70))
    cancel(by=actor(asking.aina), operation=asking.operation, request=other, reason="they moved")
    picked.refresh_from_db()
    assert picked.state == ConsignmentState.LOADED and picked.note == f"Not needed any more: {other.code}: they moved"


def test_a_promise_that_is_prolonged_is_held_longer_for_the_same_request(
    asking: Asking, ask: Ask, stock: Stock
) -> None:
    store, request = stock("Near", asking.cast.relief, 50, 58.5), ask()
    made = promise(asking, request, store, 50, delivers=False)
    until = made.until + timedelta(days=5)
    prolong(by=actor(asking.aina), operation=asking.operation, commitment=made, until=until)
    held = Reservation.objects.get(closed_at=None)
    assert (held.until, held.reference, str(held.pk)) == (until, request.code, Commitment.objects.get().reservation)


def test_when_a_need_ends_after_its_goods_left_the_keeper_and_who_sent_them_are_told_and_what_came_whole_ends_too(
    asking: Asking, ask: Ask, stock: Stock, django_capture_on_commit_callbacks: Any
) -> None:
    near, far = stock("Near", asking.cast.relief, 300, 58.5), stock("Far", asking.cast.water, 500, 60.4)
    Keeper.objects.create(warehouse=near.house, user=near.keeper)
    Keeper.objects.create(warehouse=near.house, name="Watchman", phone="+99365000001")
    request = ask(**MAIL)
    first, second = promise(asking, request, near, 100), promise(asking, request, far, 60)
    made = leave(near, loaded(near, first))
    cancel(by=actor(asking.aina), operation=asking.operation, request=request, reason="they moved")
    told = {notice.to: notice.body for notice in first.notices.filter(key__contains="too_late")}
    assert set(told) == {"aina@example.org", near.keeper.email, "+99365000001"}
    assert made.code in told[near.keeper.email] and "not needed there any more" in told[near.keeper.email]
    assert "they moved" in told["+99365000001"]
    made.refresh_from_db()
    assert made.state == ConsignmentState.DISPATCHED and made.note == f"Not needed any more: {request.code}: they moved"
    assert not second.notices.filter(key__contains="too_late").exists()
    other = ask(confirmed=True)
    left, held = promise(asking, other, near, 120), promise(asking, other, far, 30)
    made = leave(near, loaded(near, left))
    with django_capture_on_commit_callbacks(execute=True):
        record_receipt(
            by=actor(asking.bahar), operation=asking.operation, line=other.lines.get(), quantity=Decimal(200),
            explanation="bought at the bazaar",
        )  # fmt: skip
    other.refresh_from_db()
    assert other.state == RequestState.MET
    for one, words in ((left, "not needed there any more"), (held, "not needed any more. You need not keep them")):
        one.refresh_from_db()
        assert one.state == CommitmentState.RELEASED and one.notices.filter(body__contains=words).exists()
    assert Consignment.objects.get(code=held.delivery).state == ConsignmentState.CANCELLED
    come(asking, made, 120)
    other.refresh_from_db()
    assert other.lines.get().received == 320 and other.state == RequestState.MET


@pytest.mark.django_db(transaction=True)
def test_sixteen_who_promise_one_batch_while_needs_end_and_goods_are_picked_promise_no_more_than_there_is(
    asking: Asking, ask: Ask, stock: Stock
) -> None:
    store = stock("Near", asking.cast.relief, 150, 58.5)
    requests = [ask(quantity=40, confirmed=True) for _ in range(4)]
    ended = [ask(quantity=40, confirmed=True) for _ in range(2)]
    begun = [promise(asking, request, store, 20) for request in ended]
    faults: list[Exception] = []

    def quietly(work: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> None:
            try:
                work()
            except ValidationError:
                pass  # refused with a sentence
            except Exception as fault:  # noqa: BLE001 - a deadlock is what is looked for
                faults.append(fault)

        return run

    works = [lambda one=one: promise(asking, one, store, 15) for one in requests * 3]  # type: ignore[misc]
    works += [
        lambda one=one: cancel(by=actor(asking.aina), operation=asking.operation, request=one, reason="they moved")  # type: ignore[misc]
        for one in ended
    ]
    works += [
        lambda: pick_consignment(
            by=actor(store.keeper), consignment=Consignment.objects.get(code=begun[0].delivery)
        ),
        lambda: prolong(
            by=actor(asking.aina), operation=asking.operation, commitment=begun[1],
            until=begun[1].until + timedelta(days=2),
        ),
    ]  # fmt: skip
    assert at_once(*map(quietly, works)) == 16 and not faults
    held = Reservation.objects.filter(closed_at=None)
    promised = {one.reservation: one.quantity for one in Commitment.objects.filter(state=CommitmentState.OPEN)}
    assert {str(one.pk): one.quantity for one in held} == promised and promised
    assert sum(promised.values()) <= 150
    assert all(still_needed(request.lines.get()) >= 10 for request in requests)
    assert not Commitment.objects.filter(line__request__in=ended, state=CommitmentState.OPEN).exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_promise_the_same_stock_at_once_do_not_both_get_it(asking: Asking, ask: Ask, stock: Stock) -> None:
    store = stock("Near", asking.cast.relief, 150, 58.5)
    requests = [ask(), ask(confirmed=True)]
    refused: list[str] = []

    def work(request: AidRequest) -> None:
        try:
            promise(asking, request, store, 100)
        except Refused as refusal:
            refused.append(" ".join(refusal.messages))

    assert at_once(*(lambda one=one: work(one) for one in requests)) == 2  # type: ignore[misc]
    assert len(refused) == 1 and "50 pc can be given out" in refused[0]
    assert Commitment.objects.count() == Consignment.objects.count() == Reservation.objects.count() == 1


@pytest.mark.parametrize("door", ["function", "page", "api", "promise by api"])
@pytest.mark.django_db(transaction=True)
def test_a_need_that_ends_while_its_goods_leave_waits_for_them_and_neither_fails(
    door: str, asking: Asking, ask: Ask, stock: Stock, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = stock("Near", asking.cast.relief, 150, 58.5)
    request = ask()
    made = loaded(store, promise(asking, request, store, 100))
    goods_locked, told = threading.Event(), requests_arrivals.RequestsArrivals.told

    def tell_late(self: Any, arrival: Any, *, by: Any) -> None:
        goods_locked.set()
        until_somebody_waits()
        told(self, arrival, by=by)

    aina, why = sign_in(asking.aina), {"reason": "they moved"}
    here, promised = f"/api/v1/requests/{request.code}/", f"/api/v1/request-commitments/{Commitment.objects.get().pk}/"

    def end() -> None:
        assert goods_locked.wait(10)
        if door == "function":
            cancel(by=actor(asking.aina), operation=asking.operation, request=request, reason="they moved")
        elif door == "page":
            assert aina.post(f"/requests/{request.code}/step/cancel/", why).status_code == 302
        else:
            address, step, answer = (here, "cancel", 200) if door == "api" else (promised, "release", 400)
            headers = {"If-Match": aina.get(address)["ETag"]} if door == "api" else {"If-Match": "*"}
            said = aina.post(f"{address}{step}/", why, "application/json", headers=headers)
            assert said.status_code == answer, said.content

    monkeypatch.setattr(requests_arrivals.RequestsArrivals, "told", tell_late)
    assert at_once(lambda: leave(store, made), end) == 2
    request.refresh_from_db()
    made.refresh_from_db()
    ended = (RequestState.CANCELLED, CommitmentState.RELEASED)
    expected = ended if door != "promise by api" else (RequestState.SUBMITTED, CommitmentState.ON_THE_WAY)
    assert (request.state, Commitment.objects.get().state) == expected
    assert made.state == ConsignmentState.DISPATCHED


def until_somebody_waits() -> None:
    """Return once another transaction waits for a lock; fails when none does."""
    for _try in range(500):
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.01), count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[1]:
                return
    raise AssertionError("nobody waits")
