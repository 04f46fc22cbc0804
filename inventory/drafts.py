"""What a movement would write: entries to be. Plain data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from inventory.models import Account, Batch, Bin, Condition, Consignment

# A place on the shelf: batch, bin (``None`` for anywhere in the warehouse), condition.
Place = tuple[int, int | None, str]


@dataclass(frozen=True)
class Draft:
    """One entry to be: a signed quantity of a batch, in its item's base unit, added to an account."""

    account: str
    batch: Batch
    quantity: Decimal
    bin: Bin | None = None
    condition: str = Condition.GOOD
    consignment: Consignment | None = None

    @property
    def place(self) -> Place:
        return (self.batch.pk, self.bin.pk if self.bin else None, str(self.condition))


def both_sides(batch: Batch, quantity: Decimal, *, of: dict[str, Any], to: dict[str, Any]) -> tuple[Draft, Draft]:
    """The two entries of ``quantity`` leaving one account (``of``) for another (``to``): keyword arguments of ``Draft``."""
    return (Draft(batch=batch, quantity=-quantity, **of), Draft(batch=batch, quantity=quantity, **to))


def by_batch(drafts: Iterable[Draft]) -> dict[int, Decimal]:
    """What the drafts add up to for each batch; all zero in a movement that is whole."""
    totals: dict[int, Decimal] = defaultdict(Decimal)
    for draft in drafts:
        totals[draft.batch.pk] += draft.quantity
    return totals


def by_place(drafts: Iterable[Draft]) -> dict[Place, Decimal]:
    """How the drafts change what lies on the shelf."""
    changes: dict[Place, Decimal] = defaultdict(Decimal)
    for draft in drafts:
        if draft.account == Account.STOCK:
            changes[draft.place] += draft.quantity
    return changes
