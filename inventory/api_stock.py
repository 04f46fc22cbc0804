"""API resources of batches and balances. Balances follow from movements alone and cannot be written."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from inventory.filters_api_stock import BalanceApiFilter, BatchApiFilter
from inventory.models import Balance, Batch
from inventory.moving import block_batch, unblock_batch
from inventory.seeing import batches_seen, in_seen_warehouses
from komek.accounts.authority import Action
from komek.api.router import ApiRouter
from komek.api.viewsets import ReadOnlyRecordViewSet, RecordViewSet
from orgs.api_activities import PROVENANCE


class BatchSerializer(serializers.ModelSerializer[Batch]):
    item = serializers.CharField(source="item.code")
    unit = serializers.CharField(source="item.unit.symbol")
    pack = serializers.CharField(source="pack.name", default=None)
    owner = serializers.CharField(source="owner.code", default=None)
    donor = serializers.CharField(source="donor.code", default=None)
    url = serializers.CharField(source="get_absolute_url")

    class Meta:
        model = Batch
        fields = (
            "code", "item", "unit", "number", "expires_on", "expiry_is_unknown", "produced_on", "pack", "owner", "donor",
            "donor_name", "gift", "unit_value", "currency", "is_blocked", "block_reason", "note", *PROVENANCE, "url",
        )  # fmt: skip
        read_only_fields = fields


class BlockSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class BatchViewSet(RecordViewSet):
    """Goods that are alike: one item, one batch number, one expiry, one owner, one gift. Made by receiving them."""

    queryset = Batch.objects.select_related("item__unit", "pack", "owner", "donor")
    serializer_class = BatchSerializer
    scope = "stock"
    filterset_class = BatchApiFilter
    sort_fields = ("expires_on", "entered_at", "updated_at")
    default_sort = ("-entered_at",)
    code_kinds = "B"

    @extend_schema(request=BlockSerializer, responses=BatchSerializer)
    @action(detail=True, methods=["post"])
    def block(self, request: Request, **kwargs: Any) -> Any:
        """Nobody picks it from now on, wherever it lies: recalled, or waiting for a decision."""
        given = BlockSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with self.changing(Action.CHANGE) as (actor, record):
            return self._written(block_batch(by=actor, operation=self.operation, batch=record, **given.validated_data))

    @extend_schema(request=None, responses=BatchSerializer)
    @action(detail=True, methods=["post"])
    def unblock(self, request: Request, **kwargs: Any) -> Any:
        """It may be picked again."""
        with self.changing(Action.CHANGE) as (actor, record):
            return self._written(unblock_batch(by=actor, operation=self.operation, batch=record))


class BalanceSerializer(serializers.ModelSerializer[Balance]):
    warehouse = serializers.CharField(source="warehouse.code")
    bin = serializers.CharField(source="bin.label", default=None)
    zone = serializers.CharField(source="bin.zone.name", default=None)
    batch = serializers.CharField(source="batch.code")
    item = serializers.CharField(source="item.code")
    unit = serializers.CharField(source="item.unit.symbol")
    expires_on = serializers.DateField(source="batch.expires_on")
    is_blocked = serializers.BooleanField(source="batch.is_blocked")

    class Meta:
        model = Balance
        fields = (
            "id", "warehouse", "zone", "bin", "item", "batch", "expires_on", "is_blocked", "condition", "quantity", "unit",
        )  # fmt: skip


class BalanceViewSet(ReadOnlyRecordViewSet):
    """What lies where now: a quantity of a batch in a condition, in a bin or somewhere in the warehouse."""

    queryset = Balance.objects.filter(quantity__gt=0).select_related("warehouse", "bin__zone", "batch", "item__unit")
    serializer_class = BalanceSerializer
    scope = "stock"
    filterset_class = BalanceApiFilter
    sort_fields = {  # noqa: RUF012
        "item": "item__code", "warehouse": "warehouse__code", "expires_on": "batch__expires_on", "quantity": "quantity",
    }  # fmt: skip
    default_sort = ("item",)
    row_version_includes_related = True

    def narrow(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows = in_seen_warehouses(super().narrow(queryset), self.standing)
        return rows.filter(batch__in=batches_seen(self.standing).values("pk"))


def register(router: ApiRouter) -> None:
    router.register("batches", BatchViewSet)
    router.register("balances", BalanceViewSet)
