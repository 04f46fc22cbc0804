"""Goods that are given out to a site or a recipient, and goods that come back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.choosing import choose
from inventory.drafts import Draft, both_sides
from inventory.ledger import post, sent_before
from inventory.models import Account, Batch, Consignment, Entry, Movement, MovementKind, Reservation, Warehouse
from inventory.receiving import GoodsLine, check_lines
from inventory.refusals import Refused
from komek.records.actor import Actor
from komek.supplies.models import plain
from orgs.models import Organisation, Site


@transaction.atomic
def issue_goods(
    *,
    by: Actor,
    operation: Any,
    warehouse: Warehouse,
    lines: Sequence[GoodsLine],
    site: Site | None = None,
    organisation: Organisation | None = None,
    recipient: str = "",
    occurred_at: datetime | None = None,
    usable_for_days: int = 0,
    document: str = "",
    reason: str = "",
    consignment: Consignment | None = None,
    holding: Iterable[Reservation] = (),
    key: str | None = None,
) -> Movement:
    """Give goods out. A line of a batch is taken as it says; a line of an item is picked, first expired first.

    site, organisation, recipient: to whom, at least one. usable_for_days: what is picked must be usable that long.
    Expired, damaged, blocked and quarantined goods do not leave this way. Raises Refused and NotAllowed.
    """
    check_lines(lines)
    if site is None and organisation is None and not recipient.strip():
        raise Refused({"recipient": gettext_lazy("Say who gets the goods: a site, an organisation or a name.")})
    said = _said(lines)
    earlier = sent_before(
        by=by, operation=operation, kind=MovementKind.ISSUE, warehouse=warehouse, key=key, said=said
    )  # fmt: skip
    if earlier is not None:
        return earlier
    held = tuple(holding)
    day = timezone.localdate(occurred_at or timezone.now())
    chosen = choose(
        operation, warehouse, lines, on=day, holding=held,
        usable_until=day + timedelta(days=usable_for_days) if usable_for_days else None,
    )  # fmt: skip
    drafts: list[Draft] = []
    for line in chosen:
        assert line.batch is not None
        drafts += both_sides(
            line.batch, line.quantity, of={"account": Account.STOCK, "bin": line.bin, "condition": line.condition},
            to={"account": Account.ISSUED},
        )  # fmt: skip
    return post(
        by=by, operation=operation, kind=MovementKind.ISSUE, warehouse=warehouse, drafts=drafts, occurred_at=occurred_at,
        holding=held, site=site, organisation=organisation, recipient=recipient.strip(), document=document,
        reason=reason, consignment=consignment, key=key,
    )  # fmt: skip


@transaction.atomic
def return_goods(
    *,
    by: Actor,
    operation: Any,
    warehouse: Warehouse,
    lines: Sequence[GoodsLine],
    site: Site | None = None,
    organisation: Organisation | None = None,
    recipient: str = "",
    occurred_at: datetime | None = None,
    document: str = "",
    reason: str = "",
    key: str | None = None,
) -> Movement:
    """Goods that were issued come back into stock, never more than were issued. Every line names its batch.

    Raises Refused and NotAllowed.
    """
    check_lines(lines)
    batches = {line.batch.pk: line.batch for line in lines if line.batch is not None}
    if any(line.batch is None for line in lines):
        raise Refused({"batch": gettext_lazy("Say which batch comes back; its number is on the package.")})
    earlier = sent_before(
        by=by, operation=operation, kind=MovementKind.RETURN, warehouse=warehouse, key=key, said=None
    )  # fmt: skip
    if earlier is None:
        _check_issued(batches, lines)
    drafts: list[Draft] = []
    for line in lines:
        assert line.batch is not None
        drafts += both_sides(
            line.batch, line.quantity, of={"account": Account.ISSUED},
            to={"account": Account.STOCK, "bin": line.bin, "condition": line.condition},
        )  # fmt: skip
    return post(
        by=by, operation=operation, kind=MovementKind.RETURN, warehouse=warehouse, drafts=drafts, occurred_at=occurred_at,
        site=site, organisation=organisation, recipient=recipient.strip(), document=document, reason=reason, key=key,
    )  # fmt: skip


def usable_on(days: int, day: date | None = None) -> date:
    """The day until which goods must be usable, so many days from ``day`` (today)."""
    return (day or timezone.localdate()) + timedelta(days=days)


def _said(lines: Sequence[GoodsLine]) -> dict[int, Decimal]:
    totals: dict[int, Decimal] = {}
    for line in lines:
        item = line.batch.item_id if line.batch else line.item.pk if line.item else 0
        totals[item] = totals.get(item, Decimal(0)) + line.quantity
    return totals


def _check_issued(batches: dict[int, Batch], lines: Sequence[GoodsLine]) -> None:
    """Two who bring back the last of a batch at once take turns. Raises Refused."""
    list(Batch.objects.select_for_update(no_key=True).filter(pk__in=batches).order_by("pk").values_list("pk"))
    rows = Entry.objects.filter(account=Account.ISSUED, batch__in=batches).order_by()
    issued = dict(rows.values_list("batch").annotate(total=Sum("quantity")))
    for pk, batch in batches.items():
        back = sum((line.quantity for line in lines if line.batch == batch), Decimal(0))
        out = issued.get(pk, Decimal(0))
        if back > out:
            raise Refused(
                {
                    "quantity": _("Only %(out)s %(unit)s of %(batch)s are issued; %(back)s cannot come back.")
                    % {"out": plain(out), "unit": batch.item.unit.symbol, "batch": batch, "back": plain(back)}
                }
            )
