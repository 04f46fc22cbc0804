"""Reports read from movements: the stock card, stock at a past moment, what became of a gift."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.donor_report import Fate, Gift, Story, gifts, stories
from inventory.models import Account, Batch, Condition, Consignment, Movement, Warehouse
from inventory.past_stock import READINGS, stock_at
from inventory.report_forms import CardForm, DonorForm, PastForm
from inventory.report_pages import ReportPage
from inventory.report_tables import Cell, Heading, Table
from inventory.seeing import batches_seen, warehouses_seen
from inventory.stock_cards import Card, CardLine, balance_at, lines_of
from komek.supplies.conversion import whole_packs
from komek.supplies.models import plain


class CardReport(ReportPage):
    key = "stock-card"
    title = gettext_lazy("Stock card")
    about = gettext_lazy(
        "Every movement, by when it happened. What was taken back is struck through and does not count."
    )
    form_class = CardForm
    asks_first = ("warehouse", "item", "item_text", "batch")
    choose = gettext_lazy("Choose a warehouse, and an item or a batch.")

    def facts(self, values: dict[str, Any]) -> list[tuple[Any, Any]]:
        item, batch = values["item"], values.get("batch")
        found = [(_("Warehouse"), values["warehouse"]), (_("Item"), f"{item.code} {item}, {item.unit.symbol}")]
        if batch is not None:
            until = formats.date_format(batch.expires_on, "SHORT_DATE_FORMAT") if batch.expires_on else _("not given")
            found += [(_("Batch"), f"{batch} ({batch.code})"), (_("Expires on"), until)]
        if values.get("bin"):
            found.append((_("Bin"), values["bin"]))
        return found

    def tables(self, values: dict[str, Any]) -> list[Table]:
        card = Card(
            self.standing.operation, values["warehouse"], values["item"], values.get("batch"), values.get("bin") or None
        )
        since, until = _day_begins(values["since"]), _day_begins(values["until"] + timedelta(days=1))
        before = balance_at(card, since)
        table = Table(
            "card", _("Movements"),
            (Heading(_("When")), Heading(_("What happened"), wide=True), Heading(_("Batch"), wide=True), Heading(_("Bin"), wide=True),
             Heading(_("To or from"), wide=True), Heading(_("In"), numeric=True), Heading(_("Out"), numeric=True),
             Heading(_("Balance"), numeric=True)),
        )  # fmt: skip
        table.add(values["since"], _("balance brought forward"), "", "", "", "", "", before)
        came = left = before - before
        last = before
        for line in lines_of(card, since, until, before):
            last = line.balance
            if line.counts:
                came, left = came + line.came, left + line.left
            _add_line(table, line)
        table.add(values["until"], _("in the period"), "", "", "", came, left, last, is_total=True)
        return [table]


def _day_begins(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _add_line(table: Table, line: CardLine) -> None:
    movement = line.movement
    notes = [movement.document] if movement.document else []
    if movement.loss_reason:
        notes.append(movement.get_loss_reason_display())
    if movement.reverses is not None:
        notes.append(_("takes back %(code)s") % {"code": movement.reverses.code})
    elif not line.counts:
        notes.append(_("taken back by %(code)s") % {"code": movement.reversed_by.code})
    if line.is_late:
        when = formats.date_format(timezone.localtime(movement.entered_at), "SHORT_DATETIME_FORMAT")
        notes.append(_("entered on %(when)s") % {"when": when})
    table.add(
        Cell(movement.occurred_at, url=movement.get_absolute_url()),
        Cell(f"{movement.get_kind_display()} {movement.code}", note="; ".join(notes)),
        Cell(line.batch.number or line.batch.code, url=line.batch.get_absolute_url()),
        ", ".join(line.bins), _other_end(movement, table), line.came or "", line.left or "", line.balance,
        is_void=not line.counts,
    )  # fmt: skip


def _other_end(movement: Movement, table: Table) -> str:
    """Who gave or got: the other warehouse or site, the organisation, the name."""
    consignment = movement.consignment
    if consignment is not None:
        is_ours = consignment.origin_id == movement.warehouse_id
        other = consignment.destination if is_ours else consignment.origin or consignment.sender
        return f"{other} ({consignment.code})"
    return ", ".join(str(part) for part in (movement.site, movement.organisation, movement.recipient) if part)


class PastReport(ReportPage):
    key = "past-stock"
    title = gettext_lazy("Stock at a past moment")
    about = gettext_lazy(
        "What lay there at that moment by all that is known today: what was entered late counts when it happened, and a movement "
        "that was taken back counts as if it had never been. Or, if you choose so, what the ledger said at that moment."
    )
    form_class = PastForm

    def facts(self, values: dict[str, Any]) -> list[tuple[Any, Any]]:
        moment = formats.date_format(timezone.localtime(values["moment"]), "SHORT_DATETIME_FORMAT")
        return [
            (_("Moment"), moment),
            (_("Stock"), dict(READINGS)[values["reading"]]),
            (_("Warehouse"), values["warehouse"] or _("all warehouses")),
        ]

    def tables(self, values: dict[str, Any]) -> list[Table]:
        houses = {house.pk: house for house in warehouses_seen(self.standing)}
        if values["warehouse"] is not None:
            houses = {values["warehouse"].pk: values["warehouse"]}
        only = {"item": values["item"].pk} if values["item"] is not None else {}
        rows = stock_at(self.standing.operation, houses, values["moment"], reading=values["reading"], **only)
        batches = Batch.objects.select_related("item__unit").in_bulk({row.batch for row in rows})
        table = Table(
            "stock", _("Stock"),
            (Heading(_("Item"), wide=True), Heading(_("Warehouse"), wide=True),
             Heading(_("Batch"), wide=True), Heading(_("Expires on")),
             Heading(_("Condition")), Heading(_("Quantity"), numeric=True), Heading(_("Unit"))),
            empty=_("Nothing lay there at that moment."),
        )  # fmt: skip
        day = timezone.localdate(values["moment"])
        known = [(batches[row.batch], houses[row.warehouse], row) for row in rows]
        known.sort(key=lambda one: (str(one[0].item), str(one[1]), str(one[0].expires_on or "9999"), one[0].pk))
        for batch, house, row in known:
            expired = batch.expires_on is not None and batch.expires_on < day
            table.add(
                Cell(str(batch.item), note=batch.item.code), str(house),
                Cell(batch.number or batch.code, url=batch.get_absolute_url()),
                Cell(batch.expires_on, note=_("expired") if expired else "", mark="danger" if expired else ""),
                str(Condition(row.condition).label), row.quantity, batch.item.unit.symbol,
            )  # fmt: skip
        return [table]


class DonorReport(ReportPage):
    key = "donor-report"
    title = gettext_lazy("Donor report")
    about = gettext_lazy(
        "What became of a gift, batch by batch, also inside kits: where it lies, who received it, what was lost."
    )
    form_class = DonorForm

    def facts(self, values: dict[str, Any]) -> list[tuple[Any, Any]]:
        named = [
            (_("Donor"), values.get("donor") or values.get("donor_name")),
            (_("Donor's reference"), values.get("gift")), (_("Batch"), values.get("batch")),
        ]  # fmt: skip
        return [(label, value) for label, value in named if value]

    def tables(self, values: dict[str, Any]) -> list[Table]:
        rows = batches_seen(self.standing)
        if values.get("batch"):
            rows = rows.filter(pk=values["batch"].pk)
        if values.get("donor"):
            rows = rows.filter(donor=values["donor"])
        if values.get("donor_name"):
            rows = rows.filter(donor=None, donor_name__iexact=values["donor_name"])
        if values.get("gift"):
            rows = rows.filter(gift__iexact=values["gift"])
        if not any(values.get(name) for name in ("batch", "donor", "donor_name", "gift")):
            return [_gifts_table(gifts(rows))]
        told = stories(list(rows.order_by("item__name", "expires_on", "pk")))
        return [_sums_table(told), _fates_table(told)]


def _gifts_table(found: list[tuple[Gift, int]]) -> Table:
    """All gifts, to choose from."""
    table = Table(
        "gifts", _("Gifts"),
        (Heading(_("Donor"), wide=True), Heading(_("Donor's reference"), wide=True), Heading(_("Batches"), numeric=True)),
        empty=_("No batch names a donor yet. It is written down when goods are received."),
    )  # fmt: skip
    for gift, number in found:
        query = QueryDict(mutable=True)
        if gift.donor is not None:
            query["donor"] = str(gift.donor.pk)
        else:
            query["donor_name"] = gift.donor_name
        if gift.reference:
            query["gift"] = gift.reference
        address = f"{reverse('inventory:report_donors')}?{query.urlencode()}"
        table.add(Cell(str(gift.donor or gift.donor_name), url=address), gift.reference, number)
    return table


def in_packs(batch: Batch, quantity: Any) -> str:
    """Whole packs and what is left over, when the batch has a pack: ``12 × carton of 24 + 6 pc``."""
    if batch.pack is None or quantity <= 0:
        return ""
    packs, rest = whole_packs(quantity, batch.pack.quantity)
    parts = [f"{packs} × {batch.pack}"] if packs else []
    return " + ".join([*parts, *([f"{plain(rest)} {batch.item.unit.symbol}"] if rest else [])])


def _batch_cell(batch: Batch) -> Cell:
    return Cell(str(batch), url=batch.get_absolute_url(), note=batch.code)


def _sums_table(told: list[Story]) -> Table:
    table = Table(
        "batches", _("Batches"),
        (
         Heading(_("Batch"), wide=True), Heading(_("Expires on")),
         Heading(_("Received"), numeric=True), Heading(_("In stock"), numeric=True),
         Heading(_("On the way"), numeric=True), Heading(_("Reached people and sites"), numeric=True),
         Heading(_("Lost or written off"), numeric=True), Heading(_("Unit"))),
        empty=_("No batch of this gift is known here."),
    )  # fmt: skip
    for story in told:

        def total(*accounts: str, story: Story = story) -> Any:
            return sum(
                (fate.quantity for fate in story.fates if fate.account in accounts), story.received - story.received
            )

        notes = []
        if story.found:
            notes.append(_("found by counting: %(quantity)s") % {"quantity": plain(story.found)})
        if story.unaccounted:
            notes.append(_("not accounted for: %(quantity)s") % {"quantity": plain(story.unaccounted)})
        batch = story.batch
        table.add(
            _batch_cell(batch), batch.expires_on, 
            Cell(story.received, note="; ".join([in_packs(batch, story.received), *notes]).strip("; ")),
            total(Account.STOCK, Account.KITS), total(Account.TRANSIT), total(Account.ISSUED),
            total(Account.LOST, Account.WRITTEN_OFF), batch.item.unit.symbol,
        )  # fmt: skip
    return table


ORDER = (Account.ISSUED, Account.TRANSIT, Account.STOCK, Account.KITS, Account.LOST, Account.WRITTEN_OFF)


def _fates_table(told: list[Story]) -> Table:
    table = Table(
        "where", _("Where each part went"),
        (Heading(_("Batch"), wide=True), Heading(_("What became of it")), Heading(_("Where"), wide=True),
         Heading(_("Quantity"), numeric=True), Heading(_("Unit")), Heading(_("Last movement"))),
        empty=_("Nothing was moved yet."),
    )  # fmt: skip
    for story in told:
        fates = sorted(
            story.fates, key=lambda fate: (ORDER.index(Account(fate.account)), str(fate.place or fate.words))
        )
        for fate in fates:
            note = "" if fate.inside is None else _("inside kits: %(kits)s") % {"kits": fate.inside}
            table.add(
                _batch_cell(story.batch), Cell(_what(fate), note=note), _where(fate),
                Cell(fate.quantity, note=in_packs(story.batch, fate.quantity) if fate.inside is None else ""),
                story.batch.item.unit.symbol, fate.at,
            )  # fmt: skip
    return table


def _what(fate: Fate) -> str:
    if fate.account == Account.ISSUED:
        return _("received by")
    if fate.account == Account.STOCK and fate.condition != Condition.GOOD:
        return f"{Account.STOCK.label}, {Condition(fate.condition).label}"
    return str(Account(fate.account).label)


def _where(fate: Fate) -> Cell:
    """The place, with its page."""
    place = fate.place
    if isinstance(place, Consignment):
        words = f"{place.code} → {place.destination}"
        return Cell(", ".join(filter(None, (fate.words, words))), url=place.get_absolute_url())
    if place is None:
        return Cell(fate.words or _("not said"))
    note = fate.words
    if fate.account == Account.STOCK and isinstance(place, Warehouse):
        note = ""
    return Cell(str(place), url=place.get_absolute_url(), note=note)
