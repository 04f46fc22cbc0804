"""Hazard types as a table. The room itself is a floor below and cannot import this one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy

from komek.accounts.authority import standing_of
from komek.exchange import cells
from komek.exchange.columns import Column
from komek.exchange.keyed import KeyedTable, assemble_names, empty_name, name_columns
from komek.exchange.planning import Context, Row
from komek.operations.hazards import NAME_LENGTH, hazard_faults
from komek.operations.models import HazardType


class HazardTypeTable(KeyedTable):
    """Changed by administrators of the installation only, wherever they work at the moment."""

    key = "operations.hazardtype"
    title = gettext_lazy("Hazard types")
    model = HazardType
    key_fields = ("key",)
    derived_fields = ("names",)
    columns = (
        Column("key", gettext_lazy("Key"), "#crisis+type+code", cells.text_of(40), required=True, example="flash_flood",
               help=gettext_lazy("Names it in files and programs for good.")),
        Column("name", gettext_lazy("Name"), "#crisis+type+name", cells.text_of(NAME_LENGTH), required=True,
               example="Flash flood"),
        *name_columns("#crisis+type+name", longest=NAME_LENGTH),
        Column("glide_code", gettext_lazy("GLIDE letters"), "#crisis+type+glide", cells.text_of(2), example="FF"),
        Column("is_active", gettext_lazy("In use"), "#crisis+type+status", cells.yes_or_no),
    )  # fmt: skip

    def plan(self, rows: Sequence[Row], context: Context) -> None:
        super().plan(rows, replace(context, standing=standing_of(context.by.user, None)))

    def assemble(self, record: Any, row: Row) -> None:
        assemble_names(record, row.values)

    def empty(self, record: Any, name: str) -> None:
        if not empty_name(record, name):
            super().empty(record, name)

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        return hazard_faults(record)

    def describe(self, record: Any) -> str:
        return f"{record} ({record.key})"


PLUGS = (HazardTypeTable(),)
