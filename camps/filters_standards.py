"""Filters of measurements."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from camps.models import Measurement, Standard


@extend_schema_field(OpenApiTypes.STR)
class StandardFilter(filters.ModelMultipleChoiceFilter):
    """Rows of one or several standards, by key."""


class MeasurementFilter(filters.FilterSet):
    camp = filters.CharFilter(label=_("Site"), field_name="camp__code", lookup_expr="iexact")
    standard = StandardFilter(
        label=_("What is measured"), field_name="standard__key", queryset=Standard.objects.all(), to_field_name="key"
    )
    is_withdrawn = filters.BooleanFilter(label=_("Withdrawn"))
    since = filters.IsoDateTimeFilter(label=_("Measured since"), field_name="occurred_at", lookup_expr="gte")
    until = filters.IsoDateTimeFilter(label=_("Measured until"), field_name="occurred_at", lookup_expr="lt")
    updated_since = filters.IsoDateTimeFilter(label=_("Changed since"), field_name="updated_at", lookup_expr="gt")

    class Meta:
        model = Measurement
        fields: Any = ("camp", "standard", "is_withdrawn")
