"""What lies in warehouses and what moved there, as tables.

Stock is brought in as receipts through the ledger: what a file says lies somewhere and the ledger does not have yet comes in (the
opening stock of a warehouse that begins with Komek); what the ledger has already in that quantity changes nothing; another
quantity is refused, for a count puts that right. Movements come in as receipts too; other kinds are entered one by one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.exchange_batches import batches_called, describing_columns, is_alike
from inventory.exchange_once import WrittenOnce
from inventory.exchange_warehouses import warehouse_column
from inventory.filters_stock import EntryFilter, StockRowFilter
from inventory.models import Account, Balance, Bin, Condition, Entry, Movement, MovementKind
from inventory.quantities import base_quantity
from inventory.receiving import ALIKE, GoodsLine, check_dates, receive_goods
from inventory.refusals import Refused
from inventory.reversing import reverse_movement
from inventory.stock import balances
from komek.accounts.authority import Action, may, standing_of, visible
from komek.exchange import cells
from komek.exchange.columns import Column
from komek.exchange.planning import Context, Outcome, Row
from komek.exchange.supply_tables import items_called, units_called
from komek.extensions import Viewer
from komek.records.codes import MistypedCode, parse_code
from komek.supplies.models import plain

QUANTITY = cells.exact_number(digits=12, places=6, lowest=None)
ITEM = Column(
    "item", gettext_lazy("Item"), "#item+code", find=items_called, example="FOD-RICE",
    value=lambda record: record.item.code, help=gettext_lazy("Its code, or its whole name; not needed beside a batch's code."),
    also_hxl=("#item+name", "#item"), aliases=("Goods", "Товар", "Наименование"),
)  # fmt: skip
BATCH = Column("batch", gettext_lazy("Batch code"), "#item+batch+code", find=batches_called, value=lambda record: record.batch.code,
               help=gettext_lazy("Leave empty for a batch that is described here."))  # fmt: skip
BIN = Column("bin", gettext_lazy("Bin"), "#loc+bin", cells.text_of(30), lambda record: record.bin.label if record.bin_id else "",
             example="A-01", aliases=("Shelf", "Место", "Ячейка"))  # fmt: skip
CONDITION = Column(
    "condition", gettext_lazy("Condition"), "#item+condition", cells.one_of(dict(Condition.choices)), example="good"
)
QUANTITY_COLUMN = Column("quantity", gettext_lazy("Quantity"), "#item+quantity", QUANTITY, required=True, example="500",
                         value=lambda record: plain(record.quantity), aliases=("Qty", "Количество"))  # fmt: skip
UNIT = Column("unit", gettext_lazy("Unit"), "#item+unit", find=units_called, example="kg",
              value=lambda record: record.item.unit.symbol,
              help=gettext_lazy("Empty: the item's own unit. Another unit is converted."))  # fmt: skip
ITEM_NAME = Column(
    "item_name", gettext_lazy("Name of the item"), "#item+name", read_only=True, value=lambda record: str(record.item)
)
JOINED = ("warehouse", "bin", "item__unit", "batch__item__unit", "batch__owner", "batch__donor", "batch__operation")


class GoodsTable(WrittenOnce):
    """Rows that are received through the ledger. A row's place and goods become a ``GoodsLine``, kept in ``row.values["line"]``."""

    model = Movement

    def read(self, rows: Sequence[Row], context: Context) -> None:
        """Bins by their label, batches and quantities checked as a receipt would. One query."""
        houses = {row.values["warehouse"].pk for row in rows}
        labels = {(bin_.warehouse_id, bin_.label.casefold()): bin_ for bin_ in Bin.objects.filter(warehouse__in=houses)}
        for row in rows:
            values = row.values
            values.setdefault("condition", Condition.GOOD)
            if label := values.get("bin"):
                values["bin"] = labels.get((values["warehouse"].pk, label.casefold()))
                if values["bin"] is None:
                    row.fault("bin", _("%(warehouse)s has no bin “%(label)s”. Add it there first, or leave the cell empty.")
                              % {"warehouse": values["warehouse"], "label": label})  # fmt: skip
                    continue
            try:
                values["line"] = self.line_of(row)
            except Refused as refusal:
                for name, sentences in refusal.message_dict.items():
                    row.fault("" if name == "__all__" else name, sentences[0])

    def line_of(self, row: Row) -> GoodsLine:
        """Raises Refused."""
        values, batch = row.values, row.values.get("batch")
        item = batch.item if batch is not None else values.get("item")
        if item is None:
            raise Refused({"item": gettext_lazy("Say what it is: an item, or the code of a batch.")})
        described = {name: values[name] for name in ALIKE if name in values and batch is None}
        quantity = base_quantity(item, values["quantity"], unit=values.get("unit"))
        return GoodsLine(
            quantity=quantity, batch=batch, item=None if batch else item, bin=values.get("bin"),
            condition=values["condition"], **described,
        )  # fmt: skip

    def check_receipt(self, row: Row, context: Context) -> None:
        """Whether what a row says can be received: who may, the dates."""
        values = row.values
        moment: datetime = values.get("occurred_at") or timezone.now()
        receipt = Movement(warehouse=values["warehouse"], operation=context.operation)
        if not may(context.standing, Action.ADD, receipt):
            row.fault("warehouse", _("Only the keepers of %(warehouse)s bring goods into it. Ask them, or a coordinator.")
                      % {"warehouse": values["warehouse"]})  # fmt: skip
        elif moment > timezone.now():
            row.fault("occurred_at", _("This lies in the future. Give the moment when the goods came."))
        else:
            try:
                check_dates(values["line"], timezone.localdate(moment))
            except Refused as refusal:
                for name, sentences in refusal.message_dict.items():
                    row.fault(name, sentences[0])

    def write(self, rows: Sequence[Row], context: Context) -> None:
        """One receipt for all rows of a warehouse, a moment, a document and a sender."""
        receipts: dict[Hashable, list[Row]] = {}
        for row in rows:
            if row.outcome == Outcome.CREATE:
                values = row.values
                together = (
                    values["warehouse"].pk,
                    values.get("occurred_at"),
                    values.get("document"),
                    values.get("recipient"),
                )
                receipts.setdefault(together, []).append(row)
        for one in receipts.values():
            self._receive(one, context)

    def _receive(self, rows: list[Row], context: Context) -> None:
        values = rows[0].values
        donors = {row.values["line"].donor for row in rows}
        try:
            movement = receive_goods(
                by=context.by, operation=context.operation, warehouse=values["warehouse"],
                lines=[row.values["line"] for row in rows], occurred_at=values.get("occurred_at"),
                organisation=donors.pop() if len(donors) == 1 else None, document=values.get("document", ""),
                recipient=values.get("recipient", ""), reason=values.get("reason") or self.reason(context),
            )  # fmt: skip
        except Refused as refusal:
            for row in rows:
                row.fault("", next(iter(refusal.message_dict.values()))[0])
                row.outcome = Outcome.REFUSED
            return
        for row in rows:
            row.record = movement

    def reason(self, context: Context) -> str:
        return str(_("Brought in with %(file)s") % {"file": context.by.reason or _("a file")})[:300]

    def undo(self, record: Any, context: Context) -> bool | None:
        """By a movement that reverses it. Several rows may be one receipt: it is reversed once."""
        if Movement.objects.filter(reverses=record).exists():
            return True
        try:
            reverse_movement(by=context.by, operation=record.operation, movement=record, reason=context.by.reason)
        except Refused:
            return False
        return True


