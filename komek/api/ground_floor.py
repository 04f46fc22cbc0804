"""Resources of the rooms below this floor, which cannot import it: operations and hazards."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from komek.api.router import ApiRouter
from komek.api.viewsets import ReferenceViewSet
from komek.operations.models import HazardType, Operation, Phase


class HazardTypeSerializer(serializers.ModelSerializer[HazardType]):
    class Meta:
        model = HazardType
        fields = ("key", "name", "names", "glide_code", "is_active")


class HazardTypeViewSet(ReferenceViewSet):
    """What can happen: earthquake, flood, mudflow, …"""

    queryset = HazardType.objects.all()
    serializer_class = HazardTypeSerializer
    scope = "hazard-types"
    lookup_field = "key"
    sort_fields = ("key", "name")
    default_sort = ("name",)


class OperationFilter(django_filters.FilterSet):
    is_exercise = django_filters.BooleanFilter()
    is_open = django_filters.BooleanFilter(field_name="ended_at", lookup_expr="isnull")
    phase = django_filters.ChoiceFilter(choices=Phase.choices)
    hazard = django_filters.ModelChoiceFilter(
        field_name="hazard_types", queryset=HazardType.objects.all(), to_field_name="key"
    )

    class Meta:
        model = Operation
        fields = ("is_exercise", "phase")


class OperationSerializer(serializers.ModelSerializer[Operation]):
    hazards = serializers.SlugRelatedField[HazardType](
        source="hazard_types", slug_field="key", many=True, read_only=True
    )
    is_open = serializers.BooleanField(read_only=True)

    class Meta:
        model = Operation
        fields = (
            "slug", "name", "names", "glide_number", "hazards", "phase", "is_exercise", "is_open", "summary",
            "started_at", "ended_at",
        )  # fmt: skip


class OperationViewSet(ReferenceViewSet):
    """Disasters and exercises being responded to. As GeoJSON: the affected area as drawn."""

    queryset = Operation.objects.prefetch_related("hazard_types")
    serializer_class = OperationSerializer
    scope = "operations"
    lookup_field = "slug"
    filterset_class = OperationFilter
    sort_fields = ("name", "started_at", "ended_at")
    default_sort = ("-started_at",)
    geometry_field = "affected_geometry"

    def get_queryset(self) -> QuerySet[Any]:
        queryset = super().get_queryset()
        return queryset if self._is_geojson else queryset.defer("affected_geometry")


def register(router: ApiRouter) -> None:
    """Also the pattern for places and supplies, whose resources belong here."""
    router.register("operations", OperationViewSet)
    router.register("hazard-types", HazardTypeViewSet)
