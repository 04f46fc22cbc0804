"""Warehouses as a table: what a site says, and what they hold at most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy

from inventory.filters import WarehouseFilter
from inventory.models import LorryAccess, Warehouse
from inventory.warehouses import prepare
from komek.accounts.authority import in_operation
from komek.exchange import cells
from komek.exchange.columns import Column
from komek.exchange.planning import Context, Row
from komek.supplies.models import plain
from orgs.exchange import SiteResource
from orgs.exchange_finders import found_by_code_or_name
from orgs.exchange_kinds import KindOfSiteResource
from orgs.models import Site, SiteKind
from orgs.refusals import Refused

DEGREES = cells.exact_number(digits=3, places=1, lowest=None)


def warehouses_called(texts: Sequence[str], context: Context) -> dict[str, list[Warehouse]]:
    """Warehouses by code, else by exact name. Two queries at most."""
    seen = in_operation(Warehouse.objects.select_related("organisation"), context.operation)
    return found_by_code_or_name(seen, texts)


def warehouse_column() -> Column:
    return Column(
        "warehouse", gettext_lazy("Warehouse"), "#loc+warehouse+code", find=warehouses_called, required=True, example="W1149",
        value=lambda record: record.warehouse.code if record.warehouse_id else "", help=gettext_lazy("Code or name"),
        aliases=("Store", "Склад", "Ammar", "Ombor", "Anbar"), also_hxl=("#loc+code", "#loc+name", "#loc"),
    )  # fmt: skip


def _degrees(name: str) -> Any:
    return lambda record: plain(getattr(record, name)) if getattr(record, name) is not None else ""


class WarehouseResource(KindOfSiteResource):
    """A site of the register that is named here becomes a warehouse, under its own code."""

    key = "inventory.warehouse"
    title = gettext_lazy("Warehouses")
    model = Warehouse
    filterset_class = WarehouseFilter
    columns = (
        *(column for column in SiteResource.columns if column.name not in ("kind", "capacity", "capacity_unit")),
        Column("floor_area_m2", gettext_lazy("Floor area, m²"), "#capacity+area+m2", cells.whole_number),
        Column("volume_m3", gettext_lazy("Room for goods, m³"), "#capacity+volume+m3", cells.whole_number),
        Column("pallet_places", gettext_lazy("Pallet places"), "#capacity+pallets", cells.whole_number),
        Column("coldest_c", gettext_lazy("Kept above, °C"), "#capacity+temperature+min", DEGREES, _degrees("coldest_c")),
        Column("warmest_c", gettext_lazy("Kept below, °C"), "#capacity+temperature+max", DEGREES, _degrees("warmest_c")),
        Column("lorry_access", gettext_lazy("Access for lorries"), "#access", cells.one_of(dict(LorryAccess.choices)),
               example="t20"),
        Column("lorry_note", gettext_lazy("About getting there"), "#access+description", cells.text_of(300)),
        Column("has_loading_dock", gettext_lazy("Loading dock"), "#capacity+dock", cells.yes_or_no),
        Column("has_forklift", gettext_lazy("Forklift"), "#capacity+forklift", cells.yes_or_no),
        Column("silent_after_days", gettext_lazy("Counts as silent after, days"), "#loc+silent+days", cells.whole_number),
    )  # fmt: skip

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        faults = super().check(record, row, context)
        if faults:
            return faults
        if record._state.adding and not Site.objects.filter(pk=record.site_ptr_id).exists():
            record.kind = SiteKind.WAREHOUSE
        try:
            prepare(record)
        except Refused as refusal:
            return dict(refusal.message_dict)
        return {}
