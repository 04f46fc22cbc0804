"""A resource that exists in tests only, on real models, beside the real addresses."""

from __future__ import annotations

from threading import Event
from typing import Any

import django_filters
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from komek.accounts.authority import Action
from komek.api.geojson import GeometryField
from komek.api.router import ApiRouter
from komek.api.viewsets import RecordViewSet
from komek.records.actor import Actor
from komek.urls import handler404, handler500
from komek.urls import urlpatterns as real
from orgs.models import Organisation, Site

__all__ = ["handler404", "handler500", "urlpatterns", "work_may_finish"]

work_may_finish = Event()
work_may_finish.set()


class OrganisationSerializer(serializers.ModelSerializer[Organisation]):
    class Meta:
        model = Organisation
        fields = ("code", "name", "acronym", "kind", "website", "country", "confirmed_at", "updated_at")


class OrganisationFilter(django_filters.FilterSet):
    class Meta:
        model = Organisation
        fields = ("kind",)


class OrganisationViewSet(RecordViewSet):
    queryset = Organisation.objects.all()
    serializer_class = OrganisationSerializer
    scope = "organisations"
    filterset_class = OrganisationFilter
    sort_fields = ("name", "country", "entered_at")
    default_sort = ("name",)
    code_kinds = "O"

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Organisation:
        organisation = Organisation(**validated)
        organisation.stamp(actor)
        organisation.save()
        assert work_may_finish.wait(20)
        return organisation

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Organisation:
        for name, value in validated.items():
            setattr(record, name, value)
        record.save()
        found: Organisation = record
        return found

    def perform_delete_with(self, actor: Actor, record: Any) -> None:
        record.delete()

    @action(detail=True, methods=["get"])
    def explode(self, request: Request, **kwargs: Any) -> Response:
        raise RuntimeError("the secret is 12345")

    @action(detail=True, methods=["post"])
    def approve(self, request: Request, **kwargs: Any) -> Any:
        with self.changing(Action.APPROVE) as (actor, record):
            record.decide(actor, "approved")
            return self._written(record)


class SiteSerializer(serializers.ModelSerializer[Site]):
    location = GeometryField(("Point",))

    class Meta:
        model = Site
        fields = ("code", "name", "location")


class SiteViewSet(RecordViewSet):
    queryset = Site.objects.all()
    serializer_class = SiteSerializer
    scope = "sites"
    sort_fields = ("name",)
    default_sort = ("name",)
    code_kinds = "C"
    geometry_field = "location"


router = ApiRouter()
router.register("organisations", OrganisationViewSet)
router.register("sites", SiteViewSet)


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken outside the framework")


urlpatterns = [path("api/test/broken/", broken), path("api/test/", include((router.urls, "test"))), *real]
