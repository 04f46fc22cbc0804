"""The description of the API (OpenAPI 3): what every resource shares is said here once."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from komek.api.idempotency import HEADER as IDEMPOTENCY_KEY
from komek.api.operation import HEADER as OPERATION
from komek.api.operation import PARAMETER
from komek.api.problems import CONTENT_TYPE

_IN_HEADER = OpenApiParameter.HEADER


class FaultSerializer(serializers.Serializer[Any]):
    field = serializers.CharField(allow_blank=True, help_text="Dotted path of the field; empty for the whole record.")
    sentence = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """An error (RFC 9457)."""

    type = serializers.CharField(help_text="What kind of problem, as urn:komek:problem:…")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="A sentence a person can act on.")
    instance = serializers.CharField()
    request_id = serializers.CharField(required=False)
    errors = FaultSerializer(many=True, required=False)


class Schema(AutoSchema):
    """Adds the conventions' headers and the problem answer to every operation of a record."""

    def get_override_parameters(self) -> list[Any]:
        given = list(super().get_override_parameters())
        if not hasattr(self.view, "record_version"):
            return given
        given += [
            OpenApiParameter(
                OPERATION, OpenApiTypes.STR, _IN_HEADER, description="Short name of the operation to work in."
            ),
            OpenApiParameter(
                PARAMETER, OpenApiTypes.STR, description="The same, for callers that cannot send headers."
            ),
        ]
        if self.method == "GET":
            given.append(
                OpenApiParameter(
                    "fields", OpenApiTypes.STR, description="Only these fields; names with commas between."
                )
            )
        if self.method == "GET" and not self._is_list_view():
            text = "An ETag; answered 304 when the record is unchanged."
            given.append(OpenApiParameter("If-None-Match", OpenApiTypes.STR, _IN_HEADER, description=text))
        if self.method == "POST":
            text = "8 to 255 characters. A repeated request with the same key is done once (kept for 48 hours)."
            given.append(OpenApiParameter(IDEMPOTENCY_KEY, OpenApiTypes.STR, _IN_HEADER, description=text))
        if self.method in ("PUT", "PATCH", "DELETE"):
            text = "The ETag of the version this change is based on: 428 when missing, 412 when it has changed since."
            given.append(
                OpenApiParameter(
                    "If-Match", OpenApiTypes.STR, _IN_HEADER, required=self.view.requires_if_match, description=text
                )
            )
        return given

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        if direction == "response":
            problem = self.resolve_serializer(ProblemSerializer, "response").ref
            bodies["default"] = {"description": "Problem", "content": {CONTENT_TYPE: {"schema": problem}}}
            if hasattr(self.view, "record_version") and not self._is_list_view():
                for status in ("200", "201"):
                    if status in bodies:
                        text = "The version of the record."
                        bodies[status]["headers"] = {"ETag": {"schema": {"type": "string"}, "description": text}}
                if self.method == "GET":
                    bodies["304"] = {"description": "Unchanged since the version in If-None-Match."}
        return bodies
