"""Resources of the rooms below this floor, which cannot import it: operations, hazards, areas and settlements."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from komek.api import import_resources, operation_resources, supply_resources
from komek.api.geojson import GeometryField
from komek.api.router import ApiRouter
from komek.api.viewsets import ReferenceViewSet
from komek.places.models import Area, GenerationState, Settlement


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
    operation_resources.register(router)
    router.register("areas", AreaViewSet)
    router.register("settlements", SettlementViewSet)
    supply_resources.register(router)
    import_resources.register(router)
