"""Filters of sites and activities, shared by the pages and the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.request import Request

from komek.api.operation import operation_of
from komek.places.finding import inside_areas
from komek.places.models import Area
from komek.places.resolver import resolve
from komek.records.codes import MistypedCode, parse_code
from orgs.models import (
    Activity,
    ActivityStatus,
    AffectedGroup,
    Damage,
    Opening,
    Organisation,
    OrganisationKind,
    Sector,
    Site,
    SiteKind,
)
from orgs.naming import name_key

STALE_AFTER = timedelta(days=60)


def matching_text(queryset: QuerySet[Any], text: str, *, path: str = "search_key") -> QuerySet[Any]:
    """Rows whose code is the text, or whose derived search key holds every word of it, in any script."""
    try:
        return queryset.filter(code=parse_code(text))
    except MistypedCode:
        for word in name_key(text).split():
            queryset = queryset.filter(**{f"{path}__contains": word})
        return queryset


def matching_title(queryset: QuerySet[Activity], text: str) -> QuerySet[Activity]:
    """Activities whose code is the text, or whose title holds it."""
    try:
        return queryset.filter(code=parse_code(text))
    except MistypedCode:
        return queryset.filter(title__icontains=text)


@extend_schema_field(OpenApiTypes.STR)
class SectorFilter(filters.ModelMultipleChoiceFilter):
    """Rows of one or several sectors, by key."""

    def __init__(self, *, path: str, **options: Any) -> None:
        options.setdefault("label", _("Sector"))
        # One sector for each row, unless said otherwise: looking for rows twice would read and sort all of them.
        options.setdefault("distinct", False)
        options.setdefault("queryset", Sector.objects.filter(is_active=True))
        super().__init__(field_name=path, to_field_name="key", **options)

    def get_filter_predicate(self, v: Any) -> dict[str, Any]:
        """By the sector found and not by its key again, so that an index in the order of the list serves."""
        return {self.field_name: v}


def areas_called(value: str, operation: Any) -> list[int]:
    """The area with this primary key, P-code or name, and all inside it; none when several may be meant.

    operation: where the asker works; areas that an exercise invented are known in that exercise only.
    """
    known = Area.objects.filter(Q(operation=None) | Q(operation=operation))
    found = known.filter(pk=int(value)) if value.isdigit() and len(value) < 18 else known.filter(pcode__iexact=value)
    keys = list(found.values_list("pk", flat=True))
    if not keys:
        meant = resolve(value, operation=operation, settlements=False)
        keys = [one.area.pk for one in meant.candidates[:1] if one.area is not None and meant.is_certain]
    return inside_areas(keys)


def operation_asked(request: Any) -> Any:
    """The operation in which a list is asked for: the page's, or the API's own."""
    if isinstance(request, Request):
        return operation_of(request)
    return getattr(request, "operation", None) or None


class AreaLookup(filters.CharFilter):
    """A text that names an area; pages offer areas by name. What it does with it is the filter set's ``method``."""

    lookup = "places.area"


class AreaFilter(AreaLookup):
    """Everything in an area and the areas inside it, by primary key, P-code or name."""

    def __init__(self, *, path: str, **options: Any) -> None:
        self.path = path
        super().__init__(**options)

    def filter(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return queryset
        return queryset.filter(**{f"{self.path}__in": areas_called(value, operation_asked(self.parent.request))})


class OrganisationLookup(filters.CharFilter):
    """A text that names an organisation; pages offer organisations by name."""

    lookup = "orgs.organisation"


class OrganisationFilter(OrganisationLookup):
    """Rows of one organisation, by its code or primary key, or of those whose names hold every word."""

    def filter(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return queryset
        if value.isdigit():
            return queryset.filter(**{f"{self.field_name}__pk": int(value)})
        try:
            return queryset.filter(**{f"{self.field_name}__code": parse_code(value, "O")})
        except MistypedCode:
            names = Organisation.objects.all()
            for word in name_key(value).split():
                names = names.filter(search_key__contains=word)
            return queryset.filter(**{f"{self.field_name}__in": names})


class SiteFilter(filters.FilterSet):
    text = filters.CharFilter(label=_("Name or code"), method="by_text")
    kind = filters.MultipleChoiceFilter(label=_("Kind"), choices=SiteKind.choices, distinct=False)
    opening = filters.MultipleChoiceFilter(label=_("State"), choices=Opening.choices, distinct=False)
    damage = filters.MultipleChoiceFilter(label=_("Damage"), choices=Damage.choices, distinct=False)
    organisation = OrganisationFilter(label=_("Run by"), help_text=_("Name or code"))
    area = AreaFilter(label=_("Area"), path="area_id", help_text=_("P-code"))
    is_located = filters.BooleanFilter(
        label=_("Has a location"), field_name="location", lookup_expr="isnull", exclude=True
    )
    is_stale = filters.BooleanFilter(label=_("Not confirmed for 60 days"), method="by_age")
    updated_since = filters.IsoDateTimeFilter(label=_("Changed since"), field_name="updated_at", lookup_expr="gt")

    class Meta:
        model = Site
        fields = ("text", "kind", "opening", "damage", "organisation", "area", "is_located", "is_stale")

    def by_text(self, queryset: QuerySet[Site], name: str, value: str) -> QuerySet[Site]:
        return matching_text(queryset, value)

    def by_age(self, queryset: QuerySet[Site], name: str, value: bool) -> QuerySet[Site]:
        return stale(queryset, value)


class ActivityFilter(filters.FilterSet):
    text = filters.CharFilter(label=_("Activity or code"), method="by_text")
    organisation = OrganisationFilter(label=_("Organisation"), help_text=_("Name or code"))
    organisation_kind = filters.MultipleChoiceFilter(
        label=_("Kind of organisation"),
        field_name="organisation__kind",
        choices=OrganisationKind.choices,
        distinct=False,
    )
    sector = SectorFilter(path="sector")
    area = AreaFilter(label=_("Area"), path="area_id", help_text=_("P-code"))
    status = filters.MultipleChoiceFilter(label=_("Status"), choices=ActivityStatus.choices, distinct=False)
    affected_group = filters.MultipleChoiceFilter(label=_("For whom"), choices=AffectedGroup.choices, distinct=False)
    active_on = filters.DateFilter(label=_("Going on at (date)"), method="by_day")
    is_stale = filters.BooleanFilter(label=_("Not confirmed for 60 days"), method="by_age")
    updated_since = filters.IsoDateTimeFilter(label=_("Changed since"), field_name="updated_at", lookup_expr="gt")

    class Meta:
        model = Activity
        fields = ("text", "organisation", "organisation_kind", "sector", "area", "status", "affected_group")

    def by_text(self, queryset: QuerySet[Activity], name: str, value: str) -> QuerySet[Activity]:
        return matching_title(queryset, value)

    def by_day(self, queryset: QuerySet[Activity], name: str, value: Any) -> QuerySet[Activity]:
        return queryset.exclude(starts_on__gt=value).exclude(ends_on__lt=value)

    def by_age(self, queryset: QuerySet[Activity], name: str, value: bool) -> QuerySet[Activity]:
        return stale(queryset, value)


def stale(queryset: QuerySet[Any], is_stale: bool) -> QuerySet[Any]:
    """Rows that nobody confirmed for a long time, or the others."""
    limit = timezone.now() - STALE_AFTER
    return queryset.filter(confirmed_at__lt=limit) if is_stale else queryset.filter(confirmed_at__gte=limit)
