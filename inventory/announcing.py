"""Goods from outside: a donor or supplier sends them, and from then on they are on the way in the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from inventory.consignments import WantedLine, check_ends, check_expected, check_lines, warehouse_at, write_lines
from inventory.ledger import both_sides, post
from inventory.models import Account, Batch, Consignment, ConsignmentState, Movement, MovementKind, Parcel
from inventory.refusals import Refused
from inventory.telling import tell_dispatched
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting
from komek.supplies.catalogue import folded
from komek.supplies.models import Item, Pack
from orgs.models import Organisation, Site


@dataclass(frozen=True)
class Coming:
    """One line of what comes: ``quantity`` in the item's base unit, of one batch."""

    item: Item
    quantity: Decimal
    number: str = ""
    expires_on: date | None = None
    produced_on: date | None = None
    pack: Pack | None = None
    as_written: str = ""


@transaction.atomic
def announce_consignment(
    *, by: Actor, operation: Any, destination: Site, sender: str, lines: Sequence[Coming], donor: Organisation | None = None,
    gift: str = "", occurred_at: datetime | None = None, **fields: Any,
) -> Consignment:  # fmt: skip
    """Write down goods that are coming from outside to a warehouse. fields: further fields of ``Consignment`` (vehicle, driver, …).

    Each line becomes a batch of the donor's gift. Raises Refused (nothing is written) and NotAllowed.
    """
    at = occurred_at or timezone.now()
    house = warehouse_at(destination)
    if house is None:
        raise Refused({"destination": _("Goods from outside are received at a warehouse, which keeps a ledger.")})
    if not sender.strip() and donor is None:
        raise Refused({"sender": _("Say who sends the goods.")})
    consignment = Consignment(
        operation=operation, destination=house, organisation=house.organisation, sender=sender.strip() or str(donor),
        state=ConsignmentState.DISPATCHED, occurred_at=at, dispatched_at=at, **fields,
    )  # fmt: skip
    consignment.stamp(by)
    standing = standing_of(by.user, operation)
    require(standing, Action.ADD, consignment)
    require(standing, Action.ADD, Movement(warehouse=house, operation=operation, kind=MovementKind.DISPATCH))
    check_ends(consignment)
    check_expected(consignment.expected_at, at)
    check_lines([WantedLine(line.item, line.quantity, line.pack) for line in lines])
    _check_dates(lines, at)
    drafts = []
    with acting(by):
        consignment.save()
        wanted = [WantedLine(line.item, line.quantity, line.pack, line.as_written) for line in lines]
        for line, row in zip(lines, write_lines(consignment, wanted), strict=True):
            batch = Batch(
                operation=operation, item=line.item, number=line.number.strip()[:60], expires_on=line.expires_on,
                produced_on=line.produced_on, pack=line.pack, owner=house.organisation, donor=donor,
                expiry_is_unknown=line.expires_on is None and line.item.is_perishable,
                donor_name="" if donor else sender.strip()[:200], gift=gift.strip()[:100], occurred_at=at,
            )  # fmt: skip
            batch.stamp(by)
            batch.save()
            Parcel.objects.create(
                consignment=consignment, line=row, batch=batch, quantity=line.quantity, is_loaded=True
            )
            drafts += both_sides(
                batch, line.quantity, of={"account": Account.SUPPLY},
                to={"account": Account.TRANSIT, "consignment": consignment},
            )  # fmt: skip
    post(
        by=by, operation=operation, kind=MovementKind.DISPATCH, warehouse=house, drafts=drafts, occurred_at=at,
        consignment=consignment, organisation=donor, recipient=consignment.sender[:200], document=consignment.code,
    )  # fmt: skip
    tell_dispatched(consignment, by=by)
    return consignment


def _check_dates(lines: Sequence[Coming], at: datetime) -> None:
    day = timezone.localdate(at)
    for line in lines:
        name = f"{line.item} {line.number}".strip()
        if line.expires_on and line.produced_on and line.expires_on < line.produced_on:
            raise Refused(
                {"goods": _("%(name)s expires before it was produced. Check the two dates.") % {"name": name}}
            )
        if line.expires_on and line.expires_on < day:
            raise Refused(
                {"goods": _("%(name)s expired on %(day)s, before it comes. Correct the date, or leave the line out.")
                 % {"name": name, "day": line.expires_on}}
            )  # fmt: skip


def match_items(texts: Iterable[tuple[str, str]]) -> list[Item | None]:
    """For each (code, words) of a packing list the item of the catalogue, or ``None`` where none or several fit. One query or two."""
    by_code: dict[str, Item] = {}
    by_name: dict[str, set[int]] = {}
    items: dict[int, Item] = {}
    for item in Item.objects.filter(is_active=True).select_related("unit"):
        items[item.pk] = item
        for code in (item.code, *item.external_codes.values()):
            by_code.setdefault(str(code).casefold(), item)
        for name in {folded(word) for word in (item.name, *item.names.values(), *sum(item.aliases.values(), []))}:
            by_name.setdefault(name, set()).add(item.pk)
    found: list[Item | None] = []
    for code, words in texts:
        hits = by_name.get(folded(words), set()) if words else set()
        if not hits and words:
            # "Rice, white, 5 % broken" → the one item all of whose words stand in it, the longest name first.
            own = set(folded(words).split())
            fits = {name: pks for name, pks in by_name.items() if name and set(name.split()) <= own}
            longest = max((len(name.split()) for name in fits), default=0)
            hits = set().union(*(pks for name, pks in fits.items() if len(name.split()) == longest))
        item = by_code.get(code.casefold()) if code else by_code.get(words.casefold())
        found.append(item or (items[next(iter(hits))] if len(hits) == 1 else None))
    return found
