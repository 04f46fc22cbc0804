"""The stock card (bin card): every movement of an item or a batch in a warehouse, with what lay there after it.

The balance runs by when things happened. A movement that was taken back, and the one that took it back, are shown and do not count, so
the balance of any line is what is known today of that moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum

from inventory.models import Account, Batch, Bin, Entry, Movement, Warehouse
from inventory.past_stock import uncorrected
from komek.accounts.authority import in_operation
from komek.supplies.models import Item

ENTERED_LATE = timedelta(hours=12)
NOTHING = Decimal(0)


@dataclass(frozen=True)
class Card:
    """What a card is about: an item, or one batch of it, in a warehouse, or in one bin of it."""

    operation: Any
    warehouse: Warehouse
    item: Item
    batch: Batch | None = None
    bin: Bin | None = None

    def entries(self) -> QuerySet[Entry]:
        batches = in_operation(Batch.objects.filter(item=self.item), self.operation)
        rows = Entry.objects.filter(account=Account.STOCK, warehouse=self.warehouse, item=self.item, batch__in=batches)
        if self.batch is not None:
            rows = rows.filter(batch=self.batch)
        if self.bin is not None:
            rows = rows.filter(bin=self.bin)
        return rows


@dataclass
class CardLine:
    """What one movement did to one batch. balance: what lay there after it. counts: false for what was taken back."""

    movement: Movement
    batch: Batch
    came: Decimal = NOTHING
    left: Decimal = NOTHING
    balance: Decimal = NOTHING
    counts: bool = True
    bins: list[str] = field(default_factory=list)

    @property
    def is_late(self) -> bool:
        """Entered long after it happened, so that older print-outs of the card lack it."""
        return self.movement.entered_at - self.movement.occurred_at > ENTERED_LATE


def balance_at(card: Card, moment: datetime) -> Decimal:
    """What lay there just before ``moment``, in the item's base unit."""
    rows = uncorrected(card.entries().filter(occurred_at__lt=moment))
    return rows.aggregate(total=Sum("quantity"))["total"] or NOTHING


def lines_of(card: Card, since: datetime, until: datetime, before: Decimal) -> Iterator[CardLine]:
    """The lines of the period (``since`` within, ``until`` not), the oldest first. before: the balance it begins with."""
    rows = (
        card.entries()
        .filter(occurred_at__gte=since, occurred_at__lt=until)
        .select_related(
            "movement__site", "movement__organisation", "movement__consignment__origin", "movement__consignment__destination",
            "movement__reverses", "movement__reversed_by", "batch", "bin",
        )
        .order_by("occurred_at", "movement", "batch", "pk")
    )  # fmt: skip
    line: CardLine | None = None
    for entry in rows.iterator(chunk_size=1000):
        movement = entry.movement
        if line is None or line.movement.pk != movement.pk or line.batch.pk != entry.batch_id:
            if line is not None:
                before = _closed(line, before)
                yield line
            taken_back = movement.reverses_id is not None or hasattr(movement, "reversed_by")
            line = CardLine(movement, entry.batch, counts=not taken_back)
        if entry.quantity > 0:
            line.came += entry.quantity
        else:
            line.left -= entry.quantity
        if entry.bin is not None and str(entry.bin) not in line.bins:
            line.bins.append(str(entry.bin))
    if line is not None:
        _closed(line, before)
        yield line


def _closed(line: CardLine, before: Decimal) -> Decimal:
    line.balance = before + (line.came - line.left if line.counts else NOTHING)
    return line.balance
