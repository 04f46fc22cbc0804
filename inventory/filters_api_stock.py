"""Filters of warehouses' parts, batches, balances and movements, for the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inventory.models import Balance, Batch, Bin, Condition, Movement, MovementKind, Warehouse
from inventory.shelf import is_usable
from orgs.models import Opening

CODE = "iexact"


class WarehouseApiFilter(filters.FilterSet):
    organisation = filters.CharFilter(label=_("Run by"), field_name="organisation__code", lookup_expr=CODE)
    opening = filters.MultipleChoiceFilter(label=_("State"), choices=Opening.choices)
    name = filters.CharFilter(label=_("Name"), lookup_expr="icontains")

    class Meta:
        model = Warehouse
        fields: Any = ("opening",)


class BinApiFilter(filters.FilterSet):
    warehouse = filters.CharFilter(label=_("Warehouse"), field_name="warehouse__code", lookup_expr=CODE)
    zone = filters.CharFilter(label=_("Zone"), field_name="zone__name", lookup_expr=CODE)
    label = filters.CharFilter(label=_("Label"), lookup_expr=CODE)
    is_active = filters.BooleanFilter(label=_("In use"))

    class Meta:
        model = Bin
        fields: Any = ("is_active",)


class BatchApiFilter(filters.FilterSet):
    item = filters.CharFilter(label=_("Item"), field_name="item__code", lookup_expr=CODE)
    number = filters.CharFilter(label=_("Batch number"), lookup_expr=CODE)
    donor = filters.CharFilter(label=_("Donor"), field_name="donor__code", lookup_expr=CODE)
    owner = filters.CharFilter(label=_("Owner"), field_name="owner__code", lookup_expr=CODE)
    gift = filters.CharFilter(label=_("Donor's reference"), lookup_expr=CODE)
    is_blocked = filters.BooleanFilter(label=_("Blocked"))
    expires_before = filters.DateFilter(label=_("Expires before"), field_name="expires_on", lookup_expr="lt")

    class Meta:
        model = Batch
        fields: Any = ("is_blocked",)


class BalanceApiFilter(filters.FilterSet):
    warehouse = filters.CharFilter(label=_("Warehouse"), field_name="warehouse__code", lookup_expr=CODE)
    item = filters.CharFilter(label=_("Item"), field_name="item__code", lookup_expr=CODE)
    batch = filters.CharFilter(label=_("Batch"), field_name="batch__code", lookup_expr=CODE)
    bin = filters.CharFilter(label=_("Bin"), field_name="bin__label", lookup_expr=CODE)
    condition = filters.MultipleChoiceFilter(label=_("Condition"), choices=Condition.choices)
    usable = filters.BooleanFilter(label=_("Can be given out"), method="by_usable")
    expires_within = filters.NumberFilter(
        label=_("Expires within, days"), min_value=0, max_value=3650, method="by_expiry"
    )

    class Meta:
        model = Balance
        fields: Any = ("condition",)

    def by_usable(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        usable = is_usable(timezone.localdate())
        return (
            queryset.filter(usable) if value else queryset.exclude(pk__in=Balance.objects.filter(usable).values("pk"))
        )

    def by_expiry(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        return queryset.filter(batch__expires_on__lte=timezone.localdate() + timedelta(days=int(value)))


class MovementApiFilter(filters.FilterSet):
    warehouse = filters.CharFilter(label=_("Warehouse"), field_name="warehouse__code", lookup_expr=CODE)
    kind = filters.MultipleChoiceFilter(label=_("What happened"), choices=MovementKind.choices)
    item = filters.CharFilter(label=_("Item"), method="by_item")
    batch = filters.CharFilter(label=_("Batch"), method="by_batch")
    consignment = filters.CharFilter(label=_("Consignment"), field_name="consignment__code", lookup_expr=CODE)
    since = filters.IsoDateTimeFilter(label=_("Happened since"), field_name="occurred_at", lookup_expr="gte")
    until = filters.IsoDateTimeFilter(label=_("Happened before"), field_name="occurred_at", lookup_expr="lt")
    entered_since = filters.IsoDateTimeFilter(label=_("Entered since"), field_name="entered_at", lookup_expr="gte")

    class Meta:
        model = Movement
        fields: Any = ("kind",)

    def by_item(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(entries__item__code__iexact=value).distinct()

    def by_batch(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(entries__batch__code__iexact=value).distinct()
