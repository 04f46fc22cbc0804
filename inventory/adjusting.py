"""Corrections of what the ledger says to what was found, as a physical count posts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy

from inventory.drafts import both_sides
from inventory.ledger import post
from inventory.models import Account, Batch, Bin, Condition, Count, Movement, MovementKind, Warehouse
from inventory.refusals import Refused
from komek.records.actor import Actor


@dataclass(frozen=True)
class Difference:
    """How much more (above zero) or less (below zero) was found of a batch than the ledger says. Base units."""

    batch: Batch
    quantity: Decimal
    bin: Bin | None = None
    condition: str = Condition.GOOD


def adjust_stock(
    *,
    by: Actor,
    operation: Any,
    warehouse: Warehouse,
    differences: Sequence[Difference],
    reason: str,
    count: Count | None = None,
    occurred_at: datetime | None = None,
    key: str | None = None,
) -> Movement:
    """Bring the ledger to what was found. Differences of zero are left out. Raises Refused and NotAllowed."""
    if not reason.strip():
        raise Refused({"reason": gettext_lazy("Say why the stock is corrected.")})
    drafts = [
        draft
        for line in differences
        for draft in both_sides(
            line.batch, line.quantity, of={"account": Account.COUNTED},
            to={"account": Account.STOCK, "bin": line.bin, "condition": line.condition},
        )
    ]  # fmt: skip
    return post(
        by=by, operation=operation, kind=MovementKind.ADJUSTMENT, warehouse=warehouse, drafts=drafts, key=key,
        occurred_at=occurred_at, reason=reason.strip(), count=count,
    )  # fmt: skip
