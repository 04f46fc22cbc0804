"""Registering and changing warehouses, their keepers and the levels they should hold. Browser, API and imports call
these functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.models import Keeper, StockLevel, Warehouse
from inventory.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from komek.supplies.models import Item
from orgs import sites
from orgs.models import Organisation, Site, SiteKind
from orgs.taking_over import taken_over

OWN = (
    "floor_area_m2", "volume_m3", "pallet_places", "coldest_c", "warmest_c", "lorry_access", "lorry_note",
    "has_loading_dock", "has_forklift", "silent_after_days",
)  # fmt: skip
OF_SITE = tuple(name for name in sites.EDITABLE if name != "kind")


@transaction.atomic
def register_warehouse(
    *, by: Actor, operation: Any, organisation: Organisation | None, name: str, **fields: Any
) -> Warehouse:
    """A new warehouse. Raises Refused or NotAllowed."""
    warehouse = Warehouse(operation=operation, organisation=organisation, name=name, kind=SiteKind.WAREHOUSE)
    warehouse.stamp(by)
    _assign(warehouse, fields)
    require(standing_of(by.user, operation), Action.ADD, warehouse)
    prepare(warehouse)
    with acting(by):
        warehouse.save()
    return warehouse


@transaction.atomic
def adopt_warehouse(*, by: Actor, operation: Any, site: Site, **fields: Any) -> Warehouse:
    """Let a site that is registered already keep stock: a hospital with a pharmacy, a camp's store. Its code stays.

    Raises Refused when it is a warehouse already.
    """
    if Warehouse.objects.filter(pk=site.pk).exists():
        raise Refused({"site": _("%(site)s is a warehouse already.") % {"site": site}})
    warehouse = taken_over(site, Warehouse)
    _assign(warehouse, fields)
    standing = standing_of(by.user, operation)
    require(standing, Action.CHANGE, site)
    require(standing, Action.CHANGE, warehouse)
    prepare(warehouse)
    with acting(by):
        warehouse.save()
    return warehouse


@transaction.atomic
def change_warehouse(*, by: Actor, operation: Any, warehouse: Warehouse, **fields: Any) -> Warehouse:
    """Change a warehouse. What is not named stays. Raises Refused or NotAllowed."""
    standing = standing_of(by.user, operation)
    require(standing, Action.CHANGE, warehouse)
    _assign(warehouse, fields)
    require(standing, Action.CHANGE, warehouse)  # nobody hands a warehouse to an organisation they do not work for
    prepare(warehouse)
    with acting(by):
        warehouse.save()
    return warehouse


def prepare(warehouse: Warehouse) -> None:
    """Check the rules and fill what is derived. Raises Refused with a sentence per field."""
    check_range(warehouse.coldest_c, warehouse.warmest_c)
    sites.prepare(warehouse)


def check_range(coldest: Decimal | None, warmest: Decimal | None) -> None:
    """A cold chain's range has its colder end first. °C. Raises Refused."""
    if coldest is not None and warmest is not None and coldest > warmest:
        raise Refused({"warmest_c": gettext_lazy("“Kept below” must not be colder than “kept above”.")})


@transaction.atomic
def set_keepers(*, by: Actor, operation: Any, warehouse: Warehouse, keepers: Sequence[dict[str, Any]]) -> None:
    """Who keeps the warehouse, as a whole. keepers: dicts with user or name, phone, note. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, Keeper(warehouse=warehouse))
    seen: set[Any] = set()
    for row in keepers:
        user, name = row.get("user"), (row.get("name") or "").strip()
        if user is None and not name:
            raise Refused({"keepers": gettext_lazy("Choose the account of each keeper, or write a name.")})
        who = user.pk if user is not None else name.casefold()
        if who in seen:
            raise Refused({"keepers": _("%(name)s stands in two rows. Keep one.") % {"name": user or name}})
        seen.add(who)
    with acting(by):
        kept = {keeper.user_id or keeper.name.casefold(): keeper for keeper in warehouse.keepers.all()}
        for who, keeper in kept.items():
            if who not in seen:
                keeper.delete()
        for row in keepers:
            user, name = row.get("user"), (row.get("name") or "").strip()
            keeper = kept.get(user.pk if user is not None else name.casefold()) or Keeper(
                warehouse=warehouse, user=user
            )
            keeper.name, keeper.phone, keeper.note = name, row.get("phone") or "", (row.get("note") or "").strip()
            keeper.save()


@transaction.atomic
def set_level(
    *, by: Actor, operation: Any, warehouse: Warehouse, item: Item, minimum: Decimal, target: Decimal | None = None
) -> StockLevel:
    """The least the warehouse should have of an item, and up to how much to fill it. Base units. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, StockLevel(warehouse=warehouse))
    if minimum < 0:
        raise Refused({"minimum": gettext_lazy("A level cannot be negative.")})
    if target is not None and target < minimum:
        raise Refused({"target": gettext_lazy("“Fill up to” must not be less than “never below”.")})
    with acting(by):
        level, _made = StockLevel.objects.update_or_create(
            warehouse=warehouse, item=item, defaults={"minimum": minimum, "target": target}
        )
    return level


@transaction.atomic
def set_levels(*, by: Actor, operation: Any, warehouse: Warehouse, levels: Sequence[dict[str, Any]]) -> None:
    """The levels of the warehouse as a whole: dicts with item, minimum, target. Raises Refused or NotAllowed."""
    require(standing_of(by.user, operation), Action.CHANGE, StockLevel(warehouse=warehouse))
    items = [row["item"].pk for row in levels]
    if len(set(items)) < len(items):
        raise Refused({"levels": gettext_lazy("One item stands in two rows. Keep one.")})
    with acting(by):
        warehouse.levels.exclude(item__in=items).delete()
    for row in levels:
        set_level(
            by=by, operation=operation, warehouse=warehouse, item=row["item"], minimum=row["minimum"],
            target=row.get("target"),
        )  # fmt: skip


def _assign(warehouse: Warehouse, fields: dict[str, Any]) -> None:
    unknown = set(fields) - {*OWN, *OF_SITE}
    if unknown:
        raise TypeError(f"not fields of a warehouse that people change: {', '.join(sorted(unknown))}")
    for name, value in fields.items():
        setattr(warehouse, name, value)
