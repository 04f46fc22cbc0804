"""Lists of stock: by item in all warehouses or in one, and by place on the shelf."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inventory.filters_stock import PlaceFilter, StockFilter
from inventory.finding import found_warehouse
from inventory.models import Balance, Movement, Warehouse
from inventory.quantities import in_words
from inventory.stock import balances
from inventory.stock_figures import stocked_items
from inventory.stock_words import apart_badge, expiry_badge, expiry_words
from inventory.tabs import page_context
from komek.accounts.authority import Action, may, require
from komek.supplies.models import Item, KitContent, plain
from komek.web.context import standing
from komek.web.lists import Column, ListPage


def amount_of(name: str) -> Any:
    """A cell with a quantity and its unit; empty for nothing."""

    def cell(item: Any) -> str:
        quantity = getattr(item, name)
        return in_words(item, quantity) if quantity else ""

    return cell


def usable_cell(item: Any) -> SafeString | str:
    """What can be given out; an item of which only expired goods are left is out of stock."""
    if item.usable <= 0:
        return format_html('<span class="badge badge-danger">{}</span>', _("out of stock"))
    words = in_words(item, item.usable)
    if item.minimum is not None and item.usable < item.minimum:
        return format_html('<span class="badge badge-warn">{} {}</span>', words, _("too little"))
    return words


def expired_cell(item: Any) -> SafeString | str:
    words = amount_of("expired")(item)
    return format_html('<span class="badge badge-danger">{}</span>', words) if words else ""


def _plain(name: str) -> Any:
    return lambda item: plain(getattr(item, name)) if getattr(item, name) is not None else ""


def _item_at_home(item: Any) -> SafeString:
    return format_html('<a href="../places/?item={}">{}</a>', item.pk, item)


def _item_everywhere(item: Any) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse("inventory:item_stock", args=[item.code]), item)


class StockList(ListPage):
    """What there is of each item in all warehouses."""

    key = "inventory.stock"
    model = Item
    title = gettext_lazy("Stock of all warehouses")
    filterset_class = StockFilter
    default_sort = "name"
    template_name = "inventory/stock.html"
    empty_text = gettext_lazy("Receive goods at a warehouse: what lies there is then found here, by item.")
    columns = (
        Column("name", gettext_lazy("Item"), lambda item: str(item), sort=("name",), cell=_item_everywhere),
        Column("code", gettext_lazy("Code"), "code", sort=("code",), nowrap=True, default=False),
        Column("usable", gettext_lazy("Can be given out"), _plain("usable"), sort=("usable",), cell=usable_cell, numeric=True),
        Column("unit", gettext_lazy("Unit"), "unit.symbol", default=False),
        Column("held", gettext_lazy("Of it held for others"), _plain("held"), sort=("held",), cell=amount_of("held"), numeric=True),
        Column("first_expiry", gettext_lazy("First to expire"), "first_expiry", sort=("first_expiry",),
               cell=lambda item: expiry_badge(item.first_expiry), nowrap=True),
        Column("expired", gettext_lazy("Expired"), _plain("expired"), sort=("expired",), cell=expired_cell, numeric=True),
        Column("blocked", gettext_lazy("Blocked or in quarantine"), _plain("blocked"), sort=("blocked",), cell=amount_of("blocked"),
               numeric=True),
        Column("damaged", gettext_lazy("Damaged"), _plain("damaged"), sort=("damaged",), cell=amount_of("damaged"), numeric=True),
        Column("minimum", gettext_lazy("Minimum"), _plain("minimum"), sort=("minimum",), cell=amount_of("minimum"), numeric=True,
               default=False),
        Column("places", gettext_lazy("Warehouses"), "places", sort=("places",), numeric=True),
        Column("category", gettext_lazy("Category"), lambda item: str(item.category), sort=("category__order",), default=False),
    )  # fmt: skip
    warehouse: Warehouse | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            require(standing(request), Action.VIEW, Balance)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """``?warehouse=`` leads to that warehouse's own page, with ``&bin=`` to what lies in the bin."""
        if code := request.GET.get("warehouse", ""):
            name = "inventory:warehouse_places" if "bin" in request.GET else "inventory:warehouse_stock"
            left = request.GET.copy()
            left.pop("warehouse")
            return redirect(f"{reverse(name, args=[code])}?{left.urlencode()}")
        return super().get(request, *args, **kwargs)

    def queryset(self) -> QuerySet[Item]:
        return stocked_items(self.standing, self.warehouse)

    def extra_context(self) -> dict[str, Any]:
        return {"warehouse": self.warehouse}


