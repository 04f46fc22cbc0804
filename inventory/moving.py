"""Goods that change their place or condition within a warehouse, and batches that are blocked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy

from inventory.drafts import both_sides
from inventory.ledger import post
from inventory.models import Account, Batch, Bin, Condition, Movement, MovementKind, Warehouse
from inventory.refusals import Refused
from komek.accounts.authority import Action, require, standing_of
from komek.records.actor import Actor, acting


@dataclass(frozen=True)
class MoveLine:
    """A quantity of a batch that moves from one place or condition to another. Base units; a bin of ``None`` is anywhere."""

    batch: Batch
    quantity: Decimal
    bin: Bin | None = None
    condition: str = Condition.GOOD
    to_bin: Bin | None = None
    to_condition: str = Condition.GOOD


def move_goods(
    *,
    by: Actor,
    operation: Any,
    warehouse: Warehouse,
    lines: Sequence[MoveLine],
    occurred_at: datetime | None = None,
    reason: str = "",
    key: str | None = None,
) -> Movement:
    """Move goods between bins, or from one condition into another. Raises Refused and NotAllowed."""
    for line in lines:
        if not line.quantity.is_finite() or line.quantity <= 0:
            raise Refused({"quantity": gettext_lazy("Give a quantity above zero.")})
        if line.to_condition not in Condition.values:
            raise Refused({"to_condition": gettext_lazy("Choose a condition from the list.")})
        if (line.bin, line.condition) == (line.to_bin, line.to_condition):
            raise Refused({"to_bin": gettext_lazy("The goods lie there already. Choose another bin or condition.")})
    drafts = [
        draft
        for line in lines
        for draft in both_sides(
            line.batch, line.quantity, of={"account": Account.STOCK, "bin": line.bin, "condition": line.condition},
            to={"account": Account.STOCK, "bin": line.to_bin, "condition": line.to_condition},
        )
    ]  # fmt: skip
    return post(
        by=by, operation=operation, kind=MovementKind.TRANSFER, warehouse=warehouse, drafts=drafts, key=key,
        occurred_at=occurred_at, reason=reason,
    )  # fmt: skip


@transaction.atomic
def block_batch(*, by: Actor, operation: Any, batch: Batch, reason: str) -> Batch:
    """Nobody picks the batch from now on, wherever it lies. Raises Refused without a reason, and NotAllowed."""
    if not reason.strip():
        raise Refused({"block_reason": gettext_lazy("Say why the batch is blocked.")})
    return _set_block(by, operation, batch, True, reason.strip()[:300])


@transaction.atomic
def unblock_batch(*, by: Actor, operation: Any, batch: Batch) -> Batch:
    """The batch may be picked again. Raises NotAllowed."""
    return _set_block(by, operation, batch, False, "")


def _set_block(by: Actor, operation: Any, batch: Batch, is_blocked: bool, reason: str) -> Batch:
    require(standing_of(by.user, operation), Action.CHANGE, batch)
    locked = Batch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    locked.is_blocked, locked.block_reason = is_blocked, reason
    with acting(by):
        locked.save(update_fields=["is_blocked", "block_reason", "updated_at"])
    return locked
