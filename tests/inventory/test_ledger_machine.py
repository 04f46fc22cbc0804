"""Any order of receipts, issues, moves, losses, reservations, kits' parts, resends and reversals: the ledger stays right.

A model on plain dictionaries runs beside the real ledger; after every step both must agree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from inventory.issuing import issue_goods, return_goods
from inventory.losses import record_loss
from inventory.models import Balance, Batch, Condition, Movement, Reservation
from inventory.moving import MoveLine, move_goods
from inventory.past_stock import stock_at
from inventory.receiving import GoodsLine
from inventory.refusals import Refused
from inventory.reservations import release, reserve_stock
from inventory.reversing import reverse_movement
from inventory.verifying import verify
from tests.inventory.conftest import Stores, batch, stocked
from tests.inventory.test_actions import here

AMOUNTS = st.integers(1, 12)
WHICH = st.integers(0, 2)
PLACES = st.integers(0, 2)
CONDITIONS = st.sampled_from([Condition.GOOD, Condition.GOOD, Condition.DAMAGED])
Key = tuple[int, int, str]


class LedgerMachine(RuleBasedStateMachine):
    """Three batches (soon, later, expired), three places. ``lay`` is the model: (batch, place, condition) → quantity."""

    stores: Stores

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()

    @initialize()
    def begin(self) -> None:
        self.batches = [batch(self.stores, days=days) for days in (5, 50, -2)]
        self.bins = [None, self.stores.shelf, self.stores.second_shelf]
        self.lay: dict[Key, int] = defaultdict(int)
        self.issued: dict[int, int] = defaultdict(int)
        self.held: list[tuple[Reservation, int, int]] = []
        self.done: list[tuple[Movement, dict[Key, int], dict[int, int]]] = []
        self.started = timezone.now()
        self.keys = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    def good(self, which: int) -> int:
        return sum(quantity for (one, _place, state), quantity in self.lay.items() if one == which and state == "good")

    def free(self, which: int) -> int:
        return self.good(which) - sum(quantity for _row, one, quantity in self.held if one == which)

    def expect(self, allowed: bool, work: Callable[[], Movement], changes: dict[Key, int], out: dict[int, int]) -> None:
        """The ledger does it exactly when the model allows it; a refused step changes nothing."""
        try:
            with transaction.atomic():
                movement = work()
        except Refused:
            assert not allowed
            return
        assert allowed
        for key, change in changes.items():
            self.lay[key] += change
        for which, change in out.items():
            self.issued[which] += change
        self.done.append((movement, changes, out))

    @rule(which=WHICH, place=PLACES, state=CONDITIONS, amount=AMOUNTS)
    def receive(self, which: int, place: int, state: str, amount: int) -> None:
        goods, where = self.batches[which], self.bins[place]
        self.expect(
            True,
            lambda: stocked(self.stores, goods, amount, bin=where, condition=state),
            {(which, place, state): amount},
            {},
        )

    @rule(which=WHICH, place=PLACES, state=CONDITIONS, amount=AMOUNTS)
    def issue_named(self, which: int, place: int, state: str, amount: int) -> None:
        line = GoodsLine(Decimal(amount), batch=self.batches[which], bin=self.bins[place], condition=state)
        enough = self.lay[which, place, state] >= amount and self.free(which) >= amount
        self.expect(
            enough and state == "good" and which != 2,
            lambda: issue_goods(**here(self.stores), lines=[line], recipient="School"),
            {(which, place, state): -amount}, {which: amount},
        )  # fmt: skip

    @rule(amount=AMOUNTS)
    def issue_picked_and_send_it_again(self, amount: int) -> None:
        self.keys += 1
        asked: dict[str, Any] = {
            **here(self.stores), "lines": [GoodsLine(Decimal(amount), item=self.stores.rice)], "recipient": "School",
            "key": f"key-{self.keys}",
        }  # fmt: skip
        allowed = max(self.free(0), 0) + max(self.free(1), 0) >= amount
        try:
            with transaction.atomic():
                movement = issue_goods(**asked)
        except Refused:
            assert not allowed
            return
        assert allowed and issue_goods(**asked) == movement
        changes: dict[Key, int] = defaultdict(int)
        out: dict[int, int] = defaultdict(int)
        for entry in movement.entries.filter(account="stock"):
            which = self.batches.index(entry.batch)
            changes[which, self.bins.index(entry.bin), entry.condition] += int(entry.quantity)
            out[which] -= int(entry.quantity)
        assert sum(out.values()) == amount and out[2] == 0
        assert out[1] == 0 or out[0] == max(self.free(0), 0)  # the first to expire is used up before the next
        for key, change in changes.items():
            self.lay[key] += change
        for which, change in out.items():
            self.issued[which] += change
        self.done.append((movement, changes, out))

    @rule(which=WHICH, place=PLACES, amount=AMOUNTS)
    def bring_back(self, which: int, place: int, amount: int) -> None:
        line = GoodsLine(Decimal(amount), batch=self.batches[which], bin=self.bins[place])
        self.expect(
            self.issued[which] >= amount,
            lambda: return_goods(**here(self.stores), lines=[line], recipient="School"),
            {(which, place, "good"): amount}, {which: -amount},
        )  # fmt: skip

    @rule(which=WHICH, place=PLACES, to_place=PLACES, to_state=CONDITIONS, amount=AMOUNTS)
    def move(self, which: int, place: int, to_place: int, to_state: str, amount: int) -> None:
        line = MoveLine(
            self.batches[which],
            Decimal(amount),
            bin=self.bins[place],
            to_bin=self.bins[to_place],
            to_condition=to_state,
        )
        stays_good = to_state == "good"
        allowed = self.lay[which, place, "good"] >= amount and (stays_good or self.free(which) >= amount)
        changes: dict[Key, int] = defaultdict(int)
        changes[which, place, "good"] -= amount
        changes[which, to_place, to_state] += amount
        self.expect(
            allowed and not (place == to_place and stays_good),
            lambda: move_goods(**here(self.stores), lines=[line]), changes, {},
        )  # fmt: skip

    @rule(which=WHICH, place=PLACES, state=CONDITIONS, amount=AMOUNTS)
    def lose(self, which: int, place: int, state: str, amount: int) -> None:
        line = GoodsLine(Decimal(amount), batch=self.batches[which], bin=self.bins[place], condition=state)
        allowed = self.lay[which, place, state] >= amount and (state != "good" or self.free(which) >= amount)
        self.expect(
            allowed, lambda: record_loss(**here(self.stores), lines=[line], loss_reason="fire"),
            {(which, place, state): -amount}, {},
        )  # fmt: skip

    @rule(which=WHICH, amount=AMOUNTS)
    def hold(self, which: int, amount: int) -> None:
        until = timezone.now() + timedelta(hours=1)
        try:
            with transaction.atomic():
                held = reserve_stock(
                    **here(self.stores), batch=self.batches[which], quantity=Decimal(amount), until=until
                )
        except Refused:
            assert which == 2 or self.free(which) < amount
            return
        self.held += [(row, which, int(row.quantity)) for row in held]

    @rule()
    def give_back_what_is_held(self) -> None:
        if self.held:
            row, _which, _quantity = self.held.pop()
            release(by=here(self.stores)["by"], operation=row.operation, reservations=[row])

    @rule(number=st.integers(0, 40))
    def take_back(self, number: int) -> None:
        if not self.done:
            return
        movement, changes, out = self.done.pop(number % len(self.done))
        back = {key: -change for key, change in changes.items()}
        lost: dict[int, int] = defaultdict(int)
        for (which, _place, state), change in back.items():
            lost[which] += change if state == "good" else 0
        allowed = all(self.lay[key] + change >= 0 for key, change in back.items()) and all(
            change >= 0 or self.free(which) + change >= 0 for which, change in lost.items()
        )
        by = {"by": here(self.stores)["by"], "operation": self.stores.warehouse.operation, "reason": "mistake"}
        before = len(self.done)
        self.expect(
            allowed,
            lambda: reverse_movement(**by, movement=movement),
            back,
            {which: -change for which, change in out.items()},
        )
        del self.done[before:]  # a reversal is never taken back

    @invariant()
    def the_balances_are_what_the_model_says(self) -> None:
        if not hasattr(self, "lay"):
            return
        kept = {
            (self.batches.index(row.batch), self.bins.index(row.bin), row.condition): int(row.quantity)
            for row in Balance.objects.filter(batch__in=self.batches, quantity__gt=0).select_related("batch", "bin")
        }
        assert kept == {key: quantity for key, quantity in self.lay.items() if quantity}
        stores = self.stores
        past = stock_at(stores.warehouse.operation, [stores.warehouse.pk], self.started - timedelta(days=1))
        assert past == [] and verify() == []


@pytest.fixture
def machine(stores: Stores) -> Iterator[type[LedgerMachine]]:
    LedgerMachine.stores = stores
    yield LedgerMachine


def test_the_ledger_and_a_plain_model_agree_after_every_step(machine: type[LedgerMachine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    assert Batch.objects.count() == 0  # every run was undone
