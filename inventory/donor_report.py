"""What became of a gift: batch by batch, down to the site that received it, also when it travelled inside kits.

Everything is read from the ledger, so for each batch what came in is, to the last unit, what lies somewhere, is on its way, was
received by somebody, or is lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Max, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from inventory.models import Account, Batch, Consignment, Entry, LossReason, MovementKind, Warehouse
from inventory.past_stock import uncorrected
from orgs.models import Organisation, Site

NOTHING = Decimal(0)
SIX_PLACES = Decimal("0.000001")


@dataclass(frozen=True)
class Gift:
    """A donor and the donor's own reference, as batches name them."""

    donor: Organisation | None
    donor_name: str
    reference: str

    def batches(self, rows: QuerySet[Batch]) -> QuerySet[Batch]:
        return rows.filter(donor=self.donor, donor_name=self.donor_name, gift=self.reference)

    def __str__(self) -> str:
        who = str(self.donor or self.donor_name)
        return f"{who}: {self.reference}" if self.reference else who


@dataclass(frozen=True)
class Fate:
    """A part of a batch. account: where it is by the ledger; place: warehouse, consignment, site or recipient; quantity: base units.

    at: the newest movement behind it. inside: the batch of kits in which it travelled, whose share it is.
    """

    account: str
    place: Warehouse | Consignment | Site | Organisation | None
    words: str
    quantity: Decimal
    at: datetime | None = None
    condition: str = ""
    inside: Batch | None = None


@dataclass
class Story:
    """One batch. received: what came from outside, was put together here or came out of kits; found: what counting found besides
    (below zero: missed).
    """

    batch: Batch
    received: Decimal = NOTHING
    found: Decimal = NOTHING
    fates: list[Fate] = field(default_factory=list)

    @property
    def unaccounted(self) -> Decimal:
        """What the parts do not explain; zero as long as the ledger is whole."""
        return self.received + self.found - sum((fate.quantity for fate in self.fates), NOTHING)


def gifts(rows: QuerySet[Batch]) -> list[tuple[Gift, int]]:
    """Every gift among these batches and how many batches it has, by donor."""
    from django.db.models import Count

    named = rows.exclude(Q(donor=None) & Q(donor_name="")).order_by()
    found = list(named.values_list("donor", "donor_name", "gift").annotate(n=Count("pk")))
    donors = Organisation.objects.in_bulk({row[0] for row in found if row[0]})
    named_gifts = [(Gift(donors.get(donor), name, reference), n) for donor, name, reference, n in found]
    return sorted(named_gifts, key=lambda row: str(row[0]).casefold())


def stories(batches: Sequence[Batch]) -> list[Story]:
    """What became of each batch. A constant number of queries for each depth of kits within kits."""
    told = {batch.pk: Story(batch) for batch in batches}
    for batch, fates in _fates([batch.pk for batch in batches], set()).items():
        for fate in fates:
            if fate.account == Account.SUPPLY:
                told[batch].received -= fate.quantity
            elif fate.account == Account.COUNTED:
                told[batch].found -= fate.quantity
            elif _came_of_kits(fate):
                told[batch].received -= fate.quantity
            else:
                told[batch].fates.append(fate)
    return list(told.values())


def _fates(batches: Sequence[int], seen: set[int]) -> dict[int, list[Fate]]:
    """Parts of each batch by account and place; what went into kits is replaced by the fate of the kits."""
    rows = (
        uncorrected(Entry.objects.filter(batch__in=batches))
        .order_by()
        .values_list(
            "batch", "account", "condition", "warehouse", "consignment", "movement__site", "movement__organisation",
            "movement__recipient", "movement__loss_reason", "movement__consignment",
        )
        .annotate(total=Sum("quantity"), at=Max("occurred_at"))
    )  # fmt: skip
    grouped: dict[int, dict[tuple[Any, ...], tuple[Decimal, datetime]]] = defaultdict(dict)
    for batch, account, condition, house, on_way, site, organisation, recipient, reason, consignment, total, at in rows:
        key = _place_key(account, condition, house, on_way or consignment, site, organisation, recipient, reason)
        before = grouped[batch].get(key, (NOTHING, at))
        grouped[batch][key] = (before[0] + total, max(before[1], at))
    names = _Names(key for places in grouped.values() for key in places)
    found: dict[int, list[Fate]] = {}
    for batch, places in grouped.items():
        found[batch] = [
            Fate(key[0], names.place(key), key[3] if key[0] != Account.STOCK else "", total, at, key[2])
            for key, (total, at) in places.items()
            if total and key[0] != Account.KITS
        ]
    worked = {
        batch: sum((total for key, (total, _at) in places.items() if key[0] == Account.KITS), NOTHING)
        for batch, places in grouped.items()
        if any(key[0] == Account.KITS for key in places)
    }
    through = _through_kits(list(worked), seen | set(batches))
    for batch, total in worked.items():
        found[batch] += through.get(batch, [])
        # The rest is the other side: kits that were put together, kits from outside taken apart, and what came out of those.
        rest = total - sum((fate.quantity for fate in through.get(batch, [])), NOTHING)
        if rest:
            found[batch].append(Fate(Account.KITS, None, str(_("taken apart")) if rest > 0 else "", rest))
    return found


