"""API resource of consignments: the same functions as the pages."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from inventory.announcing import Coming, announce_consignment
from inventory.consignments import WantedLine, change_consignment, request_consignment, split_off
from inventory.dispatching import dispatch_consignment, note_arrival, report_position, turn_back
from inventory.filters_consignments import ConsignmentFilter
from inventory.models import Consignment, ConsignmentLine, Delivery, DeliveryLine, Parcel, Position, Warehouse
from inventory.picking_consignments import load_parcels, pick_consignment, undo_picking
from inventory.policies import sees_driver
from inventory.quantities import read_quantity
from inventory.receipt_pages import bin_named
from inventory.receiving_consignments import Arrived, receive_consignment
from komek.accounts.authority import Action
from komek.api.code_fields import CodeField
from komek.api.geojson import GeometryField
from komek.api.router import ApiRouter
from komek.api.viewsets import RecordViewSet
from komek.records.actor import Actor
from komek.supplies.models import Item
from orgs.api_activities import PROVENANCE
from orgs.models import Site

QUANTITY: dict[str, Any] = {"max_digits": 18, "decimal_places": 6}


class SiteCodeField(CodeField):
    """A site or a warehouse by its code."""

    letters = "CW"
    missing = gettext_lazy("There is no such place here: %(code)s.")

    def __init__(self, model: Any = Site, **options: Any) -> None:
        self.model = model
        super().__init__(**options)

    def rows(self) -> QuerySet[Any]:
        return self.model.objects.all()  # type: ignore[no-any-return]


class LineSerializer(serializers.ModelSerializer[ConsignmentLine]):
    item = serializers.SlugRelatedField[Item](slug_field="code", queryset=Item.objects.select_related("unit"))
    unit = serializers.CharField(source="item.unit.symbol", read_only=True)

    class Meta:
        model = ConsignmentLine
        fields = ("id", "item", "quantity", "unit", "as_written")


class ParcelSerializer(serializers.ModelSerializer[Parcel]):
    batch = serializers.CharField(source="batch.code")
    item = serializers.CharField(source="batch.item.code")
    expires_on = serializers.DateField(source="batch.expires_on")
    bin = serializers.CharField(source="bin.label", default=None)

    class Meta:
        model = Parcel
        fields = ("id", "line", "batch", "item", "expires_on", "bin", "quantity", "is_loaded")


class DeliveryLineSerializer(serializers.ModelSerializer[DeliveryLine]):
    bin = serializers.CharField(source="bin.label", default=None)

    class Meta:
        model = DeliveryLine
        fields = ("parcel", "bin", "good", "damaged", "short", "over", "explanation")


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    lines = DeliveryLineSerializer(many=True)

    class Meta:
        model = Delivery
        fields = ("id", "occurred_at", "is_last", "note", "lines")


class PositionSerializer(serializers.ModelSerializer[Position]):
    location = GeometryField()

    class Meta:
        model = Position
        fields = ("location", "occurred_at", "note", "reported_by")


class ConsignmentSerializer(serializers.ModelSerializer[Consignment]):
    origin = SiteCodeField(Warehouse)
    destination = SiteCodeField()
    lines = LineSerializer(many=True, required=False)
    parcels = ParcelSerializer(many=True, read_only=True)
    deliveries = DeliverySerializer(many=True, read_only=True)
    positions = PositionSerializer(many=True, read_only=True)
    split_from = serializers.CharField(source="split_from.code", default=None, read_only=True)
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Consignment
        fields = (
            "code", "state", "origin", "sender", "destination", "request_reference", "wanted_by", "least_shelf_life_days",
            "vehicle", "driver", "driver_phone", "carrier", "route", "seal", "dispatched_at", "expected_at", "arrived_at",
            "received_at", "split_from", "cancel_reason", "note", "lines", "parcels", "deliveries", "positions", *PROVENANCE,
            "url",
        )  # fmt: skip
        read_only_fields = (
            "code", "state", "dispatched_at", "arrived_at", "received_at", "cancel_reason", "channel", "entered_at", "updated_at",
            "sender",
        )  # fmt: skip

    def to_representation(self, instance: Consignment) -> dict[str, Any]:
        """The driver's name and phone only for those at both ends."""
        shown: dict[str, Any] = super().to_representation(instance)
        view = self.context.get("view")
        if view is None or not sees_driver(view.standing, instance):
            shown["driver"] = shown["driver_phone"] = ""
        return shown


class ComingSerializer(serializers.Serializer[Any]):
    item = serializers.SlugRelatedField[Item](slug_field="code", queryset=Item.objects.select_related("unit"))
    quantity = serializers.CharField(max_length=30)
    unit = serializers.CharField(max_length=60, required=False, default="", help_text="A unit or a pack of the item.")
    number = serializers.CharField(max_length=60, required=False, default="")
    expires_on = serializers.DateField(required=False, allow_null=True, default=None)
    produced_on = serializers.DateField(required=False, allow_null=True, default=None)