class WarehouseStock(StockList):
    """What there is of each item in one warehouse."""

    key = "inventory.warehouse_stock"
    title = gettext_lazy("Stock")
    template_name = "inventory/warehouse_stock.html"
    columns = (
        Column("name", gettext_lazy("Item"), lambda item: str(item), sort=("name",), cell=_item_at_home),
        *(column for column in StockList.columns[1:] if column.key != "places"),
    )

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            self.warehouse = found_warehouse(request, kwargs["code"])
            if self.warehouse.code != kwargs["code"]:
                return redirect("inventory:warehouse_stock", self.warehouse.code)
        return super().dispatch(request, *args, **kwargs)

    def extra_context(self) -> dict[str, Any]:
        assert self.warehouse is not None
        return page_context(self.warehouse, self.standing, "stock")


def batch_cell(row: Balance) -> SafeString:
    """The item, with the batch's number and code below."""
    return format_html(
        '<a href="{}">{}</a> <span class="meta"><span class="code">{}</span>{}{}</span>',
        row.batch.get_absolute_url(), row.item, row.batch.code, " · " if row.batch.number else "", row.batch.number,
    )  # fmt: skip


def _place(row: Balance) -> str:
    return str(row.bin) if row.bin else _("without a bin")


def _deeds(row: Any) -> SafeString:
    """What a keeper can do with what lies here."""
    words = ((_("Move"), "move"), (_("Lost"), "lose"), (_("Write off"), "write_off"))
    links = [
        format_html('<a class="button button-quiet" href="{}">{}<span class="visually-hidden"> {}</span></a>',
                    reverse(f"inventory:place_{key}", args=[row.pk]), word, row.batch)
        for word, key in words
    ]  # fmt: skip
    if row.is_kit:
        links.append(
            format_html('<a class="button button-quiet" href="{}">{}</a>',
                        reverse("inventory:place_break", args=[row.pk]), _("Take apart"))
        )  # fmt: skip
    return format_html('<span class="cluster">{}</span>', SafeString("".join(links)))


class PlaceList(ListPage):
    """What lies in one warehouse, place by place: a batch in a bin in a condition."""

    key = "inventory.place"
    exchange_key = "inventory.stock"
    model = Balance
    title = gettext_lazy("What lies where")
    filterset_class = PlaceFilter
    default_sort = "bin"
    template_name = "inventory/places.html"
    empty_text = gettext_lazy("Nothing lies here. Receive goods, and say in which bins they are put.")
    columns = (
        Column("batch", gettext_lazy("Item and batch"), lambda row: str(row.batch),
               sort=("item__name", "batch__expires_on"), cell=batch_cell),
        Column("bin", gettext_lazy("Bin"), _place, sort=("bin__pick_order", "bin__label")),
        Column("quantity", gettext_lazy("Quantity"), lambda row: plain(row.quantity), sort=("quantity",), numeric=True,
               cell=lambda row: in_words(row.item, row.quantity, row.batch.pack)),
        Column("unit", gettext_lazy("Unit"), "item.unit.symbol", default=False),
        Column("expires_on", gettext_lazy("Expires on"), lambda row: row.batch.expires_on or expiry_words(row.batch),
               sort=("batch__expires_on",), nowrap=True,
               cell=lambda row: expiry_badge(row.batch.expires_on) or expiry_words(row.batch)),
        Column("apart", gettext_lazy("Not to be given out"), apart_badge, cell=apart_badge),
        Column("condition", gettext_lazy("Condition"), "condition", sort=("condition",), default=False),
        Column("zone", gettext_lazy("Zone"), lambda row: str(row.bin.zone) if row.bin else "",
               sort=("bin__zone__name",), default=False),
        Column("donor", gettext_lazy("Donor"), lambda row: str(row.batch.donor or row.batch.donor_name), default=False),
        Column("owner", gettext_lazy("Owner"), lambda row: str(row.batch.owner or ""), default=False),
        Column("gift", gettext_lazy("Donor's reference"), lambda row: row.batch.gift, default=False),
    )  # fmt: skip

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            self.warehouse = found_warehouse(request, kwargs["code"])
            if self.warehouse.code != kwargs["code"]:
                return redirect("inventory:warehouse_places", self.warehouse.code)
        return super().dispatch(request, *args, **kwargs)

    def exchange_filters(self) -> dict[str, str]:
        return {"warehouse": self.warehouse.code}

    def queryset(self) -> QuerySet[Balance]:
        rows = balances(self.standing.operation, warehouse=self.warehouse)
        kits = KitContent.objects.filter(kit=OuterRef("item"))
        return rows.annotate(is_kit=Exists(kits)).select_related(
            "item__unit", "batch__item", "batch__pack", "batch__donor", "batch__owner", "bin__zone"
        )

    def shown_columns(self) -> list[Column]:
        """With a last column of what a keeper can do, on the page only."""
        columns = super().shown_columns()
        movement = Movement(warehouse=self.warehouse, operation_id=self.standing.operation_id)
        if self.request.GET.get("export") or not may(self.standing, Action.ADD, movement):
            return columns
        return [*columns, Column("deeds", "", "", cell=_deeds)]

    def extra_context(self) -> dict[str, Any]:
        return page_context(self.warehouse, self.standing, "stock")
