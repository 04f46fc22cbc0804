"""Changing the catalogue. Every change raises its version; nothing that was used is deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from anyascii import anyascii
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, Standing, require
from komek.records.actor import Actor, acting
from komek.supplies.conversion import valid_gtin
from komek.supplies.models import CatalogueVersion, Item, KitContent, Pack


def folded(text: str) -> str:
    """Lower-case ASCII words of any script, for search."""
    return " ".join("".join(c if c.isalnum() else " " for c in anyascii(text).lower()).split())


def search_key(item: Item) -> str:
    """Every name and alias of an item, folded."""
    words = [item.name, item.code, *item.names.values(), *(alias for group in item.aliases.values() for alias in group)]
    return " | ".join(dict.fromkeys(key for key in map(folded, words) if key))


@transaction.atomic
def save_item(*, by: Actor, standing: Standing, item: Item) -> Item:
    """Add or change an item. Raises ValidationError or NotAllowed."""
    require(standing, Action.CHANGE if item.pk else Action.ADD, item if item.pk else Item)
    if not item.code.strip() or not item.name.strip():
        raise ValidationError(_("An item needs a code and a name."))
    if item.pk and KitContent.objects.filter(item=item).exists():
        old = Item.objects.get(pk=item.pk)
        if old.unit_id != item.unit_id:
            raise ValidationError(
                {"unit": _("The base unit cannot change once kits count in it. Retire the item and add a new one.")}
            )
    item.search_key = search_key(item)
    with acting(by):
        item.save()
        raise_version(str(item))
    return item


@transaction.atomic
def retire_item(*, by: Actor, standing: Standing, item: Item, replaced_by: Item | None = None) -> None:
    """Take an item out of use, naming what replaces it if anything does."""
    require(standing, Action.CHANGE, item)
    if replaced_by is not None and (replaced_by.pk == item.pk or not replaced_by.is_active):
        raise ValidationError(_("Choose another item, one that is in use, as the replacement."))
    item.is_active, item.replaced_by = False, replaced_by
    with acting(by):
        item.save(update_fields=["is_active", "replaced_by"])
        raise_version(str(item))


@transaction.atomic
def set_kit_contents(*, by: Actor, standing: Standing, kit: Item, contents: Mapping[Item, Decimal]) -> None:
    """What a kit holds, as a whole. Refuses a kit that would hold itself, at any depth."""
    require(standing, Action.CHANGE, kit)
    if any(quantity <= 0 for quantity in contents.values()):
        raise ValidationError(_("Each quantity in a kit must be more than zero."))
    if kit.pk in _parts({item.pk for item in contents}):
        raise ValidationError(_("The kit would hold itself. Take out the part that holds this kit."))
    with acting(by):
        kit.contents.all().delete()
        KitContent.objects.bulk_create(KitContent(kit=kit, item=item, quantity=q) for item, q in contents.items())
        raise_version(str(kit))


@transaction.atomic
def add_pack(*, by: Actor, standing: Standing, item: Item, name: str, quantity: Decimal, gtin: str = "") -> Pack:
    """A package of an item. Raises ValidationError for an impossible quantity or barcode."""
    require(standing, Action.CHANGE, item)
    if quantity <= 0:
        raise ValidationError({"quantity": _("A pack holds more than nothing.")})
    if gtin and not valid_gtin(gtin):
        raise ValidationError({"gtin": _("This barcode number has a wrong digit. Read it again from the pack.")})
    with acting(by):
        pack = Pack.objects.create(item=item, name=name.strip(), quantity=quantity, gtin=gtin)
        raise_version(str(item))
    return pack


def raise_version(note: str) -> CatalogueVersion:
    """The next number; two changes at once get two numbers."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE supplies_catalogueversion IN EXCLUSIVE MODE")
    newest = CatalogueVersion.objects.first()
    return CatalogueVersion.objects.create(number=(newest.number if newest else 0) + 1, note=note[:300])


def _parts(item_ids: Iterable[int]) -> set[int]:
    """These items and everything inside them, at any depth."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE part(id) AS (
                SELECT unnest(%s::bigint[])
                UNION SELECT content.item_id FROM part JOIN supplies_kitcontent content ON content.kit_id = part.id
            ) SELECT id FROM part
            """,
            [list(item_ids)],
        )
        return {row[0] for row in cursor.fetchall()}


def matching_items(text: str, rows: Any) -> Any:
    """Items whose code is the text or whose names hold every word of it, in any language and script."""
    for word in folded(text).split():
        rows = rows.filter(search_key__contains=word)
    return rows