class AnnounceSerializer(serializers.Serializer[Any]):
    destination = SiteCodeField()
    sender = serializers.CharField(max_length=200)
    gift = serializers.CharField(max_length=100, required=False, default="")
    vehicle = serializers.CharField(max_length=100, required=False, default="")
    occurred_at = serializers.DateTimeField(required=False)
    expected_at = serializers.DateTimeField(required=False, allow_null=True)
    lines = ComingSerializer(many=True)


class DispatchSerializer(serializers.Serializer[Any]):
    vehicle = serializers.CharField(max_length=100, required=False)
    driver = serializers.CharField(max_length=150, required=False)
    driver_phone = serializers.CharField(max_length=30, required=False)
    carrier = serializers.CharField(max_length=150, required=False)
    route = serializers.CharField(max_length=300, required=False)
    seal = serializers.CharField(max_length=60, required=False)
    expected_at = serializers.DateTimeField(required=False)
    occurred_at = serializers.DateTimeField(required=False)


class PickSerializer(serializers.Serializer[Any]):
    allow_less = serializers.BooleanField(required=False, default=False)


class LoadSerializer(serializers.Serializer[Any]):
    parcels = serializers.ListField(child=serializers.IntegerField(), max_length=2000)
    loaded = serializers.BooleanField(required=False, default=True)


class SplitPartSerializer(serializers.Serializer[Any]):
    parcel = serializers.IntegerField()
    quantity = serializers.DecimalField(**QUANTITY)


class SplitSerializer(serializers.Serializer[Any]):
    parts = SplitPartSerializer(many=True)


class CancelSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class MomentSerializer(serializers.Serializer[Any]):
    occurred_at = serializers.DateTimeField(required=False)


class ArrivedSerializer(serializers.Serializer[Any]):
    parcel = serializers.IntegerField()
    good = serializers.DecimalField(**QUANTITY, required=False, default=0)
    damaged = serializers.DecimalField(**QUANTITY, required=False, default=0)
    missing = serializers.DecimalField(**QUANTITY, required=False, default=0)
    bin = serializers.CharField(max_length=40, required=False, default="")
    explanation = serializers.CharField(max_length=300, required=False, default="")


class ReceiveSerializer(serializers.Serializer[Any]):
    lines = ArrivedSerializer(many=True)
    is_last = serializers.BooleanField(help_text="Nothing more is to come: what is left is missing.")
    key = serializers.CharField(
        max_length=200, required=False, default="", help_text="Yours: the same delivery sent again is the same."
    )
    occurred_at = serializers.DateTimeField(required=False)
    note = serializers.CharField(max_length=300, required=False, default="")
    reported_by = serializers.CharField(max_length=200, required=False, default="")


