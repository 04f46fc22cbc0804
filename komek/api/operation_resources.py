"""Resources of operations and hazard types, by the same functions as their pages."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from komek.accounts.authority import Action, require, standing_of
from komek.api.router import ApiRouter
from komek.api.supply_resources import NamesField
from komek.api.viewsets import RecordViewSet
from komek.operations.hazards import add_hazard_type, change_hazard_type
from komek.operations.models import HazardType, Operation, Phase, PhaseChange
from komek.operations.opening import change_operation, close_operation, open_operation, reopen
from komek.operations.phases import change_phase, take_back_phase
from komek.places.finding import UnknownPcode, area_for_pcode
from komek.places.models import Area
from komek.records.actor import Actor


class HazardTypeSerializer(serializers.ModelSerializer[HazardType]):
    """``key`` is given once. A hazard type is never deleted: set ``is_active`` to false."""

    names = NamesField(required=False)

    class Meta:
        model = HazardType
        fields = ("key", "name", "names", "glide_code", "is_active", "updated_at")
        read_only_fields = ("updated_at",)
        extra_kwargs = {"key": {"validators": []}}  # noqa: RUF012 - the room's own sentences


class HazardTypeViewSet(RecordViewSet):
    """What can happen: earthquake, flood, mudflow, … Changed by administrators of the installation."""

    queryset = HazardType.objects.all()
    serializer_class = HazardTypeSerializer
    scope = "hazard-types"
    lookup_field = "key"
    sort_fields = ("key", "name")
    default_sort = ("name",)

    def require(self, action: str, record: Any) -> None:
        """By what the asker is in the whole installation, not in the operation of the request."""
        require(standing_of(self.request.user, None), action, record)

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> HazardType:
        is_active = validated.pop("is_active", True)
        made = add_hazard_type(by=actor, **validated)
        return made if is_active else change_hazard_type(by=actor, hazard_type=made, is_active=False)

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> HazardType:
        if validated.pop("key", record.key) != record.key:
            raise serializers.ValidationError({"key": _("The key of a hazard type never changes.")})
        return change_hazard_type(by=actor, hazard_type=record, **validated)


class OperationFilter(django_filters.FilterSet):
    is_exercise = django_filters.BooleanFilter()
    is_open = django_filters.BooleanFilter(field_name="ended_at", lookup_expr="isnull")
    phase = django_filters.ChoiceFilter(choices=Phase.choices)
    hazard = django_filters.ModelChoiceFilter(
        field_name="hazard_types", queryset=HazardType.objects.all(), to_field_name="key"
    )
    glide_number = django_filters.CharFilter(lookup_expr="iexact")

    class Meta:
        model = Operation
        fields = ("is_exercise", "phase")


@extend_schema_field(str)
class AreaField(serializers.Field[Any, Any, Any, Any]):
    """An area in use by its P-code."""

    def to_representation(self, value: Area) -> str:
        return value.pcode

    def to_internal_value(self, data: Any) -> Area:
        try:
            return area_for_pcode(str(data), operation=getattr(self.root, "instance", None))
        except UnknownPcode as fault:
            raise serializers.ValidationError(str(fault)) from fault


class PhaseSerializer(serializers.ModelSerializer[PhaseChange]):
    began_at = serializers.DateTimeField(source="occurred_at")

    class Meta:
        model = PhaseChange
        fields = ("phase", "began_at", "note", "reported_by", "entered_at")


class OperationSerializer(serializers.ModelSerializer[Operation]):
    """``is_exercise`` is given once and never changes. The phase, too, is given here only when the operation is opened."""

    names = NamesField(required=False)
    is_exercise = serializers.BooleanField()
    hazards = serializers.SlugRelatedField[HazardType](
        source="hazard_types", slug_field="key", many=True, required=False, queryset=HazardType.objects.all()
    )
    affected_areas = serializers.ListField(child=AreaField(), required=False, source="areas_to_write", write_only=True)
    phases = PhaseSerializer(source="phase_changes", many=True, read_only=True)
    is_open = serializers.BooleanField(read_only=True)
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Operation
        fields = (
            "slug", "name", "names", "glide_number", "hazards", "affected_areas", "phase", "phases", "is_exercise",
            "is_open", "summary", "started_at", "ended_at", "updated_at", "url",
        )  # fmt: skip
        read_only_fields = ("slug", "ended_at", "updated_at")

    def to_representation(self, instance: Operation) -> dict[str, Any]:
        shown = super().to_representation(instance)
        return {**shown, "affected_areas": [area.pcode for area in instance.affected_areas.all()]}


class ChangePhaseSerializer(serializers.Serializer[Any]):
    phase = serializers.ChoiceField(choices=Phase.choices)
    began_at = serializers.DateTimeField(required=False)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class CloseSerializer(serializers.Serializer[Any]):
    ended_at = serializers.DateTimeField(required=False)
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)


class WhySerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True)


class OperationViewSet(RecordViewSet):
    """Disasters and exercises being responded to. As GeoJSON: the affected area as drawn."""

    queryset = Operation.objects.prefetch_related(
        "hazard_types",
        "phase_changes",
        Prefetch("affected_areas", queryset=Area.objects.only("pcode", "level", "name").order_by("pcode")),
    )
    serializer_class = OperationSerializer
    scope = "operations"
    lookup_field = "slug"
    filterset_class = OperationFilter
    sort_fields = ("name", "started_at", "ended_at", "updated_at")
    default_sort = ("-started_at",)
    geometry_field = "affected_geometry"
    row_version_includes_related = True

    def get_queryset(self) -> QuerySet[Any]:
        queryset = super().get_queryset()
        return queryset if self._is_geojson else queryset.defer("affected_geometry")

    def require(self, action: str, record: Any) -> None:
        """By what the asker is in that operation, not in the operation of the request."""
        where = record if isinstance(record, Operation) else None
        require(standing_of(self.request.user, where), action, record)

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Operation:
        return open_operation(by=actor, affected_areas=validated.pop("areas_to_write", []), **validated)

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Operation:
        if validated.pop("is_exercise", record.is_exercise) != record.is_exercise:
            raise serializers.ValidationError({"is_exercise": _("Whether it is an exercise never changes.")})
        if validated.pop("phase", record.phase) != record.phase:
            raise serializers.ValidationError({"phase": _("Change the phase at /phase/, with the day it began.")})
        areas = validated.pop("areas_to_write", None)
        return change_operation(by=actor, operation=record, affected_areas=areas, **validated)

    def _act(self, request: Request, asking: type[serializers.Serializer[Any]], act: Any) -> Any:
        asked = asking(data=request.data)
        asked.is_valid(raise_exception=True)
        with self.changing(Action.CHANGE) as (actor, record):
            act(by=actor, operation=record, **asked.validated_data)
            return self._written(record)

    @extend_schema(request=ChangePhaseSerializer, responses=OperationSerializer)
    @action(detail=True, methods=["post"])
    def phase(self, request: Request, **kwargs: Any) -> Any:
        """Enter another phase."""
        return self._act(request, ChangePhaseSerializer, change_phase)

    @extend_schema(request=None, responses=OperationSerializer)
    @action(detail=True, methods=["post"], url_path="phase/back")
    def phase_back(self, request: Request, **kwargs: Any) -> Any:
        """Take the last change of phase back."""
        return self._act(request, serializers.Serializer, take_back_phase)

    @extend_schema(request=CloseSerializer, responses=OperationSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, **kwargs: Any) -> Any:
        """End the operation."""
        return self._act(request, CloseSerializer, close_operation)

    @extend_schema(request=WhySerializer, responses=OperationSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, **kwargs: Any) -> Any:
        """Take the end back."""
        return self._act(request, WhySerializer, reopen)


def register(router: ApiRouter) -> None:
    router.register("operations", OperationViewSet)
    router.register("hazard-types", HazardTypeViewSet)
