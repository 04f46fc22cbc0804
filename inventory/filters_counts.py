"""Filters of the lists of counts and of unsolicited goods."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from django_filters import rest_framework as filters

from inventory.filters_stock import WarehouseLookup
from inventory.models import Count, CountState, Outcome, Priority, UnsolicitedGoods


class CountFilter(filters.FilterSet):
    warehouse = WarehouseLookup(field_name="warehouse", label=_("Warehouse"))
    state = filters.MultipleChoiceFilter(label=_("State"), choices=CountState.choices)

    class Meta:
        model = Count
        fields: ClassVar[Any] = ()


class UnsolicitedFilter(filters.FilterSet):
    text = filters.CharFilter(label=_("Text"), field_name="description", lookup_expr="icontains")
    warehouse = WarehouseLookup(field_name="warehouse", label=_("Warehouse"))
    priority = filters.MultipleChoiceFilter(label=_("Priority"), choices=Priority.choices)
    outcome = filters.MultipleChoiceFilter(label=_("What became of it"), choices=Outcome.choices)

    class Meta:
        model = UnsolicitedGoods
        fields: ClassVar[Any] = ()
