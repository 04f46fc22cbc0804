"""Zones and bins of a warehouse, and the temperatures read there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.models import Balance, Bin, TemperatureReading, Warehouse, Zone
from inventory.refusals import Refused
from inventory.warehouses import check_range
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting

MOST_BINS = 500
COLDEST, WARMEST = Decimal(-100), Decimal(100)


@transaction.atomic
def add_zone(*, by: Actor, operation: Any, warehouse: Warehouse, name: str, **fields: Any) -> Zone:
    """A new zone. Raises Refused or NotAllowed."""
    return change_zone(by=by, operation=operation, zone=Zone(warehouse=warehouse), name=name, **fields)


@transaction.atomic
def change_zone(*, by: Actor, operation: Any, zone: Zone, **fields: Any) -> Zone:
    """Change a zone: name, kind, coldest_c, warmest_c, is_active. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, zone)
    for name, value in fields.items():
        if name not in ("name", "kind", "coldest_c", "warmest_c", "is_active"):
            raise TypeError(f"not a field of a zone that people change: {name}")
        setattr(zone, name, value)
    zone.name = zone.name.strip()
    if not zone.name:
        raise Refused({"name": gettext_lazy("Give the zone a name.")})
    check_range(zone.coldest_c, zone.warmest_c)
    namesakes = Zone.objects.filter(warehouse=zone.warehouse, name__iexact=zone.name).exclude(pk=zone.pk)
    if namesakes.exists():
        raise Refused({"name": gettext_lazy("This warehouse has a zone of this name already.")})
    if not zone.is_active and zone.pk and Balance.objects.filter(bin__zone=zone, quantity__gt=0).exists():
        raise Refused({"is_active": gettext_lazy("Goods lie in this zone. Move them first.")})
    with acting(by):
        zone.save()
    return zone


@transaction.atomic
def add_bins(
    *, by: Actor, operation: Any, zone: Zone, labels: Sequence[str], pallet_places: int | None = None,
    pick_order: int | None = None,
) -> list[Bin]:  # fmt: skip
    """New bins in a zone, in the order of walking by. Raises Refused (nothing is made) or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, Bin(warehouse=zone.warehouse))
    wanted = [label.strip() for label in labels if label.strip()]
    if not wanted:
        raise Refused({"labels": gettext_lazy("Write at least one label.")})
    if len(wanted) > MOST_BINS:
        raise Refused({"labels": _("Make at most %(count)d bins at once.") % {"count": MOST_BINS}})
    if too_long := next((label for label in wanted if len(label) > 30), None):
        raise Refused({"labels": _("“%(label)s” is longer than 30 characters.") % {"label": too_long[:60]}})
    there = {label.casefold() for label in Bin.objects.filter(warehouse=zone.warehouse).values_list("label", flat=True)}
    for label in wanted:
        if label.casefold() in there:
            raise Refused({"labels": _("This warehouse has a bin “%(label)s” already.") % {"label": label}})
        there.add(label.casefold())
    first = pick_order
    if first is None:
        last = Bin.objects.filter(warehouse=zone.warehouse).order_by("-pick_order").first()
        first = last.pick_order + 10 if last else 100
    with acting(by):
        return Bin.objects.bulk_create(
            Bin(
                zone=zone, warehouse=zone.warehouse, label=label, pallet_places=pallet_places,
                pick_order=first + 10 * place,
            )
            for place, label in enumerate(wanted)
        )  # fmt: skip


@transaction.atomic
def change_bin(*, by: Actor, operation: Any, bin: Bin, **fields: Any) -> Bin:
    """Change a bin: zone, label, pallet_places, pick_order, is_active. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, bin)
    for name, value in fields.items():
        if name not in ("zone", "label", "pallet_places", "pick_order", "is_active"):
            raise TypeError(f"not a field of a bin that people change: {name}")
        setattr(bin, name, value)
    bin.label = bin.label.strip()
    if not bin.label:
        raise Refused({"label": gettext_lazy("Write the label that is painted on the bin.")})
    if bin.zone.warehouse_id != bin.warehouse_id:
        raise Refused({"zone": gettext_lazy("This zone is in another warehouse.")})
    if Bin.objects.filter(warehouse=bin.warehouse, label__iexact=bin.label).exclude(pk=bin.pk).exists():
        raise Refused({"label": gettext_lazy("This warehouse has a bin of this label already.")})
    if not bin.is_active and Balance.objects.filter(bin=bin, quantity__gt=0).exists():
        raise Refused({"is_active": gettext_lazy("Goods lie in this bin. Move them first.")})
    with acting(by):
        bin.save()
    return bin


