"""Whether what must be kept cold (or from freezing) was: readings against the range of the room and of the goods in it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from inventory.models import Balance, TemperatureReading, Warehouse, Zone
from orgs.models import Opening

LOOK_BACK = timedelta(hours=24)
SILENT_AFTER = timedelta(hours=24)

Room = tuple[int, int | None]
"""A warehouse's key and a zone's; ``None``: the warehouse as a whole."""


@dataclass(frozen=True)
class Range:
    """Degrees Celsius; ``None``: no limit. because: the goods that ask for it, when the room itself is not set up for it."""

    coldest: Decimal | None
    warmest: Decimal | None
    because: str = ""

    def holds(self, celsius: Decimal) -> bool:
        return (self.coldest is None or celsius >= self.coldest) and (self.warmest is None or celsius <= self.warmest)

    def __str__(self) -> str:
        if self.coldest is None or self.warmest is None:
            return f"≤ {self.warmest} °C" if self.coldest is None else f"≥ {self.coldest} °C"
        return f"{self.coldest}–{self.warmest} °C"


@dataclass(frozen=True)
class Breach:
    """worst: the reading furthest outside. is_over: the newest reading is inside again. goods: how many batches lie there."""

    warehouse: Warehouse
    zone: Zone | None
    range: Range
    worst: TemperatureReading
    newest: TemperatureReading
    began_at: datetime
    is_over: bool
    goods: int


@dataclass(frozen=True)
class Unread:
    """A cold room with goods in it that nobody has read the thermometer of. last_at: ``None``: never."""

    warehouse: Warehouse
    zone: Zone | None
    last_at: datetime | None
    goods: int


def watch(houses: QuerySet[Warehouse], *, now: datetime | None = None) -> tuple[list[Breach], list[Unread]]:
    """Every breach of the last day, and every cold room not read for a day. A constant number of queries."""
    now = now or timezone.now()
    known = {house.pk: house for house in houses.filter(opening=Opening.OPEN)}
    zones = {zone.pk: zone for zone in Zone.objects.filter(warehouse__in=known, is_active=True)}
    ranges, goods = _ranges(known, zones)
    readings: dict[Room, list[TemperatureReading]] = defaultdict(list)
    recent = TemperatureReading.objects.filter(
        warehouse__in=known, occurred_at__gt=now - LOOK_BACK, occurred_at__lte=now
    ).order_by("occurred_at", "pk")
    for reading in recent:
        readings[(reading.warehouse_id, reading.zone_id)].append(reading)
    newest = _newest([house for house, _zone in ranges])
    breaches, unread = [], []
    for room, limits in ranges.items():
        house, zone = known[room[0]], zones.get(room[1]) if room[1] else None
        row = readings.get(room, [])
        last = newest.get(room)
        # A room left outside its range stays an alert until somebody reads the thermometer again.
        if not row and last is not None and not limits.holds(last.celsius):
            row = [last]
        outside = [reading for reading in row if not limits.holds(reading.celsius)]
        if outside:
            worst = max(outside, key=lambda reading: _distance(limits, reading.celsius))
            breaches.append(
                Breach(house, zone, limits, worst, row[-1], outside[0].occurred_at, limits.holds(row[-1].celsius), goods[room])
            )  # fmt: skip
        elif not row and goods[room]:
            unread.append(Unread(house, zone, last.occurred_at if last else None, goods[room]))
    return breaches, unread


def _ranges(known: dict[int, Warehouse], zones: dict[int, Zone]) -> tuple[dict[Room, Range], dict[Room, int]]:
    """What each room must keep: its own range, else the narrowest that goods lying in it ask for."""
    ranges: dict[Room, Range] = {}
    for house in known.values():
        if house.coldest_c is not None or house.warmest_c is not None:
            ranges[(house.pk, None)] = Range(house.coldest_c, house.warmest_c)
    for zone in zones.values():
        if zone.coldest_c is not None or zone.warmest_c is not None:
            ranges[(zone.warehouse_id, zone.pk)] = Range(zone.coldest_c, zone.warmest_c)
    goods: dict[Room, int] = defaultdict(int)
    picky: dict[Room, list[tuple[Decimal | None, Decimal | None, str]]] = defaultdict(list)
    lying = Balance.objects.filter(warehouse__in=known, quantity__gt=0).filter(
        Q(item__coldest_c__isnull=False) | Q(item__warmest_c__isnull=False)
    )
    rows = lying.annotate(zone=F("bin__zone")).select_related("item")
    for row in rows:
        room = (row.warehouse_id, row.zone)  # type: ignore[attr-defined]
        for place in {room, (row.warehouse_id, None)}:
            goods[place] += 1
        picky[room].append((row.item.coldest_c, row.item.warmest_c, str(row.item)))
    for room, wishes in picky.items():
        if room not in ranges and (room[0], None) not in ranges:
            lows = [low for low, _high, _item in wishes if low is not None]
            highs = [high for _low, high, _item in wishes if high is not None]
            ranges[room] = Range(max(lows, default=None), min(highs, default=None), wishes[0][2])
    return ranges, goods


def _newest(houses: list[int]) -> dict[Room, TemperatureReading]:
    rows = TemperatureReading.objects.filter(warehouse__in=houses).order_by(
        "warehouse_id",
        "zone_id",
        "-occurred_at",
        "-pk",  # by the keys, not by the names, as the next line needs it
    )
    return {(row.warehouse_id, row.zone_id): row for row in rows.distinct("warehouse_id", "zone_id")}


def _distance(limits: Range, celsius: Decimal) -> Decimal:
    below = (limits.coldest - celsius) if limits.coldest is not None else Decimal(0)
    above = (celsius - limits.warmest) if limits.warmest is not None else Decimal(0)
    return max(below, above)
