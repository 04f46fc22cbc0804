"""Filters of items, shared by the page, the tables that are exported and the API."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from komek.supplies.catalogue import matching_items
from komek.supplies.models import Category, Item


@extend_schema_field(OpenApiTypes.STR)
class _ByCategory(filters.ModelMultipleChoiceFilter):
    """By key. The API's description says so, for it cannot be guessed from the model."""


class ItemFilter(filters.FilterSet):
    text = filters.CharFilter(
        method="by_text",
        label=_("Name in any language, or code"),
        help_text="Words of any name in any language, or the code.",
    )
    category = _ByCategory(
        field_name="category__key", queryset=Category.objects.all(), to_field_name="key", label=_("Category")
    )
    unit = filters.CharFilter(field_name="unit__symbol", label=_("Counted in"))
    is_perishable = filters.BooleanFilter(label=_("Expires"))
    is_hazardous = filters.BooleanFilter(label=_("Dangerous goods"))
    is_active = filters.BooleanFilter(label=_("In use"))

    class Meta:
        model = Item
        fields = ("text", "category", "unit", "is_perishable", "is_hazardous", "is_active")

    def by_text(self, queryset: QuerySet[Any], name: str, value: str) -> Any:
        return matching_items(value, queryset)
