"""Consignments as a table, one row each. New rows are asked for; what is under way is not changed."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.consignments import WantedLine, cancel_consignment, check_ends, request_consignment
from inventory.exchange_once import WrittenOnce
from inventory.exchange_warehouses import warehouses_called
from inventory.filters_consignments import ConsignmentFilter
from inventory.models import Consignment, ConsignmentLine
from inventory.quantities import read_quantity
from inventory.refusals import Refused
from komek.accounts.authority import Action, in_operation, may
from komek.exchange import cells
from komek.exchange.columns import Column, first_by_name
from komek.exchange.planning import Context, Outcome, Row
from komek.exchange.supply_tables import items_called
from komek.records.codes import MistypedCode, parse_code
from komek.supplies.models import plain
from orgs.exchange_finders import sites_called

GOODS = re.compile(r"\s*(?P<item>.+?)\s*[:=]\s*(?P<number>[\d\s.,]*\d)\s*(?P<measure>[^\d\s].*)?\s*")


def goods_text(consignment: Consignment) -> list[str]:
    """``FOD-RICE: 500 kg`` for each line."""
    return [f"{line.item.code}: {plain(line.quantity)} {line.item.unit.symbol}" for line in consignment.lines.all()]


def _day(name: str) -> Any:
    return lambda record: getattr(record, name)


class ConsignmentTable(WrittenOnce):
    """The names and phones of drivers are left out: they are for those at both ends."""

    key = "inventory.consignment"
    title = gettext_lazy("Consignments")
    model = Consignment
    filterset_class = ConsignmentFilter
    columns = (
        Column("code", gettext_lazy("Code"), "#meta+code", cells.text_of(14), help=gettext_lazy("Leave empty for a new one.")),
        Column("origin", gettext_lazy("From warehouse"), "#loc+from+code", find=warehouses_called, example="W1149",
               value=lambda record: record.origin.code if record.origin else "", help=gettext_lazy("Code or name"),
               aliases=("From", "Откуда")),
        Column("sender", gettext_lazy("Sent by, when from outside"), "#org+sender", read_only=True),
        Column("destination", gettext_lazy("To site"), "#loc+to+code", find=sites_called, required=True, example="C1143",
               value=lambda record: record.destination.code, help=gettext_lazy("Code or name"), aliases=("To", "Куда")),
        Column("destination_name", gettext_lazy("Name of the site"), "#loc+to+name", read_only=True,
               value=lambda record: record.destination.name),
        Column("goods", gettext_lazy("Goods"), "#item+list", cells.text_of(5000), goods_text, required=True,
               example="FOD-RICE: 500 kg; HOU-BLK: 40 pc", help=gettext_lazy("Item, a colon, how much; a semicolon before the next.")),
        Column("wanted_by", gettext_lazy("Wanted by"), "#date+wanted", cells.day),
        Column("request_reference", gettext_lazy("Answers request"), "#meta+request", cells.text_of(60)),
        Column("least_shelf_life_days", gettext_lazy("Usable at least, days after arrival"), "#item+shelflife+days",
               cells.whole_number, lambda record: record.least_shelf_life_days or ""),
        Column("note", gettext_lazy("Notes"), "#description", cells.text_of(5000)),
        Column("state", gettext_lazy("State"), "#status", read_only=True),
        Column("vehicle", gettext_lazy("Vehicle"), "#vehicle", read_only=True),
        *(
            Column(name, Consignment._meta.get_field(name).verbose_name, f"#date+{tag}", read_only=True, value=_day(name))
            for name, tag in (("occurred_at", "asked"), ("dispatched_at", "dispatched"), ("expected_at", "expected"),
                              ("arrived_at", "arrived"), ("received_at", "received"))
        ),
    )  # fmt: skip

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        lines = ConsignmentLine.objects.select_related("item__unit").order_by("order", "pk")
        return queryset.select_related("origin", "destination").prefetch_related(Prefetch("lines", queryset=lines))

    def read(self, rows: Sequence[Row], context: Context) -> None:
        """The goods of every row, by one look into the catalogue."""
        parts = {row.number: [part for part in row.values["goods"].split(";") if part.strip()] for row in rows}
        found = {part: GOODS.fullmatch(part) for texts in parts.values() for part in texts}
        names = sorted({match["item"] for match in found.values() if match})
        items = items_called(names, context) if names else {}
        for row in rows:
            row.values["wanted"] = [self._wanted(row, part, found[part], items) for part in parts[row.number]]

    def _wanted(
        self, row: Row, part: str, match: re.Match[str] | None, items: dict[str, list[Any]]
    ) -> WantedLine | None:
        if match is None:
            row.fault("goods", _("“%(text)s”: write it like FOD-RICE: 500 kg.") % {"text": part.strip()[:60]})
            return None
        known = items.get(match["item"], [])
        if len(known) != 1:
            row.fault("goods", _("“%(text)s” is not known. Check the spelling, write the code, or add it first.")
                      % {"text": match["item"][:60]})  # fmt: skip
            return None
        try:
            return WantedLine(known[0], read_quantity(known[0], match["number"], match["measure"] or ""))
        except Refused as refusal:
            row.fault("goods", f"{known[0]}: {next(iter(refusal.message_dict.values()))[0]}")
        return None

    def tell_known(self, rows: Sequence[Row], context: Context) -> None:
        """Consignments by their code; a row without one that asks for the same on the same day was brought in before."""
        codes = {}
        for row in rows:
            if row.values.get("code"):
                try:
                    codes[row.number] = parse_code(row.values["code"], "K")
                except MistypedCode as fault:
                    row.fault("code", fault)
        seen = in_operation(self.related(Consignment.objects.all()), context.operation)
        known = {record.code: record for record in seen.filter(code__in=codes.values())}
        for row in rows:
            if row.faults:
                continue
            if row.number not in codes:
                self._check_new(row, context)
            elif codes[row.number] not in known:
                row.fault("code", _("No record has the code “%(code)s”. Correct it, or leave it empty for a new one.")
                          % {"code": row.values["code"][:20]})  # fmt: skip
            elif differing := self._differing(known[codes[row.number]], row):
                row.fault(differing[0], _("%(code)s says something else here. Change a consignment on its own page: goods may be on "
                                          "their way already.") % {"code": codes[row.number]})  # fmt: skip
            else:
                row.outcome = Outcome.UNCHANGED

    def _differing(self, record: Consignment, row: Row) -> list[str]:
        columns = first_by_name(self.columns)
        differing: list[str] = []
        for name in ("origin", "destination", "wanted_by", "request_reference", "least_shelf_life_days", "note"):
            if name in row.values and row.values[name] != getattr(record, name):
                same_place = getattr(row.values[name], "pk", None) == getattr(record, f"{name}_id", 0)
                differing += [] if same_place and name in ("origin", "destination") else [name]
        asked: dict[int, Decimal] = {}
        for line in row.values["wanted"]:
            asked[line.item.pk] = asked.get(line.item.pk, Decimal(0)) + line.quantity
        for line in record.lines.all():
            asked[line.item_id] = asked.get(line.item_id, Decimal(0)) - line.quantity
        if any(asked.values()):
            differing.append(columns["goods"].name)
        return differing

    def _check_new(self, row: Row, context: Context) -> None:
        origin = row.values.get("origin")
        if origin is None:
            row.fault("origin", _("Say which warehouse is to send it. Goods from outside come in with a packing list."))
            return
        asked = Consignment(
            operation=context.operation,
            origin=origin,
            destination=row.values["destination"],
            organisation=origin.organisation,
        )
        if not may(context.standing, Action.ADD, asked):
            row.fault("", _("Only the people of either end ask for a consignment. Ask them, or a coordinator."))
            return
        try:
            check_ends(asked)
        except Refused as refusal:
            for name, sentences in refusal.message_dict.items():
                row.fault(name, sentences[0])

    def identity_of_new(self, row: Row) -> Hashable | None:
        values = row.values
        goods = tuple(sorted((line.item.pk, line.quantity) for line in values["wanted"]))
        return (
            values["origin"].pk,
            values["destination"].pk,
            goods,
            values.get("wanted_by"),
            values.get("request_reference"),
        )

    def write(self, rows: Sequence[Row], context: Context) -> None:
        for row in rows:
            if row.outcome != Outcome.CREATE:
                continue
            values = row.values
            names = ("wanted_by", "request_reference", "least_shelf_life_days", "note")
            fields = {name: values[name] for name in names if name in values}
            try:
                row.record = request_consignment(
                    by=context.by, operation=context.operation, origin=values["origin"], destination=values["destination"],
                    lines=values["wanted"], **fields,
                )  # fmt: skip
            except Refused as refusal:
                row.fault("", next(iter(refusal.message_dict.values()))[0])
                row.outcome = Outcome.REFUSED

    def undo(self, record: Any, context: Context) -> bool | None:
        try:
            cancel_consignment(by=context.by, operation=record.operation, consignment=record, reason=context.by.reason)
        except Refused:
            return False
        return True
