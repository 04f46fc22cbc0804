"""All hospitals at a glance: their state, their free beds, and how old that is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters as filters
from django.db.models import Exists, IntegerField, OuterRef, QuerySet, Subquery, Sum
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from camps.hospital_pages import status_badge
from camps.models import BedCount, Camp, CampType, HaveImport, HospitalReport, ServiceStatus
from komek.accounts.authority import Action, may
from komek.web.lists import Column, ListPage
from komek.web.templatetags.komek import ago
from orgs.filters import AreaFilter, OrganisationFilter, matching_text
from orgs.models import Opening

SHOWN = ("overall", "emergency", "staffing", "power", "water", "oxygen")


def _newest() -> QuerySet[HospitalReport]:
    return HospitalReport.objects.filter(camp=OuterRef("pk")).order_by("-occurred_at", "-pk")


def with_state(camps: QuerySet[Camp]) -> QuerySet[Camp]:
    """Adds the newest report's states and moment, and beds and beds_free of the newest report that counted beds."""
    states = {f"last_{name}": Subquery(_newest().values(name)[:1]) for name in SHOWN}
    counted = _newest().filter(Exists(BedCount.objects.filter(report=OuterRef("pk")))).values("pk")[:1]
    found = camps.annotate(
        last_at=Subquery(_newest().values("occurred_at")[:1]), counted_by=Subquery(counted), **states
    )
    rows = BedCount.objects.filter(report=OuterRef("counted_by")).order_by().values("report")
    return found.annotate(
        beds=Subquery(rows.annotate(n=Sum("total")).values("n"), output_field=IntegerField()),
        beds_free=Subquery(rows.annotate(n=Sum("available")).values("n"), output_field=IntegerField()),
    )


class HospitalFilter(filters.FilterSet):
    text = filters.CharFilter(label=_("Name or code"), method="by_text")
    overall = filters.MultipleChoiceFilter(
        label=_("As a whole"), field_name="last_overall", choices=ServiceStatus.choices
    )
    opening = filters.MultipleChoiceFilter(label=_("State"), choices=Opening.choices)
    organisation = OrganisationFilter(label=_("Run by"), help_text=_("Name or code"))
    area = AreaFilter(label=_("Area"), path="area_id", help_text=_("P-code"))
    has_free_beds = filters.BooleanFilter(label=_("Has free beds"), method="by_free_beds")

    class Meta:
        model = Camp
        fields = ("text", "overall", "opening", "organisation", "area", "has_free_beds")

    def by_text(self, queryset: QuerySet[Camp], name: str, value: str) -> QuerySet[Camp]:
        return matching_text(queryset, value)

    def by_free_beds(self, queryset: QuerySet[Camp], name: str, value: bool) -> QuerySet[Camp]:
        return queryset.filter(beds_free__gt=0) if value else queryset.filter(beds_free=0)


def _state(name: str) -> Callable[[Any], SafeString | str]:
    def cell(camp: Any) -> SafeString | str:
        status = getattr(camp, f"last_{name}")
        return status_badge(status) if status else ""

    return cell


def _state_text(name: str) -> Callable[[Any], str]:
    def value(camp: Any) -> str:
        status = getattr(camp, f"last_{name}")
        return str(ServiceStatus(status).label) if status else ""

    return value


def _name(camp: Camp) -> SafeString:
    report = HospitalReport(camp=camp)
    return format_html('<a href="{}">{}</a>', report.get_absolute_url(), camp)


def _state_column(name: str, title: Any, default: bool = True) -> Column:
    return Column(name, title, _state_text(name), sort=(f"last_{name}",), cell=_state(name), default=default)


class HospitalList(ListPage):
    key = "camps.hospital"
    model = Camp
    title = _("Hospitals")
    filterset_class = HospitalFilter
    default_sort = "name"
    template_name = "camps/hospital_list.html"
    empty_text = _(
        "A hospital is a site of that kind. Add it under camps and hospitals, then report its beds and its state."
    )
    columns = (
        Column("name", _("Name"), "name", sort=("name",), cell=_name),
        Column("code", _("Code"), "code", sort=("code",), nowrap=True),
        _state_column("overall", _("As a whole")),
        Column("beds_free", _("Free beds"), "beds_free", sort=("beds_free",), numeric=True),
        Column("beds", _("Beds"), "beds", sort=("beds",), numeric=True),
        _state_column("emergency", _("Emergency department"), default=False),
        _state_column("staffing", _("Staff"), default=False),
        _state_column("power", _("Power")),
        _state_column("water", _("Water")),
        _state_column("oxygen", _("Oxygen")),
        Column("last_at", _("As seen"), "last_at", sort=("last_at",), cell=lambda camp: ago(camp.last_at), nowrap=True),
        Column("area", _("Area"), lambda camp: str(camp.area or ""), sort=("area__name",)),
        Column("organisation", _("Run by"), "organisation.name", sort=("organisation__name",), default=False),
        Column("opening", _("State"), "opening", sort=("opening",), default=False),
    )

    def queryset(self) -> QuerySet[Camp]:
        rows = Camp.objects.filter(camp_type=CampType.HOSPITAL).select_related("organisation", "area")
        return with_state(rows.defer("area__geometry", "about", "search_key", "perimeter"))

    def extra_context(self) -> dict[str, Any]:
        return {"may_import": may(self.standing, Action.ADD, HaveImport)}
