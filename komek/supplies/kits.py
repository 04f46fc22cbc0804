"""What kits hold. A kit never holds itself, at any depth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from komek.accounts.authority import Action, Standing, require
from komek.records.actor import Actor, acting
from komek.supplies.catalogue import lock_catalogue, raise_version
from komek.supplies.models import Item, KitContent


@transaction.atomic
def set_kit_contents(*, by: Actor, standing: Standing, kit: Item, contents: Mapping[Item, Decimal]) -> None:
    """What a kit holds, as a whole: item → quantity in the item's base unit. Raises ValidationError or NotAllowed.

    Only what differs is written; when nothing does, the catalogue's version stays.
    """
    require(standing, Action.CHANGE, kit)
    lock_catalogue()
    if any(quantity <= 0 for quantity in contents.values()):
        raise ValidationError(_("Each quantity in a kit must be more than zero."))
    if kit.pk in parts_of({item.pk for item in contents}):
        raise ValidationError(_("The kit would hold itself. Take out the part that holds this kit."))
    wanted = {item.pk: quantity for item, quantity in contents.items()}
    is_changed = False
    with acting(by):
        for content in kit.contents.all():
            quantity = wanted.pop(content.item_id, None)
            if quantity is None:
                content.delete()
            elif quantity != content.quantity:
                content.quantity = quantity
                content.save(update_fields=["quantity", "updated_at"])
            else:
                continue
            is_changed = True
        KitContent.objects.bulk_create(KitContent(kit=kit, item_id=pk, quantity=q) for pk, q in wanted.items())
        if is_changed or wanted:
            kit.save(update_fields=["updated_at"])
            raise_version(str(kit))


def parts_of(item_ids: Iterable[int]) -> set[int]:
    """These items and everything inside them, at any depth. One query."""
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


def holds(contents: Mapping[int, Iterable[int]], kit: int, wanted: int) -> bool:
    """Whether ``kit`` is ``wanted`` or holds it at any depth. Pure. ``contents``: kit → what it holds."""
    waiting, seen = [kit], set()
    while waiting:
        at = waiting.pop()
        if at == wanted:
            return True
        if at not in seen:
            seen.add(at)
            waiting.extend(contents.get(at, ()))
    return False
