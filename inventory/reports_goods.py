"""Reports about goods as they are now: levels and forecast, what expires, the pipeline."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.alerts_stock import uses_in_words
from inventory.expiring import Expiring, expired, expiring, find_uses
from inventory.pipeline import Stage, pipeline
from inventory.report_forms import ExpiringForm, LevelsForm, PipelineForm
from inventory.report_pages import ReportPage
from inventory.report_tables import Cell, Heading, Table
from inventory.seeing import warehouses_seen
from inventory.shortages import Shortage, shortages
from komek.supplies.models import Item
from orgs.naming import search_key


class LevelsReport(ReportPage):
    key = "levels"
    title = gettext_lazy("Levels and forecast")
    about = gettext_lazy(
        "Usable stock against the least that should be there. The forecast takes the average of the last two weeks, uses what "
        "expires first, and does not count what will have expired by then."
    )
    form_class = LevelsForm

    def tables(self, values: dict[str, Any]) -> list[Table]:
        houses = warehouses_seen(self.standing)
        if values["warehouse"] is not None:
            houses = houses.filter(pk=values["warehouse"].pk)
        table = Table(
            "levels", _("Levels"),
            (Heading(_("Item"), wide=True), Heading(_("Warehouse"), wide=True),
             Heading(_("State")), Heading(_("Usable"), numeric=True),
             Heading(_("Never below"), numeric=True), Heading(_("Used a day"), numeric=True), Heading(_("Lasts until")),
             Heading(_("On its way"), numeric=True), Heading(_("To order"), numeric=True), Heading(_("Unit"))),
            empty=_("No item has a level here, and none was used lately. Set levels on the warehouse's page."),
        )  # fmt: skip
        for row in shortages(houses, item=values["item"]):
            if values["below"] and not (row.is_below or row.runs_out_soon or row.usable <= 0):
                continue
            _add_level(table, row)
        return [table]


def _add_level(table: Table, row: Shortage) -> None:
    if row.usable <= 0:
        state, mark = _("out of stock"), "danger"
    elif row.is_below:
        state, mark = _("below its minimum"), "warn"
    elif row.runs_out_soon:
        state, mark = _("runs out soon"), "warn"
    else:
        state, mark = _("enough"), "ok"
    table.add(
        Cell(str(row.item), url=row.item.get_absolute_url(), note=row.item.code),
        Cell(str(row.warehouse), url=row.warehouse.get_absolute_url()),
        Cell(state, mark=mark, note=_("%(n)s expired") % {"n": Cell(row.expired).shown} if row.expired else ""),
        row.usable, row.level.minimum if row.level else "", _rounded(row.daily, row.item) if row.use else "",
        row.forecast.runs_out_on if row.usable > 0 else "", row.coming or "", row.missing or "", row.item.unit.symbol,
    )  # fmt: skip


def _rounded(quantity: Decimal, item: Item) -> Decimal:
    """An average as people say it: three digits that mean something."""
    places = max(0, 2 - max(quantity.adjusted(), 0)) if quantity else 0
    return quantity.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


class ExpiringReport(ReportPage):
    key = "expiring"
    title = gettext_lazy("Expiring goods")
    form_class = ExpiringForm

    def tables(self, values: dict[str, Any]) -> list[Table]:
        seen = warehouses_seen(self.standing)
        houses = seen.filter(pk=values["warehouse"].pk) if values["warehouse"] is not None else seen
        ahead = expiring(houses, days=values["days"])
        find_uses(ahead, seen, self.viewer)
        soon = _expiring_table("expiring", _("Expires within %(n)d days") % {"n": values["days"]}, with_uses=True)
        soon.empty = _("Nothing that can still be used expires in this time.")
        gone = _expiring_table("expired", _("Expired, still on the shelf"), with_uses=False)
        gone.empty = _("Nothing expired lies on the shelves.")
        for table, rows in ((soon, ahead), (gone, expired(houses))):
            for row in rows:
                _add_expiring(table, row, with_uses=table is soon)
        return [soon, gone]


def _expiring_table(key: str, title: str, *, with_uses: bool) -> Table:
    headings = [
        Heading(_("Batch"), wide=True), Heading(_("Warehouse"), wide=True), Heading(_("Expires on")),
        Heading(_("Days left") if with_uses else _("Days ago"), numeric=True),
        Heading(_("Quantity"), numeric=True), Heading(_("Unit")),
    ]  # fmt: skip
    if with_uses:
        headings += [
            Heading(_("Left over at the present pace"), numeric=True),
            Heading(_("What could be done"), wide=True),
        ]
    return Table(key, title, headings)


def _add_expiring(table: Table, row: Expiring, *, with_uses: bool) -> None:
    batch = row.batch
    cells: list[Any] = [
        Cell(str(batch), url=batch.get_absolute_url(), note=batch.code),
        Cell(str(row.warehouse), url=row.warehouse.get_absolute_url()),
        batch.expires_on, Cell(abs(row.days), mark="danger" if row.days <= 7 else "warn"), row.quantity, batch.item.unit.symbol,
    ]  # fmt: skip
    if with_uses:
        left = _rounded(row.left_over, batch.item) if row.left_over is not None else _("all: none was used lately")
        ideas = " ".join(uses_in_words(row))
        if row.is_used_in_time:
            ideas = ideas or _("It will be used in time.")
        address = row.demands[0].url if row.demands else ""
        cells += [
            left,
            Cell(ideas or _("Nobody asks for it and no warehouse is short of it. Offer it elsewhere."), url=address),
        ]
    table.add(*cells)


class PipelineReport(ReportPage):
    key = "pipeline"
    title = gettext_lazy("Pipeline")
    about = gettext_lazy(
        "Pledged: promised from outside and not on its way. Not usable: expired, blocked, damaged or in quarantine. "
        "Issued: less what came back."
    )
    form_class = PipelineForm

    def tables(self, values: dict[str, Any]) -> list[Table]:
        table = Table(
            "pipeline", _("Pipeline"),
            (Heading(_("Item"), wide=True), Heading(_("Category"), wide=True), Heading(_("Pledged"), numeric=True),
             Heading(_("In transit"), numeric=True), Heading(_("In stock"), numeric=True), Heading(_("Not usable"), numeric=True),
             Heading(_("Issued"), numeric=True), Heading(_("Lost or written off"), numeric=True), Heading(_("Unit"))),
            empty=_("Nothing is pledged, on its way or in stock yet."),
        )  # fmt: skip
        wanted = search_key([values["text"]]) if values["text"].strip() else ""
        for stage in pipeline(self.viewer, self.standing, timezone.localdate()):
            if wanted and wanted not in _search_text(stage):
                continue
            item = stage.item
            table.add(
                Cell(str(item), url=item.get_absolute_url(), note=item.code), str(item.category), stage.pledged or "",
                stage.in_transit or "", stage.usable or "", stage.unusable or "", stage.issued or "", stage.gone or "",
                item.unit.symbol,
            )  # fmt: skip
        return [table]


def _search_text(stage: Stage) -> str:
    item = stage.item
    return search_key([str(item), item.name, item.code, str(item.category), item.category.name])
