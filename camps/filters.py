"""Filters of sites with people and of headcounts, shared by the pages and the API."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from camps.models import (
    Access,
    Camp,
    CampType,
    Headcount,
    HeadcountStanding,
    HospitalReport,
    Method,
    RegistrationLevel,
    ServiceStatus,
    SyndromeCount,
)
from camps.overview import silent, with_people
from orgs.filters import AreaFilter, OrganisationFilter, matching_text
from orgs.models import Opening


class CampFilter(filters.FilterSet):
    text = filters.CharFilter(label=_("Name or code"), method="by_text")
    camp_type = filters.MultipleChoiceFilter(label=_("Kind of site"), choices=CampType.choices)
    opening = filters.MultipleChoiceFilter(label=_("State"), choices=Opening.choices)
    organisation = OrganisationFilter(label=_("Run by"), help_text=_("Name or code"))
    area = AreaFilter(label=_("Area"), path="area_id", help_text=_("P-code"))
    access = filters.MultipleChoiceFilter(label=_("Access by road"), choices=Access.choices)
    registration = filters.MultipleChoiceFilter(label=_("Registers"), choices=RegistrationLevel.choices)
    is_silent = filters.BooleanFilter(label=_("Silent: nothing heard for too long"), method="by_silence")
    is_crowded = filters.BooleanFilter(label=_("More people than places"), method="by_crowding")
    has_headcount = filters.BooleanFilter(label=_("Has a headcount"), method="by_headcount")
    updated_since = filters.IsoDateTimeFilter(label=_("Changed since"), field_name="updated_at", lookup_expr="gt")

    class Meta:
        model = Camp
        fields = ("text", "camp_type", "opening", "organisation", "area", "access", "registration")

    def by_text(self, queryset: QuerySet[Camp], name: str, value: str) -> QuerySet[Camp]:
        return matching_text(queryset, value)

    def by_silence(self, queryset: QuerySet[Camp], name: str, value: bool) -> QuerySet[Camp]:
        return silent(queryset, value)

    def by_crowding(self, queryset: QuerySet[Camp], name: str, value: bool) -> QuerySet[Camp]:
        crowded = Q(occupancy__gt=100)
        rows = queryset if "occupancy" in queryset.query.annotations else with_people(queryset)
        return rows.filter(crowded) if value else rows.filter(Q(occupancy__lte=100) | Q(occupancy=None))

    def by_headcount(self, queryset: QuerySet[Camp], name: str, value: bool) -> QuerySet[Camp]:
        rows = queryset if "people_now" in queryset.query.annotations else with_people(queryset)
        return rows.filter(people_now__isnull=not value)


class HeadcountFilter(filters.FilterSet):
    camp = filters.CharFilter(label=_("Site"), field_name="camp__code", lookup_expr="iexact")
    standing = filters.MultipleChoiceFilter(label=_("Standing"), choices=HeadcountStanding.choices)
    method = filters.MultipleChoiceFilter(label=_("How it was counted"), choices=Method.choices)
    since = filters.IsoDateTimeFilter(label=_("Counted since"), field_name="occurred_at", lookup_expr="gte")
    until = filters.IsoDateTimeFilter(label=_("Counted until"), field_name="occurred_at", lookup_expr="lt")
    updated_since = filters.IsoDateTimeFilter(label=_("Changed since"), field_name="updated_at", lookup_expr="gt")

    class Meta:
        model = Headcount
        fields: Any = ("camp", "standing", "method")


class HospitalReportFilter(filters.FilterSet):
    camp = filters.CharFilter(label=_("Hospital"), field_name="camp__code", lookup_expr="iexact")
    overall = filters.MultipleChoiceFilter(label=_("Overall"), choices=ServiceStatus.choices)
    since = filters.IsoDateTimeFilter(label=_("Seen since"), field_name="occurred_at", lookup_expr="gte")
    until = filters.IsoDateTimeFilter(label=_("Seen until"), field_name="occurred_at", lookup_expr="lt")
    is_latest = filters.BooleanFilter(label=_("The latest of its hospital"), method="by_latest")
    updated_since = filters.IsoDateTimeFilter(label=_("Changed since"), field_name="updated_at", lookup_expr="gt")

    class Meta:
        model = HospitalReport
        fields: Any = ("camp", "overall")

    def by_latest(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        latest = (
            HospitalReport.objects.order_by("camp_id", "-occurred_at", "-pk")
            .distinct("camp_id")
            .values_list("pk", flat=True)
        )
        return queryset.filter(pk__in=latest) if value else queryset.exclude(pk__in=latest)


class SyndromeCountFilter(filters.FilterSet):
    camp = filters.CharFilter(label=_("Site"), field_name="camp__code", lookup_expr="iexact")
    syndrome = filters.CharFilter(label=_("Syndrome"), field_name="syndrome__key")
    day = filters.DateFilter(label=_("Day"))
    since = filters.DateFilter(label=_("From this day"), field_name="day", lookup_expr="gte")
    until = filters.DateFilter(label=_("Until before this day"), field_name="day", lookup_expr="lt")
    updated_since = filters.IsoDateTimeFilter(label=_("Changed since"), field_name="updated_at", lookup_expr="gt")

    class Meta:
        model = SyndromeCount
        fields: Any = ("camp", "syndrome", "day")
