"""Sites with people and their headcounts as tables with HXL tags."""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.geos import MultiPolygon
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from camps import headcounts, sites
from camps.fields import parse_perimeter
from camps.filters import CampFilter, HeadcountFilter
from camps.models import (
    NEEDS,
    Access,
    Camp,
    CampState,
    CampType,
    Headcount,
    HeadcountStanding,
    Method,
    RegistrationLevel,
    breakdown_fields,
)
from komek.accounts.authority import in_operation
from komek.exchange import cells
from komek.exchange.columns import Column, Finder
from komek.exchange.planning import Context, Outcome, Row
from komek.exchange.resources import ModelResource
from komek.operations.models import HazardType
from orgs.exchange import SiteResource
from orgs.exchange_finders import found_by_code_or_name, organisations_called
from orgs.exchange_kinds import KindOfSiteResource

AGE_TAGS = {"0_4": "+infants", "5_11": "+children", "12_17": "+adolescents", "18_59": "+adults", "60": "+elderly"}
NEED_TAGS = {
    "disability": "#affected+disabled", "pregnant": "#affected+f+pregnant",
    "unaccompanied_children": "#affected+children+unaccompanied",
    "older_alone": "#affected+elderly+alone", "chronically_ill": "#affected+ill+chronic",
}  # fmt: skip


def perimeter_of(text: str) -> MultiPolygon:
    """A cell's perimeter. Raises ValueError with the sentence that the form would show."""
    try:
        return parse_perimeter(text)
    except ValidationError as fault:
        raise ValueError(" ".join(fault.messages)) from fault


def shape_text(record: Any) -> str:
    """The perimeter as GeoJSON text; with seven decimals, a centimetre."""
    if record.perimeter is None:
        return ""
    shape = json.loads(record.perimeter.json)
    return json.dumps({"type": shape["type"], "coordinates": _rounded(shape["coordinates"])}, separators=(",", ":"))


def _rounded(coordinates: Any) -> Any:
    if isinstance(coordinates, list):
        return [_rounded(part) for part in coordinates]
    return round(coordinates, 7)


def supporting_codes(record: Any) -> list[str]:
    return sorted(organisation.code for organisation in record.supporting.all())


def hazards_called(texts: Sequence[str], context: Context) -> dict[str, list[HazardType]]:
    """Hazard types by key or by their English name."""
    known: dict[str, HazardType] = {}
    for hazard in HazardType.objects.all():
        known[hazard.key.casefold()] = known[hazard.name.casefold()] = hazard
    return {text: [known[text.casefold()]] if text.casefold() in known else [] for text in texts}


