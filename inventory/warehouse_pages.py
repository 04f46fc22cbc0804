"""Pages about warehouses: the list with its map, one warehouse, its form, its keepers and its levels."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from inventory.filters import WarehouseFilter
from inventory.finding import found_warehouse
from inventory.levels import level_rows
from inventory.models import Movement, Reservation, Warehouse
from inventory.overview import is_silent, with_stock
from inventory.page_forms import Landing, WarehousePage
from inventory.tabs import page_context
from inventory.warehouse_forms import AdoptForm, KeepersForm, LevelsForm, WarehouseForm
from inventory.warehouses import adopt_warehouse, change_warehouse, register_warehouse, set_keepers, set_levels
from komek.accounts.authority import Action, require, visible
from komek.records.actor import Actor
from komek.web.context import standing
from komek.web.lists import Column, ListPage, link_cell
from komek.web.records import RecordForm, RecordFormView
from komek.web.templatetags.komek import ago
from orgs.models import Contact

MOST_FEATURES = 5000
NEARLY_FULL, OVERFULL = 90, 100  # per cent of the room
LATEST_SHOWN = 8


def fill_cell(warehouse: Any) -> SafeString | str:
    """The share of the room taken, as far as volumes of goods are known, with a word when it is too much."""
    if warehouse.fill is None:
        return ""
    share = f"{round(warehouse.fill)} %"
    if warehouse.fill > OVERFULL:
        return format_html('<span class="badge badge-danger">{} {}</span>', share, _("overfull"))
    if warehouse.fill >= NEARLY_FULL:
        return format_html('<span class="badge badge-warn">{} {}</span>', share, _("nearly full"))
    return share


def expiry_cell(warehouse: Any) -> SafeString | str:
    """Batches that have expired, else those that expire soon; empty when neither."""
    if warehouse.expired:
        return format_html('<span class="badge badge-danger">{} {}</span>', warehouse.expired, _("expired"))
    if warehouse.expiring:
        return format_html('<span class="badge badge-warn">{} {}</span>', warehouse.expiring, _("soon"))
    return ""


def moved_cell(warehouse: Any) -> SafeString | str:
    """When its ledger was last written, and whether that is too long ago."""
    if warehouse.last_moved_at is None:
        return _("never")
    if is_silent(warehouse):
        return format_html('<span class="badge badge-warn">{} {}</span>', _("silent"), ago(warehouse.last_moved_at))
    return ago(warehouse.last_moved_at)


def below_cell(warehouse: Any) -> SafeString | str:
    return (
        format_html('<span class="badge badge-danger">{}</span>', warehouse.items_below)
        if warehouse.items_below
        else ""
    )


class WarehouseList(ListPage):
    key = "inventory.warehouse"
    exchange_key = "inventory.warehouse"
    model = Warehouse
    title = gettext_lazy("Warehouses")
    filterset_class = WarehouseFilter
    default_sort = "name"
    add_url_name = "inventory:warehouse_add"
    add_title = gettext_lazy("Add a warehouse")
    empty_text = gettext_lazy(
        "A warehouse is any place that keeps relief goods: a hall, a tent, a container, a school's cellar, a cold store."
    )
    template_name = "inventory/warehouse_list.html"
    columns = (
        Column("name", gettext_lazy("Name"), "name", sort=("name",), cell=link_cell()),
        Column("code", gettext_lazy("Code"), "code", sort=("code",), nowrap=True),
        Column("area", gettext_lazy("Area"), lambda row: str(row.area or ""), sort=("area__name",)),
        Column("opening", gettext_lazy("State"), "opening", sort=("opening",)),
        Column("items_usable", gettext_lazy("Items that can be given out"), "items_usable", sort=("items_usable",), numeric=True),
        Column("expiry", gettext_lazy("Expired or expiring batches"), lambda row: row.expired + row.expiring,
               sort=("expired", "expiring"), cell=expiry_cell),
        Column("items_below", gettext_lazy("Items below minimum"), "items_below", sort=("items_below",),
               cell=below_cell, numeric=True),
        Column("fill", gettext_lazy("Room taken"), lambda row: None if row.fill is None else round(row.fill), sort=("fill",),
               cell=fill_cell, numeric=True),
        Column("last_moved_at", gettext_lazy("Last movement"), "last_moved_at", sort=("last_moved_at",), cell=moved_cell, nowrap=True),
        Column("lorry_access", gettext_lazy("Access for lorries"), "lorry_access", sort=("lorry_access",), default=False),
        Column("organisation", gettext_lazy("Run by"), "organisation.name", sort=("organisation__name",)),
        Column("opening_hours", gettext_lazy("Opening hours"), "opening_hours", default=False),
        Column("floor_area_m2", gettext_lazy("Floor area, m²"), "floor_area_m2", sort=("floor_area_m2",), numeric=True, default=False),
        Column("volume_m3", gettext_lazy("Room for goods, m³"), "volume_m3", sort=("volume_m3",), numeric=True, default=False),
        Column("pallet_places", gettext_lazy("Pallet places"), "pallet_places", sort=("pallet_places",), numeric=True, default=False),
        Column("landmark", gettext_lazy("Landmark"), "landmark", default=False),
    )  # fmt: skip

    def queryset(self) -> Any:
        rows = Warehouse.objects.select_related("organisation", "area")
        return with_stock(rows.defer("area__geometry", "about", "search_key"))


@require_GET
@login_required
def warehouses_geojson(request: HttpRequest) -> JsonResponse:
    """Warehouses that match the list's filters, for the map beside it; at most 5,000."""
    whose = standing(request)
    require(whose, Action.VIEW, Warehouse)
    rows = with_stock(visible(Warehouse.objects.filter(location__isnull=False), whose).defer("about"))
    found = WarehouseFilter(request.GET, queryset=rows, request=request).qs.order_by("-updated_at")[:MOST_FEATURES]
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [row.location.x, row.location.y]},
            "properties": {
                "title": row.name,
                "url": row.get_absolute_url(),
                "lines": _popup_lines(row),
                "level": _level(row),
            },
        }
        for row in found
    ]
    style = {
        "by": "level",
        "default": "#1b7f4d",
        "colours": {"good": "#1b7f4d", "soon": "#b58900", "bad": "#a11f1f", "closed": "#5b6472"},
    }
    return JsonResponse({"type": "FeatureCollection", "features": features, "style": style})


