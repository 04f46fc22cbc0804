"""The ledger: what arrives left somewhere, nothing goes below zero, nothing is written twice, nothing is changed afterwards."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.utils import timezone

from inventory.ledger import Draft, both_sides, post
from inventory.models import Account, Balance, Entry, Movement, MovementKind, Reservation
from inventory.refusals import Refused
from tests.conftest import actor
from tests.inventory.conftest import Stores, batch, issue, stocked


def left(goods: object) -> Decimal:
    return sum(Balance.objects.filter(batch=goods).values_list("quantity", flat=True), Decimal(0))


def test_a_receipt_and_an_issue_leave_the_difference(stores: Stores) -> None:
    rice = batch(stores)
    stocked(stores, rice, 100, bin=stores.shelf)
    issue(stores, rice, 30, bin=stores.shelf)
    assert left(rice) == 70


def test_more_than_there_is_cannot_leave_and_the_sentence_says_how_much_there_is_and_where(stores: Stores) -> None:
    rice = batch(stores, number="B77")
    stocked(stores, rice, 100, bin=stores.shelf)
    stocked(stores, rice, 5, bin=stores.second_shelf)
    with pytest.raises(Refused) as refusal:
        issue(stores, rice, 101, bin=stores.shelf)
    sentence = " ".join(refusal.value.messages)
    assert "there are 100 kg" in sentence and "5 kg A-02" in sentence
    assert left(rice) == 105 and Movement.objects.count() == 2


def test_what_is_held_for_others_cannot_leave(stores: Stores) -> None:
    rice = batch(stores)
    stocked(stores, rice, 100)
    held = Reservation.objects.create(
        operation=stores.warehouse.operation, warehouse=stores.warehouse, batch=rice, item=rice.item, quantity=80,
        until=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    with pytest.raises(Refused, match="80 kg"):
        issue(stores, rice, 21)
    issue(stores, rice, 80, holding=[held])
    issue(stores, rice, 20)
    held.refresh_from_db()
    assert held.closed_at is not None and left(rice) == 0


def test_the_same_key_is_the_same_movement_and_another_one_under_it_is_refused(stores: Stores) -> None:
    rice = batch(stores)
    first = stocked(stores, rice, 10, key="phone-1")
    assert stocked(stores, rice, 10, key="phone-1") == first
    with pytest.raises(Refused, match=first.code):
        stocked(stores, rice, 11, key="phone-1")
    assert left(rice) == 10


def test_the_database_refuses_entries_that_do_not_add_up(stores: Stores) -> None:
    rice = batch(stores)
    movement = stocked(stores, rice, 10)
    with pytest.raises(DatabaseError, match="do not add up"), transaction.atomic():
        Entry.objects.create(
            movement=movement, account=Account.STOCK, batch=rice, item=rice.item, warehouse=stores.warehouse,
            quantity=5, occurred_at=timezone.now(),
        )  # fmt: skip
    with pytest.raises(ValueError, match="add up to zero"):
        post(
            by=actor(stores.kerim), operation=stores.warehouse.operation, kind=MovementKind.RECEIPT,
            warehouse=stores.warehouse, drafts=[Draft(Account.STOCK, rice, Decimal(1))],
        )  # fmt: skip


def test_the_database_lets_nobody_change_the_ledger_or_write_a_balance_by_hand(stores: Stores) -> None:
    rice = batch(stores)
    movement = stocked(stores, rice, 10)
    for attempt in (
        lambda: Movement.objects.filter(pk=movement.pk).update(reason="other"),
        lambda: Entry.objects.filter(movement=movement).delete(),
        lambda: Balance.objects.filter(batch=rice).update(quantity=99),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    assert left(rice) == 10


def test_the_keeper_of_another_organisation_and_a_viewer_may_not_move_stock(stores: Stores, cast: object) -> None:
    rice = batch(stores)
    stocked(stores, rice, 10)
    for user in (stores.nur, cast.oraz):  # type: ignore[attr-defined]
        with pytest.raises(PermissionDenied):
            post(
                by=actor(user), operation=stores.warehouse.operation, kind=MovementKind.ISSUE,
                warehouse=stores.warehouse,
                drafts=both_sides(rice, Decimal(1), of={"account": Account.STOCK}, to={"account": Account.ISSUED}),
            )  # fmt: skip
    assert left(rice) == 10


def test_a_movement_in_the_future_is_refused(stores: Stores) -> None:
    with pytest.raises(Refused, match="future"):
        stocked(stores, batch(stores), 10, occurred_at=timezone.now() + timedelta(hours=1))
