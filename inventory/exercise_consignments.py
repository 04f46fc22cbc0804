"""The exercise's consignments: one or two in every state, some of them received short, damaged, in parts or at another store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.gis.geos import Point
from django.utils import timezone

from inventory.announcing import Coming, announce_consignment
from inventory.consignments import WantedLine, cancel_consignment, request_consignment
from inventory.dispatching import dispatch_consignment, note_arrival, report_position
from inventory.exercise_names import DRIVERS, NOBODYS_PHONE
from inventory.exercise_stock import Store
from inventory.models import Balance, Condition, Consignment
from inventory.picking_consignments import load_parcels, pick_consignment
from inventory.receiving_consignments import Arrived, receive_consignment
from komek.extensions.exercise import ExerciseContext
from komek.supplies.models import Item
from orgs.models import Site

# Per consignment: the store it leaves, what becomes of it, hours since it was asked for. It goes to one camp after the other.
PLAN = (
    (0, "requested", 5), (2, "requested", 30), (1, "picked", 20), (0, "loaded", 26), (3, "dispatched", 12),
    (0, "on the way", 30), (2, "on the way", 40), (1, "arrived", 44), (0, "partly", 48), (0, "received", 55),
    (2, "received", 50), (0, "short", 58), (3, "damaged", 52), (0, "to a store", 46), (1, "cancelled", 36),
)  # fmt: skip
LINES = 2


def send_consignments(context: ExerciseContext, stores: list[Store], camps: Sequence[Site]) -> None:
    """Ask for, pick, send and receive as ``PLAN`` says, and let two lorries of donors come."""
    for number, (place, fate, hours) in enumerate(PLAN):
        destination = stores[4].house if fate == "to a store" else camps[number % len(camps)]
        _one(context, stores[place], stores, destination, fate, timezone.now() - timedelta(hours=hours), number)
        context.progress("consignments", number + 1, len(PLAN))
    _from_outside(context, stores[1], is_received=False)
    _from_outside(context, stores[0], is_received=True)


def _one(
    context: ExerciseContext,
    store: Store,
    stores: list[Store],
    destination: Any,
    fate: str,
    asked_at: datetime,
    number: int,
) -> None:
    consignment = request_consignment(
        by=store.by, operation=context.operation, origin=store.house, destination=destination, occurred_at=asked_at,
        lines=_wanted(store, number), wanted_by=timezone.localdate() + timedelta(days=number % 4),
    )  # fmt: skip
    if fate == "requested":
        return
    pick_consignment(by=store.by, consignment=consignment)
    if fate == "cancelled":
        cancel_consignment(
            by=store.by, operation=context.operation, consignment=consignment, reason="The camp has enough for now"
        )
    if fate in ("picked", "cancelled"):
        _at(consignment, picked_at=asked_at + timedelta(hours=3))
        return
    load_parcels(by=store.by, consignment=consignment, parcels=list(consignment.parcels.all()))
    _at(consignment, picked_at=asked_at + timedelta(hours=3), loaded_at=asked_at + timedelta(hours=5))
    if fate == "loaded":
        return
    left_at = asked_at + timedelta(hours=6)
    dispatch_consignment(
        by=store.by, consignment=consignment, occurred_at=left_at, vehicle=f"KamAZ {20 + number} AG {3000 + number}",
        driver=DRIVERS[number % len(DRIVERS)], driver_phone=NOBODYS_PHONE.format(50 + number), route="M37, then the canal road",
        expected_at=left_at + timedelta(hours=8), seal=f"S{number:04d}",
    )  # fmt: skip
    if fate == "dispatched":
        return
    for step, share in enumerate((0.3, 0.7), start=1):
        start, end = store.house.location, consignment.destination.location
        seen = Point(start.x + (end.x - start.x) * share, start.y + (end.y - start.y) * share, srid=4326)
        report_position(
            by=store.by, consignment=consignment, location=seen, occurred_at=left_at + timedelta(hours=2 * step),
            note="" if step == 1 else "Waited at the bridge", reported_by=DRIVERS[number % len(DRIVERS)],
        )  # fmt: skip
    if fate == "on the way":
        return
    came_at = left_at + timedelta(hours=7)
    receiver = next((one.by for one in stores if one.house.organisation_id == destination.organisation_id), store.by)
    note_arrival(by=receiver, consignment=consignment, occurred_at=came_at)
    if fate != "arrived":
        receive_consignment(
            by=receiver, consignment=consignment, is_last=fate != "partly", occurred_at=came_at + timedelta(hours=1),
            lines=_arrived(consignment, fate),
        )  # fmt: skip


def _wanted(store: Store, number: int) -> list[WantedLine]:
    """A twentieth of what there is of two kinds of goods, in whole packs where there are any; different ones each time."""
    today = timezone.localdate()
    totals: dict[Item, Decimal] = {}
    rows = Balance.objects.filter(
        warehouse=store.house, condition=Condition.GOOD, batch__is_blocked=False, quantity__gt=0
    )
    for row in rows.exclude(bin=store.quarantine).select_related("batch", "item__unit").order_by("pk"):
        if row.batch.expires_on is None or (row.batch.expires_on - today).days > 10:
            totals[row.item] = totals.get(row.item, Decimal(0)) + row.quantity
    plenty = [item for item, total in totals.items() if total >= 400 and item.contents.count() == 0]
    chosen = [plenty[(number * LINES + place) % len(plenty)] for place in range(min(LINES, len(plenty)))]
    return [WantedLine(item, _whole(item, totals[item] / 20)) for item in chosen]


def _whole(item: Item, quantity: Decimal) -> Decimal:
    step = next((pack.quantity for pack in item.packs.all() if pack.quantity <= quantity), Decimal(1))
    return max(quantity // step, Decimal(1)) * step


def _arrived(consignment: Consignment, fate: str) -> list[Arrived]:
    """What comes of each parcel. Of the first one something may be short, damaged, or still on its way."""
    lines = []
    for place, parcel in enumerate(consignment.parcels.order_by("pk")):
        part = max(parcel.quantity // 10, Decimal(1))
        if fate == "partly" and place == 0:
            lines.append(Arrived(parcel, good=max(parcel.quantity // 2, Decimal(1))))
        elif fate == "short" and place == 0:
            lines.append(
                Arrived(parcel, good=parcel.quantity - part, explanation="Taken at a roadblock near the canal")
            )
        elif fate == "damaged" and place == 0:
            lines.append(
                Arrived(
                    parcel, good=parcel.quantity - part, damaged=part, explanation="Wet through: the tarpaulin was torn"
                )
            )
        else:
            lines.append(Arrived(parcel, good=parcel.quantity))
    return lines


def _from_outside(context: ExerciseContext, store: Store, *, is_received: bool) -> None:
    """A donor's lorry: announced with what its packing list says, and perhaps received two cartons short."""
    donors = [one for one in context.made["organisations"] if one.is_donor and one.name.startswith("Aid Agency")]
    items = {item.code: item for item in Item.objects.filter(code__in=("FOD-CAN", "HOU-BLK", "FOD-OIL"))}
    left_at = timezone.now() - timedelta(hours=30)
    consignment = announce_consignment(
        by=store.by, operation=context.operation, destination=store.house, sender="Aid Agency of the Alps",
        donor=donors[0] if donors else None, gift="AAA-2026-4", occurred_at=left_at, vehicle="Volvo FH 07 AA 4421",
        driver=DRIVERS[0], driver_phone=NOBODYS_PHONE.format(99), expected_at=timezone.now() + timedelta(hours=6),
        lines=[
            Coming(items["FOD-CAN"], Decimal(1200), number="C7781", expires_on=timezone.localdate() + timedelta(days=400),
                   as_written="Canned beef 12 × 100 cartons"),
            Coming(items["HOU-BLK"], Decimal(800), as_written="Blankets, wool mix, 40 bales"),
            Coming(items["FOD-OIL"], Decimal(600), number="O5512", expires_on=timezone.localdate() + timedelta(days=20),
                   as_written="Sunflower oil 12 × 1 l, 50 cartons"),
        ],
    )  # fmt: skip
    if is_received:
        first, *rest = consignment.parcels.order_by("pk")
        lines = [
            Arrived(
                first, good=first.quantity - 24, bin=store.hall[1], explanation="Two cartons were missing on arrival"
            )
        ]
        lines += [Arrived(parcel, good=parcel.quantity, bin=store.hall[2]) for parcel in rest]
        receive_consignment(
            by=store.by, consignment=consignment, is_last=True, lines=lines, occurred_at=left_at + timedelta(hours=9)
        )


def _at(consignment: Consignment, **moments: datetime) -> None:
    """The moments at which it was picked and loaded, as if the exercise had been lived through."""
    Consignment.objects.filter(pk=consignment.pk).update(**moments)
