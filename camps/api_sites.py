"""API resources of sites with people and their headcounts. The same functions and filters as the pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from camps.filters import CampFilter, HeadcountFilter
from camps.headcounts import correct_headcount, decide_headcount, report_headcount
from camps.models import NEEDS, Camp, Headcount, breakdown_fields
from camps.overview import with_people, with_registered
from camps.profile_pdf import profile_pdf_of
from camps.sites import change_camp, change_state, register_camp
from komek.accounts.authority import Action
from komek.api.code_fields import CodeField
from komek.api.geojson import GeometryField
from komek.api.problems import Problem
from komek.api.router import ApiRouter
from komek.api.viewsets import RecordViewSet
from komek.operations.models import HazardType
from komek.records.actor import Actor
from komek.web.pdf import NoPdf
from orgs.api_activities import PROVENANCE, AreaCodeField
from orgs.api_organisations import OrganisationCodeField
from orgs.models import Opening


class PdfRenderer(BaseRenderer):
    """Says that PDF can be asked for; the view makes it."""

    media_type = "application/pdf"
    format = "pdf"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> Any:
        return data


class CampCodeField(CodeField):
    """A site with people by its code."""

    letters = "CW"
    missing = gettext_lazy("There is no site with people %(code)s here.")

    def rows(self) -> QuerySet[Camp]:
        return Camp.objects.all()


class CampSerializer(serializers.ModelSerializer[Camp]):
    organisation = OrganisationCodeField(allow_null=True, required=False)
    supporting = serializers.ListField(child=OrganisationCodeField(), required=False)
    area = AreaCodeField(allow_null=True, required=False)
    location = GeometryField(allow_null=True, required=False)
    perimeter = GeometryField(("MultiPolygon",), allow_null=True, required=False)
    hazards = serializers.SlugRelatedField[HazardType](
        slug_field="key", queryset=HazardType.objects.all(), many=True, required=False
    )
    people_now = serializers.IntegerField(
        read_only=True, help_text="People at the newest accepted headcount; null when nobody counted."
    )
    counted_at = serializers.DateTimeField(read_only=True, help_text="The moment of that headcount.")
    occupancy = serializers.FloatField(read_only=True, help_text="People as a percentage of the places.")
    registered = serializers.IntegerField(
        read_only=True, help_text="People here by registration; null where nobody is registered."
    )
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Camp
        fields = (
            "code", "name", "names", "camp_type", "organisation", "supporting", "location", "perimeter", "area", "landmark",
            "opening", "opened_on", "closed_on", "capacity", "site_area_m2", "access", "access_note", "hazards", "hazards_note",
            "registration", "is_cold", "silent_after_days", "damage", "about", "external_ids", "people_now", "counted_at",
            "occupancy", "registered", "confirmed_at", *PROVENANCE, "url",
        )  # fmt: skip
        read_only_fields = ("code", "confirmed_at", "channel", "entered_at", "updated_at")

    def to_representation(self, instance: Any) -> dict[str, Any]:
        supporting = [organisation.code for organisation in instance.supporting.all()]
        self.fields.pop("supporting", None)
        return {**super().to_representation(instance), "supporting": supporting}


class StateSerializer(serializers.Serializer[Any]):
    opening = serializers.ChoiceField(choices=Opening.choices)
    reason = serializers.CharField(max_length=300, required=False, default="")
    occurred_at = serializers.DateTimeField(required=False)


class CampViewSet(RecordViewSet):
    """Camps, settlements, collective centres, host communities, hospitals, reception points: wherever people are."""

    queryset = with_registered(with_people(Camp.objects.all())).select_related("organisation", "area").prefetch_related(
        "supporting", "hazards"
    ).defer("area__geometry")  # fmt: skip
    serializer_class = CampSerializer
    scope = "camps"
    filterset_class = CampFilter
    sort_fields = ("name", "camp_type", "capacity", "confirmed_at", "entered_at", "updated_at")
    default_sort = ("name",)
    code_kinds = "CW"
    geometry_field = "location"
    row_version_includes_related = True

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Camp:
        validated.setdefault("organisation", None)
        return register_camp(by=actor, operation=self.operation, **validated)

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Camp:
        return change_camp(by=actor, operation=self.operation, camp=record, **validated)

    @extend_schema(request=StateSerializer, responses=CampSerializer)
    @action(detail=True, methods=["post"])
    def state(self, request: Request, **kwargs: Any) -> Any:
        """Open, close or plan the site, with the reason."""
        given = StateSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with self.changing(Action.CHANGE) as (actor, record):
            values = {"occurred_at": timezone.now(), **given.validated_data}
            values["state"] = values.pop("opening")
            return self._written(change_state(by=actor, operation=self.operation, camp=record, **values))

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BYTE}, filters=False)
    @action(detail=True, methods=["get"], renderer_classes=(JSONRenderer, PdfRenderer))
    def profile(self, request: Request, **kwargs: Any) -> Any:
        """The site's profile as PDF, as its page prints it: people, gaps, services, and how old each figure is."""
        try:
            answer = profile_pdf_of(self.get_object(), self.standing, request)
        except NoPdf as refusal:
            raise Problem(503, "no-pdf", str(refusal)) from refusal
        return self._finish(answer)


FIGURES = ("people", "households", "female", "male", *breakdown_fields(), *NEEDS)


class HeadcountSerializer(serializers.ModelSerializer[Headcount]):
    camp = CampCodeField()
    entry_id = serializers.UUIDField(
        required=False, help_text="Yours: the same entry sent again gives the first one back."
    )
    corrects = serializers.PrimaryKeyRelatedField[Headcount](read_only=True)
    confirmed = serializers.BooleanField(
        write_only=True, required=False, default=False, help_text="Say yes when a jump of more than 30 % is right."
    )

    class Meta:
        model = Headcount
        fields = (
            "id", "entry_id", "camp", "occurred_at", *FIGURES, "method", "source", "note", "standing", "corrects", "confirmed",
            "reported_by", "channel", "entered_at", "updated_at",
        )  # fmt: skip
        read_only_fields = ("id", "standing", "channel", "entered_at", "updated_at")
        extra_kwargs = {"occurred_at": {"required": True}}  # noqa: RUF012


class DecisionSerializer(serializers.Serializer[Any]):
    accept = serializers.BooleanField()
    reason = serializers.CharField(max_length=300, required=False, default="")


class HeadcountViewSet(RecordViewSet):
    """How many people a site holds, over time. A change adds a corrected headcount; the earlier one stays."""

    queryset = Headcount.objects.select_related("camp").defer("camp__perimeter")
    serializer_class = HeadcountSerializer
    scope = "headcounts"
    filterset_class = HeadcountFilter
    sort_fields = ("occurred_at", "people", "entered_at", "updated_at")
    default_sort = ("-occurred_at",)

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Headcount:
        return report_headcount(by=actor, operation=self.operation, **validated)

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Headcount:
        kept = {name: value for name, value in validated.items() if name not in ("camp", "entry_id")}
        return correct_headcount(by=actor, operation=self.operation, headcount=record, **kept)

    @extend_schema(request=DecisionSerializer, responses=HeadcountSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, **kwargs: Any) -> Any:
        """Confirm a questioned headcount, or withdraw one with a reason."""
        given = DecisionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with self.changing(Action.CHANGE) as (actor, record):
            return self._written(
                decide_headcount(by=actor, operation=self.operation, headcount=record, **given.validated_data)
            )


def register(router: ApiRouter) -> None:
    router.register("camps", CampViewSet)
    router.register("headcounts", HeadcountViewSet)
