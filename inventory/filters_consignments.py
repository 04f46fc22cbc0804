"""Filters of consignments, shared by the pages and the API."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from inventory.consignments import UNDER_WAY
from inventory.models import Consignment, ConsignmentState


class ConsignmentFilter(filters.FilterSet):
    text = filters.CharFilter(label=_("Code, site, vehicle or request"), method="by_text")
    state = filters.MultipleChoiceFilter(label=_("State"), choices=ConsignmentState.choices)
    origin = filters.CharFilter(label=_("From warehouse (code)"), field_name="origin__code", lookup_expr="iexact")
    destination = filters.CharFilter(label=_("To site (code)"), field_name="destination__code", lookup_expr="iexact")
    is_late = filters.BooleanFilter(label=_("Later than expected"), method="by_lateness")
    updated_since = filters.IsoDateTimeFilter(label=_("Changed since"), field_name="updated_at", lookup_expr="gt")

    class Meta:
        model = Consignment
        fields = ("text", "state", "origin", "destination")

    def by_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        text = value.strip()
        found = Q(code__iexact=text.replace(" ", "")) | Q(request_reference__iexact=text)
        for path in ("origin__name", "destination__name", "sender", "vehicle", "driver"):
            found |= Q(**{f"{path}__icontains": text})
        return queryset.filter(found)

    def by_lateness(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        late = Q(state__in=UNDER_WAY, expected_at__lt=timezone.now())
        return queryset.filter(late) if value else queryset.exclude(late)
