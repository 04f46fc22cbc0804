"""First expired, first out: which lots to take for what is wanted. Pure: no database, no clock, no settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

NOTHING = Decimal(0)


class Why(StrEnum):
    """Why a lot is not picked."""

    EXPIRED = "expired"
    TOO_SHORT = "too_short"  # not usable as long as asked for
    UNKNOWN = "unknown"  # how long it is usable is not known, and a least time is asked for
    BLOCKED = "blocked"
    QUARANTINE = "quarantine"
    DAMAGED = "damaged"
    HELD = "held"  # promised to others


@dataclass(frozen=True)
class Lot:
    """What lies of one batch in one bin in one condition. quantity and pack: in the item's base unit.

    expires_on: the last day of use; ``None`` when it does not expire, or when ``expiry_is_unknown``. order: of walking by.
    """

    batch: int
    bin: int | None
    quantity: Decimal
    expires_on: date | None = None
    expiry_is_unknown: bool = False
    is_blocked: bool = False
    condition: str = "good"
    is_quarantine_zone: bool = False
    pack: Decimal | None = None
    order: int = 0

    @property
    def is_open(self) -> bool:
        """Whether a pack here is opened: not a whole number of them."""
        return self.pack is not None and self.quantity % self.pack != 0


@dataclass(frozen=True)
class Pick:
    lot: Lot
    quantity: Decimal


@dataclass(frozen=True)
class Skipped:
    lot: Lot
    why: Why
    quantity: Decimal


@dataclass(frozen=True)
class Plan:
    """What to take, in the order of taking; what was passed over and why; what is missing of the quantity wanted."""

    picks: tuple[Pick, ...]
    skipped: tuple[Skipped, ...]
    missing: Decimal

    @property
    def picked(self) -> Decimal:
        return sum((pick.quantity for pick in self.picks), NOTHING)


def pick(
    wanted: Decimal,
    lots: Iterable[Lot],
    *,
    today: date,
    usable_until: date | None = None,
    held: Mapping[int, Decimal] | None = None,
) -> Plan:
    """Take ``wanted`` from the lots of one item, the first to expire first.

    today: what expires before it is expired. usable_until: only what can still be used on that day.
    held: by batch, what is promised to others and stays. Among lots that expire on one day those with an open pack come first, then
    the nearest on the way. What expires some day goes before what is not known, and that before what never expires.
    """
    fit: list[Lot] = []
    skipped: list[Skipped] = []
    for lot in lots:
        if lot.quantity <= 0:
            continue
        why = why_not(lot, today, usable_until)
        if why is None:
            fit.append(lot)
        else:
            skipped.append(Skipped(lot, why, lot.quantity))
    free = _free(fit, held or {})
    picks: list[Pick] = []
    missing = wanted
    for lot in sorted(fit, key=_first):
        quantity = min(lot.quantity, free[lot.batch], max(missing, NOTHING))
        if quantity > 0:
            picks.append(Pick(lot, quantity))
            missing -= quantity
            free[lot.batch] -= quantity
        elif free[lot.batch] <= 0 < missing:
            skipped.append(Skipped(lot, Why.HELD, lot.quantity))
    return Plan(tuple(picks), tuple(skipped), max(missing, NOTHING))


def why_not(lot: Lot, today: date, usable_until: date | None = None) -> Why | None:
    """Why the lot must not be given out; ``None`` when it may."""
    if lot.condition == "damaged":
        return Why.DAMAGED
    if lot.condition != "good" or lot.is_quarantine_zone:
        return Why.QUARANTINE
    if lot.is_blocked:
        return Why.BLOCKED
    if lot.expires_on is not None and lot.expires_on < today:
        return Why.EXPIRED
    if usable_until is not None:
        if lot.expires_on is not None and lot.expires_on < usable_until:
            return Why.TOO_SHORT
        if lot.expiry_is_unknown:
            return Why.UNKNOWN
    return None


def _free(lots: Iterable[Lot], held: Mapping[int, Decimal]) -> dict[int, Decimal]:
    lying: dict[int, Decimal] = {}
    for lot in lots:
        lying[lot.batch] = lying.get(lot.batch, NOTHING) + lot.quantity
    return {batch: max(quantity - held.get(batch, NOTHING), NOTHING) for batch, quantity in lying.items()}


def _first(lot: Lot) -> tuple[int, date, bool, int, int, int]:
    known = 0 if lot.expires_on is not None else 1 if lot.expiry_is_unknown else 2
    return (known, lot.expires_on or date.max, not lot.is_open, lot.order, lot.batch, lot.bin or 0)
