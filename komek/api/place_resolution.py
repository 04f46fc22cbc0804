"""``/api/v1/places/resolve``: the places a text may mean, ranked, for forms and programs. Nothing is chosen for the asker."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from komek.api.operation import operation_of
from komek.api.place_description import DescribedAreaSerializer
from komek.api.problems import FieldFault, Problem
from komek.places.finding import UnknownPcode, area_for_pcode
from komek.places.finding_pages import HOW, point_near
from komek.places.resolver import resolve

LONGEST = 200
MOST = 20


class CandidateSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    how = serializers.ChoiceField(choices=list(HOW), help_text="What led to it.")
    score = serializers.FloatField(help_text="From 0 to 1.")
    lat = serializers.SerializerMethodField(help_text="Latitude in degrees, WGS 84.")
    lon = serializers.SerializerMethodField(help_text="Longitude in degrees, WGS 84.")
    area = DescribedAreaSerializer(allow_null=True, help_text="The area it is, or lies in.")
    settlement = serializers.SerializerMethodField(help_text="Its key in /api/v1/settlements/, when it is one.")

    @extend_schema_field(OpenApiTypes.DOUBLE)
    def get_lat(self, candidate: Any) -> float | None:
        return candidate.point.y if candidate.point else None

    @extend_schema_field(OpenApiTypes.DOUBLE)
    def get_lon(self, candidate: Any) -> float | None:
        return candidate.point.x if candidate.point else None

    def get_settlement(self, candidate: Any) -> int | None:
        return candidate.settlement.pk if candidate.settlement else None


class ResolutionSerializer(serializers.Serializer[Any]):
    is_certain = serializers.BooleanField(
        help_text="Whether the first candidate is meant. If not, let a person choose."
    )
    problem = serializers.CharField(help_text="A sentence when the text can be read but names no place on Earth.")
    candidates = CandidateSerializer(many=True, help_text="Best first; none when nothing is alike.")


class PlaceResolution(APIView):
    """The places a text may mean: by code, else plus code, else coordinates, else name or alias in any script and spelling."""

    scope = "areas"

    @extend_schema(
        operation_id="places_resolve",
        parameters=[
            OpenApiParameter("text", OpenApiTypes.STR, required=True, description="What somebody said or wrote."),
            OpenApiParameter("near", OpenApiTypes.STR, description="Where the asker is: latitude, longitude."),
            OpenApiParameter("within", OpenApiTypes.STR, description="P-code: only places in this area, by name."),
            OpenApiParameter("limit", OpenApiTypes.INT, description=f"At most {MOST}; 5 unless told."),
        ],
        responses=ResolutionSerializer,
    )
    def get(self, request: Request) -> Response:
        query = request.query_params
        text = query.get("text", "").strip()
        if not text or len(text) > LONGEST:
            raise _fault(
                "text", _("Say in “text” what to look for, in at most %(most)d characters.") % {"most": LONGEST}
            )
        near, sentence = point_near(query.get("near", ""))
        if sentence:
            raise _fault("near", sentence)
        limit = query.get("limit", "5")
        if not limit.isdecimal() or not 1 <= int(limit) <= MOST:
            raise _fault("limit", _("“limit” must be a whole number from 1 to %(most)d.") % {"most": MOST})
        operation, within = operation_of(request), None
        if query.get("within"):
            try:
                within = area_for_pcode(query["within"], operation=operation)
            except UnknownPcode as fault:
                raise _fault("within", str(fault)) from fault
        found = resolve(text, operation=operation, near=near, within=within, limit=int(limit))
        return Response(ResolutionSerializer(found).data)


def _fault(name: str, sentence: Any) -> Problem:
    return Problem(400, "invalid-parameter", str(sentence), faults=(FieldFault(name, str(sentence)),))
