"""API resources of requests and their lines: the same functions as the pages, each step a POST of its own."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from aid_requests import endings, life_cycle
from aid_requests.asking import change_request, submit_request
from aid_requests.attachments import add_attachment
from aid_requests.confirming import say_not_all_came
from aid_requests.filters import RequestFilter
from aid_requests.lines import LineDraft
from aid_requests.models import AidRequest, LineKind, Priority, RequestLine, RequestState, RequestStep
from aid_requests.needed import with_figures
from aid_requests.policies import handles
from aid_requests.steps import ENDED, STEPS
from komek.accounts.authority import NotAllowed
from komek.api.code_fields import CodeField
from komek.api.geojson import GeometryField
from komek.api.router import ApiRouter
from komek.api.viewsets import RecordViewSet
from komek.records.actor import Actor
from komek.supplies.models import Item
from orgs.api_activities import PROVENANCE
from orgs.api_organisations import OrganisationCodeField
from orgs.models import Site

QUANTITY: dict[str, Any] = {"max_digits": 18, "decimal_places": 6}
PRIVATE = ("reporter_name", "reporter_phone", "reporter_email", "reporter_language", "notify_by", "reported_by")
"""Who asks and how to reach them: only for those who handle the request."""


class PlaceCodeField(CodeField):
    """A site by its code."""

    letters = "CW"
    missing = gettext_lazy("There is no site %(code)s here.")

    def rows(self) -> Any:
        return Site.objects.select_related("organisation", "area")


class RequestLineSerializer(serializers.ModelSerializer[RequestLine]):
    """A line. ``quantity`` of ``unit``; without ``item``, ``description`` or ``skill`` says what. needed = quantity − received −
    promised."""

    id = serializers.IntegerField(required=False)
    item = serializers.SlugRelatedField[Item](
        slug_field="code", queryset=Item.objects.select_related("unit"), required=False, allow_null=True
    )
    quantity = serializers.DecimalField(**QUANTITY)
    promised = serializers.DecimalField(**QUANTITY, read_only=True)
    needed = serializers.DecimalField(**QUANTITY, read_only=True)
    kind = serializers.ChoiceField(choices=LineKind.choices, default=LineKind.GOODS)
    priority = serializers.ChoiceField(choices=Priority.choices, default=Priority.NORMAL)

    class Meta:
        model = RequestLine
        fields = (
            "id", "kind", "item", "description", "skill", "quantity", "unit", "priority", "wanted_by", "people", "received",
            "promised", "needed", "is_open",
        )  # fmt: skip
        read_only_fields = ("received", "is_open")


class RequestStepSerializer(serializers.ModelSerializer[RequestStep]):
    forwarded_to = serializers.CharField(source="forwarded_to.code", default=None)

    class Meta:
        model = RequestStep
        fields = ("before", "after", "reason", "forwarded_to", "occurred_at", "entered_at")


class RequestSerializer(serializers.ModelSerializer[AidRequest]):
    site = PlaceCodeField(required=False, allow_null=True)
    asked_by = OrganisationCodeField(required=False, allow_null=True)
    responsible = OrganisationCodeField(required=False, allow_null=True)
    location = GeometryField(required=False, allow_null=True)
    area = serializers.CharField(source="area.pcode", default=None, read_only=True)
    merged_into = serializers.CharField(source="merged_into.code", default=None, read_only=True)
    lines = RequestLineSerializer(many=True, required=False)
    steps = RequestStepSerializer(many=True, read_only=True)
    confirmed = serializers.BooleanField(
        write_only=True, required=False, default=False, help_text="An unlikely quantity was asked about, and is right."
    )
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = AidRequest
        fields = (
            "code", "state", "state_since", "due_at", "title", "purpose", "people", "asked_by", "responsible", "site",
            "location", "landmark", "area", "priority", "wanted_by", "is_released", "is_false", "merged_into", "reference",
            *(name for name in PRIVATE if name != "reported_by"), "lines", "steps", "confirmed", *PROVENANCE, "url",
        )  # fmt: skip
        read_only_fields = (
            "code", "state", "state_since", "due_at", "priority", "wanted_by", "is_false", "channel", "entered_at",
            "updated_at",
        )  # fmt: skip
        extra_kwargs = {"reference": {"required": False}}  # the same one again gives the first request back
        validators: tuple[Any, ...] = ()

    def to_representation(self, instance: AidRequest) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(instance)
        view = self.context.get("view")
        if view is None or not (view.standing.runs_installation or handles(view.standing, instance)):
            for name in PRIVATE:
                shown[name] = "" if name in shown else None
        return shown


class RequestReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class ForwardSerializer(RequestReasonSerializer):
    to = OrganisationCodeField()


class MissingSerializer(serializers.Serializer[Any]):
    words = serializers.CharField(max_length=300)


class FileSerializer(serializers.Serializer[Any]):
    """A photo or document. kind: ``jpg`` or ``pdf``. The file itself is read on the request's page."""

    id = serializers.IntegerField(read_only=True)
    kind = serializers.CharField(read_only=True)
    file = serializers.FileField(write_only=True)
    caption = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class RequestViewSet(RecordViewSet):
    """Requests for support, with their lines and steps. Asking again under the same ``reference`` gives the first one back."""

    queryset = (
        AidRequest.objects.exclude(state=RequestState.DRAFT)
        .select_related("site", "area", "asked_by", "responsible", "merged_into")
        .defer("area__geometry", "search_key")
        .prefetch_related(
            Prefetch("lines", queryset=with_figures(RequestLine.objects.select_related("item"))), "steps__forwarded_to"
        )
    )
    serializer_class = RequestSerializer
    scope = "requests"
    filterset_class = RequestFilter
    geometry_field = "location"
    sort_fields = ("rank", "occurred_at", "wanted_by", "due_at", "state_since", "entered_at", "updated_at")
    default_sort = ("rank", "occurred_at")  # the order of triage, in which an index holds them
    code_kinds = "R"
    row_version_includes_related = True

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> AidRequest:
        lines = [_draft(line) for line in validated.pop("lines", [])]
        return submit_request(by=actor, operation=self.operation, lines=lines, **validated)

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> AidRequest:
        if validated.pop("reference", record.reference) != record.reference:
            raise NotAllowed(_("The reference of a request cannot change."))
        lines = validated.pop("lines", None)
        drafts = None if lines is None else [_draft(line) for line in lines]
        return change_request(by=actor, operation=self.operation, request=record, lines=drafts, **validated)

    def lock_first(self, record: Any) -> None:
        if self.action in STEPS and STEPS[self.action].after in ENDED:
            endings.goods_first(request=record)

    def _step(self, request: Request, key: str, shape: Any = RequestReasonSerializer) -> Any:
        given = shape(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        with self.changing() as (actor, record):
            taken = getattr(life_cycle, key)(by=actor, operation=self.operation, request=record, **given.validated_data)
            return self._written(taken)

    @extend_schema(request=RequestReasonSerializer, responses=RequestSerializer)
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, **kwargs: Any) -> Any:
        """The need is real."""
        return self._step(request, "verify")

    @extend_schema(request=RequestReasonSerializer, responses=RequestSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, **kwargs: Any) -> Any:
        """Whoever answers takes it on."""
        return self._step(request, "accept")

    @extend_schema(request=ForwardSerializer, responses=RequestSerializer)
    @action(detail=True, methods=["post"])
    def forward(self, request: Request, **kwargs: Any) -> Any:
        """Hand it to the organisation that should answer."""
        return self._step(request, "forward", ForwardSerializer)

    @extend_schema(request=RequestReasonSerializer, responses=RequestSerializer)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, **kwargs: Any) -> Any:
        """Say no, with the reason."""
        return self._step(request, "refuse")

    @extend_schema(request=RequestReasonSerializer, responses=RequestSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, **kwargs: Any) -> Any:
        """Not needed any more; promises go back."""
        return self._step(request, "cancel")

    @extend_schema(request=RequestReasonSerializer, responses=RequestSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, **kwargs: Any) -> Any:
        """What came is enough."""
        return self._step(request, "close")

    @extend_schema(request=RequestReasonSerializer, responses=RequestSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, **kwargs: Any) -> Any:
        """Needed after all."""
        return self._step(request, "reopen")

    @extend_schema(request=MissingSerializer, responses=RequestSerializer)
    @action(detail=True, methods=["post"], url_path="not-all-came")
    def not_all_came(self, request: Request, **kwargs: Any) -> Any:
        """The requester misses something."""
        given = MissingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with self.changing("change") as (actor, record):
            return self._written(say_not_all_came(by=actor, request=record, **given.validated_data))

    @extend_schema(request={"multipart/form-data": FileSerializer}, responses={201: FileSerializer})
    @action(detail=True, methods=["post"], parser_classes=(MultiPartParser,))
    def files(self, request: Request, **kwargs: Any) -> Any:
        """Send a photo or a PDF with the request. Pictures lose their hidden data; what is not what it says is refused."""
        given = FileSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        made = add_attachment(
            by=self.actor, operation=self.operation, request=self.get_object(), **given.validated_data
        )
        return Response(FileSerializer(made).data, status=201)


