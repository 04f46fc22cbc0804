"""Plugs for ``exchange``: organisations, sites, and who does what where (3W), as tables with HXL tags.

Tags follow the HXL core schemas 1.1 (https://hxlstandard.org).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from django.contrib.gis.geos import Point
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.accounts.authority import in_operation
from komek.exchange import cells
from komek.exchange.columns import Column
from komek.exchange.planning import Context, Row
from komek.exchange.resources import ModelResource
from komek.records.models import Approval
from orgs import activities, exchange_directory, exchange_needs, sites
from orgs.exchange_finders import (
    areas_called,
    codes_in,
    organisations_called,
    organisations_called_or_made,
    sectors_called,
    sites_called,
)
from orgs.exchange_making import KIND, compare_soon, save_made
from orgs.filters import ActivityFilter, SiteFilter
from orgs.models import (
    Activity,
    ActivityStatus,
    AffectedGroup,
    Damage,
    Opening,
    Organisation,
    OrganisationKind,
    Site,
    SiteKind,
)
from orgs.models.activities import PEOPLE_GROUPS, SEXES
from orgs.naming import name_key, search_key
from orgs.organisation_filters import OrganisationFilterSet

AREA_TAGS = tuple(f"#adm{level}{form}" for form in ("+code", "") for level in (4, 3, 2, 1)) + ("#loc", "#country")
GROUP_TAGS = {
    "female": "+f", "male": "+m", "girls": "+children+f", "boys": "+children+m", "women": "+adults+f",
    "men": "+adults+m", "older_women": "+elderly+f", "older_men": "+elderly+m",
}  # fmt: skip


def code_column(letter_help: Any) -> Column:
    return Column("code", gettext_lazy("Code"), "#meta+code", help=letter_help, aliases=("Komek code",))


def records_by_code(rows: Sequence[Row], letters: str, model: Any, context: Context) -> dict[int, list[Any]]:
    """Rows that give a code of ours: their record. A mistyped or unknown code is a fault, never another record."""
    given = {row.number: row.texts["code"].strip() for row in rows if row.texts.get("code", "").strip()}
    codes = codes_in(list(given.values()), letters)
    known = {
        row.code: row for row in in_operation(model.objects.all(), context.operation).filter(code__in=codes.values())
    }
    found: dict[int, list[Any]] = {}
    for row in rows:
        text = given.get(row.number)
        if text is None:
            continue
        record = known.get(codes.get(text, ""))
        if record is None:
            row.fault(
                "code",
                _("No record has the code “%(code)s”. Correct it, or leave it empty for a new one.")
                % {"code": text[:20]},
            )
        else:
            found[row.number] = [record]
        row.values.pop("code", None)
    return found


class OrganisationResource(ModelResource):
    key = "orgs.organisation"
    title = gettext_lazy("Organisations")
    model = Organisation
    filterset_class = OrganisationFilterSet
    derived_fields = ("search_key",)
    columns = (
        code_column(gettext_lazy("Leave empty for a new one.")),
        Column("name", gettext_lazy("Name"), "#org+name", cells.text_of(200), required=True, example="Umyt Foundation",
               aliases=("Organisation", "Organization", "Организация", "Gurama", "Tashkilot", "Təşkilat", "Organización")),
        Column("acronym", gettext_lazy("Acronym"), "#org+acronym", cells.text_of(40), example="UF", aliases=("Аббревиатура",)),
        Column("kind", gettext_lazy("Kind"), "#org+type", cells.one_of(dict(OrganisationKind.choices)), example="national_ngo",
               aliases=("Type", "Тип")),
        Column("sectors", gettext_lazy("Sectors"), "#sector+list", find=sectors_called, many=True, example="wash; health",
               value=lambda record: sorted(sector.key for sector in record.sectors.all()) if record.pk else []),
        Column("parent", gettext_lazy("Branch of"), "#org+parent", find=organisations_called,
               value=lambda record: record.parent.code if record.parent else ""),
        Column("is_donor", gettext_lazy("Gives funds or goods"), "#org+donor", cells.yes_or_no),
        Column("is_implementing", gettext_lazy("Works in the field"), "#org+implementing", cells.yes_or_no),
        Column("country", gettext_lazy("Home country"), "#country+code+v_iso2", cells.text_of(2), example="TM"),
        Column("website", gettext_lazy("Website"), "#org+url", cells.text_of(200)),
        Column("about", gettext_lazy("What it does"), "#org+description", cells.text_of(5000)),
        Column("reported_by", gettext_lazy("Reported by"), "#meta+source", cells.text_of(200), aliases=("Source",)),
    )  # fmt: skip

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("parent").prefetch_related("sectors").filter(merged_into=None)

    def candidates(self, rows: Sequence[Row], context: Context) -> dict[int, list[Any]]:
        found = records_by_code(rows, "O", Organisation, context)
        names = {row.number: row.values["name"] for row in rows if row.number not in found and row.values.get("name")}
        called = organisations_called(sorted(set(names.values())), context)
        found.update({number: called[name] for number, name in names.items() if called[name]})
        return found

    def identity_of_new(self, row: Row) -> Hashable | None:
        return name_key(row.values.get("name", "")) or None

    def written(self, context: Context) -> None:
        compare_soon()

    def blank(self, context: Context) -> Any:
        record = super().blank(context)
        from komek.accounts.authority import Action, may

        record.approval = Approval.APPROVED if may(context.standing, Action.APPROVE, Organisation) else Approval.PENDING
        return record

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        record.search_key = search_key([record.name, record.acronym])
        if record.website and not record.website.startswith(("http://", "https://")):
            return {"website": _("A website begins with https:// or http://.")}
        if record.parent is not None and record.parent.pk == record.pk and record.pk:
            return {"parent": _("An organisation cannot be a branch of itself.")}
        return {}


class SiteResource(ModelResource):
    key = "orgs.site"
    title = gettext_lazy("Sites")
    model = Site
    filterset_class = SiteFilter
    location_field = "location"
    derived_fields = ("search_key", "area", "location", "damage_assessed_at", "closed_on")
    columns = (
        code_column(gettext_lazy("Leave empty for a new one.")),
        Column("name", gettext_lazy("Name"), "#loc+name", cells.text_of(200), required=True, example="Camp Tejen 1",
               aliases=("Site", "Объект", "Место")),
        Column("kind", gettext_lazy("Kind"), "#loc+type", cells.one_of(dict(SiteKind.choices)), example="camp", aliases=("Type",)),
        Column("organisation", gettext_lazy("Run by"), "#org+code+v_komek", find=organisations_called, example="Umyt Foundation",
               also_hxl=("#org+name", "#org", "#org+code"),
               value=lambda record: record.organisation.code if record.organisation else "", aliases=("Organisation",)),
        Column("organisation_name", gettext_lazy("Name of the organisation"), "#org+name", read_only=True,
               value=lambda record: record.organisation.name if record.organisation else ""),
        Column("area", gettext_lazy("Area"), "#adm2+code", find=areas_called, example="TM-A",
               value=lambda record: record.area.pcode if record.area else "", help=gettext_lazy("Name or P-code"),
               also_hxl=AREA_TAGS, aliases=("P-code", "PCODE", "District")),
        Column("area_name", gettext_lazy("Name of the area"), "#adm2+name", read_only=True,
               value=lambda record: record.area.name if record.area else ""),
        Column("landmark", gettext_lazy("Address or landmark"), "#loc+address", cells.text_of(300)),
        Column("capacity", gettext_lazy("Capacity"), "#capacity+num", cells.whole_number, example="300"),
        Column("capacity_unit", gettext_lazy("Counted in"), "#capacity+unit", cells.text_of(40), example="people"),
        Column("opening", gettext_lazy("State"), "#status", cells.one_of(dict(Opening.choices)), example="open"),
        Column("damage", gettext_lazy("Damage"), "#impact+damage", cells.one_of(dict(Damage.choices)), example="light"),
        Column("opened_on", gettext_lazy("Opened on"), "#date+start", cells.day),
        Column("closed_on", gettext_lazy("Closed on"), "#date+end", cells.day),
        Column("about", gettext_lazy("Notes"), "#description", cells.text_of(5000)),
        Column("reported_by", gettext_lazy("Reported by"), "#meta+source", cells.text_of(200), aliases=("Source",)),
        Column("longitude", gettext_lazy("longitude"), "#geo+lon", cells.decimal_degrees, example="58.38",
               value=lambda record: repr(record.location.x) if record.location else "", aliases=("lon", "x")),
        Column("latitude", gettext_lazy("latitude"), "#geo+lat", cells.decimal_degrees, example="37.95",
               value=lambda record: repr(record.location.y) if record.location else "", aliases=("lat", "y")),
    )  # fmt: skip

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("organisation", "area").defer("area__geometry")

    def candidates(self, rows: Sequence[Row], context: Context) -> dict[int, list[Any]]:
        found = records_by_code(rows, "CW", self.model, context)
        names = {row.values["name"] for row in rows if row.number not in found and row.values.get("name")}
        named: dict[str, list[Any]] = {}
        seen = in_operation(self.related(self.model._default_manager.all()), context.operation)
        for site in seen.filter(name__in=names):
            named.setdefault(site.name, []).append(site)
        for row in rows:
            same = named.get(row.values.get("name", ""), [])
            runner = row.values.get("organisation")
            narrowed = [site for site in same if runner is not None and site.organisation_id == runner.pk]
            if row.number not in found and same:
                found[row.number] = narrowed or same
                # The same name in another area is perhaps another place: School No 1 is in every town.
                area = row.values.get("area")
                row.is_unsure = area is not None and all(
                    site.area_id not in (None, area.pk) for site in found[row.number]
                )
        return found

    def identity_of_new(self, row: Row) -> Hashable | None:
        values = row.values
        related = tuple(getattr(values.get(name), "pk", None) for name in ("organisation", "area"))
        return (values.get("name"), *related, values.get("longitude"), values.get("latitude"))

    def assemble(self, record: Any, row: Row) -> None:
        longitude, latitude = row.values.get("longitude"), row.values.get("latitude")
        if longitude is not None and latitude is not None and abs(longitude) <= 180 and abs(latitude) <= 90:
            record.location = Point(longitude, latitude, srid=4326)

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        longitude, latitude = row.values.get("longitude"), row.values.get("latitude")
        if (longitude is None) != (latitude is None):
            return {"latitude": _("Longitude and latitude come together: one of them is missing.")}
        if longitude is not None and latitude is not None:
            if abs(latitude) > 90 and abs(longitude) <= 90:
                return {
                    "latitude": _("Latitude cannot be %(value)s. Are latitude and longitude swapped?")
                    % {"value": latitude}
                }
            if abs(latitude) > 90 or abs(longitude) > 180:
                return {
                    "latitude": _(
                        "These numbers are not degrees. Is the table in another projection? WGS 84 is needed."
                    )
                }
            if _lies_swapped(record.location, context):
                return {
                    "latitude": _(
                        "The point lies far from the operation, and the other way round it would not. Are they swapped?"
                    )
                }
        faults = sites.faults_of(record)
        if not faults:
            sites.prepare(record)
        return faults


def _lies_swapped(point: Point, context: Context) -> bool:
    """Whether the point is outside every country in use while the swapped one is inside: a file with swapped columns."""
    from komek.places.models import Area, GenerationState

    boxes = context.made.get("boxes")
    if boxes is None:
        countries = Area.objects.filter(level=0, generation__state=GenerationState.ACTIVE, geometry__isnull=False)
        boxes = {str(area.pk): area.geometry.envelope.buffer(1.5) for area in countries}
        context.made["boxes"] = boxes
    swapped = Point(point.y, point.x, srid=4326)
    return (
        bool(boxes)
        and not any(b.contains(point) for b in boxes.values())
        and any(b.contains(swapped) for b in boxes.values())
    )


def _people_column(measure: str, group: str) -> Column:
    field = Activity._meta.get_field(f"{measure}_{group}")
    return Column(field.name, field.verbose_name, f"#{measure}{GROUP_TAGS[group]}", cells.whole_number)


class ActivityResource(ModelResource):
    key = "orgs.activity"
    title = gettext_lazy("Who does what where (3W)")
    model = Activity
    filterset_class = ActivityFilter
    may_make_missing = True
    derived_fields = (
        "targeted", "reached", "area", "area_as_given", *(f"{m}_{sex}" for m in ("targeted", "reached") for sex in SEXES),
    )  # fmt: skip
    columns = (
        code_column(gettext_lazy("Leave empty for a new one.")),
        Column("external_id", gettext_lazy("Identifier in its source"), "#activity+id", cells.text_of(100),
               aliases=("ID", "Registro", "№", "No")),
        Column("organisation", gettext_lazy("Organisation"), "#org+code+v_komek", find=organisations_called_or_made, required=True,
               also_hxl=("#org+name", "#org", "#org+acronym", "#org+abbr", "#org+impl", "#org+impl+name"),
               value=lambda record: record.organisation.code if record.organisation_id else "", example="Umyt Foundation",
               help=gettext_lazy("Name, acronym or code"), aliases=("Organization", "Организация", "Gurama", "Tashkilot",
               "Təşkilat", "Organización", "Org", "#org")),
        Column("organisation_name", gettext_lazy("Name of the organisation"), "#org+name", read_only=True,
               value=lambda record: record.organisation.name if record.organisation_id else ""),
        Column("sector", gettext_lazy("Sector"), "#sector", find=sectors_called, required=True, example="WASH",
               value=lambda record: record.sector.key if record.sector_id else "",
               aliases=("Cluster", "Sector/Cluster", "Сектор", "Кластер")),
        Column("title", gettext_lazy("Activity"), "#activity", cells.text_of(250), example="Water trucking",
               also_hxl=("#activity+name", "#activity+type", "#subsector", "#sector+sub"),
               aliases=("Subsector", "What", "Деятельность", "Мероприятие")),
        Column("area", gettext_lazy("Area"), "#adm+code", find=areas_called, required=True, keep_unknown="area_as_given",
               also_hxl=AREA_TAGS,
               value=lambda record: record.area.pcode if record.area_id else record.area_as_given, example="TM-A",
               help=gettext_lazy("Name or P-code. A name that is not known is kept as written."),
               aliases=("P-code", "PCODE", "adm1", "adm2", "Region", "District", "Province", "Регион", "Район",
                        "Departamento/Provincia/Estado", "Welaýat", "Viloyat", "Rayon")),
        Column("area_name", gettext_lazy("Name of the area"), "#adm+name", read_only=True,
               value=lambda record: record.area.name if record.area_id else record.area_as_given),
        Column("site", gettext_lazy("Site"), "#loc+code", find=sites_called,
               value=lambda record: record.site.code if record.site else ""),
        Column("site_name", gettext_lazy("Name of the site"), "#loc+name", read_only=True,
               value=lambda record: record.site.name if record.site else ""),
        Column("status", gettext_lazy("Status"), "#status", cells.one_of(dict(ActivityStatus.choices),
               {"in progress": "ongoing", "active": "ongoing", "closed": "completed", "done": "completed"}), example="ongoing"),
        Column("starts_on", gettext_lazy("Starts"), "#date+start", cells.day, example="2026-11-20", aliases=("Start date", "From")),
        Column("ends_on", gettext_lazy("Ends"), "#date+end", cells.day, aliases=("End date", "Until")),
        Column("affected_group", gettext_lazy("For whom"), "#affected+type", cells.one_of(dict(AffectedGroup.choices))),
        Column("funded_by", gettext_lazy("Funded by"), "#org+funding+code+v_komek", find=organisations_called_or_made,
               also_hxl=("#org+funding", "#org+funder", "#org+donor"),
               value=lambda record: record.funded_by.code if record.funded_by else "", aliases=("Donor", "Донор")),
        Column("funded_by_name", gettext_lazy("Name of the funder"), "#org+funding+name", read_only=True,
               value=lambda record: record.funded_by.name if record.funded_by else ""),
        Column("targeted", gettext_lazy("People targeted"), "#targeted", cells.whole_number, example="400"),
        Column("reached", gettext_lazy("People reached"), "#reached", cells.whole_number, example="120"),
        *(_people_column(measure, group) for measure in ("targeted", "reached") for group in (*SEXES, *PEOPLE_GROUPS)),
        Column("description", gettext_lazy("Description"), "#description", cells.text_of(5000)),
        Column("occurred_at", gettext_lazy("Reported on"), "#date+reported", cells.moment, aliases=("Date", "¿Cuándo?", "When")),
        Column("reported_by", gettext_lazy("Reported by"), "#meta+source", cells.text_of(200), aliases=("Source",)),
    )  # fmt: skip

    def related(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.select_related("organisation", "funded_by", "sector", "area", "site").defer("area__geometry")

    def candidates(self, rows: Sequence[Row], context: Context) -> dict[int, list[Any]]:
        """By code, else by the source's identifier and organisation, else by the line itself."""
        found = records_by_code(rows, "A", Activity, context)
        rest = [row for row in rows if row.number not in found]
        doers = {row.values["organisation"].pk for row in rest if getattr(row.values.get("organisation"), "pk", None)}
        seen = self.related(in_operation(Activity.objects.all(), context.operation)).filter(organisation_id__in=doers)
        known_ids = {row.values["external_id"] for row in rest if row.values.get("external_id")}
        titles = {_title(row) for row in rest}
        by_id: dict[tuple[Any, ...], list[Any]] = {}
        for record in seen.filter(external_id__in=known_ids) if known_ids else ():
            by_id.setdefault((record.organisation_id, record.external_id), []).append(record)
        by_line: dict[tuple[Any, ...], list[Any]] = {}
        for record in seen.filter(title__in=titles) if doers else ():
            by_line.setdefault(_line(record), []).append(record)
        for row in rest:
            organisation = row.values.get("organisation")
            if organisation is None or organisation.pk is None:
                continue
            if row.values.get("external_id"):
                records = by_id.get((organisation.pk, row.values["external_id"]), [])
            else:
                records = by_line.get(_line_of_row(row), [])
            if records:
                found[row.number] = records
        return found

    def identity_of_new(self, row: Row) -> Hashable | None:
        """By the source's identifier; else only a line that says the very same: two lines of one work may differ in people."""
        if row.values.get("external_id"):
            return (name_key(row.texts.get("organisation", "")), row.values["external_id"])
        return tuple(sorted(row.texts.items()))

    def check(self, record: Any, row: Row, context: Context) -> dict[str, Any]:
        if not record.title:
            record.title = _title(row)
        if "area" in row.values:
            record.area_as_given = ""
        elif "area_as_given" in row.values and record.area is not None:
            record.area = None
        return activities.faults_of(record)

    def written(self, context: Context) -> None:
        if context.made.get(KIND):
            compare_soon()

    def before_writing(self, rows: Sequence[Row], context: Context) -> None:
        save_made(rows, context, ("organisation", "funded_by"))


def _title(row: Row) -> str:
    """What is done; a table that names only the sector gives the sector."""
    return str(row.values.get("title") or row.texts.get("sector", ""))[:250]


def _line(record: Any) -> tuple[Any, ...]:
    return (
        record.organisation_id, record.sector_id, record.area_id, record.area_as_given, record.title, record.starts_on,
    )  # fmt: skip


def _line_of_row(row: Row) -> tuple[Any, ...]:
    values = row.values
    return (
        values["organisation"].pk, getattr(values.get("sector"), "pk", None), getattr(values.get("area"), "pk", None),
        values.get("area_as_given", ""), _title(row), values.get("starts_on"),
    )  # fmt: skip


PLUGS = [OrganisationResource(), SiteResource(), ActivityResource(), *exchange_directory.PLUGS, *exchange_needs.PLUGS]
