"""Filters of unsolicited goods, shared by the pages and the API."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from inventory.filters_stock import WarehouseLookup
from inventory.models import Outcome, Priority, UnsolicitedGoods


class UnsolicitedFilter(filters.FilterSet):
    text = filters.CharFilter(label=_("What it is, donor or place"), method="by_text")
    priority = filters.MultipleChoiceFilter(label=_("Priority"), choices=Priority.choices)
    outcome = filters.MultipleChoiceFilter(label=_("What became of it"), choices=Outcome.choices)
    warehouse = WarehouseLookup(label=_("Warehouse"))

    class Meta:
        model = UnsolicitedGoods
        fields: Any = ("text", "priority", "outcome")

    def by_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        for word in value.split():
            queryset = queryset.filter(
                Q(description__icontains=word) | Q(donor_name__icontains=word) | Q(place__icontains=word)
                | Q(organisation__name__icontains=word)
            )  # fmt: skip
        return queryset