class ConsignmentViewSet(RecordViewSet):
    """Goods on their way between sites. Each step from being asked for to being received is a POST of its own."""

    queryset = Consignment.objects.select_related("origin", "destination", "split_from").prefetch_related(
        "lines__item__unit", "parcels__batch__item", "parcels__bin", "deliveries__lines__bin", "positions"
    )
    serializer_class = ConsignmentSerializer
    scope = "consignments"
    filterset_class = ConsignmentFilter
    sort_fields = ("occurred_at", "dispatched_at", "expected_at", "entered_at", "updated_at")
    default_sort = ("-occurred_at",)
    code_kinds = "K"
    row_version_includes_related = True

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Consignment:
        lines = [WantedLine(**line) for line in validated.pop("lines", [])]
        return request_consignment(by=actor, operation=self.operation, lines=lines, **validated)

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Consignment:
        lines = validated.pop("lines", None)
        wanted = None if lines is None else [WantedLine(**line) for line in lines]
        if "origin" in validated and validated.pop("origin") != record.origin:
            raise ValidationError(
                {"origin": _("The warehouse cannot change. Cancel this one and ask another warehouse.")}
            )
        return change_consignment(by=actor, operation=self.operation, consignment=record, lines=wanted, **validated)

    @extend_schema(request=AnnounceSerializer, responses={201: ConsignmentSerializer})
    @action(detail=False, methods=["post"], url_path="from-outside")
    def from_outside(self, request: Request, **kwargs: Any) -> Any:
        """Goods that a donor or supplier sends to a warehouse; they are on the way from now on."""
        self.require(Action.ADD, Consignment)
        given = AnnounceSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        lines = []
        for line in values.pop("lines"):
            quantity = read_quantity(line["item"], line.pop("quantity"), line.pop("unit"))
            lines.append(Coming(quantity=quantity, **line))
        made = announce_consignment(by=self.actor, operation=self.operation, lines=lines, **values)
        return self._written(made, status=201)

    def _do(self, request: Request, shape: Any, act: Any) -> Any:
        """One step: the body checked, the row locked, the function called."""
        given = shape(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        with self.changing() as (actor, record):
            done = act(actor, record, dict(given.validated_data))
            return self._written(done if isinstance(done, Consignment) else record)

    @extend_schema(request=PickSerializer, responses=ConsignmentSerializer)
    @action(detail=True, methods=["post"])
    def pick(self, request: Request, **kwargs: Any) -> Any:
        """Set the goods aside, first expired first."""
        return self._do(request, PickSerializer, lambda by, one, data: pick_consignment(by=by, consignment=one, **data))

    @extend_schema(request=None, responses=ConsignmentSerializer)
    @action(detail=True, methods=["post"], url_path="undo-picking")
    def undo(self, request: Request, **kwargs: Any) -> Any:
        """Put what was picked back."""
        return self._do(request, serializers.Serializer, lambda by, one, data: undo_picking(by=by, consignment=one))

    @extend_schema(request=LoadSerializer, responses=ConsignmentSerializer)
    @action(detail=True, methods=["post"])
    def load(self, request: Request, **kwargs: Any) -> Any:
        """Tick parcels off as they go onto the vehicle."""
        return self._do(
            request, LoadSerializer,
            lambda by, one, data: load_parcels(
                by=by, consignment=one, parcels=_parcels(one, data["parcels"]).values(), loaded=data["loaded"]
            ),
        )  # fmt: skip

    @extend_schema(request=SplitSerializer, responses=ConsignmentSerializer)
    @action(detail=True, methods=["post"])
    def split(self, request: Request, **kwargs: Any) -> Any:
        """Let a part travel on its own; gives the new consignment back."""

        def act(by: Actor, one: Consignment, data: dict[str, Any]) -> Consignment:
            own = _parcels(one, [part["parcel"] for part in data["parts"]])
            parts = {own[part["parcel"]]: part["quantity"] for part in data["parts"]}
            return split_off(by=by, operation=self.operation, consignment=one, parcels=parts)

        return self._do(request, SplitSerializer, act)

    @extend_schema(request=DispatchSerializer, responses=ConsignmentSerializer)
    @action(detail=True, methods=["post"])
    def depart(self, request: Request, **kwargs: Any) -> Any:
        """Let the vehicle go."""
        return self._do(
            request, DispatchSerializer, lambda by, one, data: dispatch_consignment(by=by, consignment=one, **data)
        )

    @extend_schema(request=PositionSerializer, responses=ConsignmentSerializer)
    @action(detail=True, methods=["post"])
    def position(self, request: Request, **kwargs: Any) -> Any:
        """Where it was seen."""
        return self._do(
            request, PositionSerializer, lambda by, one, data: report_position(by=by, consignment=one, **data)
        )

    @extend_schema(request=MomentSerializer, responses=ConsignmentSerializer)
    @action(detail=True, methods=["post"])
    def arrive(self, request: Request, **kwargs: Any) -> Any:
        """It stands in the yard."""
        return self._do(request, MomentSerializer, lambda by, one, data: note_arrival(by=by, consignment=one, **data))

    @extend_schema(request=ReceiveSerializer, responses=ConsignmentSerializer)
    @action(detail=True, methods=["post"])
    def receive(self, request: Request, **kwargs: Any) -> Any:
        """What came, line by line. Each difference needs its explanation."""

        def act(by: Actor, one: Consignment, data: dict[str, Any]) -> None:
            house = Warehouse.objects.filter(pk=one.destination_id).first()
            own = _parcels(one, [line["parcel"] for line in data["lines"]])
            lines = [
                Arrived(**{**line, "parcel": own[line["parcel"]], "bin": bin_named(line["bin"], house)})
                for line in data.pop("lines")
            ]
            receive_consignment(by=by, consignment=one, lines=lines, **data)

        return self._do(request, ReceiveSerializer, act)

    @extend_schema(request=CancelSerializer, responses=ConsignmentSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, **kwargs: Any) -> Any:
        """Call it off, or call the vehicle back."""
        return self._do(request, CancelSerializer, lambda by, one, data: turn_back(by=by, consignment=one, **data))


def _parcels(consignment: Consignment, asked: list[int]) -> dict[int, Parcel]:
    own = {parcel.pk: parcel for parcel in consignment.parcels.filter(pk__in=asked)}
    if missing := sorted(set(asked) - set(own)):
        raise ValidationError(
            {"parcels": _("%(code)s has no parcel %(pk)s.") % {"code": consignment.code, "pk": missing[0]}}
        )
    return own


def register(router: ApiRouter) -> None:
    router.register("consignments", ConsignmentViewSet)
