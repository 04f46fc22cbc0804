"""Changing items, packs, units and categories. Every change raises the catalogue's version; nothing used is deleted."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from anyascii import anyascii
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, Standing, require
from komek.records.actor import Actor, acting
from komek.supplies.conversion import valid_gtin
from komek.supplies.models import CatalogueVersion, Category, Item, Pack, Unit


def folded(text: str) -> str:
    """Lower-case ASCII words of any script, for search."""
    return " ".join("".join(c if c.isalnum() else " " for c in anyascii(text).lower()).split())


def search_key(item: Item) -> str:
    """Every name and alias of an item, folded."""
    words = [item.name, item.code, *item.names.values(), *(alias for group in item.aliases.values() for alias in group)]
    return " | ".join(sorted({key for key in map(folded, words) if key}))


@transaction.atomic
def save_item(*, by: Actor, standing: Standing, item: Item) -> Item:
    """Add or change an item. Raises ValidationError or NotAllowed."""
    require(standing, Action.CHANGE if item.pk else Action.ADD, item if item.pk else Item)
    lock_catalogue()
    if faults := item_faults(item, unit_before=units_counted_in([item.pk]).get(item.pk) if item.pk else None):
        raise ValidationError(faults)
    item.search_key = search_key(item)
    with acting(by):
        item.save()
        raise_version(str(item))
    return item


def item_faults(item: Item, *, unit_before: int | None) -> dict[str, Any]:
    """Field → sentence for each rule the item breaks. No queries.

    unit_before: the unit that kits, packs or needs count it in now; ``None`` when none does.
    """
    faults: dict[str, Any] = {}
    item.code, item.name = item.code.strip(), " ".join(item.name.split())
    if not item.code:
        faults["code"] = _("An item needs a code and a name.")
    if not item.name:
        faults["name"] = _("An item needs a code and a name.")
    if unit_before is not None and item.unit_id != unit_before:
        faults["unit"] = _(
            "The base unit cannot change once kits, packs or needs count in it. Retire the item and add a new one."
        )
    if item.coldest_c is not None and item.warmest_c is not None and item.coldest_c > item.warmest_c:
        faults["warmest_c"] = _("The warmest is colder than the coldest. Are the two swapped?")
    for name in ("weight_kg", "volume_l"):
        value = getattr(item, name)
        if value is not None and value < 0:
            faults[name] = _("This cannot be less than nothing.")
    return faults


def units_counted_in(item_ids: Iterable[int]) -> dict[int, int]:
    """Of these items, those that kits, packs or needs count: item → the unit it is counted in now. One query."""
    asked = Item.objects.filter(pk__in=list(item_ids))
    counted = Q(in_kits__isnull=False) | Q(packs__isnull=False) | Q(needs__isnull=False)
    return dict(asked.filter(counted).values_list("pk", "unit_id"))


@transaction.atomic
def retire_item(*, by: Actor, standing: Standing, item: Item, replaced_by: Item | None = None) -> None:
    """Take an item out of use, naming what replaces it if anything does."""
    require(standing, Action.CHANGE, item)
    if replaced_by is not None and (replaced_by.pk == item.pk or not replaced_by.is_active):
        raise ValidationError({"replaced_by": _("Choose another item, one that is in use, as the replacement.")})
    item.is_active, item.replaced_by = False, replaced_by
    with acting(by):
        item.save(update_fields=["is_active", "replaced_by", "updated_at"])
        raise_version(str(item))


@transaction.atomic
def use_item_again(*, by: Actor, standing: Standing, item: Item) -> None:
    """Take an item back into use."""
    require(standing, Action.CHANGE, item)
    if item.is_active:
        return
    item.is_active, item.replaced_by = True, None
    with acting(by):
        item.save(update_fields=["is_active", "replaced_by", "updated_at"])
        raise_version(str(item))


@transaction.atomic
def add_pack(*, by: Actor, standing: Standing, item: Item, name: str, quantity: Decimal, gtin: str = "") -> Pack:
    """A package of an item. Raises ValidationError for an impossible quantity or barcode."""
    return save_pack(by=by, standing=standing, pack=Pack(item=item, name=name, quantity=quantity, gtin=gtin))


@transaction.atomic
def save_pack(*, by: Actor, standing: Standing, pack: Pack) -> Pack:
    """Add or change a package of an item. Raises ValidationError or NotAllowed."""
    require(standing, Action.CHANGE if pack.pk else Action.ADD, pack if pack.pk else Pack)
    lock_catalogue()
    faults = pack_faults(pack)
    if Pack.objects.filter(item=pack.item, name=pack.name).exclude(pk=pack.pk).exists():
        faults["name"] = _("The item has a pack of this name already.")
    if faults:
        raise ValidationError(faults)
    with acting(by):
        pack.save()
        raise_version(str(pack.item))
    return pack


def pack_faults(pack: Pack) -> dict[str, Any]:
    """Field → sentence for each rule the pack breaks. No queries."""
    pack.name, pack.gtin = " ".join(pack.name.split()), pack.gtin.strip()
    faults: dict[str, Any] = {}
    if not pack.name:
        faults["name"] = _("Give the pack a name, such as “carton of 24”.")
    if pack.quantity <= 0:
        faults["quantity"] = _("A pack holds more than nothing.")
    if pack.gtin and not valid_gtin(pack.gtin):
        faults["gtin"] = _("This barcode number has a wrong digit. Read it again from the pack.")
    return faults


@transaction.atomic
def remove_pack(*, by: Actor, standing: Standing, pack: Pack) -> None:
    """Take a package out of the catalogue. What was counted in it was kept in base units."""
    require(standing, Action.DELETE, pack)
    with acting(by):
        raise_version(str(pack.item))
        pack.delete()


@transaction.atomic
def save_unit(*, by: Actor, standing: Standing, unit: Unit) -> Unit:
    """Add or change a unit. How much it is never changes once something is counted in it."""
    require(standing, Action.CHANGE if unit.pk else Action.ADD, unit if unit.pk else Unit)
    lock_catalogue()
    if unit.factor <= 0:
        raise ValidationError({"factor": _("A unit is more than nothing.")})
    before = Unit.objects.filter(pk=unit.pk).first()
    is_another = before is not None and (before.factor, before.dimension) != (unit.factor, unit.dimension)
    if is_another and Item.objects.filter(unit=unit).exists():
        raise ValidationError(
            {"factor": _("Items are counted in this unit, so its size cannot change. Add a new unit.")}
        )
    with acting(by):
        unit.save()
        raise_version(unit.symbol)
    return unit


@transaction.atomic
def save_category(*, by: Actor, standing: Standing, category: Category) -> Category:
    """Add or change a category. Raises ValidationError when it would lie inside itself."""
    require(standing, Action.CHANGE if category.pk else Action.ADD, category if category.pk else Category)
    lock_catalogue()
    above, seen = category.parent, set()
    while above is not None and above.pk not in seen:
        if above.pk == category.pk:
            raise ValidationError({"parent": _("A category cannot lie inside itself.")})
        seen.add(above.pk)
        above = above.parent
    with acting(by):
        category.save()
        raise_version(str(category))
    return category


def lock_catalogue() -> None:
    """One change of the catalogue at a time, to the end of the transaction: taken before rules over several rows are checked."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE supplies_catalogueversion IN EXCLUSIVE MODE")


def raise_version(note: str) -> CatalogueVersion:
    """The next number; two changes at once get two numbers."""
    lock_catalogue()
    newest = CatalogueVersion.objects.first()
    return CatalogueVersion.objects.create(number=(newest.number if newest else 0) + 1, note=note[:300])


def matching_items(text: str, rows: Any) -> Any:
    """Items whose code is the text or whose names hold every word of it, in any language and script."""
    for word in folded(text).split():
        rows = rows.filter(search_key__contains=word)
    return rows
