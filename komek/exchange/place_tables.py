"""Areas in use and the gazetteer as tables, to take out only: boundaries come in as editions, with a check of their own.

The room itself is a floor below and cannot import this one.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from komek.exchange.columns import Column
from komek.exchange.keyed import name_columns
from komek.exchange.resources import ModelResource
from komek.extensions import Viewer
from komek.places.finding import areas_in_use
from komek.places.models import Area, Settlement

GAZETTEER = "GeoNames, https://www.geonames.org (CC BY 4.0)"


def _axis(field: str, axis: str) -> Any:
    def read(record: Any) -> str:
        point = getattr(record, field)
        return repr(getattr(point, axis)) if point else ""

    return read


def _where(field: str) -> tuple[Column, Column]:
    return (
        Column("longitude", gettext_lazy("longitude"), "#geo+lon", value=_axis(field, "x"), read_only=True),
        Column("latitude", gettext_lazy("latitude"), "#geo+lat", value=_axis(field, "y"), read_only=True),
    )


class AreaTable(ModelResource):
    """Areas of the editions in use; an exercise's invented ones only there. GeoJSON has their boundaries."""

    key = "places.area"
    title = gettext_lazy("Areas")
    model = Area
    takes_files = False
    location_field = "centre"
    shape_field = "geometry"
    columns = (
        Column("pcode", gettext_lazy("P-code"), "#adm+code", read_only=True),
        Column("level", gettext_lazy("Level"), "#adm+level", read_only=True),
        Column("kind", gettext_lazy("Kind"), "#adm+type", read_only=True),
        Column("name", gettext_lazy("Name"), "#adm+name", read_only=True),
        *name_columns("#adm+name", longest=150),
        Column(
            "parent",
            gettext_lazy("Part of"),
            "#adm+code+parent",
            value=lambda area: area.parent.pcode if area.parent else "",
            read_only=True,
        ),
        *_where("centre"),
        Column(
            "edition",
            gettext_lazy("Edition"),
            "#meta+edition",
            value=lambda area: str(area.generation),
            read_only=True,
        ),
        Column(
            "source",
            gettext_lazy("Source and licence"),
            "#meta+source",
            value=lambda area: area.generation.source,
            read_only=True,
        ),
    )

    def export_queryset(self, viewer: Viewer) -> QuerySet[Any]:
        rows = areas_in_use(viewer.operation).select_related("parent", "generation")
        return rows.defer("parent__geometry").order_by("generation__country", "level", "name", "pk")


class SettlementTable(ModelResource):
    """Towns and villages of the gazetteer, with the area in use that each lies in."""

    key = "places.settlement"
    title = gettext_lazy("Settlements")
    model = Settlement
    takes_files = False
    location_field = "location"
    columns = (
        Column("name", gettext_lazy("Name"), "#loc+name", read_only=True),
        Column("country", gettext_lazy("Country"), "#country+code", read_only=True),
        Column(
            "area",
            gettext_lazy("P-code of its area"),
            "#adm+code",
            value=lambda settlement: settlement.area.pcode if settlement.area else "",
            read_only=True,
        ),
        Column(
            "area_name",
            gettext_lazy("Area"),
            "#adm+name",
            value=lambda settlement: settlement.area.name if settlement.area else "",
            read_only=True,
        ),
        Column(
            "population",
            gettext_lazy("Population"),
            "#population",
            value=lambda settlement: settlement.population or "",
            read_only=True,
        ),
        *_where("location"),
        Column("geonames_id", gettext_lazy("GeoNames id"), "#loc+code+geonames", read_only=True),
        Column(
            "source",
            gettext_lazy("Source and licence"),
            "#meta+source",
            value=lambda settlement: GAZETTEER if settlement.geonames_id else "",
            read_only=True,
        ),
    )

    def export_queryset(self, viewer: Viewer) -> QuerySet[Any]:
        rows = Settlement.objects.select_related("area").defer("area__geometry", "area__centre")
        return rows.order_by("country", "name", "pk")


PLUGS = (AreaTable(), SettlementTable())