class CampResource(KindOfSiteResource):
    """Sites with people. A site of the register that is named here becomes one of them, under its own code."""

    key = "camps.camp"
    title = gettext_lazy("Camps, hospitals and other sites with people")
    model = Camp
    filterset_class = CampFilter
    derived_fields = (*SiteResource.derived_fields, "kind", "capacity_unit")
    columns = (
        *(column for column in SiteResource.columns if column.name not in ("kind", "capacity_unit")),
        Column("camp_type", gettext_lazy("Kind of site"), "#loc+type", cells.one_of(dict(CampType.choices)), example="planned",
               aliases=("Kind", "Type", "Site type", "Тип")),
        Column("supporting", gettext_lazy("Supported by"), "#org+supporting+code+v_komek", find=organisations_called, many=True,
               also_hxl=("#org+supporting+list", "#org+supporting"), help=gettext_lazy("Names or codes, with “;” between them"),
               aliases=("Supporting organisations",), value=lambda record: supporting_codes(record) if record.pk else []),
        Column("access", gettext_lazy("Access by road"), "#access", cells.one_of(dict(Access.choices)), example="any"),
        Column("registration", gettext_lazy("Registers"), "#loc+registration", cells.one_of(dict(RegistrationLevel.choices)),
               example="households"),
        Column("site_area_m2", gettext_lazy("Site area, m²"), "#capacity+area+m2", cells.whole_number),
        Column("perimeter", gettext_lazy("Perimeter"), "#geo+bounds", perimeter_of, aliases=("shape",), value=shape_text,
               help=gettext_lazy("GeoJSON, or one “latitude, longitude” a line. Outlines of a map file come in by themselves.")),
        Column("hazards", gettext_lazy("Hazards nearby"), "#event+type+list", find=hazards_called, many=True,
               example="flood; landslide",
               value=lambda record: sorted(hazard.key for hazard in record.hazards.all()) if record.pk else []),
        Column("hazards_note", gettext_lazy("About the hazards"), "#event+description", cells.text_of(300)),
        Column("silent_after_days", gettext_lazy("Counts as silent after, days"), "#loc+silent+days", cells.whole_number),
    )  # fmt: skip

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return super().related(queryset).prefetch_related("hazards", "supporting")

    def assemble(self, record: Any, row: Row) -> None:
        """A file of outlines has no points: the point is then one within the outline."""
        super().assemble(record, row)
        if record.location is None and record.perimeter is not None and record.perimeter.valid:
            record.location = record.perimeter.point_on_surface

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        faults = super().check(record, row, context)
        if not faults:
            record.kind = CampType(record.camp_type).site_kind
            record.capacity_unit = record.capacity_unit or "people"
            faults = sites.perimeter_faults(record)
        return faults

    def after_saving(self, records: Sequence[Any]) -> None:
        """Their state is the first in its history."""
        CampState.objects.bulk_create(
            CampState(
                camp=camp, operation=camp.operation, state=camp.opening, occurred_at=timezone.now(),
                entered_by=camp.entered_by, channel=camp.channel,
            )
            for camp in records
        )  # fmt: skip


def camps_called(texts: Sequence[str], context: Context) -> dict[str, list[Camp]]:
    """Camps by code, else by exact name."""
    # Rows take their operation from their site: without the join that is a query for each.
    seen = in_operation(Camp.objects.select_related("operation").defer("perimeter"), context.operation)
    return found_by_code_or_name(seen, texts)


def camp_columns(find: Finder) -> tuple[Column, Column]:
    """The site a row is about, by code or name, and for whoever reads the table its name."""
    return (
        Column("camp", gettext_lazy("Site"), "#loc+code", find=find, required=True, example="C1143",
               value=lambda record: record.camp.code if record.camp_id else "", help=gettext_lazy("Code or name"),
               aliases=("Camp", "Site code", "Лагерь"), also_hxl=("#loc+name", "#loc")),
        Column("camp_name", gettext_lazy("Name of the site"), "#loc+name", read_only=True,
               value=lambda record: record.camp.name if record.camp_id else ""),
    )  # fmt: skip


def _number(name: str, tag: str) -> Column:
    return Column(name, Headcount._meta.get_field(name).verbose_name, tag, cells.whole_number)