def labels_in(text: str) -> list[str]:
    """Labels, one a line or separated by commas; ``A-01..A-12`` or ``A-01..12`` stands for all from the first to the last.

    Raises Refused. Pure.
    """
    found: list[str] = []
    for part in re.split(r"[\n,;]+", text):
        label = part.strip()
        span = _span(label)
        if span is None:
            found += [label] if label else []
            continue
        start, first, last, width, rest = span
        if last < first or last - first >= MOST_BINS:
            raise Refused(
                {"labels": _("“%(label)s” is no row of bins. Write it as A-01..A-12.") % {"label": label[:60]}}
            )
        found += [f"{start}{number:0{width}d}{rest}" for number in range(first, last + 1)]
    return found


def _span(label: str) -> tuple[str, int, int, int, str] | None:
    """Start, first number, last number, digits, and what follows, of ``A-01..A-12``; ``None`` when it is one label."""
    two = re.split(r"\s*(?:\.\.+|…)\s*", label)
    if len(two) != 2:
        return None
    first, last = (re.match(r"^(.*?)(\d{1,6})(\D*)$", side) for side in two)
    if first is None or last is None or last[1] not in ("", first[1]):
        return None
    return first[1], int(first[2]), int(last[2]), len(first[2]), last[3] or first[3]


@transaction.atomic
def report_temperature(
    *, by: Actor, operation: Any, warehouse: Warehouse, celsius: Decimal, zone: Zone | None = None,
    occurred_at: datetime | None = None, reported_by: str = "",
) -> TemperatureReading:  # fmt: skip
    """A temperature read in a warehouse or a zone of it. Raises Refused or NotAllowed."""
    reading = TemperatureReading(warehouse=warehouse, operation=warehouse.operation, zone=zone, celsius=celsius)
    reading.occurred_at = occurred_at or timezone.now()
    reading.stamp(by)
    if reported_by.strip():
        reading.reported_by = reported_by.strip()
    require(standing_of(by.user, operation), Action.ADD, reading)
    if not celsius.is_finite() or not COLDEST <= celsius <= WARMEST:
        raise Refused({"celsius": gettext_lazy("This temperature cannot be true. Give degrees Celsius.")})
    if reading.occurred_at > timezone.now():
        raise Refused({"occurred_at": gettext_lazy("This lies in the future. Give the moment of reading.")})
    if zone is not None and zone.warehouse_id != warehouse.pk:
        raise Refused({"zone": gettext_lazy("This zone is in another warehouse.")})
    with acting(by):
        reading.save()
    return reading


def kept_range(warehouse: Warehouse, zone: Zone | None) -> tuple[Decimal | None, Decimal | None]:
    """From and to which temperature must be kept there, °C: the zone's own range, else the warehouse's."""
    if zone is not None and (zone.coldest_c is not None or zone.warmest_c is not None):
        return zone.coldest_c, zone.warmest_c
    return warehouse.coldest_c, warehouse.warmest_c


def is_breach(reading: TemperatureReading) -> bool:
    """Whether the cold chain was broken at this reading."""
    coldest, warmest = kept_range(reading.warehouse, reading.zone)
    return (coldest is not None and reading.celsius < coldest) or (warmest is not None and reading.celsius > warmest)
