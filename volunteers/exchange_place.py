"""The columns that say where: the same in tables of pledges and of volunteers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from komek.exchange import cells
from komek.exchange.columns import Column
from orgs.exchange import AREA_TAGS
from orgs.exchange_finders import areas_called

WHERE = (
    Column("landmark", gettext_lazy("Address or landmark"), "#loc+address", cells.text_of(300)),
    Column("area", gettext_lazy("Area"), "#adm+code", find=areas_called, also_hxl=AREA_TAGS,
           value=lambda record: record.area.pcode if record.area_id else "", help=gettext_lazy("Name or P-code")),
    Column("longitude", gettext_lazy("longitude"), "#geo+lon", cells.decimal_degrees, aliases=("lon", "x"),
           value=lambda record: repr(record.location.x) if record.location else ""),
    Column("latitude", gettext_lazy("latitude"), "#geo+lat", cells.decimal_degrees, aliases=("lat", "y"),
           value=lambda record: repr(record.location.y) if record.location else ""),
)  # fmt: skip
