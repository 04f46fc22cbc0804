"""When stock runs out, from what was used lately and from what will expire unused. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

FAR = 3650  # days; what lasts longer has no date worth telling


@dataclass(frozen=True)
class Lot:
    """A quantity and its last day of use; ``None`` when it does not expire."""

    quantity: Decimal
    expires_on: date | None


@dataclass(frozen=True)
class Forecast:
    """runs_out_on: the first day with nothing left; ``None`` when that is ten years away or nothing is used.

    wasted: what of the lots will have expired before its turn came, first expired first out, in the order of ``lots`` given.
    """

    runs_out_on: date | None
    days: int | None
    wasted: tuple[Decimal, ...]


def daily_use(used: Decimal, days: int) -> Decimal:
    """The average a day; returns can outweigh issues, then nothing is used."""
    return max(used, Decimal(0)) / max(days, 1)


def forecast(lots: Iterable[Lot], daily: Decimal, today: date) -> Forecast:
    """Use ``daily`` a day from ``today`` on, what expires first before the rest; what expires before its turn is lost."""
    given = tuple(lots)
    if daily <= 0:
        return Forecast(None, None, tuple(lot.quantity if lot.expires_on else Decimal(0) for lot in given))
    order = sorted(range(len(given)), key=lambda place: given[place].expires_on or date.max)
    wasted = [Decimal(0)] * len(given)
    passed = Decimal(0)  # days, with parts of a day
    for place in order:
        lot = given[place]
        lasts = lot.quantity / daily
        if lot.expires_on is not None:
            lasts = min(lasts, max(Decimal((lot.expires_on - today).days + 1) - passed, Decimal(0)))
            wasted[place] = lot.quantity - lasts * daily
        passed += lasts
    days = int(passed)
    if days > FAR:
        return Forecast(None, None, tuple(wasted))
    return Forecast(today + timedelta(days=days), days, tuple(wasted))
