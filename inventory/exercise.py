"""The exercise's warehouses: twelve stores with three weeks of goods coming and going, and what a keeper should find in them.

Some batches have expired, some soon will; one store has fallen silent, one cold room was too warm last night, one batch is recalled.
What moved before today is written at once, in order; what has a story (consignments, counts, kits, a mistake) goes
through the same actions as on any day.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random

from django.utils import timezone

from inventory.exercise_cases import tell_stories
from inventory.exercise_names import NOBODYS_PHONE, WAREHOUSES
from inventory.exercise_stock import Store, three_weeks
from inventory.models import Bin, Keeper, LorryAccess, TemperatureReading, Warehouse, Zone, ZoneKind
from komek.accounts.models import User
from komek.accounts.roles import Role
from komek.extensions.exercise import ExerciseContext
from komek.operations.exercises import write_records
from komek.records.actor import Actor, Channel
from orgs.exercise_accounts import open_account
from orgs.models import Opening, Organisation, Site, SiteKind
from orgs.naming import search_key
from orgs.taking_over import taken_over

STORES = 12
OURS = (
    6,
    6,
    6,
    6,
    7,
    7,
    7,
    8,
)  # which organisations of the register run the first eight; the others stay with whom they are
READINGS_A_DAY = 4
DAYS = 21


class InventoryExercise:
    key = "inventory"
    order = 54

    def load(self, context: ExerciseContext) -> None:
        houses = _warehouses(context)
        keepers = _keepers(context, houses)
        stores = [_rooms(context, house, number, keepers) for number, house in enumerate(houses)]
        _temperatures(context, stores)
        three_weeks(context, stores)
        tell_stories(context, stores)
        context.made["warehouses"] = houses


def _warehouses(context: ExerciseContext) -> list[Warehouse]:
    """Let stores of the register keep stock."""
    sites = [site for site in context.made["sites"] if site.kind == SiteKind.WAREHOUSE][: STORES * context.scale]
    made = []
    for number, site in enumerate(sites):
        name, area_m2, volume_m3, pallets, _is_cold = WAREHOUSES[number % STORES]
        house = taken_over(site, Warehouse)
        round_ = f" {number // STORES + 1}" if number >= STORES else ""
        house.name = name.format(place=str(site.area or "").removesuffix(" (exercise)")) + round_
        house.floor_area_m2, house.volume_m3, house.pallet_places = area_m2, volume_m3, pallets
        house.lorry_access = context.random.choice(
            (LorryAccess.TRAILER, LorryAccess.TWENTY_TONNES, LorryAccess.TEN_TONNES, LorryAccess.VAN)
        )
        house.lorry_note = context.random.choice(("", "", "Unload on the street side before 9:00", "Narrow gate, 3 m"))
        house.has_loading_dock, house.has_forklift = area_m2 >= 900, area_m2 >= 1200
        house.opening, house.capacity, house.capacity_unit = Opening.OPEN, area_m2, "m²"
        house.organisation = _runner(context, number, site)
        house.search_key = search_key([house.name])
        house.save_base(raw=True)  # the site's own row is there; only the warehouse's is new
        Site.objects.filter(pk=site.pk).update(
            name=house.name, organisation=house.organisation, opening=house.opening, capacity=house.capacity,
            capacity_unit=house.capacity_unit, search_key=house.search_key,
        )  # fmt: skip
        made.append(house)
        context.progress("warehouses", number + 1, len(sites))
    return made


def _runner(context: ExerciseContext, number: int, site: Site) -> Organisation | None:
    organisations = context.made["organisations"]
    return organisations[OURS[number % STORES]] if number % STORES < len(OURS) else site.organisation


def _keepers(context: ExerciseContext, houses: list[Warehouse]) -> dict[int, User]:
    """The keepers one may sign in as, by the organisation whose stores they keep; and who to call at the others."""
    organisations: list[Organisation] = context.made["organisations"]
    sheet = (
        ("Kerim Ataýew", "keeper@kopetdag.example.org", organisations[6], "tk"),
        ("Лола Каримова", "store@kopetdag.example.org", organisations[7], "ru"),
        ("Ramil Əliyev", "depot@kopetdag.example.org", organisations[8], "az"),
    )
    found: dict[int, User] = {}
    for name, email, organisation, language in sheet:
        found[organisation.pk] = open_account(context, name, email, Role.WAREHOUSE_KEEPER, language, organisation)
    Keeper.objects.bulk_create(
        Keeper(
            warehouse=house, user=found.get(house.organisation_id or 0),
            name="" if house.organisation_id in found else context.random.choice(("Duty keeper", "Night keeper")),
            phone=NOBODYS_PHONE.format(number % 50), note="8:00–18:00",
        )
        for number, house in enumerate(houses)
    )  # fmt: skip
    return found


def _rooms(context: ExerciseContext, house: Warehouse, number: int, keepers: dict[int, User]) -> Store:
    """Zones and bins of one warehouse."""
    is_cold = WAREHOUSES[number % STORES][4]
    kinds = [("Hall", ZoneKind.GENERAL), ("Receiving", ZoneKind.RECEIVING), ("Quarantine", ZoneKind.QUARANTINE)]
    zones = [Zone(warehouse=house, name=name, kind=kind) for name, kind in kinds]
    if is_cold:
        zones.append(
            Zone(warehouse=house, name="Cold room", kind=ZoneKind.COLD, coldest_c=Decimal(2), warmest_c=Decimal(8))
        )
    hall, receiving, quarantine, *cold = Zone.objects.bulk_create(zones)
    labels = [(hall, f"A-{place:02d}") for place in range(1, 9)] + [(receiving, "R-01"), (quarantine, "Q-01")]
    labels += [(room, f"C-{place:02d}") for room in cold for place in (1, 2)]
    bins = Bin.objects.bulk_create(
        Bin(zone=zone, warehouse=house, label=label, pick_order=100 + 10 * place)
        for place, (zone, label) in enumerate(labels)
    )
    user = keepers.get(house.organisation_id or 0)
    by = Actor(user=user, channel=Channel.COMMAND) if user else Actor(None, Channel.COMMAND, name="Exercise")
    return Store(
        house, number % STORES, by,
        hall=[row for row in bins if row.zone_id == hall.pk],
        cold=[row for row in bins if cold and row.zone_id == cold[0].pk],
        quarantine=next(row for row in bins if row.zone_id == quarantine.pk),
        zone=hall,
    )  # fmt: skip


def _temperatures(context: ExerciseContext, stores: list[Store]) -> None:
    """Cold rooms are read four times a day; the first one was too warm last night, and nobody has read the last one since."""
    random = context.random
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    rows = []
    for store_ in stores:
        if not store_.cold:
            continue
        for step in range(DAYS * READINGS_A_DAY, -1, -1):
            at = now - timedelta(hours=step * 24 // READINGS_A_DAY, minutes=random.randint(0, 50))
            if store_.number == 5 and step < 6:
                continue
            warm = store_.number == 0 and step in (1, 2)
            rows.append(
                TemperatureReading(
                    warehouse=store_.house, zone=store_.cold[0].zone, operation=context.operation, occurred_at=at,
                    entered_at=at, celsius=_reading(random, warm), channel=Channel.COMMAND, entered_by=store_.by.user,
                )
            )  # fmt: skip
    write_records(context, "temperatures", rows)


def _reading(random: Random, is_warm: bool) -> Decimal:
    return Decimal(random.randint(95, 118) if is_warm else random.randint(32, 61)) / 10


PLUGS = [InventoryExercise()]
