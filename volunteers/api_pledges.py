"""API resource of pledges and their steps. The same functions and filters as the pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from komek.accounts.authority import Action
from komek.api.geojson import GeometryField
from komek.api.router import ApiRouter
from komek.api.viewsets import RecordViewSet
from komek.records.actor import Actor
from komek.supplies.models import Item
from orgs.api_activities import PROVENANCE, AreaCodeField, SiteCodeField
from orgs.api_organisations import OrganisationCodeField
from volunteers import life_cycle
from volunteers.filters import PledgeFilter
from volunteers.models import Pledge, PledgeReceipt, PledgeUse
from volunteers.names import with_names
from volunteers.offering import change_pledge, make_pledge
from volunteers.promising import promise_pledge
from volunteers.uses import release_use

OF_THE_DONOR = ("donor", "donor_name", "donor_kind")
OF_REACHING = ("phone", "email", "language", "notify_by", "reported_by")


class PledgeUseSerializer(serializers.ModelSerializer[PledgeUse]):
    destination = serializers.CharField(source="destination.code", default=None)

    class Meta:
        model = PledgeUse
        fields = ("id", "quantity", "received", "state", "reference", "until", "destination", "wanted_by")


class PledgeReceiptSerializer(serializers.ModelSerializer[PledgeReceipt]):
    class Meta:
        model = PledgeReceipt
        fields = ("id", "use", "quantity", "note", "occurred_at")


class PledgeSerializer(serializers.ModelSerializer[Pledge]):
    donor = OrganisationCodeField(allow_null=True, required=False)
    item = serializers.SlugRelatedField[Item](
        slug_field="code", queryset=Item.objects.select_related("unit"), allow_null=True, required=False
    )
    quantity = serializers.DecimalField(
        max_digits=18, decimal_places=6, help_text="Of the unit given; kept and shown in the item's base unit."
    )
    unit = serializers.CharField(
        max_length=40, required=False, allow_blank=True, help_text="Unit, pack, or for money the currency (ISO 4217)."
    )
    area = AreaCodeField(allow_null=True, required=False)
    site = SiteCodeField(allow_null=True, required=False)
    location = GeometryField(allow_null=True, required=False)
    uses = PledgeUseSerializer(many=True, read_only=True)
    receipts = PledgeReceiptSerializer(many=True, read_only=True)
    confirmed = serializers.BooleanField(
        write_only=True, required=False, help_text="The quantity is unlikely, and right."
    )
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Pledge
        fields = (
            "code", "reference", "kind", "state", "state_since", "item", "description", "skill", "quantity", "unit", "received",
            "used", *OF_THE_DONOR, "is_public", "is_anonymous", "phone", "email", "language", "notify_by", "location", "landmark",
            "area", "site", "valid_from", "valid_to", "conditions", "is_kept", "thanked_at", "uses", "receipts", "confirmed",
            *PROVENANCE, "url",
        )  # fmt: skip
        read_only_fields = (
            "code", "state", "state_since", "received", "used", "is_kept", "thanked_at", "channel", "entered_at", "updated_at",
        )  # fmt: skip
        validators: list[Any] = []  # noqa: RUF012 - the functions say what is wrong; the same reference is no fault

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Without the donor, and how to reach them, where the asker may not know."""
        shown: dict[str, Any] = super().to_representation(instance)
        hidden = () if instance.may_be_named else OF_THE_DONOR
        for name in (*hidden, *(() if instance.may_be_reached else OF_REACHING)):
            if name in shown:
                shown[name] = None
        return shown


class PledgeReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class PledgeDeclineSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300, help_text="In kind words: the donor reads it.")


class PledgeCommitSerializer(serializers.Serializer[Any]):
    quantity = serializers.DecimalField(max_digits=18, decimal_places=6, help_text="In the pledge's unit.")
    reference = serializers.CharField(max_length=200, help_text="The need, such as a request's code.")
    until = serializers.DateTimeField(required=False, help_text="Held until then; three days unless given.")


class PledgePartSerializer(serializers.Serializer[Any]):
    use = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text="A promised part; else of what is free."
    )


class PledgeSendSerializer(PledgePartSerializer):
    quantity = serializers.DecimalField(max_digits=18, decimal_places=6, required=False, allow_null=True, default=None)


class PledgeReceiveSerializer(PledgePartSerializer):
    quantity = serializers.DecimalField(max_digits=18, decimal_places=6)
    is_last = serializers.BooleanField(default=False, help_text="Nothing more of it will come.")
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    confirmed = serializers.BooleanField(default=False, help_text="More came than was pledged, and that is right.")


class PledgeUsedSerializer(serializers.Serializer[Any]):
    quantity = serializers.DecimalField(max_digits=18, decimal_places=6)
    words = serializers.CharField(max_length=300, help_text="What became of it: the donor reads it.")


