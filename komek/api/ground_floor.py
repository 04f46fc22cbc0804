"""Resources of the rooms below this floor, which cannot import it: operations, hazards, areas and settlements."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from komek.api import supply_resources
from komek.api.geojson import GeometryField
from komek.api.router import ApiRouter
from komek.api.viewsets import ReferenceViewSet
from komek.operations.models import HazardType, Operation, Phase
from komek.places.models import Area, GenerationState, Settlement


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


class AreaFilter(django_filters.FilterSet):
    country = django_filters.CharFilter(field_name="generation__country", lookup_expr="iexact")
    level = django_filters.NumberFilter()
    parent = django_filters.CharFilter(field_name="parent__pcode")
    name = django_filters.CharFilter(lookup_expr="icontains")

    class Meta:
        model = Area
        fields = ("level",)


class AreaSerializer(serializers.ModelSerializer[Area]):
    country = serializers.CharField(source="generation.country", read_only=True)
    edition = serializers.CharField(source="generation.name", read_only=True)
    parent = serializers.SlugRelatedField[Area](slug_field="pcode", read_only=True)
    centre = GeometryField(read_only=True)

    class Meta:
        model = Area
        fields = ("pcode", "name", "names", "level", "kind", "country", "edition", "parent", "centre")


class AreaViewSet(ReferenceViewSet):
    """Administrative areas of the editions in use, by P-code. As GeoJSON: their boundaries."""

    queryset = (
        Area.objects.filter(generation__state=GenerationState.ACTIVE)
        .select_related("generation", "parent")
        .defer("parent__geometry", "parent__centre")
    )
    serializer_class = AreaSerializer
    scope = "areas"
    lookup_field = "pcode"
    lookup_value_regex = "[^/]+"
    filterset_class = AreaFilter
    sort_fields = ("level", "name", "pcode")
    default_sort = ("level", "name")
    geometry_field = "geometry"

    def get_queryset(self) -> QuerySet[Any]:
        queryset = super().get_queryset()
        return queryset if self._is_geojson else queryset.defer("geometry")


class SettlementFilter(django_filters.FilterSet):
    country = django_filters.CharFilter(lookup_expr="iexact")
    area = django_filters.CharFilter(field_name="area__pcode")
    name = django_filters.CharFilter(lookup_expr="icontains")
    population_at_least = django_filters.NumberFilter(field_name="population", lookup_expr="gte")

    class Meta:
        model = Settlement
        fields = ("country",)


class SettlementSerializer(serializers.ModelSerializer[Settlement]):
    location = GeometryField(read_only=True)
    area = serializers.SlugRelatedField[Area](slug_field="pcode", read_only=True)

    class Meta:
        model = Settlement
        fields = ("id", "geonames_id", "country", "name", "population", "area", "location")


class SettlementViewSet(ReferenceViewSet):
    """Towns and villages of the gazetteer. A population of 0 means that nobody knows."""

    queryset = Settlement.objects.select_related("area").defer("area__geometry", "area__centre")
    serializer_class = SettlementSerializer
    scope = "settlements"
    filterset_class = SettlementFilter
    sort_fields = ("name", "population")
    default_sort = ("name",)
    geometry_field = "location"


def register(router: ApiRouter) -> None:
    """Also where resources of the other rooms below belong."""
    router.register("operations", OperationViewSet)
    router.register("hazard-types", HazardTypeViewSet)
    router.register("areas", AreaViewSet)
    router.register("settlements", SettlementViewSet)
    supply_resources.register(router)
