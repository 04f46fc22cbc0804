"""Three weeks of goods coming and going in the exercise's stores, worked out day by day so that nothing leaves that is not there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import hypot
from random import Random
from typing import Any

from django.utils import timezone

from inventory.exercise_names import DONORS, GOODS, KIT_NEEDS, Goods
from inventory.models import (
    Account,
    Batch,
    Bin,
    Condition,
    Entry,
    LossReason,
    Movement,
    MovementKind,
    StockLevel,
    Warehouse,
    Zone,
)
from komek.extensions.exercise import ExerciseContext
from komek.operations.exercises import write_records
from komek.records.actor import Actor
from komek.records.codes import next_codes
from komek.records.models import Approval
from komek.supplies.models import Item
from orgs.models import Organisation, Site, SiteKind

DAYS = 20
ITEMS = 15  # kinds of goods a store keeps
SILENT, BELOW = 11, (2, 7)  # numbers of the store that fell silent, and of those that have too little of something
SILENT_DAYS = 9
LAST_RECEIPT_DAY = 3
TAKERS = (SiteKind.CAMP, SiteKind.DISTRIBUTION, SiteKind.SCHOOL, SiteKind.HOSPITAL, SiteKind.CLINIC)


@dataclass
class Store:
    """A warehouse while the exercise is made. number: its place among the twelve. by: who keeps it."""

    house: Warehouse
    number: int
    by: Actor
    hall: list[Bin]
    cold: list[Bin]
    quarantine: Bin
    zone: Zone


@dataclass
class Lying:
    """What is left of a batch in its bin, in base units."""

    batch: Batch
    bin: Bin
    goods: Goods
    quantity: int


@dataclass
class Written:
    """What is to be stored, in the order in which it happened."""

    batches: list[Batch] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)


def three_weeks(context: ExerciseContext, stores: list[Store]) -> None:
    """Write the stores' movements of the last three weeks, up to yesterday evening, and the levels they should hold."""
    items = {item.code: item for item in Item.objects.select_related("unit").prefetch_related("packs")}
    donors = [one for one in context.made["organisations"] if one.is_donor and one.approval == Approval.APPROVED]
    takers = [site for site in context.made["sites"] if site.kind in TAKERS]
    written, levels = Written(), []
    for store in stores:
        chosen = _goods_of(store, context.random)
        lying = _days(context, store, chosen, items, donors, _nearest(store.house, takers), written)
        levels += _levels(store, chosen, items, lying)
    for rows in (written.batches, written.movements):
        for row, code in zip(rows, next_codes(type(rows[0]).CODE_LETTER, len(rows)), strict=True):
            row.code = code
    write_records(context, "batches", written.batches)
    write_records(context, "movements of stock", written.movements)
    write_records(context, "entries of the ledger", written.entries)
    write_records(context, "levels of stock", levels)


def _goods_of(store: Store, random: Random) -> list[Goods]:
    """What a store keeps; the first one also everything that hygiene kits are made of."""
    kept = [goods for goods in GOODS if goods.code in KIT_NEEDS] if store.number == 0 else []
    if store.cold:
        kept += [goods for goods in GOODS if goods.is_cold]
    rest = [goods for goods in GOODS if goods not in kept and not goods.is_cold]
    return kept + random.sample(rest, max(ITEMS - len(kept), 8))


def _nearest(house: Warehouse, sites: list[Site]) -> list[Site]:
    """The eight sites that the store serves: those nearest to it as the crow flies, in degrees, which is enough to choose by."""
    here = house.location
    return sorted(sites, key=lambda site: hypot(site.location.x - here.x, site.location.y - here.y))[:8]


def _days(
    context: ExerciseContext, store: Store, chosen: list[Goods], items: dict[str, Item], donors: list[Organisation],
    takers: list[Site], written: Written,
) -> list[Lying]:  # fmt: skip
    """One store, from the first day to yesterday."""
    random = context.random
    comes = {goods: {random.randint(17, DAYS), *([random.randint(8, 13)] if random.random() < 0.6 else []),
                     *([random.randint(LAST_RECEIPT_DAY, 6)] if random.random() < 0.3 else [])} for goods in chosen}  # fmt: skip
    lying: list[Lying] = []
    until = SILENT_DAYS if store.number == SILENT else 0
    for day in range(DAYS, until, -1):
        arriving = [goods for goods in chosen if day in comes[goods]]
        if arriving:
            _receive(context, store, day, arriving, items, random.choice([*donors, *DONORS]), lying, written)
        for hour in (11, 14):
            if day < DAYS - 2 and random.random() < 0.6:
                _issue(context, store, day, hour, random.choice(takers), lying, written)
        if day == 7 and store.number % 3 == 1:
            _lose(context, store, day, lying, written)
    return lying