class PledgeThankSerializer(serializers.Serializer[Any]):
    words = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class PledgeReleaseSerializer(serializers.Serializer[Any]):
    use = serializers.IntegerField()
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class PledgeViewSet(RecordViewSet):
    """Offers of aid, and what became of them. Who gives is null where the asker may not know."""

    queryset = (
        Pledge.objects.select_related("operation", "item__unit", "donor", "site", "area")
        .prefetch_related("uses__destination", "receipts")
        .defer("area__geometry", "search_key")
    )
    serializer_class = PledgeSerializer
    scope = "pledges"
    filterset_class = PledgeFilter
    sort_fields = ("occurred_at", "valid_to", "state_since", "entered_at", "updated_at")
    default_sort = ("-occurred_at",)
    code_kinds = "G"
    geometry_field = "location"
    row_version_includes_related = True

    def get_queryset(self) -> QuerySet[Any]:
        return with_names(super().get_queryset(), self.standing)

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Pledge:
        return make_pledge(by=actor, operation=self.operation, **validated)

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Pledge:
        if validated.pop("reference", record.reference) != record.reference:
            raise serializers.ValidationError({"reference": _("The sender's reference stays what it is.")})
        return change_pledge(by=actor, operation=self.operation, pledge=record, **validated)

    @extend_schema(request=PledgeReasonSerializer, responses=PledgeSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, **kwargs: Any) -> Any:
        """The offer is welcome; from now on it is offered where something is needed."""
        return self._step(request, PledgeReasonSerializer, life_cycle.accept)

    @extend_schema(request=PledgeDeclineSerializer, responses=PledgeSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, **kwargs: Any) -> Any:
        """Say no, kindly."""
        return self._step(request, PledgeDeclineSerializer, life_cycle.decline)

    @extend_schema(request=PledgeReasonSerializer, responses=PledgeSerializer)
    @action(detail=True, methods=["post"])
    def keep(self, request: Request, **kwargs: Any) -> Any:
        """Not needed now: keep it for later."""
        return self._step(request, PledgeReasonSerializer, life_cycle.keep_for_later)

    @extend_schema(request=PledgeReasonSerializer, responses=PledgeSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, **kwargs: Any) -> Any:
        """The donor takes it back."""
        return self._step(request, PledgeReasonSerializer, life_cycle.withdraw)

    @extend_schema(request=PledgeCommitSerializer, responses=PledgeSerializer)
    @action(detail=True, methods=["post"])
    def commit(self, request: Request, **kwargs: Any) -> Any:
        """Promise a part of it to a need; never more than is free."""

        def act(**values: Any) -> None:
            values.setdefault("until", timezone.now() + timedelta(days=3))
            promise_pledge(**values)

        return self._step(request, PledgeCommitSerializer, act)

    @extend_schema(request=PledgeReleaseSerializer, responses=PledgeSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, **kwargs: Any) -> Any:
        """Give a promised part back."""

        def act(*, by: Actor, operation: Any, pledge: Pledge, use: PledgeUse, reason: str) -> None:
            release_use(by=by, operation=operation, use=use, reason=reason)

        return self._step(request, PledgeReleaseSerializer, act)

    @extend_schema(request=PledgeSendSerializer, responses=PledgeSerializer)
    @action(detail=True, methods=["post"])
    def send(self, request: Request, **kwargs: Any) -> Any:
        """A part is on its way."""
        return self._step(request, PledgeSendSerializer, life_cycle.send)

    @extend_schema(request=PledgeReceiveSerializer, responses=PledgeSerializer)
    @action(detail=True, methods=["post"])
    def receive(self, request: Request, **kwargs: Any) -> Any:
        """So much of it came."""
        return self._step(request, PledgeReceiveSerializer, life_cycle.receive)

    @extend_schema(request=PledgeUsedSerializer, responses=PledgeSerializer)
    @action(detail=True, methods=["post"])
    def used(self, request: Request, **kwargs: Any) -> Any:
        """So much of what came was given out."""
        return self._step(request, PledgeUsedSerializer, life_cycle.note_use)

    @extend_schema(request=PledgeThankSerializer, responses=PledgeSerializer)
    @action(detail=True, methods=["post"])
    def thank(self, request: Request, **kwargs: Any) -> Any:
        """Thank the donor, with the address of the report."""
        return self._step(request, PledgeThankSerializer, life_cycle.thank)

    def _step(self, request: Request, given: type[serializers.Serializer[Any]], act: Callable[..., Any]) -> Any:
        read = given(data=request.data)
        read.is_valid(raise_exception=True)
        values = dict(read.validated_data)
        with self.changing(Action.VIEW) as (actor, record):
            if values.get("use") is not None:
                values["use"] = record.uses.filter(pk=values["use"]).first()
                if values["use"] is None:
                    raise serializers.ValidationError({"use": _("This pledge has no such part.")})
            act(by=actor, operation=self.operation, pledge=record, **values)
            return self._written(record)


def register(router: ApiRouter) -> None:
    router.register("pledges", PledgeViewSet)