class HeadcountResource(ModelResource):
    """Headcounts. A row that says the same as one already there changes nothing; any other is added, never written over."""

    key = "camps.headcount"
    title = gettext_lazy("Headcounts of sites")
    model = Headcount
    filterset_class = HeadcountFilter
    columns = (
        *camp_columns(camps_called),
        Column("occurred_at", gettext_lazy("When it was counted"), "#date+occurred", cells.moment, required=True,
               example="2026-11-23", aliases=("Date", "Дата", "Sene"), also_hxl=("#date",)),
        Column("people", gettext_lazy("People"), "#affected", cells.whole_number, required=True, example="412",
               aliases=("Individuals", "Persons", "Население", "Людей"), also_hxl=("#affected+ind", "#population")),
        Column("households", gettext_lazy("Households"), "#affected+hh", cells.whole_number, aliases=("HH", "Families")),
        _number("female", "#affected+f"),
        _number("male", "#affected+m"),
        *(_number(name, f"#affected+{name[0]}{AGE_TAGS[name.split('_', 1)[1]]}") for name in breakdown_fields()),
        *(_number(name, NEED_TAGS[name]) for name in NEEDS),
        Column("method", gettext_lazy("How it was counted"), "#meta+method", cells.one_of(dict(Method.choices)), example="count"),
        Column("source", gettext_lazy("Source"), "#meta+source", cells.text_of(200)),
        Column("reported_by", gettext_lazy("Reported by"), "#contact+name", cells.text_of(200)),
        Column("note", gettext_lazy("Note"), "#description", cells.text_of(300)),
        Column("standing", gettext_lazy("Standing"), "#status", read_only=True,
               value=lambda record: str(record.get_standing_display())),
    )  # fmt: skip

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("camp").defer("camp__perimeter")

    def candidates(self, rows: Sequence[Row], context: Context) -> dict[int, list[Any]]:
        """The headcount a row repeats: same site, same minute, same figures."""
        camps = {row.values["camp"].pk for row in rows}
        moments = [row.values["occurred_at"] for row in rows]
        if not moments:
            return {}
        known: dict[Any, list[Any]] = {}
        counted = self.related(Headcount.objects.filter(camp__in=camps)).filter(
            occurred_at__gte=min(moments) - timedelta(minutes=1), occurred_at__lte=max(moments) + timedelta(minutes=1),
            standing__in=(HeadcountStanding.ACCEPTED, HeadcountStanding.QUESTIONED),
        )  # fmt: skip
        for count in counted:
            known.setdefault((count.camp_id, minute_of(count.occurred_at)), []).append(count)
        found = {}
        for row in rows:
            there = known.get((row.values["camp"].pk, minute_of(row.values["occurred_at"])), [])
            same = [count for count in there if _says_the_same(count, row)]
            if same:
                row.values["occurred_at"] = same[0].occurred_at
                found[row.number] = same[:1]
        return found

    def identity_of_new(self, row: Row) -> Hashable | None:
        """The same count twice in one file is one; with any other figure it is another."""
        figures = {name: value for name, value in row.values.items() if name not in ("camp", "occurred_at")}
        return (row.values["camp"].pk, minute_of(row.values["occurred_at"]), *sorted(figures.items()))

    def blank(self, context: Context) -> Any:
        record = Headcount()
        record.stamp(context.by)
        return record

    def assemble(self, record: Any, row: Row) -> None:
        record.operation = record.camp.operation

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        headcounts.fill(record)
        faults = headcounts.faults_of(record)
        if not faults:
            question = self._question(record, context)
            if question:
                record.standing = HeadcountStanding.QUESTIONED
                row.notes.append(question + " " + _("It is kept, and counts once somebody confirms it."))
        return faults

    def _question(self, record: Headcount, context: Context) -> str:
        """Compared with what is known and with the rows before it in this file, without a query for each row."""
        runs = context.made.setdefault("headcount runs", {})
        key = str(record.camp_id)
        if key not in runs:
            accepted = Headcount.objects.filter(camp=record.camp, standing=HeadcountStanding.ACCEPTED)
            runs[key] = sorted(accepted.values_list("occurred_at", "people"))
        before = [people for at, people in runs[key] if at <= record.occurred_at]
        after = [people for at, people in runs[key] if at > record.occurred_at]
        neighbour = before[-1] if before else (after[0] if after else None)
        if neighbour is not None and headcounts.is_jump(neighbour, record.people):
            return _("%(people)d people is far from the %(before)d counted next to it.") % {
                "people": record.people, "before": neighbour,
            }  # fmt: skip
        runs[key] = sorted([*runs[key], (record.occurred_at, record.people)])
        return ""

    def write(self, rows: Sequence[Row], context: Context) -> None:
        super().write(rows, context)
        camps = {row.record.camp_id for row in rows if row.outcome == Outcome.CREATE}
        Camp.objects.filter(pk__in=camps).update(confirmed_at=timezone.now())


def minute_of(at: datetime) -> datetime:
    """The minute of a moment: files do not keep its seconds."""
    return at.replace(second=0, microsecond=0)


def _says_the_same(count: Headcount, row: Row) -> bool:
    """Whether every figure the row gives is the headcount's."""
    given = {name: value for name, value in row.values.items() if name not in ("camp", "occurred_at")}
    return all(getattr(count, name) == value for name, value in given.items())


PLUGS = [CampResource(), HeadcountResource()]