class LineFilter(filters.FilterSet):
    request = filters.CharFilter(label=gettext_lazy("Request (code)"), field_name="request__code", lookup_expr="iexact")
    item = filters.CharFilter(label=gettext_lazy("Item (code)"), field_name="item__code", lookup_expr="iexact")
    kind = filters.MultipleChoiceFilter(label=gettext_lazy("Kind"), choices=LineKind.choices, distinct=False)
    priority = filters.MultipleChoiceFilter(label=gettext_lazy("Priority"), choices=Priority.choices, distinct=False)
    is_needed = filters.BooleanFilter(label=gettext_lazy("Something is still needed"), method="by_need")

    class Meta:
        model = RequestLine
        fields: Any = ("request", "item")

    def by_need(self, queryset: Any, name: str, value: bool) -> Any:
        return queryset.filter(needed__gt=0) if value else queryset.filter(needed=0)


class OneLineSerializer(RequestLineSerializer):
    request = serializers.CharField(source="request.code", read_only=True)

    class Meta(RequestLineSerializer.Meta):
        fields = ("request", *RequestLineSerializer.Meta.fields)  # type: ignore[assignment]


class RequestLineViewSet(RecordViewSet):
    """Lines of requests with what is still needed. They change through their request."""

    queryset = with_figures(
        RequestLine.objects.exclude(request__state=RequestState.DRAFT).select_related("request", "item")
    )
    serializer_class = OneLineSerializer
    scope = "requests"
    filterset_class = LineFilter
    sort_fields = ("id", "updated_at")
    default_sort = ("id",)

    def narrow(self, queryset: Any) -> Any:
        return super().narrow(queryset).filter(request__operation=self.operation)


def _draft(line: dict[str, Any]) -> LineDraft:
    values = {**line, "pk": line.get("id")}
    values.pop("id", None)
    return LineDraft(**values)


def register(router: ApiRouter) -> None:
    router.register("requests", RequestViewSet)
    router.register("request-lines", RequestLineViewSet)