class StockTable(GoodsTable):
    key = "inventory.stock"
    title = gettext_lazy("Stock")
    filterset_class = StockRowFilter
    columns = (
        warehouse_column(), BIN, ITEM, ITEM_NAME, BATCH, *describing_columns("batch"), CONDITION, QUANTITY_COLUMN, UNIT,
        Column("is_blocked", gettext_lazy("Blocked"), "#status", read_only=True, value=lambda record: record.batch.is_blocked),
    )  # fmt: skip

    def reason(self, context: Context) -> str:
        return str(_("Opening stock from %(file)s") % {"file": context.by.reason or _("a file")})[:300]

    def export_queryset(self, viewer: Viewer) -> QuerySet[Any]:
        standing = standing_of(viewer.user, viewer.operation)
        return visible(balances(viewer.operation).select_related(*JOINED).order_by("pk"), standing)

    def identity_of_new(self, row: Row) -> Hashable | None:
        line: GoodsLine = row.values["line"]
        described = tuple(str(getattr(getattr(line, name), "pk", getattr(line, name))) for name in ALIKE)
        item = line.batch.item_id if line.batch else line.item.pk if line.item else 0
        return (
            row.values["warehouse"].pk,
            line.bin and line.bin.pk,
            item,
            line.batch and line.batch.pk,
            described,
            line.condition,
        )

    def tell_known(self, rows: Sequence[Row], context: Context) -> None:
        """What lies at the row's place and is all that the row says of it. One query."""
        lying: dict[Hashable, list[Balance]] = {}
        there = balances(context.operation).filter(warehouse__in={row.values["warehouse"].pk for row in rows})
        for balance in there.select_related("batch"):
            place = (balance.warehouse_id, balance.bin_id, balance.condition, balance.item_id)
            lying.setdefault(place, []).append(balance)
        for row in rows:
            line: GoodsLine = row.values["line"]
            item = line.batch.item if line.batch else line.item
            assert item is not None
            place = (row.values["warehouse"].pk, line.bin.pk if line.bin else None, line.condition, item.pk)
            same = [
                one for one in lying.get(place, ())
                if (one.batch == line.batch if line.batch else is_alike(one.batch, row.values))
            ]  # fmt: skip
            if any(one.quantity == line.quantity for one in same):
                row.outcome = Outcome.UNCHANGED
            elif same:
                row.fault("quantity", _("The ledger has %(has)s %(unit)s of it there. Correct that by a count; enter more goods as a "
                                        "receipt.") % {"has": plain(same[0].quantity), "unit": item.unit.symbol})  # fmt: skip
            else:
                self.check_receipt(row, context)