def _level(row: Any) -> str:
    """What a dot's colour says: something expired or below minimum, something expires soon, all well, closed."""
    if row.opening != "open":
        return "closed"
    if row.expired or row.items_below:
        return "bad"
    return "soon" if row.expiring else "good"


def _popup_lines(row: Any) -> list[list[str]]:
    lines = [[_("Items that can be given out"), str(row.items_usable)]]
    if row.expired:
        lines.append([_("Expired batches"), str(row.expired)])
    if row.expiring:
        lines.append([_("Batches that expire within 30 days"), str(row.expiring)])
    if row.items_below:
        lines.append([_("Items below minimum"), str(row.items_below)])
    if row.fill is not None:
        lines.append([_("Room taken"), f"{round(row.fill)} %"])
    lines.append([_("Last movement"), ago(row.last_moved_at) if row.last_moved_at else _("never")])
    return lines


@require_GET
@login_required
def warehouse(request: HttpRequest, code: str) -> HttpResponse:
    """One warehouse: what to do there, what needs attention, what moved last."""
    record = found_warehouse(request, code)
    if record.code != code:
        return redirect(record)
    whose = standing(request)
    figures = with_stock(Warehouse.objects.filter(pk=record.pk)).get()
    moved = visible(Movement.objects.filter(warehouse=record), whose).select_related(
        "site", "organisation", "entered_by"
    )
    held = visible(Reservation.objects.filter(warehouse=record, closed_at=None), whose)
    return render(
        request,
        "inventory/warehouse.html",
        {
            **page_context(record, whose, "overview"),
            "figures": figures,
            "fill": fill_cell(figures),
            "is_silent": is_silent(figures),
            "keepers": record.keepers.select_related("user"),
            "contacts": visible(Contact.objects.filter(site=record), whose),
            "moved": moved[:LATEST_SHOWN],
            "held": held.select_related("item__unit", "batch__item")[:LATEST_SHOWN],
        },
    )


