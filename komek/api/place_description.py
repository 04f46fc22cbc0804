"""``/api/v1/places/describe``: a point in words, for phones and forms that hold coordinates only."""

from __future__ import annotations

import math
from typing import Any

from django.contrib.gis.geos import Point
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from komek.api.operation import operation_of
from komek.api.problems import FieldFault, Problem
from komek.places.describing import DIRECTIONS, describe_point


class DescribedAreaSerializer(serializers.Serializer[Any]):
    pcode = serializers.CharField()
    name = serializers.SerializerMethodField()
    level = serializers.IntegerField()

    def get_name(self, area: Any) -> str:
        return str(area)


class PlaceDescriptionSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(
        help_text="All of it in one line, in the language asked for. Empty when nothing is known."
    )
    areas = DescribedAreaSerializer(many=True, help_text="The areas that hold the point, the largest first.")
    settlement = serializers.SerializerMethodField(help_text="The nearest settlement within 100 km.")
    distance_m = serializers.FloatField(allow_null=True, help_text="Metres from the settlement's centre.")
    direction = serializers.ChoiceField(
        choices=["", *DIRECTIONS], help_text="From the settlement to the point; empty without one."
    )

    def get_settlement(self, description: Any) -> str | None:
        return str(description.settlement) if description.settlement else None


class PlaceDescription(APIView):
    """A point in words: its areas, and how far and which way it lies from the nearest settlement."""

    scope = "areas"

    @extend_schema(
        operation_id="places_describe",
        parameters=[
            OpenApiParameter("lat", OpenApiTypes.DOUBLE, required=True, description="Latitude in degrees, WGS 84."),
            OpenApiParameter("lon", OpenApiTypes.DOUBLE, required=True, description="Longitude in degrees, WGS 84."),
        ],
        responses=PlaceDescriptionSerializer,
    )
    def get(self, request: Request) -> Response:
        latitude, longitude = _degrees(request, "lat", 90), _degrees(request, "lon", 180)
        description = describe_point(
            Point(longitude, latitude, srid=4326), get_language() or "en", operation=operation_of(request)
        )
        return Response(PlaceDescriptionSerializer(description).data)


def _degrees(request: Request, name: str, limit: int) -> float:
    """A coordinate from the query. Raises Problem 400 with a sentence."""
    text = request.query_params.get(name, "")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not abs(value) <= limit:
        sentence = _("“%(name)s” must be a number of degrees from −%(limit)d to %(limit)d.") % {
            "name": name,
            "limit": limit,
        }
        if name == "lat" and abs(value) <= 180:
            sentence = _("Latitude cannot be that large. Are latitude and longitude swapped?")
        raise Problem(400, "invalid-coordinates", sentence, faults=(FieldFault(name, str(sentence)),))
    return value
