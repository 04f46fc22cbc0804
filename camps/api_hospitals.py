"""API resource of hospital reports, and EDXL-HAVE in and out. The same functions and filters as the pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from camps.api_sites import CampCodeField
from camps.filters import HospitalReportFilter
from camps.have import importing
from camps.have.checking import HaveFault
from camps.have.exporting import document_of
from camps.hospitals import FIGURES, PLAUSIBLE_BEDS, STATUSES, report_hospital
from camps.models import BedCount, BedKind, Camp, CampType, HaveImport, HospitalReport, ServiceStatus
from komek.accounts.authority import Action, visible
from komek.api.router import ApiRouter
from komek.api.viewsets import RecordViewSet
from komek.records.actor import Actor
from komek.records.codes import parse_code


class BedSerializer(serializers.ModelSerializer[BedCount]):
    kind = serializers.ChoiceField(choices=BedKind.choices)
    total = serializers.IntegerField(min_value=0, max_value=PLAUSIBLE_BEDS)
    available = serializers.IntegerField(min_value=0, max_value=PLAUSIBLE_BEDS)

    class Meta:
        model = BedCount
        fields = ("kind", "total", "available")


class HospitalReportSerializer(serializers.ModelSerializer[HospitalReport]):
    camp = CampCodeField()
    entry_id = serializers.UUIDField(
        required=False, help_text="Yours: the same entry sent again gives the first one back."
    )
    services = serializers.DictField(
        child=serializers.ChoiceField(choices=ServiceStatus.choices), required=False, help_text="Service → state."
    )
    beds = BedSerializer(many=True, required=False, help_text="Kinds left out are not known, not none.")
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = HospitalReport
        fields = (
            "id", "entry_id", "camp", "occurred_at", *STATUSES, "services", "beds", *FIGURES, "source", "note", "reported_by",
            "channel", "entered_at", "updated_at", "url",
        )  # fmt: skip
        read_only_fields = ("id", "channel", "entered_at", "updated_at")
        extra_kwargs = {"occurred_at": {"required": True}}  # noqa: RUF012


class HaveParser(BaseParser):
    """The document's bytes as they came; Django's own limit on a body holds."""

    media_type = "application/xml"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> bytes:
        body: bytes = parser_context["request"]._request.body
        return body


class HaveTextParser(HaveParser):
    media_type = "text/xml"


class HaveRenderer(BaseRenderer):
    """Says that XML can be asked for; the view writes it."""

    media_type = "application/xml"
    format = "xml"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> Any:
        return data


class PlannedSerializer(serializers.Serializer[Any]):
    """What became of one hospital in a document, or would."""

    external_id = serializers.CharField()
    name = serializers.CharField()
    reported_at = serializers.DateTimeField(allow_null=True)
    code = serializers.CharField(allow_null=True)
    outcome = serializers.ChoiceField(choices=[one.value for one in importing.Outcome])
    sentences = serializers.ListField(child=serializers.CharField())
    free_beds = serializers.IntegerField(allow_null=True)
    beds = serializers.IntegerField(allow_null=True)
    overall = serializers.CharField()


class BroughtInSerializer(serializers.Serializer[Any]):
    recorded = serializers.BooleanField(help_text="False: this is what would be recorded.")
    warnings = serializers.ListField(child=serializers.CharField(), help_text="What the document says and is not kept.")
    hospitals = PlannedSerializer(many=True)


class HospitalReportViewSet(RecordViewSet):
    """The state of hospitals over time. Reports are added, never changed; the newest by event time counts."""

    queryset = (
        HospitalReport.objects.select_related("camp").defer("camp__perimeter", "camp__about").prefetch_related("beds")
    )
    serializer_class = HospitalReportSerializer
    scope = "hospital-reports"
    filterset_class = HospitalReportFilter
    sort_fields = ("occurred_at", "entered_at", "updated_at")
    default_sort = ("-occurred_at",)
    row_version_includes_related = True

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> HospitalReport:
        return report_hospital(by=actor, operation=self.operation, **validated)

    @extend_schema(
        parameters=[OpenApiParameter("camp", str, description="Code of one hospital; all of them without it.")],
        responses={(200, "application/xml"): OpenApiTypes.BYTE},
        filters=False,
    )
    @action(
        detail=False, methods=["get"], url_path="have", filter_backends=(), pagination_class=None,
        renderer_classes=(JSONRenderer, HaveRenderer), parser_classes=(HaveParser, HaveTextParser),
    )  # fmt: skip
    def have(self, request: Request, **kwargs: Any) -> Any:
        """The latest report of each hospital as an EDXL-HAVE 2.0 document."""
        self.require(Action.EXPORT, HospitalReport)
        camps = visible(Camp.objects.filter(camp_type=CampType.HOSPITAL), self.standing)
        asked = request.query_params.get("camp", "")
        if asked:
            camps = camps.filter(code=parse_code(asked, "CW"))
        content = document_of(camps, self.operation)
        if content is None:
            raise serializers.ValidationError(_("No hospital has a report yet, so there is nothing to export."))
        return self._finish(HttpResponse(content, content_type="application/xml; charset=utf-8"))

    @extend_schema(
        parameters=[
            OpenApiParameter("record", bool, description="Record it. Without it nothing is written: a dry run.")
        ],
        request={"application/xml": OpenApiTypes.BYTE},
        responses=BroughtInSerializer,
        filters=False,
    )
    @have.mapping.post
    def bring_in(self, request: Request, **kwargs: Any) -> Any:
        """Read an EDXL-HAVE 2.0 document: what it would record, or with ``?record=true`` what was recorded."""
        self.require(Action.ADD, HaveImport)
        is_wanted = request.query_params.get("record", "").lower() in ("1", "true", "yes")
        content: bytes = request.data if isinstance(request.data, bytes) else b""
        try:
            plan = importing.plan(content, operation=self.operation, standing=self.standing)
            rows = [importing.shown(row) for row in plan.rows]
            if is_wanted:
                kept = importing.receive(by=self.actor, operation=self.operation, content=content, file_name="API")
                rows = importing.record(by=self.actor, operation=self.operation, document=kept).result
        except HaveFault as fault:
            raise serializers.ValidationError({"document": list(fault.sentences)}) from fault
        return self._finish(JsonResponse({"recorded": is_wanted, "warnings": plan.warnings, "hospitals": rows}))


def register(router: ApiRouter) -> None:
    router.register("hospital-reports", HospitalReportViewSet)