def _receive(
    context: ExerciseContext, store: Store, day: int, arriving: list[Goods], items: dict[str, Item],
    donor: Organisation | str, lying: list[Lying], written: Written,
) -> None:  # fmt: skip
    random = context.random
    at = _moment(day, 8, random)
    giver = {"donor": donor} if isinstance(donor, Organisation) else {"donor_name": donor}
    movement = _movement(
        context, store, MovementKind.RECEIPT, at, organisation=donor if isinstance(donor, Organisation) else None,
        recipient="" if isinstance(donor, Organisation) else donor, document=f"GRN-{random.randint(1000, 9999)}",
    )  # fmt: skip
    written.movements.append(movement)
    gift = f"GIFT-{random.randint(100, 999)}"
    for goods in arriving:
        item = items[goods.code]
        pack = next(iter(item.packs.all()), None)
        quantity = goods.step * max(2, int(goods.received * random.uniform(0.3, 1.0)) // goods.step)
        batch = Batch(
            item=item, number=f"{goods.code[:3]}{random.randint(10000, 99999)}", owner=store.house.organisation, gift=gift,
            expires_on=_expiry(goods, at.date(), random), operation=context.operation, occurred_at=at, entered_at=at,
            pack=pack if pack is not None and goods.step % pack.quantity == 0 else None,
            entered_by=store.by.user, channel=store.by.channel, **giver,
        )  # fmt: skip
        written.batches.append(batch)
        place = random.choice(store.cold if goods.is_cold and store.cold else store.hall)
        lying.append(Lying(batch, place, goods, quantity))
        _sides(written, movement, batch, quantity, of=(Account.SUPPLY, None), to=(Account.STOCK, place))


def _expiry(goods: Goods, received: date, random: Random) -> date | None:
    """Mostly long after receipt; now and then so soon that it has expired by today, or will within days."""
    if not goods.days:
        return None
    today = timezone.localdate()
    chance = random.random()
    if goods.code in KIT_NEEDS:
        return received + timedelta(days=random.randint(*goods.days) + DAYS)
    if chance < 0.12 and received < today - timedelta(days=12):
        return today - timedelta(days=random.randint(1, 9))
    if chance < 0.3:
        return today + timedelta(days=random.randint(1, 28))
    return received + timedelta(days=random.randint(*goods.days) + DAYS)


def _issue(
    context: ExerciseContext, store: Store, day: int, hour: int, taker: Site, lying: list[Lying], written: Written
) -> None:
    """One to three kinds of goods go to a site, what expires first before the rest; a third of what came always stays."""
    random = context.random
    at = _moment(day, hour, random)
    usable = sorted(
        (row for row in lying if row.batch.expires_on is None or row.batch.expires_on >= at.date()),
        key=lambda row: row.batch.expires_on or date.max,
    )
    kinds = sorted({row.goods for row in usable})
    taken = []
    for goods in random.sample(kinds, min(random.randint(1, 3), len(kinds))):
        row = next(row for row in usable if row.goods == goods)
        wanted = goods.step * max(1, int(goods.received * random.uniform(0.02, 0.07)) // goods.step)
        quantity = min(wanted, row.quantity - goods.received // 5)
        quantity -= quantity % goods.step
        if quantity > 0:
            row.quantity -= quantity
            taken.append((row, quantity))
    if not taken:
        return
    movement = _movement(
        context, store, MovementKind.ISSUE, at, site=taker, organisation=taker.organisation,
        document=f"GI-{random.randint(1000, 9999)}",
    )  # fmt: skip
    written.movements.append(movement)
    for row, quantity in taken:
        _sides(written, movement, row.batch, quantity, of=(Account.STOCK, row.bin), to=(Account.ISSUED, None))


def _lose(context: ExerciseContext, store: Store, day: int, lying: list[Lying], written: Written) -> None:
    row = max(lying, key=lambda row: row.quantity)
    quantity = min(row.quantity // 20, 3 * row.goods.step)
    if quantity <= 0:
        return
    movement = _movement(
        context, store, MovementKind.LOSS, _moment(day, 16, context.random), loss_reason=LossReason.WATER,
        reason="Rain came through the roof",
    )  # fmt: skip
    written.movements.append(movement)
    row.quantity -= quantity
    _sides(written, movement, row.batch, quantity, of=(Account.STOCK, row.bin), to=(Account.LOST, None))


def _movement(context: ExerciseContext, store: Store, kind: str, at: datetime, **fields: Any) -> Movement:
    """Most are entered within the hour; every tenth a day or two later, as it is when the power fails."""
    random = context.random
    late = timedelta(days=random.randint(1, 2)) if random.random() < 0.1 else timedelta(minutes=random.randint(2, 50))
    return Movement(
        kind=kind, warehouse=store.house, operation=context.operation, occurred_at=at,
        entered_at=min(at + late, timezone.now()), entered_by=store.by.user, channel=store.by.channel,
        reported_by=store.by.name, **fields,
    )  # fmt: skip


def _sides(
    written: Written, movement: Movement, batch: Batch, quantity: int, *, of: tuple[str, Bin | None],
    to: tuple[str, Bin | None],
) -> None:  # fmt: skip
    for (account, place), signed in ((of, -quantity), (to, quantity)):
        written.entries.append(
            Entry(
                movement=movement, account=account, batch=batch, item=batch.item, bin=place, condition=Condition.GOOD,
                warehouse=movement.warehouse if account == Account.STOCK else None, quantity=Decimal(signed),
                occurred_at=movement.occurred_at,
            )
        )  # fmt: skip


def _levels(store: Store, chosen: list[Goods], items: dict[str, Item], lying: list[Lying]) -> list[StockLevel]:
    """Levels for the first few kinds; in two stores one is set above what is there."""
    made = []
    for place, goods in enumerate(chosen[:5]):
        has = sum(row.quantity for row in lying if row.goods == goods)
        is_short = store.number in BELOW and place == 0
        minimum = has + 4 * goods.step if is_short else goods.received // 10
        made.append(
            StockLevel(
                warehouse=store.house, item=items[goods.code], minimum=Decimal(minimum), target=Decimal(minimum * 2)
            )
        )
    return made


def _moment(day: int, hour: int, random: Random) -> datetime:
    """So many days ago, within the hour."""
    then = timezone.localdate() - timedelta(days=day)
    return timezone.make_aware(datetime.combine(then, time(hour, random.randint(0, 59))))
