"""Pages about the zones and bins of a warehouse, and the temperatures read there."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from inventory.finding import found_warehouse
from inventory.models import Balance, Bin, TemperatureReading, Zone
from inventory.page_forms import Landing, WarehousePage
from inventory.tabs import page_context
from inventory.warehouse_forms import BinForm, BinsForm, TemperatureForm, ZoneForm
from inventory.zones import (
    add_bins,
    add_zone,
    change_bin,
    change_zone,
    is_breach,
    kept_range,
    labels_in,
    report_temperature,
)
from komek.accounts.authority import visible
from komek.records.actor import Actor
from komek.web.context import standing
from komek.web.records import RecordForm

READINGS_SHOWN = 50


@require_GET
@login_required
def zones(request: HttpRequest, code: str) -> HttpResponse:
    """The zones of a warehouse with their bins, and which of them are empty."""
    record = found_warehouse(request, code)
    full = Balance.objects.filter(bin=OuterRef("pk"), quantity__gt=0)
    bins = Bin.objects.filter(warehouse=record).annotate(is_full=Exists(full)).order_by("pick_order", "label")
    by_zone: dict[int, list[Bin]] = {}
    for one in bins:
        by_zone.setdefault(one.zone_id, []).append(one)
    rows = [(zone, by_zone.get(zone.pk, [])) for zone in record.zones.order_by("-is_active", "name")]
    context = {**page_context(record, standing(request), "zones"), "rows": rows}
    return render(request, "inventory/zones.html", context)


class _ZonePage(WarehousePage):
    tab = "zones"
    back = "inventory:zones"

    def zone(self) -> Zone:
        found: Zone = get_object_or_404(
            Zone.objects.select_related("warehouse"), pk=self.kwargs["pk"], warehouse=self.warehouse
        )
        return found


class ZoneAdd(_ZonePage):
    model = Zone
    form_class = ZoneForm
    title = gettext_lazy("Add a zone")

    def save_record(self, form: RecordForm, by: Actor) -> Landing:
        add_zone(by=by, operation=self.operation, warehouse=self.warehouse, **form.cleaned_data)
        return self.landing()


class ZoneChange(_ZonePage):
    model = Zone
    form_class = ZoneForm

    def record(self) -> Zone:
        return self.zone()

    def heading(self) -> Any:
        return _("Zone %(zone)s") % {"zone": self.kept}

    def save_record(self, form: RecordForm, by: Actor) -> Landing:
        change_zone(by=by, operation=self.operation, zone=self.kept, **form.cleaned_data)  # type: ignore[arg-type]
        return self.landing()


class BinsAdd(_ZonePage):
    """Many bins at once: racks are numbered through."""

    model = Bin
    form_class = BinsForm

    def heading(self) -> Any:
        return _("Add bins to %(zone)s") % {"zone": self.zone()}

    def save_record(self, form: RecordForm, by: Actor) -> Landing:
        add_bins(
            by=by, operation=self.operation, zone=self.zone(), labels=labels_in(form.cleaned_data["labels"]),
            pallet_places=form.cleaned_data["pallet_places"],
        )  # fmt: skip
        return self.landing()


class BinChange(_ZonePage):
    model = Bin
    form_class = BinForm

    def record(self) -> Bin:
        rows = Bin.objects.select_related("zone", "warehouse")
        found: Bin = get_object_or_404(rows, pk=self.kwargs["pk"], warehouse=self.warehouse)
        return found

    def heading(self) -> Any:
        return _("Bin %(bin)s") % {"bin": self.kept}

    def save_record(self, form: RecordForm, by: Actor) -> Landing:
        change_bin(by=by, operation=self.operation, bin=self.kept, **form.cleaned_data)  # type: ignore[arg-type]
        return self.landing()


@require_GET
@login_required
def temperatures(request: HttpRequest, code: str) -> HttpResponse:
    """What was read in the warehouse and its cold rooms, newest first, with what broke the cold chain."""
    record = found_warehouse(request, code)
    whose = standing(request)
    rows = visible(TemperatureReading.objects.filter(warehouse=record), whose).select_related("zone", "entered_by")
    page = Paginator(rows.order_by("-occurred_at", "-pk"), READINGS_SHOWN).get_page(request.GET.get("page"))
    shown = []
    for reading in page.object_list:
        reading.warehouse = record
        shown.append((reading, is_breach(reading)))
    newest = {
        zone.pk: TemperatureReading.objects.filter(warehouse=record, zone=zone).order_by("-occurred_at", "-pk").first()
        for zone in record.zones.filter(is_active=True).exclude(warmest_c=None, coldest_c=None)[:20]
    }
    for reading in filter(None, newest.values()):
        reading.warehouse = record
    rooms = [
        (zone, kept_range(record, zone), newest.get(zone.pk), bool(newest.get(zone.pk) and is_breach(newest[zone.pk])))  # type: ignore[arg-type]
        for zone in record.zones.filter(pk__in=newest)
    ]
    context = {**page_context(record, whose, "temperatures"), "rows": shown, "page": page, "rooms": rooms}
    return render(request, "inventory/temperatures.html", context)


class TemperatureAdd(WarehousePage):
    model = TemperatureReading
    form_class = TemperatureForm
    title = gettext_lazy("Enter a temperature")
    tab = "temperatures"
    back = "inventory:temperatures"

    def record(self) -> None:
        self.form_class = partial(TemperatureForm, warehouse=self.warehouse)  # type: ignore[assignment,misc]

    def initial(self) -> dict[str, Any]:
        zone = self.request.GET.get("zone", "")
        return {"zone": int(zone)} if zone.isdigit() else {}

    def save_record(self, form: RecordForm, by: Actor) -> Landing:
        report_temperature(by=by, operation=self.operation, warehouse=self.warehouse, **form.cleaned_data)
        return self.landing()
