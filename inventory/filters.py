"""Filters of warehouses, shared by the pages and the API."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.models import LorryAccess, Warehouse
from inventory.overview import holds_stock, with_stock
from orgs.filters import AreaFilter, OrganisationFilter, matching_text
from orgs.models import Opening


class WarehouseFilter(filters.FilterSet):
    text = filters.CharFilter(label=_("Name or code"), method="by_text")
    opening = filters.MultipleChoiceFilter(label=_("State"), choices=Opening.choices)
    organisation = OrganisationFilter(label=_("Run by"), help_text=_("Name or code"))
    area = AreaFilter(label=_("Area"), path="area_id", help_text=_("P-code"))
    lorry_access = filters.MultipleChoiceFilter(label=_("Access for lorries"), choices=LorryAccess.choices)
    has_stock = filters.BooleanFilter(label=_("Holds goods"), method="by_stock")
    is_cold = filters.BooleanFilter(label=_("Keeps a cold chain"), method="by_cold")
    has_expiring = filters.BooleanFilter(label=_("Goods expire within 30 days, or have expired"), method="by_expiry")
    is_below = filters.BooleanFilter(label=_("Something is below its minimum"), method="by_levels")
    updated_since = filters.IsoDateTimeFilter(label=_("Changed since"), field_name="updated_at", lookup_expr="gt")

    class Meta:
        model = Warehouse
        fields = ("text", "opening", "organisation", "area", "lorry_access")

    def by_text(self, queryset: QuerySet[Warehouse], name: str, value: str) -> QuerySet[Warehouse]:
        return matching_text(queryset, value)

    def by_stock(self, queryset: QuerySet[Warehouse], name: str, value: bool) -> QuerySet[Warehouse]:
        holding = holds_stock(Warehouse.objects.all()).values("pk")
        return queryset.filter(pk__in=holding) if value else queryset.exclude(pk__in=holding)

    def by_cold(self, queryset: QuerySet[Warehouse], name: str, value: bool) -> QuerySet[Warehouse]:
        cold = (
            Warehouse.objects.exclude(warmest_c=None).values("pk"),
            Warehouse.objects.filter(zones__warmest_c__isnull=False, zones__is_active=True).values("pk"),
        )
        keys: Any = cold[0].union(cold[1])
        return queryset.filter(pk__in=keys) if value else queryset.exclude(pk__in=keys)

    def by_expiry(self, queryset: QuerySet[Warehouse], name: str, value: bool) -> QuerySet[Warehouse]:
        rows = _with_stock(queryset)
        found = rows.filter(expiring__gt=0) | rows.filter(expired__gt=0)
        return found if value else rows.filter(expiring=0, expired=0)

    def by_levels(self, queryset: QuerySet[Warehouse], name: str, value: bool) -> QuerySet[Warehouse]:
        rows = _with_stock(queryset)
        return rows.filter(items_below__gt=0) if value else rows.filter(items_below=0)


def _with_stock(rows: QuerySet[Warehouse]) -> QuerySet[Warehouse]:
    return rows if "items_below" in rows.query.annotations else with_stock(rows)
