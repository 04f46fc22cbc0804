"""API resources of warehouses and their bins. The same functions as the pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from inventory.api_consignments import SiteCodeField
from inventory.fill import with_level
from inventory.filters_api_stock import BinApiFilter, WarehouseApiFilter
from inventory.models import Bin, Keeper, TemperatureReading, Warehouse, Zone
from inventory.seeing import in_seen_warehouses
from inventory.warehouses import change_warehouse, register_warehouse
from inventory.zones import add_bins, change_bin, report_temperature
from komek.api.geojson import GeometryField
from komek.api.router import ApiRouter
from komek.api.viewsets import RecordViewSet
from komek.records.actor import Actor
from orgs.api_activities import PROVENANCE, AreaCodeField
from orgs.api_organisations import OrganisationCodeField


class ZoneSerializer(serializers.ModelSerializer[Zone]):
    class Meta:
        model = Zone
        fields = ("id", "name", "kind", "coldest_c", "warmest_c", "is_active")


class KeeperSerializer(serializers.ModelSerializer[Keeper]):
    name = serializers.CharField(source="__str__")
    phone = serializers.CharField()

    class Meta:
        model = Keeper
        fields = ("name", "phone", "note")


class WarehouseSerializer(serializers.ModelSerializer[Warehouse]):
    organisation = OrganisationCodeField(allow_null=True, required=False)
    area = AreaCodeField(allow_null=True, required=False)
    location = GeometryField(allow_null=True, required=False)
    zones = ZoneSerializer(many=True, read_only=True)
    keepers = KeeperSerializer(many=True, read_only=True)
    batches = serializers.IntegerField(read_only=True, help_text="How many batches lie there.")
    volume = serializers.DecimalField(
        max_digits=24, decimal_places=6, read_only=True, help_text="m³ of the goods whose volume the catalogue gives."
    )
    fill = serializers.FloatField(
        read_only=True, help_text="That volume as a percentage of the room; null when not known."
    )
    expiring = serializers.IntegerField(read_only=True, help_text="Batches that expire within 30 days.")
    expired = serializers.IntegerField(read_only=True, help_text="Batches that have expired and lie there still.")
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Warehouse
        fields = (
            "code", "name", "names", "organisation", "location", "area", "landmark", "opening", "opening_hours", "opened_on",
            "closed_on", "damage", "about", "floor_area_m2", "volume_m3", "pallet_places", "coldest_c", "warmest_c", "lorry_access",
            "lorry_note", "has_loading_dock", "has_forklift", "silent_after_days", "zones", "keepers", "batches", "volume", "fill",
            "expiring", "expired", "confirmed_at", *PROVENANCE, "url",
        )  # fmt: skip
        read_only_fields = ("code", "confirmed_at", "channel", "entered_at", "updated_at")


class TemperatureSerializer(serializers.ModelSerializer[TemperatureReading]):
    zone = serializers.CharField(
        max_length=60, required=False, default="", help_text="Name of the zone; empty: the whole."
    )

    class Meta:
        model = TemperatureReading
        fields = ("zone", "celsius", "occurred_at", "reported_by")


class WarehouseViewSet(RecordViewSet):
    """Sites that keep stock: what they hold at most, how full they are, how lorries get there."""

    queryset = (
        Warehouse.objects.select_related("organisation", "area").prefetch_related("zones", "keepers__user").defer("area__geometry")
    )  # fmt: skip
    serializer_class = WarehouseSerializer
    scope = "warehouses"
    filterset_class = WarehouseApiFilter
    sort_fields = ("name", "confirmed_at", "entered_at", "updated_at")
    default_sort = ("name",)
    code_kinds = "CW"
    geometry_field = "location"
    row_version_includes_related = True

    def get_queryset(self) -> QuerySet[Any]:
        return with_level(super().get_queryset(), timezone.localdate())

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Warehouse:
        validated.setdefault("organisation", None)
        return register_warehouse(by=actor, operation=self.operation, **validated)

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Warehouse:
        return change_warehouse(by=actor, operation=self.operation, warehouse=record, **validated)

    @extend_schema(request=TemperatureSerializer, responses=WarehouseSerializer)
    @action(detail=True, methods=["post"])
    def temperature(self, request: Request, **kwargs: Any) -> Any:
        """A temperature read in the warehouse or in one of its zones, °C. Needs no If-Match: a reading changes nothing else."""
        given = TemperatureSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        record = self.get_object()
        values = dict(given.validated_data)
        values["zone"] = zone_named(record, values["zone"])
        report_temperature(by=self.actor, operation=self.operation, warehouse=record, **values)
        return self._written(record, status=200)


def zone_named(warehouse: Warehouse, name: str) -> Zone | None:
    """The zone of this name; ``None`` for no name. Raises a 400 with a sentence."""
    if not name.strip():
        return None
    found = warehouse.zones.filter(name__iexact=name.strip()).first()
    if found is None:
        sentence = _("%(house)s has no zone “%(zone)s”.") % {"house": warehouse, "zone": name[:60]}
        raise serializers.ValidationError({"zone": sentence})
    return found


class BinSerializer(serializers.ModelSerializer[Bin]):
    warehouse = SiteCodeField(Warehouse)
    zone = serializers.CharField(source="zone.name", max_length=60)

    class Meta:
        model = Bin
        fields = ("id", "warehouse", "zone", "label", "pallet_places", "pick_order", "is_active", "updated_at")
        read_only_fields = ("id", "updated_at")
        validators: list[Any] = []  # noqa: RUF012 - the room's function says it in words


class BinViewSet(RecordViewSet):
    """Places in a warehouse that one can walk to and scan."""

    queryset = Bin.objects.select_related("warehouse", "zone")
    serializer_class = BinSerializer
    scope = "warehouses"
    filterset_class = BinApiFilter
    sort_fields = ("label", "pick_order", "updated_at")
    default_sort = ("pick_order", "label")

    def narrow(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return in_seen_warehouses(super().narrow(queryset), self.standing)

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Bin:
        house = validated["warehouse"]
        zone = zone_named(house, validated["zone"]["name"])
        if zone is None:
            raise serializers.ValidationError({"zone": _("Say in which zone the bin is.")})
        made = add_bins(
            by=actor, operation=self.operation, zone=zone, labels=[validated["label"]],
            pallet_places=validated.get("pallet_places"), pick_order=validated.get("pick_order"),
        )  # fmt: skip
        return made[0]

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Bin:
        if validated.pop("warehouse", record.warehouse) != record.warehouse:
            raise serializers.ValidationError({"warehouse": _("A bin stays in its warehouse. Make a new one there.")})
        if "zone" in validated:
            validated["zone"] = zone_named(record.warehouse, validated["zone"]["name"]) or record.zone
        return change_bin(by=actor, operation=self.operation, bin=record, **validated)


def register(router: ApiRouter) -> None:
    router.register("warehouses", WarehouseViewSet)
    router.register("bins", BinViewSet)
