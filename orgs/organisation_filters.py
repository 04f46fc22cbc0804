"""Filters of organisations, shared by the pages, the API and exports."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from komek.records.codes import MistypedCode, parse_code
from komek.records.models import Approval
from orgs.filters import AreaLookup, OrganisationLookup, SectorFilter, areas_called, operation_asked
from orgs.finding import matching_text
from orgs.models import Activity, Organisation, OrganisationKind, Site, Verification
from orgs.staleness import Freshness, of_freshness

ROLES = (("donor", _("gives funds or goods")), ("implementing", _("works in the field")))


class OrganisationFilterSet(filters.FilterSet):
    """Refused and merged entries are left out unless asked for."""

    text = filters.CharFilter(label=_("Name, acronym or code"), method="by_text")
    kind = filters.MultipleChoiceFilter(label=_("Kind"), choices=OrganisationKind.choices, distinct=False)
    sector = SectorFilter(path="sectors", distinct=True)
    role = filters.ChoiceFilter(label=_("Role"), choices=ROLES, method="by_role")
    verification = filters.MultipleChoiceFilter(label=_("Verification"), choices=Verification.choices, distinct=False)
    approval = filters.ChoiceFilter(label=_("Approval"), choices=Approval.choices)
    freshness = filters.ChoiceFilter(label=_("Entry"), choices=Freshness.choices, method="by_freshness")
    country = filters.CharFilter(label=_("Home country"), lookup_expr="iexact", help_text=_("Two letters, such as TM"))
    area = AreaLookup(label=_("Works in"), method="by_area", help_text=_("P-code of an area"))
    has_sites = filters.BooleanFilter(label=_("Runs sites"), method="by_sites")
    parent = OrganisationLookup(label=_("Branch of"), method="by_parent", help_text=_("Code"))
    coordinates_operation = filters.BooleanFilter(label=_("Coordinates the operation"))
    is_merged = filters.BooleanFilter(label=_("Merged into another"), method="by_merge")

    class Meta:
        model = Organisation
        fields = ("text", "kind", "sector", "role", "verification", "approval", "freshness", "country", "area")

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.form.cleaned_data
        if not asked.get("approval"):
            queryset = queryset.exclude(approval=Approval.REFUSED)
        if asked.get("is_merged") is None:
            queryset = queryset.filter(merged_into=None)
        return super().filter_queryset(queryset)

    @property
    def operation(self) -> Any:
        """The operation worked in; the API says it by header, which the view has read."""
        view = (getattr(self.request, "parser_context", None) or {}).get("view")
        return (view.operation if view is not None else getattr(self.request, "operation", None)) or None

    def by_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return matching_text(queryset, value)

    def by_role(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(**{"is_donor" if value == "donor" else "is_implementing": True})

    def by_freshness(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return of_freshness(queryset, value)

    def by_area(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Those with an activity or a site in the area or in one inside it."""
        areas = areas_called(value, operation_asked(self.request))
        works = Activity.objects.filter(organisation=OuterRef("pk"), area__in=areas)
        runs = Site.objects.filter(organisation=OuterRef("pk"), area__in=areas)
        operation = self.operation
        if operation is not None:
            works = works.filter(operation=operation)
        return queryset.filter(Exists(works) | Exists(runs))

    def by_sites(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        runs = Exists(Site.objects.filter(organisation=OuterRef("pk")))
        return queryset.filter(runs if value else ~runs)

    def by_parent(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value.isdigit():
            return queryset.filter(parent__pk=int(value))
        try:
            return queryset.filter(parent__code=parse_code(value, Organisation.CODE_LETTER))
        except MistypedCode:
            return queryset.none()

    def by_merge(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        return queryset.filter(merged_into__isnull=not value)
