"""API resources of promises and receipts: the same functions as the pages."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request

from aid_requests.committing import commit, commit_offer, lock_promise, prolong, release
from aid_requests.models import Commitment, CommitmentState, Receipt, RequestLine, Source
from aid_requests.policies import handles
from aid_requests.receipts import record_receipt
from komek.accounts.authority import visible
from komek.api.router import ApiRouter
from komek.api.viewsets import RecordViewSet
from komek.records.actor import Actor
from orgs.api_activities import PROVENANCE
from orgs.api_organisations import OrganisationCodeField

QUANTITY: dict[str, Any] = {"max_digits": 18, "decimal_places": 6}


@extend_schema_field(OpenApiTypes.INT)
class LineField(serializers.Field[Any, Any, Any, Any]):
    """A line of a request by its number."""

    def to_representation(self, value: RequestLine) -> int:
        return value.pk

    def to_internal_value(self, data: Any) -> RequestLine:
        view = self.context["view"]
        rows = visible(RequestLine.objects.filter(request__operation=view.operation), view.standing)
        found = None
        if str(data).isdigit():
            found = rows.select_related("request__operation", "request__site", "item").filter(pk=int(data)).first()
        if found is None:
            raise serializers.ValidationError(_("There is no such line of a request here."))
        return found


class CommitmentSerializer(serializers.ModelSerializer[Commitment]):
    """A promise. By word, or with ``plug`` and ``offer`` of what is offered: then it is held there and its delivery begins."""

    line = LineField()
    request = serializers.CharField(source="line.request.code", read_only=True)
    organisation = OrganisationCodeField(required=False, allow_null=True)
    source = serializers.ChoiceField(choices=Source.choices, required=False)
    plug = serializers.CharField(max_length=60, required=False)
    offer = serializers.CharField(max_length=200, required=False)
    until = serializers.DateTimeField(required=False)

    class Meta:
        model = Commitment
        fields = (
            "id", "request", "line", "source", "organisation", "title", "plug", "offer", "quantity", "received", "short",
            "state", "until", "delivery", "reason", "contact_phone", "contact_email", "ended_at", *PROVENANCE,
        )  # fmt: skip
        read_only_fields = (
            "received", "short", "state", "delivery", "reason", "ended_at", "channel", "entered_at", "updated_at",
            "reported_by",
        )  # fmt: skip

    def to_representation(self, instance: Commitment) -> dict[str, Any]:
        """How to reach who promised only for those who handle the request."""
        shown: dict[str, Any] = super().to_representation(instance)
        view = self.context.get("view")
        if view is None or not (view.standing.runs_installation or handles(view.standing, instance.line.request)):
            shown["contact_phone"] = shown["contact_email"] = ""
        return shown


class CommitmentFilter(filters.FilterSet):
    request = filters.CharFilter(
        label=gettext_lazy("Request (code)"), field_name="line__request__code", lookup_expr="iexact"
    )
    line = filters.NumberFilter(label=gettext_lazy("Line"), field_name="line_id")
    state = filters.MultipleChoiceFilter(label=gettext_lazy("State"), choices=CommitmentState.choices, distinct=False)
    source = filters.MultipleChoiceFilter(label=gettext_lazy("Source"), choices=Source.choices, distinct=False)

    class Meta:
        model = Commitment
        fields: Any = ("request", "state")


class ReleaseReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class UntilSerializer(serializers.Serializer[Any]):
    until = serializers.DateTimeField()


class CommitmentViewSet(RecordViewSet):
    """Promises to lines of requests; never more than is still needed."""

    queryset = Commitment.objects.select_related("line__request__site", "line__item", "organisation")
    serializer_class = CommitmentSerializer
    scope = "requests"
    filterset_class = CommitmentFilter
    sort_fields = ("occurred_at", "until", "entered_at", "updated_at")
    default_sort = ("-occurred_at",)

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Commitment:
        plug, offer = validated.pop("plug", ""), validated.pop("offer", "")
        if not plug and not offer:
            return commit(by=actor, operation=self.operation, **validated)
        unfit = sorted(set(validated) - {"line", "quantity", "until", "title", "organisation"})
        if unfit:
            raise ValidationError({unfit[0]: _("This is not given for what a plug offers; it knows it.")})
        return commit_offer(by=actor, operation=self.operation, plug=plug, offer=offer, **validated)

    def lock_first(self, record: Any) -> None:
        lock_promise(record)

    @extend_schema(request=ReleaseReasonSerializer, responses=CommitmentSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, **kwargs: Any) -> Any:
        """Give it back."""
        given = ReleaseReasonSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with self.changing() as (actor, record):
            return self._written(release(by=actor, operation=self.operation, commitment=record, **given.validated_data))

    @extend_schema(request=UntilSerializer, responses=CommitmentSerializer)
    @action(detail=True, methods=["post"])
    def prolong(self, request: Request, **kwargs: Any) -> Any:
        """It holds longer."""
        given = UntilSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with self.changing() as (actor, record):
            return self._written(prolong(by=actor, operation=self.operation, commitment=record, **given.validated_data))


class ReceiptSerializer(serializers.ModelSerializer[Receipt]):
    line = LineField()
    request = serializers.CharField(source="line.request.code", read_only=True)
    commitment = serializers.PrimaryKeyRelatedField[Commitment](
        queryset=Commitment.objects.all(), required=False, allow_null=True
    )
    key = serializers.CharField(
        max_length=200, required=False, default="", help_text="Yours: sent twice is one receipt."
    )
    is_last = serializers.BooleanField(
        write_only=True, required=False, default=True, help_text="Nothing more of the promise comes."
    )
    confirmed = serializers.BooleanField(
        write_only=True, required=False, default=False, help_text="More than was asked: asked about, and right."
    )

    class Meta:
        model = Receipt
        fields = (
            "id", "request", "line", "commitment", "quantity", "explanation", "key", "is_last", "confirmed", *PROVENANCE,
        )  # fmt: skip
        read_only_fields = ("channel", "entered_at", "updated_at")
        validators: tuple[Any, ...] = ()


class ReceiptFilter(filters.FilterSet):
    request = filters.CharFilter(
        label=gettext_lazy("Request (code)"), field_name="line__request__code", lookup_expr="iexact"
    )
    line = filters.NumberFilter(label=gettext_lazy("Line"), field_name="line_id")

    class Meta:
        model = Receipt
        fields: Any = ("request", "line")


class ReceiptViewSet(RecordViewSet):
    """What came. ``key`` is the sender's own name: the same again changes nothing. ``reported_by``: who counted it."""

    queryset = Receipt.objects.select_related("line__request__site", "commitment")
    serializer_class = ReceiptSerializer
    scope = "requests"
    filterset_class = ReceiptFilter
    sort_fields = ("occurred_at", "entered_at", "updated_at")
    default_sort = ("-occurred_at",)

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Receipt:
        confirmed_by = validated.pop("reported_by", "")
        return record_receipt(by=actor, operation=self.operation, confirmed_by=confirmed_by, **validated)


def register(router: ApiRouter) -> None:
    router.register("request-commitments", CommitmentViewSet)
    router.register("request-receipts", ReceiptViewSet)