def _place_key(
    account: str, condition: str, house: int | None, consignment: int | None, site: int | None, organisation: int | None,
    recipient: str, reason: str,
) -> tuple[Any, ...]:  # fmt: skip
    """(account, (kind, key) of the place, condition, words): what is told apart in the report."""
    if account == Account.STOCK:
        return (account, ("warehouse", house), condition, "")
    if account == Account.TRANSIT:
        return (account, ("consignment", consignment), "", "")
    if account == Account.ISSUED:
        if site is not None:
            return (account, ("site", site), "", recipient)
        return (account, ("organisation", organisation) if organisation else None, "", recipient)
    if account in (Account.LOST, Account.WRITTEN_OFF):
        place = ("consignment", consignment) if consignment else None
        return (account, place, "", str(LossReason(reason).label) if reason else "")
    return (account, None, "", "")


class _Names:
    """The records that places name, read in a query for each kind."""

    models = {"warehouse": Warehouse, "consignment": Consignment, "site": Site, "organisation": Organisation}  # noqa: RUF012

    def __init__(self, keys: Any) -> None:
        wanted: dict[str, set[int]] = defaultdict(set)
        for key in keys:
            if key[1] is not None and key[1][1] is not None:
                wanted[key[1][0]].add(key[1][1])
        self.found: dict[str, dict[int, Any]] = {kind: self._rows(kind).in_bulk(pks) for kind, pks in wanted.items()}

    def _rows(self, kind: str) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.models[kind]._default_manager.all()
        return rows.select_related("destination") if kind == "consignment" else rows

    def place(self, key: tuple[Any, ...]) -> Any:
        return self.found.get(key[1][0], {}).get(key[1][1]) if key[1] is not None else None


def _through_kits(batches: Sequence[int], seen: set[int]) -> dict[int, list[Fate]]:
    """What went into kits and was not taken out again: the fate of the kits, in shares of what each kit holds of the batch."""
    if not batches:
        return {}
    worked = uncorrected(Entry.objects.filter(account=Account.KITS, batch__in=batches)).values("movement")
    entries = uncorrected(Entry.objects.filter(account=Account.KITS, movement__in=worked)).select_related("batch")
    made_here = set(
        Entry.objects.filter(
            account=Account.KITS,
            quantity__lt=0,
            batch__in=entries.values("batch"),
            movement__kind=MovementKind.KIT_ASSEMBLED,
        ).values_list("batch", flat=True)
    )
    by_movement: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_movement[entry.movement_id].append(entry)
    # (batch, kits) → how much of the batch is in these kits
    inside: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    kits: dict[int, Batch] = {}
    wanted = set(batches)
    for rows in by_movement.values():
        for part in (row for row in rows if row.batch_id in wanted):
            # The kits have the other sign: they come out where the parts go in. One movement works on one batch of kits.
            for kit in (row for row in rows if row.batch_id in made_here and (row.quantity > 0) != (part.quantity > 0)):
                inside[(part.batch_id, kit.batch_id)] += part.quantity
                kits[kit.batch_id] = kit.batch
    deeper = [pk for pk in kits if pk not in seen]
    fates = _fates(deeper, seen) if deeper else {}
    found: dict[int, list[Fate]] = defaultdict(list)
    for (part, kit), quantity in inside.items():
        if quantity > 0:
            found[part] += _shares(quantity, kits[kit], fates.get(kit, []))
    return found


def _shares(quantity: Decimal, kits: Batch, fates: Sequence[Fate]) -> list[Fate]:
    """``quantity`` shared out over where the kits are; the last share takes what rounding leaves."""
    parts = [
        fate for fate in fates if fate.account not in (Account.SUPPLY, Account.COUNTED) and not _came_of_kits(fate)
    ]
    total = sum((fate.quantity for fate in parts), NOTHING)
    if total <= 0:
        return [Fate(Account.KITS, None, "", quantity, inside=kits)]
    shared, left = [], quantity
    for place, fate in enumerate(parts, 1):
        share = left if place == len(parts) else (quantity * fate.quantity / total).quantize(SIX_PLACES)
        left -= share
        shared.append(Fate(fate.account, fate.place, fate.words, share, fate.at, fate.condition, kits))
    return shared


def _came_of_kits(fate: Fate) -> bool:
    """Whether this says where the batch comes from: put together here, or out of kits."""
    return fate.account == Account.KITS and fate.inside is None and fate.quantity < 0
