"""Batches as a table, and the columns by which every table of stock describes one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from inventory.batches import faults_of
from inventory.filters_api_stock import BatchApiFilter
from inventory.models import Batch
from inventory.receiving import ALIKE
from komek.accounts.authority import in_operation
from komek.exchange import cells
from komek.exchange.columns import Column
from komek.exchange.planning import Context, Row
from komek.exchange.resources import ModelResource
from komek.exchange.supply_tables import items_called
from komek.records.codes import MistypedCode, parse_code
from komek.supplies.models import plain
from orgs.exchange import code_column, records_by_code
from orgs.exchange_finders import organisations_called

VALUE = cells.exact_number(digits=10, places=4)


def batches_called(texts: Sequence[str], context: Context) -> dict[str, list[Batch]]:
    """Batches by code. One query."""
    codes = {}
    for text in texts:
        try:
            codes[text] = parse_code(text, "B")
        except MistypedCode:
            continue
    rows = Batch.objects.filter(code__in=codes.values()).select_related("item__unit")
    seen = {batch.code: batch for batch in in_operation(rows, context.operation)}
    return {text: [seen[codes[text]]] if codes.get(text) in seen else [] for text in texts}


def _of(path: str, name: str) -> Any:
    """The value of ``name`` on the record itself, or on its batch."""
    if not path:
        return None
    return lambda record: getattr(record.batch, name)


def _organisation(path: str, name: str) -> Any:
    def code(record: Any) -> str:
        organisation = getattr(record.batch if path else record, name)
        return organisation.code if organisation else ""

    return code


def describing_columns(path: str = "") -> tuple[Column, ...]:
    """What makes a batch the one it is. path: ``batch`` where the record is of one, not one itself."""
    return (
        Column("number", gettext_lazy("Batch number"), "#item+batch", cells.text_of(60), _of(path, "number"), example="L2291",
               aliases=("Batch", "Lot", "Партия", "Серия")),
        Column("expires_on", gettext_lazy("Expires on"), "#date+expiry", cells.day, _of(path, "expires_on"),
               example="2027-05-31", aliases=("Expiry", "Expiry date", "Best before", "Срок годности", "Годен до")),
        Column("expiry_is_unknown", gettext_lazy("Expiry not known"), "#item+expiry+unknown", cells.yes_or_no,
               _of(path, "expiry_is_unknown")),
        Column("produced_on", gettext_lazy("Produced on"), "#date+production", cells.day, _of(path, "produced_on")),
        Column("owner", gettext_lazy("Owner"), "#org+owner+code", find=organisations_called, value=_organisation(path, "owner"),
               help=gettext_lazy("Name or code")),
        Column("donor", gettext_lazy("Donor"), "#org+donor+code", find=organisations_called, value=_organisation(path, "donor"),
               keep_unknown="donor_name", help=gettext_lazy("Name or code; a donor nobody knows is kept as written"),
               also_hxl=("#org+donor", "#org+funder"), aliases=("Донор",)),
        Column("donor_name", gettext_lazy("Donor, when not registered"), "#org+donor+name", cells.text_of(200),
               _of(path, "donor_name")),
        Column("gift", gettext_lazy("Donor's reference"), "#item+gift", cells.text_of(100), _of(path, "gift")),
        Column("unit_value", gettext_lazy("Value of one unit"), "#value+unit", VALUE,
               lambda record: _money(record.batch if path else record)),
        Column("currency", gettext_lazy("Currency"), "#value+currency", cells.text_of(3), _of(path, "currency"), example="TMT"),
    )  # fmt: skip


def _money(batch: Batch) -> str:
    return plain(batch.unit_value) if batch.unit_value is not None else ""


def is_alike(batch: Batch, values: dict[str, Any]) -> bool:
    """Whether the batch is all that a row says of it; what the row leaves out is left open."""
    return all(getattr(batch, name) == values[name] for name in ALIKE if name in values)


class BatchResource(ModelResource):
    """Batches as they are described. What lies where of them is the table of stock."""

    key = "inventory.batch"
    title = gettext_lazy("Batches")
    model = Batch
    filterset_class = BatchApiFilter
    columns = (
        code_column(gettext_lazy("Leave empty for a new one.")),
        Column("item", gettext_lazy("Item"), "#item+code", find=items_called, required=True, example="FOD-RICE",
               value=lambda record: record.item.code if record.item_id else "", also_hxl=("#item+name", "#item"),
               help=gettext_lazy("Its code, or its whole name in any language."), aliases=("Goods", "Товар")),
        *describing_columns(),
        Column("is_blocked", gettext_lazy("Blocked"), "#status", read_only=True),
        Column("block_reason", gettext_lazy("Why it is blocked"), "#status+description", read_only=True),
        Column("note", gettext_lazy("Note"), "#description", cells.text_of(300)),
    )  # fmt: skip

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("item__unit", "owner", "donor", "operation")

    def candidates(self, rows: Sequence[Row], context: Context) -> dict[int, list[Any]]:
        """Batches by code; else those of the item that are all that the row says."""
        found = records_by_code(rows, "B", Batch, context)
        open_rows = [row for row in rows if row.number not in found]
        items = {row.values["item"].pk for row in open_rows}
        by_item: dict[int, list[Batch]] = {}
        for batch in in_operation(self.related(Batch.objects.filter(item__in=items)), context.operation):
            by_item.setdefault(batch.item_id, []).append(batch)
        for row in open_rows:
            if "number" not in row.values and "gift" not in row.values:
                continue  # without a number or a reference nothing tells one batch from the next
            alike = [batch for batch in by_item.get(row.values["item"].pk, []) if is_alike(batch, row.values)]
            if alike:
                found[row.number] = alike[:1]
        return found

    def identity_of_new(self, row: Row) -> Hashable | None:
        described = tuple(str(getattr(row.values.get(name), "pk", row.values.get(name))) for name in ALIKE)
        return (row.values["item"].pk, *described) if "item" in row.values else None

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        if "item" in row.changes:
            return {"item": gettext_lazy("A batch stays of its item. Describe a new batch instead.")}
        return faults_of(record)
