"""Goods that come in from a donor or a supplier, and lines of goods as every action takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.drafts import Draft, both_sides
from inventory.ledger import post
from inventory.locking import hold_descriptions
from inventory.models import Account, Batch, Bin, Condition, Consignment, Movement, MovementKind, Warehouse
from inventory.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from komek.supplies.models import Item, Pack
from orgs.models import Organisation, Site


@dataclass(frozen=True)
class GoodsLine:
    """A quantity of a batch, or of an item whose batch is described here or left to picking. quantity: base units, above zero.

    bin: where it lies or is put; ``None`` for anywhere in the warehouse. The fields after ``condition`` describe a batch that is new.
    """

    quantity: Decimal
    batch: Batch | None = None
    item: Item | None = None
    bin: Bin | None = None
    condition: str = Condition.GOOD
    number: str = ""
    expires_on: date | None = None
    expiry_is_unknown: bool = False
    produced_on: date | None = None
    pack: Pack | None = None
    owner: Organisation | None = None
    donor: Organisation | None = None
    donor_name: str = ""
    gift: str = ""
    unit_value: Decimal | None = None
    currency: str = ""
    note: str = ""


# What makes two batches alike; goods that agree in all of it are one batch.
ALIKE = ("number", "expires_on", "expiry_is_unknown", "produced_on", "pack", "owner", "donor", "donor_name", "gift",
         "unit_value", "currency")  # fmt: skip


@transaction.atomic
def receive_goods(
    *,
    by: Actor,
    operation: Any,
    warehouse: Warehouse,
    lines: Sequence[GoodsLine],
    occurred_at: datetime | None = None,
    organisation: Organisation | None = None,
    site: Site | None = None,
    recipient: str = "",
    document: str = "",
    reason: str = "",
    consignment: Consignment | None = None,
    key: str | None = None,
    **fields: Any,
) -> Movement:
    """Goods come into stock from outside. organisation, site, recipient: from whom. A line names its batch or describes it.

    Raises Refused (such as goods expired before they came) and NotAllowed.
    """
    check_lines(lines)
    require(standing_of(by.user, operation), Action.ADD, Movement(warehouse=warehouse, operation=operation))
    day = timezone.localdate(occurred_at or timezone.now())
    drafts: list[Draft] = []
    for line in lines:
        check_dates(line, day)
        batch = line.batch or batch_of(by=by, operation=operation, line=line)
        drafts += both_sides(
            batch, line.quantity, of={"account": Account.SUPPLY},
            to={"account": Account.STOCK, "bin": line.bin, "condition": line.condition},
        )  # fmt: skip
    return post(
        by=by, operation=operation, kind=MovementKind.RECEIPT, warehouse=warehouse, drafts=drafts, key=key,
        occurred_at=occurred_at, organisation=organisation, site=site, recipient=recipient, document=document,
        reason=reason, consignment=consignment, **fields,
    )  # fmt: skip


def batch_of(*, by: Actor, operation: Any, line: GoodsLine) -> Batch:
    """The batch a line describes: the one that is alike already, else a new one.

    Within a transaction that has locked no balances yet."""
    if line.item is None:
        raise Refused({"item": gettext_lazy("Choose what it is: an item or a batch.")})
    described = {name: getattr(line, name) for name in ALIKE}
    new = Batch(operation=operation, item=line.item, note=line.note, **described)
    if (value := line.unit_value) is not None and (value < 0 or value >= 10**10):
        raise Refused({"unit_value": gettext_lazy("This value cannot be true. Check it.")})
    if line.pack is not None and line.pack.item_id != line.item.pk:
        raise Refused({"pack": gettext_lazy("This is a pack of another item.")})
    new.stamp(by)
    require(standing_of(by.user, operation), Action.ADD, new)
    alike = Batch.objects.filter(operation=operation, item=line.item, is_blocked=False, **described)
    alike = alike.select_related("item__unit").order_by("pk")
    found = alike.first()
    if found is None:
        hold_descriptions()
        found = alike.all().first()
    if found is not None:
        return found
    with acting(by):
        new.save()
    return new


def check_lines(lines: Sequence[GoodsLine]) -> None:
    """Each line is something, above zero. Raises Refused."""
    if not lines:
        raise Refused({"__all__": gettext_lazy("Nothing would move. Give at least one line of goods.")})
    for line in lines:
        if line.batch is None and line.item is None:
            raise Refused({"item": gettext_lazy("Choose what it is: an item or a batch.")})
        if not line.quantity.is_finite() or line.quantity <= 0:
            raise Refused({"quantity": gettext_lazy("Give a quantity above zero.")})
        if line.condition not in Condition.values:
            raise Refused({"condition": gettext_lazy("Choose a condition from the list.")})


def check_dates(line: GoodsLine, day: date) -> None:
    """Goods come in good order only before they expire; goods that expire say when. day: of receipt. Raises Refused."""
    item = line.batch.item if line.batch else line.item
    if line.batch:
        dates = {name: getattr(line.batch, name) for name in ("expires_on", "expiry_is_unknown", "produced_on")}
        line = replace(line, **dates)
    assert item is not None
    if line.expires_on is not None and line.expiry_is_unknown:
        raise Refused({"expires_on": gettext_lazy("Give the expiry date, or say that it is not known; not both.")})
    if line.produced_on is not None and line.produced_on > day:
        raise Refused(
            {"produced_on": gettext_lazy("It cannot be produced after it was received. Check the two dates.")}
        )
    if line.produced_on and line.expires_on and line.expires_on < line.produced_on:
        raise Refused(
            {"expires_on": gettext_lazy("The batch cannot expire before it was produced. Check the two dates.")}
        )
    if line.expires_on is not None and line.expires_on < day and line.condition == Condition.GOOD:
        raise Refused(
            {
                "expires_on": _(
                    "%(item)s expired on %(day)s, before it was received. Check the date; if it is right, receive it into quarantine."
                )
                % {"item": item, "day": formats.date_format(line.expires_on, "SHORT_DATE_FORMAT")}
            }
        )
    if item.is_perishable and line.expires_on is None and not line.expiry_is_unknown:
        raise Refused(
            {"expires_on": _("%(item)s expires. Give the date, or say that it is not known.") % {"item": item}}
        )
