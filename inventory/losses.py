"""Goods that are lost, and goods that are written off because nobody may use them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from inventory.drafts import Draft, both_sides
from inventory.ledger import post, sent_before
from inventory.locking import lock_balances
from inventory.models import (
    Account,
    Balance,
    Batch,
    Consignment,
    LossReason,
    Movement,
    MovementKind,
    Reservation,
    Warehouse,
    Zone,
)
from inventory.receiving import GoodsLine, check_lines
from inventory.refusals import Refused
from komek.records.actor import Actor


def record_loss(
    *,
    by: Actor,
    operation: Any,
    warehouse: Warehouse,
    lines: Sequence[GoodsLine],
    loss_reason: str,
    reason: str = "",
    occurred_at: datetime | None = None,
    consignment: Consignment | None = None,
    key: str | None = None,
) -> Movement:
    """Goods are gone: stolen, burnt, missing. Every line names its batch. Raises Refused and NotAllowed."""
    return _out(
        by, operation, warehouse, lines, MovementKind.LOSS, Account.LOST, loss_reason=loss_reason, reason=reason,
        occurred_at=occurred_at, consignment=consignment, key=key,
    )  # fmt: skip


def write_off(
    *,
    by: Actor,
    operation: Any,
    warehouse: Warehouse,
    lines: Sequence[GoodsLine],
    loss_reason: str,
    reason: str = "",
    occurred_at: datetime | None = None,
    document: str = "",
    key: str | None = None,
) -> Movement:
    """Goods that are there but must not be used leave the stock: expired, spoiled, recalled. Raises Refused and NotAllowed."""
    return _out(
        by, operation, warehouse, lines, MovementKind.WRITE_OFF, Account.WRITTEN_OFF, loss_reason=loss_reason,
        reason=reason, occurred_at=occurred_at, document=document, key=key,
    )  # fmt: skip


@transaction.atomic
def write_off_expired(
    *,
    by: Actor,
    operation: Any,
    warehouse: Warehouse,
    zone: Zone | None = None,
    batches: Sequence[Batch] | None = None,
    on: date | None = None,
    reason: str = "",
    document: str = "",
    key: str | None = None,
) -> Movement:
    """Write off everything that has expired in the warehouse, or only in a zone, or only of these batches. on: today.

    What is held of it for somebody is held no longer. Raises Refused when nothing has expired, and NotAllowed.
    """
    earlier = sent_before(
        by=by, operation=operation, kind=MovementKind.WRITE_OFF, warehouse=warehouse, key=key, said=None
    )  # fmt: skip
    if earlier is not None:
        return earlier
    day = min(on or timezone.localdate(), timezone.localdate())
    rows = Balance.objects.filter(
        warehouse=warehouse, quantity__gt=0, batch__expires_on__lt=day, batch__operation=operation
    )
    if batches is not None:
        rows = rows.filter(batch__in=batches)
    expired = {row.batch for row in rows.select_related("batch__item__unit")}
    by_pk = {batch.pk: batch for batch in expired}
    lines = [
        GoodsLine(quantity=row.quantity, batch=by_pk[row.batch_id], bin=row.bin, condition=row.condition)
        for row in lock_balances(warehouse, expired)
        if row.quantity > 0 and (zone is None or (row.bin is not None and row.bin.zone_id == zone.pk))
    ]
    if not lines:
        raise Refused({"__all__": gettext_lazy("Nothing here has expired.")})
    held = Reservation.objects.filter(
        warehouse=warehouse, closed_at=None, batch__in={line.batch.pk for line in lines if line.batch}
    )
    return _out(
        by, operation, warehouse, lines, MovementKind.WRITE_OFF, Account.WRITTEN_OFF, loss_reason=LossReason.EXPIRED,
        reason=reason, document=document, key=key, holding=list(held),
    )  # fmt: skip


def _out(
    by: Actor, operation: Any, warehouse: Warehouse, lines: Sequence[GoodsLine], kind: str, account: str, *,
    loss_reason: str, **fields: Any,
) -> Movement:  # fmt: skip
    check_lines(lines)
    if loss_reason not in LossReason.values:
        raise Refused({"loss_reason": gettext_lazy("Choose a reason from the list.")})
    if loss_reason == LossReason.OTHER and not str(fields.get("reason", "")).strip():
        raise Refused({"reason": gettext_lazy("Say in a few words what happened.")})
    drafts: list[Draft] = []
    for line in lines:
        if line.batch is None:
            raise Refused({"batch": gettext_lazy("Say which batch it is; its number is on the package.")})
        drafts += both_sides(
            line.batch, line.quantity, of={"account": Account.STOCK, "bin": line.bin, "condition": line.condition},
            to={"account": account},
        )  # fmt: skip
    return post(
        by=by, operation=operation, kind=kind, warehouse=warehouse, drafts=drafts, loss_reason=loss_reason, **fields
    )