class WarehouseAdd(RecordFormView):
    model = Warehouse
    form_class = WarehouseForm
    template_name = "inventory/warehouse_form.html"
    title = gettext_lazy("Add a warehouse")

    def initial(self) -> dict[str, Any]:
        mine = self.request.user.memberships.filter(organisation__operation=self.request.operation or None).first()  # type: ignore[union-attr,attr-defined]
        return {"organisation": mine.organisation if mine else None}

    def save_record(self, form: RecordForm, by: Actor) -> Warehouse:
        return register_warehouse(by=by, operation=self.request.operation or None, **form.cleaned_data)  # type: ignore[attr-defined]


class WarehouseChange(RecordFormView):
    model = Warehouse
    form_class = WarehouseForm
    template_name = "inventory/warehouse_form.html"

    def record(self) -> Warehouse:
        return found_warehouse(self.request, self.kwargs["code"])

    def heading(self) -> Any:
        return self.kept

    def save_record(self, form: RecordForm, by: Actor) -> Warehouse:
        return change_warehouse(
            by=by, operation=self.request.operation or None, warehouse=self.kept, **form.cleaned_data  # type: ignore[attr-defined]
        )  # fmt: skip


class WarehouseAdopt(RecordFormView):
    """Let a site that is registered already keep stock, then fill in what is known of it as a warehouse."""

    model = Warehouse
    form_class = AdoptForm
    title = gettext_lazy("Keep stock at a site that is registered already")

    def save_record(self, form: RecordForm, by: Actor) -> Warehouse:
        return adopt_warehouse(by=by, operation=self.request.operation or None, site=form.cleaned_data["site"])  # type: ignore[attr-defined]


class Keepers(WarehousePage):
    """Who keeps a warehouse, as rows."""

    model = Warehouse
    form_class = KeepersForm
    template_name = "inventory/keepers.html"

    def record(self) -> Warehouse:
        return self.warehouse

    def heading(self) -> Any:
        return _("Keepers of %(warehouse)s") % {"warehouse": self.warehouse}

    def save_record(self, form: RecordForm, by: Actor) -> Landing:
        assert isinstance(form, KeepersForm)
        rows = [row.cleaned_data for row in form.filled("keepers")]
        set_keepers(by=by, operation=self.operation, warehouse=self.warehouse, keepers=rows)
        return self.landing()


@require_GET
@login_required
def levels(request: HttpRequest, code: str) -> HttpResponse:
    """What the warehouse should have of each item, and what it has."""
    record = found_warehouse(request, code)
    whose = standing(request)
    rows = level_rows(whose.operation, record)
    return render(request, "inventory/levels.html", {**page_context(record, whose, "levels"), "rows": rows})


class Levels(WarehousePage):
    """The levels of a warehouse, as rows."""

    model = Warehouse
    form_class = LevelsForm
    template_name = "inventory/levels_form.html"
    tab = "levels"
    back = "inventory:levels"

    def record(self) -> Warehouse:
        return self.warehouse

    def heading(self) -> Any:
        return _("Stock levels of %(warehouse)s") % {"warehouse": self.warehouse}

    def save_record(self, form: RecordForm, by: Actor) -> Landing:
        assert isinstance(form, LevelsForm)
        rows = [row.cleaned_data for row in form.filled("levels")]
        set_levels(by=by, operation=self.operation, warehouse=self.warehouse, levels=rows)
        return self.landing()
