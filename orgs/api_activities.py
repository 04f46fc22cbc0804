"""API resources of sites, activities, people in need, and the coverage matrix. The same functions and filters as the pages."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from komek.accounts.authority import Action
from komek.api.code_fields import CodeField
from komek.api.geojson import GeometryField
from komek.api.router import ApiRouter
from komek.api.viewsets import RecordViewSet
from komek.places.finding import UnknownPcode, area_for_pcode, areas_in_use
from komek.places.models import Area
from komek.records.actor import Actor
from orgs.activities import change_activity, confirm_activity, record_activity, record_people_in_need
from orgs.api_organisations import OrganisationCodeField
from orgs.coverage import coverage
from orgs.filters import ActivityFilter, AreaFilter, SiteFilter
from orgs.models import Activity, PeopleInNeed, Sector, Site
from orgs.models.activities import PEOPLE_GROUPS, SEXES
from orgs.sites import change_site, confirm_site, register_site

PROVENANCE = ("occurred_at", "reported_by", "channel", "entered_at", "updated_at")
COUNTS = tuple(
    f"{measure}{group}"
    for measure in ("targeted", "reached")
    for group in ("", *(f"_{name}" for name in (*SEXES, *PEOPLE_GROUPS)))
)


@extend_schema_field(str)
class AreaCodeField(serializers.Field[Any, Any, Any, Any]):
    """An area by its P-code or its code in another system."""

    def to_representation(self, value: Any) -> str:
        return str(value.pcode)

    def to_internal_value(self, data: Any) -> Area:
        try:
            return area_for_pcode(str(data), operation=self.context["view"].operation)
        except UnknownPcode as fault:
            raise serializers.ValidationError(str(fault)) from fault


class SiteCodeField(CodeField):
    """A site by its code."""

    letters = "CW"
    missing = gettext_lazy("There is no site %(code)s here.")

    def rows(self) -> QuerySet[Site]:
        return Site.objects.all()


class SiteSerializer(serializers.ModelSerializer[Site]):
    organisation = OrganisationCodeField(allow_null=True, required=False)
    area = AreaCodeField(allow_null=True, required=False)
    location = GeometryField(allow_null=True, required=False)
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Site
        fields = (
            "code", "name", "names", "kind", "organisation", "location", "area", "landmark", "capacity", "capacity_unit",
            "opening", "opening_hours", "opened_on", "closed_on", "damage", "damage_assessed_at", "about", "external_ids",
            "confirmed_at", *PROVENANCE, "url",
        )  # fmt: skip
        read_only_fields = ("code", "confirmed_at", "channel", "entered_at", "updated_at")


class SiteViewSet(RecordViewSet):
    """Fixed places that somebody runs: offices, stores, camps, hospitals, distribution points."""

    queryset = Site.objects.select_related("organisation", "area").defer("area__geometry")
    serializer_class = SiteSerializer
    scope = "sites"
    filterset_class = SiteFilter
    sort_fields = ("name", "kind", "capacity", "confirmed_at", "entered_at", "updated_at")
    default_sort = ("name",)
    code_kinds = "CW"
    geometry_field = "location"

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Site:
        validated.setdefault("organisation", None)
        return register_site(by=actor, operation=self.operation, **validated)

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Site:
        return change_site(by=actor, operation=self.operation, site=record, **validated)

    @extend_schema(request=None, responses=SiteSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, **kwargs: Any) -> Any:
        """Say that the entry is still right."""
        with self.changing(Action.CHANGE) as (actor, record):
            return self._written(confirm_site(by=actor, operation=self.operation, site=record))


class ActivitySerializer(serializers.ModelSerializer[Activity]):
    organisation = OrganisationCodeField()
    funded_by = OrganisationCodeField(allow_null=True, required=False)
    sector = serializers.SlugRelatedField[Sector](slug_field="key", queryset=Sector.objects.all())
    area = AreaCodeField(allow_null=True, required=False)
    site = SiteCodeField(allow_null=True, required=False)
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Activity
        fields = (
            "code", "title", "organisation", "funded_by", "sector", "status", "area", "area_as_given", "site", "starts_on",
            "ends_on", "affected_group", *COUNTS, "description", "external_id", "confirmed_at", *PROVENANCE, "url",
        )  # fmt: skip
        read_only_fields = ("code", "confirmed_at", "channel", "entered_at", "updated_at")


class ActivityViewSet(RecordViewSet):
    """Who does what, where, when and for whom (3W/4W)."""

    queryset = Activity.objects.select_related("organisation", "funded_by", "sector", "area", "site").defer(
        "area__geometry"
    )
    serializer_class = ActivitySerializer
    scope = "activities"
    filterset_class = ActivityFilter
    sort_fields = ("title", "starts_on", "ends_on", "reached", "targeted", "entered_at", "updated_at")
    default_sort = ("-starts_on",)
    code_kinds = Activity.CODE_LETTER

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Activity:
        return record_activity(by=actor, operation=self.operation, **validated)

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Activity:
        return change_activity(by=actor, operation=self.operation, activity=record, **validated)

    @extend_schema(request=None, responses=ActivitySerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, **kwargs: Any) -> Any:
        """Say that the entry is still right."""
        with self.changing(Action.CHANGE) as (actor, record):
            return self._written(confirm_activity(by=actor, operation=self.operation, activity=record))

    @extend_schema(responses={200: {"type": "object"}})
    @action(detail=False, methods=["get"], filter_backends=(), pagination_class=None)
    def coverage(self, request: Request, **kwargs: Any) -> Any:
        """The matrix of sector by area at ``?level=``: organisations at work, people in need and reached, and gaps."""
        if self.operation is None:
            raise serializers.ValidationError(_("Choose an operation first."))
        level = request.query_params.get("level", "1")
        if not level.isdigit():
            raise serializers.ValidationError(
                {"level": _("The level is a whole number: 1 for regions, 2 for districts.")}
            )
        areas = list(areas_in_use(self.operation, int(level)).defer("geometry")[:1000])
        sectors = list(Sector.objects.filter(is_active=True))
        found = coverage(operation=self.operation, areas=areas, sectors=sectors)
        rows = [
            {
                "area": area.pcode,
                "sector": sector.key,
                "state": cell.state.value,
                "organisations": cell.organisations,
                "working": cell.working,
                "planned": cell.planned,
                "targeted": cell.targeted,
                "reached": cell.reached,
                "in_need": cell.in_need,
                "need_as_of": cell.need_as_of,
            }
            for area in areas
            for sector in sectors
            if (cell := found.cell(area.pk, sector.pk)).state.value != "quiet"
        ]
        return self._finish(Response({"level": int(level), "unplaced": found.unplaced, "cells": rows}))


class PeopleInNeedSerializer(serializers.ModelSerializer[PeopleInNeed]):
    area = AreaCodeField()
    sector = serializers.SlugRelatedField[Sector](
        slug_field="key", queryset=Sector.objects.all(), allow_null=True, required=False
    )

    class Meta:
        model = PeopleInNeed
        fields = ("id", "area", "sector", "people", "source", *PROVENANCE)
        read_only_fields = ("id", "reported_by", "channel", "entered_at", "updated_at")


class PeopleInNeedFilter(filters.FilterSet):
    area = AreaFilter(path="area_id")
    sector = filters.CharFilter(field_name="sector__key")

    class Meta:
        model = PeopleInNeed
        fields = ("area", "sector")


class PeopleInNeedViewSet(RecordViewSet):
    """How many people need help, by area and sector, as assessed. Earlier figures stay."""

    queryset = PeopleInNeed.objects.select_related("area", "sector").defer("area__geometry")
    serializer_class = PeopleInNeedSerializer
    scope = "people-in-need"
    filterset_class = PeopleInNeedFilter
    sort_fields = ("occurred_at", "people", "updated_at")
    default_sort = ("-occurred_at",)

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> PeopleInNeed:
        return record_people_in_need(by=actor, operation=self.operation, **validated)


def register(router: ApiRouter) -> None:
    router.register("sites", SiteViewSet)
    router.register("activities", ActivityViewSet)
    router.register("people-in-need", PeopleInNeedViewSet)
