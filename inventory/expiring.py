"""What expires within so many days, and what could be done with it: who asks for it, which warehouse is short of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Max, QuerySet, Sum
from django.utils import timezone

from inventory.consumption import recent_use
from inventory.forecasting import Lot, daily_use, forecast
from inventory.models import Balance, Batch, StockLevel, Warehouse
from inventory.shelf import by_place, expired_balances, expiring_balances, usable_balances
from komek.extensions import Viewer
from komek.extensions.demands import Demand, demands
from orgs.models import Opening

DAYS = 30
METRES_IN_A_DEGREE = 111_320


@dataclass(frozen=True)
class Short:
    """A warehouse that is below its minimum of an item; missing: in the item's base unit; distance_m may be unknown."""

    warehouse: Warehouse
    missing: Decimal
    distance_m: float | None


@dataclass
class Expiring:
    """A batch in a warehouse. left_over: what will not be used before its last day at the present pace; ``None``: not known."""

    warehouse: Warehouse
    batch: Batch
    quantity: Decimal
    days: int
    left_over: Decimal | None = None
    demands: list[Demand] = field(default_factory=list)
    shorts: list[Short] = field(default_factory=list)

    @property
    def is_expired(self) -> bool:
        return self.days < 0

    @property
    def is_used_in_time(self) -> bool:
        return self.left_over is not None and self.left_over <= 0


def expiring(houses: QuerySet[Warehouse], *, days: int = DAYS, now: datetime | None = None) -> list[Expiring]:
    """Usable goods that expire within ``days``, the first to expire first. A constant number of queries."""
    now = now or timezone.now()
    today = timezone.localdate(now)
    found = _grouped(expiring_balances(today, days).filter(warehouse__in=houses.values("pk")), houses, today)
    _look_ahead(found, now)
    return found


def expired(houses: QuerySet[Warehouse], *, now: datetime | None = None) -> list[Expiring]:
    """Goods on the shelves whose last day has passed, the longest expired first."""
    today = timezone.localdate(now or timezone.now())
    return _grouped(expired_balances(today).filter(warehouse__in=houses.values("pk")), houses, today)


def find_uses(rows: Iterable[Expiring], everywhere: QuerySet[Warehouse], viewer: Viewer, *, limit: int = 2) -> None:
    """Fill in who could use them: demands nearest first, else warehouses below their minimum. One look for each warehouse."""
    rows = list(rows)
    by_house: dict[int, list[Expiring]] = defaultdict(list)
    for row in rows:
        by_house[row.warehouse.pk].append(row)
    for mine in by_house.values():
        asked = _asked_for(mine, viewer, limit)
        for row in mine:
            row.demands = asked.get(row.batch.item_id, [])
    short = _short(everywhere, {row.batch.item_id for row in rows})
    for row in rows:
        others = [one for one in short.get(row.batch.item_id, []) if one[0].pk != row.warehouse.pk]
        nearest = [Short(house, missing, metres_between(row.warehouse, house)) for house, missing in others]
        nearest.sort(key=lambda one: (one.distance_m is None, one.distance_m or 0, one.warehouse.pk))
        row.shorts = nearest[:limit]


def metres_between(one: Warehouse, other: Warehouse) -> float | None:
    """As the crow flies, on a flat map at their latitude: good to a percent within a country."""
    if one.location is None or other.location is None:
        return None
    from math import cos, hypot, radians

    middle = radians((one.location.y + other.location.y) / 2)
    return METRES_IN_A_DEGREE * hypot(
        (one.location.x - other.location.x) * cos(middle), one.location.y - other.location.y
    )


def _grouped(rows: QuerySet[Balance], houses: QuerySet[Warehouse], today: date) -> list[Expiring]:
    totals = list(
        rows.order_by()
        .values_list("warehouse", "batch")
        .annotate(total=Sum("quantity"), last=Max("batch__expires_on"))
        .order_by("last", "warehouse", "batch")
    )
    known = {house.pk: house for house in houses.filter(pk__in={row[0] for row in totals})}
    batches = Batch.objects.select_related("item__unit", "pack").in_bulk({row[1] for row in totals})
    return [Expiring(known[house], batches[batch], total, (last - today).days) for house, batch, total, last in totals]


def _look_ahead(rows: list[Expiring], now: datetime) -> None:
    """What will be left of each batch at the present pace, first expired first out."""
    houses = {row.warehouse.pk for row in rows}
    used = recent_use(houses, now)
    places = {(row.warehouse.pk, row.batch.item_id) for row in rows}
    lots: dict[tuple[int, int], list[tuple[int, Lot]]] = defaultdict(list)
    shelf = usable_balances(timezone.localdate(now)).filter(warehouse__in=houses, item__in={item for _, item in places})
    for house, item, batch, last, total in (
        shelf.order_by().values_list("warehouse", "item", "batch", "batch__expires_on").annotate(total=Sum("quantity"))
    ):
        lots[(house, item)].append((batch, Lot(total, last)))
    wasted: dict[tuple[int, int], Decimal] = {}
    for place in places:
        use = used.get(place)
        if use is None:
            continue
        ahead = forecast([lot for _, lot in lots[place]], daily_use(use.used, use.days), timezone.localdate(now))
        for (batch, _lot), lost in zip(lots[place], ahead.wasted, strict=True):
            wasted[(place[0], batch)] = lost
    for row in rows:
        row.left_over = wasted.get((row.warehouse.pk, row.batch.pk))


def _asked_for(rows: list[Expiring], viewer: Viewer, limit: int) -> dict[int, list[Demand]]:
    spot = rows[0].warehouse.location
    found: dict[int, list[Demand]] = defaultdict(list)
    for plug in demands:
        near = plug.nearest(
            sorted({row.batch.item_id for row in rows}), longitude=spot.x if spot else None,
            latitude=spot.y if spot else None, viewer=viewer, limit=limit,
        )  # fmt: skip
        for item, wanted in near.items():
            found[item] += wanted
    for wanted in found.values():
        wanted.sort(key=lambda demand: (demand.distance_m is None, demand.distance_m or 0, demand.reference))
    return {item: wanted[:limit] for item, wanted in found.items()}


def _short(everywhere: QuerySet[Warehouse], items: set[int]) -> dict[int, list[tuple[Warehouse, Decimal]]]:
    levels = StockLevel.objects.filter(
        item__in=items, warehouse__in=everywhere.filter(opening=Opening.OPEN).values("pk")
    ).select_related("warehouse")
    usable = by_place(usable_balances(timezone.localdate()).filter(item__in=items))
    found: dict[int, list[tuple[Warehouse, Decimal]]] = defaultdict(list)
    for level in levels:
        has = usable.get((level.warehouse_id, level.item_id), Decimal(0))
        if has < level.minimum:
            wanted = level.minimum if level.target is None else level.target
            found[level.item_id].append((level.warehouse, wanted - has))
    return found
