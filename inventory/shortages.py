"""What is below its minimum, and when the rest runs out at the pace of the last two weeks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet
from django.utils import timezone

from inventory.consumption import Use, recent_use
from inventory.forecasting import Forecast, Lot, daily_use, forecast
from inventory.models import StockLevel, Warehouse
from inventory.shelf import Place, by_place, coming, expired_balances, usable_balances
from komek.supplies.models import Item
from orgs.models import Opening

SOON_DAYS = 7


@dataclass(frozen=True)
class Shortage:
    """An item in a warehouse. Quantities are in its base unit; level and use are ``None`` where there are none."""

    warehouse: Warehouse
    item: Item
    level: StockLevel | None
    usable: Decimal
    expired: Decimal
    coming: Decimal
    use: Use | None
    forecast: Forecast

    @property
    def is_below(self) -> bool:
        return self.level is not None and self.usable < self.level.minimum

    @property
    def runs_out_soon(self) -> bool:
        return self.usable > 0 and self.forecast.days is not None and self.forecast.days <= SOON_DAYS

    @property
    def daily(self) -> Decimal:
        return daily_use(self.use.used, self.use.days) if self.use else Decimal(0)

    @property
    def missing(self) -> Decimal:
        """What would fill it up again: to the target, else to the minimum, less what is on its way."""
        if self.level is None:
            return Decimal(0)
        wanted = self.level.minimum if self.level.target is None else self.level.target
        return max(wanted - self.usable - self.coming, Decimal(0))


def lots_by_place(warehouses: Iterable[int], now: datetime) -> dict[Place, list[Lot]]:
    """Usable goods by warehouse and item, one lot for each day of expiry."""
    rows = usable_balances(timezone.localdate(now)).filter(warehouse__in=warehouses)
    found: dict[Place, list[Lot]] = defaultdict(list)
    for row in rows.values_list("warehouse", "item", "quantity", "batch__expires_on"):
        found[row[:2]].append(Lot(row[2], row[3]))
    return found


def shortages(houses: QuerySet[Warehouse], *, now: datetime | None = None, item: Item | None = None) -> list[Shortage]:
    """Every item with a level or with recent use in the open ones of these warehouses, the most pressing first.

    A constant number of queries.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    known = {house.pk: house for house in houses.filter(opening=Opening.OPEN)}
    levels = {
        (level.warehouse_id, level.item_id): level
        for level in StockLevel.objects.filter(warehouse__in=known, **({"item": item} if item else {}))
    }
    used = {place: use for place, use in recent_use(list(known), now).items() if item is None or place[1] == item.pk}
    places = {*levels, *used}
    items = {row.pk: row for row in Item.objects.filter(pk__in={one for _house, one in places}).select_related("unit")}
    lots = lots_by_place(list(known), now)
    expired = by_place(expired_balances(today).filter(warehouse__in=known))
    on_its_way = coming(list(known), list(items))
    nothing = Decimal(0)
    found = []
    for place in places:
        mine, use = lots.get(place, []), used.get(place)
        found.append(
            Shortage(
                warehouse=known[place[0]], item=items[place[1]], level=levels.get(place),
                usable=sum((lot.quantity for lot in mine), nothing), expired=expired.get(place, nothing),
                coming=on_its_way.get(place, nothing), use=use,
                forecast=forecast(mine, daily_use(use.used, use.days) if use else nothing, today),
            )
        )  # fmt: skip
    return sorted(found, key=_pressing)


def _pressing(row: Shortage) -> tuple[bool, int, bool, str, str]:
    days = 10_000 if row.forecast.days is None else row.forecast.days
    return (row.usable > 0, days, not row.is_below, str(row.item), str(row.warehouse))
