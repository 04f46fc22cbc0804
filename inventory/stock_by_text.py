"""What a keeper does with stock by a text: the same actions as on the pages, found and worded for a phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from inventory.adjusting import Difference, adjust_stock
from inventory.issuing import issue_goods
from inventory.models import Balance, Batch, Condition, Movement, Warehouse
from inventory.quantities import in_words, read_number, read_quantity
from inventory.receiving import GoodsLine, receive_goods
from komek.accounts.authority import standing_of, visible
from komek.exchange.supply_tables import items_called
from komek.supplies.catalogue import matching_items
from komek.supplies.models import Item
from orgs.models import Site

MOST_CHOICES = 3
LARGE_LOSS = Decimal("0.3")
"""A count that takes more than this part of the stock away is asked about."""


@dataclass(frozen=True)
class Done:
    """What became of it: a sentence, with the movement if there was one; or a question, and nothing was done."""

    sentence: str = ""
    movement: Movement | None = None
    question: str = ""


def warehouse_called(code: str, by: Any) -> Warehouse:
    """The warehouse as the sender may see it. Raises ValidationError."""
    if by.user is None:
        raise ValidationError(_("Your number is not known here yet. Ask your coordinator for a code and send JOIN."))
    found = visible(Warehouse.objects.all(), standing_of(by.user, by.operation)).filter(code=code).first()
    if found is None:
        raise ValidationError(_("No warehouse has the code %(code)s.") % {"code": code})
    return found


def item_called(text: str, by: Any) -> list[Item]:
    """The item, or the few that it may be. Raises ValidationError when none or too many are called so."""
    exact = [item for item in items_called([text], None).get(text, []) if item.is_active]
    if len(exact) == 1:
        return exact
    rows = visible(Item.objects.filter(is_active=True).select_related("unit"), standing_of(by.user, by.operation))
    found = list(matching_items(text, rows).order_by("name", "pk")[: MOST_CHOICES + 1])
    if not found:
        raise ValidationError(
            _("Nothing in the catalogue is called “%(text)s”. Write it otherwise, or its code.") % {"text": text}
        )
    if len(found) > MOST_CHOICES:
        raise ValidationError(
            _("Many things are called “%(text)s”. Write more of the name, or its code.") % {"text": text}
        )
    return found


def receive_by_text(
    *, by: Any, warehouse: Warehouse, item: Item, number: str, measure: str, batch: str, expires_on: date | None
) -> Done:
    """Goods came in. Perishable goods without an expiry are kept with an unknown one."""
    quantity = read_quantity(item, number, measure)
    line = GoodsLine(
        quantity=quantity,
        item=item,
        number=batch,
        expires_on=expires_on,
        expiry_is_unknown=item.is_perishable and expires_on is None,
    )
    movement = receive_goods(
        by=by, operation=by.operation, warehouse=warehouse, lines=[line], occurred_at=by.occurred_at,
        recipient=str(by.user), key=by.reference or None,
    )  # fmt: skip
    words = {"what": in_words(item, quantity), "item": item.name, "code": warehouse.code, "movement": movement.code}
    return Done(_("%(movement)s: %(what)s %(item)s received at %(code)s.") % words, movement)


def issue_by_text(*, by: Any, warehouse: Warehouse, item: Item, number: str, measure: str, to: str, batch: str) -> Done:
    """Goods leave, first expired first; asked back first, since whoever forges a number could empty a store."""
    quantity = read_quantity(item, number, measure)
    site = None
    if to:
        site = visible(Site.objects.all(), standing_of(by.user, by.operation)).filter(code=to).first()
        if site is None:
            raise ValidationError(_("No site here has the code %(code)s.") % {"code": to})
    words = {"what": in_words(item, quantity), "item": item.name, "code": warehouse.code, "to": site or by.user}
    if not by.confirmed:
        return Done(question=_("Issue %(what)s %(item)s from %(code)s to %(to)s?") % words)
    line = GoodsLine(
        quantity=quantity, batch=_batch(warehouse, item, batch) if batch else None, item=None if batch else item
    )
    movement = issue_goods(
        by=by, operation=by.operation, warehouse=warehouse, lines=[line], site=site,
        recipient="" if site else str(by.user), occurred_at=by.occurred_at, key=by.reference or None,
    )  # fmt: skip
    return Done(
        _("%(movement)s: %(what)s %(item)s issued from %(code)s.") % {**words, "movement": movement.code}, movement
    )


def count_by_text(*, by: Any, warehouse: Warehouse, item: Item, number: str, measure: str, batch: str) -> Done:
    """So much was found of an item in good condition. The ledger follows when it is clear which batch the difference is of."""
    is_none = read_number(number) == 0
    counted = Decimal(0) if is_none else read_quantity(item, number, measure)
    rows = Balance.objects.filter(warehouse=warehouse, item=item, condition=Condition.GOOD, quantity__gt=0)
    if batch:
        rows = rows.filter(batch=_batch(warehouse, item, batch))
    lying = list(rows.select_related("batch__item__unit", "bin"))
    booked = sum((row.quantity for row in lying), Decimal(0))
    words = {
        "what": in_words(item, counted), "before": in_words(item, booked), "item": item.name, "code": warehouse.code,
    }  # fmt: skip
    if counted == booked:
        return Done(_("%(what)s %(item)s at %(code)s: as in the books.") % words)
    if not lying:
        raise ValidationError(_("No %(item)s is booked at %(code)s. Write it as received, with +.") % words)
    if len(lying) > 1 and not is_none:
        sentence = _(
            "%(item)s at %(code)s lies in %(n)d places or batches. Name the batch (B77), or count it on the page."
        )
        raise ValidationError(sentence % {**words, "n": len(lying)})
    if counted < booked * (1 - LARGE_LOSS) and not by.confirmed:
        return Done(question=_("%(what)s %(item)s at %(code)s, but %(before)s are booked. Is it right?") % words)
    parts = [Difference(row.batch, (Decimal(0) if is_none else counted) - row.quantity, row.bin) for row in lying]
    movement = adjust_stock(
        by=by, operation=by.operation, warehouse=warehouse, differences=parts, reason=_("counted, told by SMS"),
        occurred_at=by.occurred_at, key=by.reference or None,
    )  # fmt: skip
    sentence = _("%(movement)s: %(what)s %(item)s at %(code)s, before %(before)s.")
    return Done(sentence % {**words, "movement": movement.code}, movement)


def _batch(warehouse: Warehouse, item: Item, number: str) -> Batch:
    """The batch with this number, or this code, that lies in the warehouse. Raises ValidationError."""
    lying = Batch.objects.filter(item=item, balances__warehouse=warehouse, balances__quantity__gt=0).distinct()
    found = list(lying.filter(number__iexact=number)[:2]) or list(lying.filter(code=f"B{number}".upper())[:2])
    if len(found) != 1:
        raise ValidationError(
            _("No batch %(number)s of %(item)s lies at %(code)s.")
            % {"number": number, "item": item.name, "code": warehouse.code}
        )
    return found[0]
