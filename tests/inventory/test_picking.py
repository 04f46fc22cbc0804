"""First expired, first out, on plain data."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from inventory.picking import Lot, Pick, Why, pick

TODAY = date(2026, 11, 28)


def lot(batch: int, quantity: int, days: int | None = 30, **fields: object) -> Lot:
    expires = None if days is None else TODAY + timedelta(days=days)
    return replace(Lot(batch, fields.pop("bin", batch), Decimal(quantity), expires), **fields)  # type: ignore[arg-type]


def taken(picks: tuple[Pick, ...]) -> list[tuple[int, int]]:
    return [(one.lot.batch, int(one.quantity)) for one in picks]


def test_the_first_to_expire_goes_first_and_what_is_wanted_is_split_over_batches_and_bins() -> None:
    lots = [lot(1, 50, 90), lot(2, 20, 10, bin=1), lot(2, 20, 10, bin=2), lot(3, 50, None)]
    plan = pick(Decimal(60), lots, today=TODAY)
    assert taken(plan.picks) == [(2, 20), (2, 20), (1, 20)] and plan.missing == 0


def test_what_must_not_be_given_out_is_passed_over_and_said_so() -> None:
    lots = [
        lot(1, 5, -1), lot(2, 5, is_blocked=True), lot(3, 5, condition="damaged"), lot(4, 5, condition="quarantine"),
        lot(5, 5, is_quarantine_zone=True), lot(6, 5, 0),
    ]  # fmt: skip
    plan = pick(Decimal(8), lots, today=TODAY)
    assert taken(plan.picks) == [(6, 5)] and plan.missing == 3
    assert [one.why for one in plan.skipped] == [
        Why.EXPIRED, Why.BLOCKED, Why.DAMAGED, Why.QUARANTINE, Why.QUARANTINE,
    ]  # fmt: skip


def test_a_least_shelf_life_passes_over_what_expires_before_and_what_is_not_known() -> None:
    lots = [lot(1, 5, 29), lot(2, 5, None, expiry_is_unknown=True), lot(3, 5, 30), lot(4, 5, None)]
    plan = pick(Decimal(20), lots, today=TODAY, usable_until=TODAY + timedelta(days=30))
    assert taken(plan.picks) == [(3, 5), (4, 5)]
    assert [one.why for one in plan.skipped] == [Why.TOO_SHORT, Why.UNKNOWN]


def test_of_goods_that_expire_on_one_day_the_open_pack_goes_first_then_the_nearest() -> None:
    whole = {"pack": Decimal(24)}
    lots = [lot(1, 48, order=1, **whole), lot(2, 30, order=9, **whole), lot(3, 24, order=0, **whole)]
    assert [one.lot.batch for one in pick(Decimal(60), lots, today=TODAY).picks] == [2, 3, 1]


def test_what_is_held_for_others_stays() -> None:
    plan = pick(Decimal(10), [lot(1, 6, bin=1), lot(1, 6, bin=2), lot(2, 5, 60)], today=TODAY, held={1: Decimal(8)})
    assert taken(plan.picks) == [(1, 4), (2, 5)] and plan.missing == 1
    assert plan.skipped[0].why == Why.HELD


LOTS = st.lists(
    st.builds(
        lot, st.integers(1, 4), st.integers(0, 30), st.one_of(st.none(), st.integers(-3, 9)), bin=st.integers(1, 3),
        is_blocked=st.booleans(), condition=st.sampled_from(["good", "good", "damaged"]), order=st.integers(0, 3),
        pack=st.one_of(st.none(), st.just(Decimal(12))),
    ), max_size=8,
)  # fmt: skip


@given(LOTS, st.integers(0, 120), st.dictionaries(st.integers(1, 4), st.integers(0, 20).map(Decimal)))
def test_never_more_than_wanted_or_free_and_nothing_usable_is_left_while_something_is_missing(
    lots: list[Lot], wanted: int, held: dict[int, Decimal]
) -> None:
    plan = pick(Decimal(wanted), lots, today=TODAY, held=held)
    assert plan.picked + plan.missing == wanted
    assert all(0 < one.quantity <= one.lot.quantity for one in plan.picks)
    good = [one for one in lots if one.condition == "good" and not one.is_blocked]
    usable = [one for one in good if one.expires_on is None or one.expires_on >= TODAY]
    free = {
        batch: max(sum(one.quantity for one in usable if one.batch == batch) - held.get(batch, Decimal(0)), Decimal(0))
        for batch in {one.batch for one in usable}
    }
    assert plan.picked == min(Decimal(wanted), sum(free.values()))
    days = [one.lot.expires_on or date.max for one in plan.picks]
    assert days == sorted(days)