class MovementTable(GoodsTable):
    """Every change on a shelf: one row for each batch, bin and condition of a movement; above zero came, below zero left."""

    key = "inventory.movement"
    title = gettext_lazy("Movements of stock")
    filterset_class = EntryFilter
    columns = (
        Column("code", gettext_lazy("Code"), "#meta+code", cells.text_of(14), lambda record: record.movement.code,
               help=gettext_lazy("Leave empty for a new receipt.")),
        Column("kind", gettext_lazy("What happened"), "#activity+type", cells.one_of(dict(MovementKind.choices)),
               lambda record: record.movement.kind, example="receipt",
               help=gettext_lazy("Only receipts can be brought in; every other kind is entered by itself.")),
        Column("occurred_at", gettext_lazy("When it happened"), "#date+occurred", cells.moment, required=True,
               example="2026-11-23 14:30", also_hxl=("#date",), aliases=("Date", "Дата")),
        Column("entered_at", gettext_lazy("When it was entered"), "#date+entered", read_only=True,
               value=lambda record: record.movement.entered_at),
        warehouse_column(), BIN, ITEM, ITEM_NAME, BATCH, *describing_columns("batch"), CONDITION, QUANTITY_COLUMN, UNIT,
        Column("document", gettext_lazy("Paper document"), "#meta+document", cells.text_of(100),
               lambda record: record.movement.document),
        Column("recipient", gettext_lazy("To or from"), "#contact+name", cells.text_of(200), lambda record: record.movement.recipient),
        Column("site", gettext_lazy("To or from site"), "#loc+to", read_only=True,
               value=lambda record: record.movement.site.code if record.movement.site else ""),
        Column("loss_reason", gettext_lazy("Reason of the loss"), "#activity+loss", read_only=True,
               value=lambda record: record.movement.loss_reason),
        Column("reason", gettext_lazy("Reason"), "#activity+description", cells.text_of(300), lambda record: record.movement.reason),
        Column("consignment", gettext_lazy("Consignment"), "#meta+consignment", read_only=True,
               value=lambda record: record.movement.consignment.code if record.movement.consignment else ""),
        Column("reverses", gettext_lazy("Takes back"), "#meta+reverses", read_only=True,
               value=lambda record: record.movement.reverses.code if record.movement.reverses else ""),
    )  # fmt: skip

    def export_queryset(self, viewer: Viewer) -> QuerySet[Any]:
        seen = visible(Movement.objects.all(), standing_of(viewer.user, viewer.operation))
        rows = Entry.objects.filter(account=Account.STOCK, movement__in=seen.order_by().values("pk"))
        joined = (*JOINED, "movement__site", "movement__consignment", "movement__reverses")
        return rows.select_related(*joined).order_by("occurred_at", "pk")

    def line_of(self, row: Row) -> GoodsLine:
        if not row.values.get("code"):
            if row.values.get("kind", MovementKind.RECEIPT) != MovementKind.RECEIPT:
                raise Refused(
                    {
                        "kind": gettext_lazy(
                            "Only receipts can be brought in with a file. Enter this movement on its own page."
                        )
                    }
                )
            return super().line_of(row)
        # A row of the ledger itself: it is compared, never written.
        return GoodsLine(quantity=row.values["quantity"], batch=row.values.get("batch"), item=row.values.get("item"))

    def tell_known(self, rows: Sequence[Row], context: Context) -> None:
        """By the movement's code; without one, a receipt of the same minute, place and goods. Two queries."""
        coded = self._by_code([row for row in rows if row.values.get("code")])
        fresh = [row for row in rows if not row.values.get("code")]
        received = self._received(
            [row.values["occurred_at"] for row in fresh], {row.values["warehouse"].pk for row in fresh}
        )
        for row in rows:
            line: GoodsLine = row.values["line"]
            if row.values.get("code"):
                entries = coded.get(row.number)
                if entries is None:
                    row.fault("code", _("No movement has the code “%(code)s”. Correct it, or leave it empty for a new receipt.")
                              % {"code": row.values["code"][:20]})  # fmt: skip
                elif not any(_says_the_same(entry, row) for entry in entries):
                    row.fault("", _("The ledger says something else of %(code)s, and what is in it is not changed. Take the movement "
                                    "back on its page.") % {"code": row.values["code"]})  # fmt: skip
                else:
                    row.outcome = Outcome.UNCHANGED
            elif any(
                entry.quantity == line.quantity and _is_goods_of(entry, row)
                for entry in received.get(_minute(row.values["warehouse"].pk, row.values["occurred_at"]), ())
            ):
                row.outcome = Outcome.UNCHANGED
            else:
                self.check_receipt(row, context)

    def _by_code(self, rows: Sequence[Row]) -> dict[int, list[Entry]]:
        codes = {}
        for row in rows:
            try:
                codes[row.number] = parse_code(row.values["code"], "M")
            except MistypedCode:
                continue
        entries: dict[str, list[Entry]] = {}
        found = Entry.objects.filter(account=Account.STOCK, movement__code__in=codes.values())
        for entry in found.select_related("movement", "batch"):
            entries.setdefault(entry.movement.code, []).append(entry)
        return {number: entries[code] for number, code in codes.items() if code in entries}

    def _received(self, moments: Sequence[datetime], houses: Iterable[int]) -> dict[Hashable, list[Entry]]:
        if not moments:
            return {}
        minute = timedelta(minutes=1)
        found: dict[Hashable, list[Entry]] = {}
        rows = Entry.objects.filter(
            account=Account.STOCK, warehouse__in=houses, movement__kind=MovementKind.RECEIPT, movement__reversed_by=None,
            occurred_at__gte=min(moments) - minute, occurred_at__lte=max(moments) + minute,
        )  # fmt: skip
        for entry in rows.select_related("batch"):
            found.setdefault(_minute(entry.warehouse_id, entry.occurred_at), []).append(entry)
        return found


def _minute(warehouse: Any, moment: datetime) -> tuple[Any, datetime]:
    return warehouse, moment.replace(second=0, microsecond=0)


def _is_goods_of(entry: Entry, row: Row) -> bool:
    line: GoodsLine = row.values["line"]
    if entry.bin_id != (line.bin.pk if line.bin else None) or entry.condition != line.condition:
        return False
    if line.batch is not None:
        return entry.batch_id == line.batch.pk
    return line.item is not None and entry.item_id == line.item.pk and is_alike(entry.batch, row.values)


def _says_the_same(entry: Entry, row: Row) -> bool:
    """Whether the row is this line of the ledger, as far as it says anything."""
    values = row.values
    return (
        entry.quantity == values["quantity"]
        and entry.warehouse_id == values["warehouse"].pk
        and values.get("kind", entry.movement.kind) == entry.movement.kind
        and ("batch" not in values or values["batch"].pk == entry.batch_id)
        and ("bin" not in values or values["bin"].pk == entry.bin_id)
        and abs((values["occurred_at"] - entry.occurred_at).total_seconds()) < 60
    )
