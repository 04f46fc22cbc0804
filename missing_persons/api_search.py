"""``/api/v1/person-search/``: the public search for partners' programs. No more than the page shows.

A key needs the scope ``person-search:read``; without a key the limits of the network hold. A program is not asked a question: who asks
that much is refused until the hour is over.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from komek.api.operation import operation_of
from komek.api.problems import FieldFault, Problem
from komek.api.router import ApiRouter
from komek.api.scopes import WithinScope
from komek.operations.current import default_operation
from missing_persons.public.forms import SearchForm
from missing_persons.public.gate import passage
from missing_persons.public.limits import asker_of, digest
from missing_persons.public.search_page import search_public


class FoundPersonSerializer(serializers.Serializer[Any]):
    names = serializers.ListField(child=serializers.CharField(), help_text="As published, the first one first.")
    age_band = serializers.CharField(help_text="Years in whole fives, such as 35–44; empty when not known.")
    status = serializers.CharField(help_text="In words, in the language asked for.")
    address = serializers.CharField(help_text="Path of the person's public page.")
    photo = serializers.CharField(help_text="Path of the photo, empty without one.")


class PersonSearchSerializer(serializers.Serializer[Any]):
    are_too_many = serializers.BooleanField(help_text="More fit than may be shown: say the age, or more of the name.")
    persons = FoundPersonSerializer(many=True, help_text="At most five; never a list to go through.")


class PersonSearch(ViewSet):
    """People of the operation who fit closely and may be seen by everybody."""

    scope = "person-search"
    permission_classes = (AllowAny, WithinScope)

    @extend_schema(
        operation_id="person_search",
        parameters=[
            OpenApiParameter("name", OpenApiTypes.STR, required=True, description="At least two names, in any script."),
            OpenApiParameter("age", OpenApiTypes.STR, description="In years: 40, or 35-45."),
        ],
        responses=PersonSearchSerializer,
    )
    def list(self, request: Request) -> Response:
        form = SearchForm(request.query_params)
        if not form.is_valid():
            faults = tuple(FieldFault(name, str(fault)) for name, told in form.errors.items() for fault in told)
            raise Problem(400, "invalid-parameter", faults[0].sentence, faults=faults)
        asker = asker_of(request._request)  # noqa: SLF001
        if request.auth is not None:
            asker = replace(asker, device=digest("device", f"token-{request.auth.pk}"))
        if not passage("search", asker, name=form.cleaned_data["name"]).is_open:
            raise Problem(
                429, "too-many-searches", _("Too many searches. Wait an hour."), headers={"Retry-After": "3600"}
            )
        operation = operation_of(request) if request.user.is_authenticated else default_operation()
        return Response(
            PersonSearchSerializer(search_public(form.query(), operation=operation)).data,
            headers={"Cache-Control": "no-store"},
        )


def register(router: ApiRouter) -> None:
    router.register("person-search", PersonSearch)
