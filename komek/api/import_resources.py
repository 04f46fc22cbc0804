"""Imports through the API: the same steps, checks and sentences as the pages."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from komek.accounts.authority import Action, NotAllowed, may
from komek.api.negotiation import BoundedFormParser, BoundedJSONParser, FilesParser
from komek.api.router import ApiRouter
from komek.api.viewsets import RecordViewSet
from komek.exchange import importing, reversing, tasks
from komek.exchange.faults import FileFault
from komek.exchange.models import BatchState, ImportBatch, ImportRow
from komek.exchange.readers.opening import refuse_too_large
from komek.exchange.resources import ModelResource
from komek.extensions.exchange import exchange
from komek.records.actor import Actor
from komek.records.middleware import actor_of

ROWS_AT_MOST = 500


class ImportSerializer(serializers.ModelSerializer[ImportBatch]):
    """``table``: which kind of records, such as ``orgs.activity``.

    A form field ``columns.<header>`` names our column where the proposal is wrong.
    """

    table = serializers.CharField(source="resource", max_length=60)
    file = serializers.FileField(write_only=True)
    sheet = serializers.CharField(required=False, allow_blank=True, max_length=100)
    columns = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False, write_only=True)
    matched = serializers.SerializerMethodField(help_text="Header in the file → our column.")

    class Meta:
        model = ImportBatch
        fields = (
            "id", "table", "file", "file_name", "format", "sheet", "sheets", "columns", "matched", "create_missing", "notes",
            "state", "problem", "total", "done", "counts", "unknown", "reversal", "created_at", "finished_at",
        )  # fmt: skip
        read_only_fields = (
            "file_name", "format", "sheets", "notes", "state", "problem", "total", "done", "counts", "unknown", "reversal",
            "created_at", "finished_at",
        )  # fmt: skip

    def get_matched(self, batch: ImportBatch) -> dict[str, str]:
        return {
            batch.headers[int(place)]: name for place, name in batch.mapping.items() if int(place) < len(batch.headers)
        }


class ImportRowSerializer(serializers.ModelSerializer[ImportRow]):
    class Meta:
        model = ImportRow
        fields = ("number", "outcome", "faults", "notes", "candidates", "changes", "cells")


class RowDecisionSerializer(serializers.Serializer[Any]):
    row = serializers.IntegerField(min_value=1)
    decision = serializers.CharField(max_length=20, help_text="The pk of a candidate, `create` or `skip`.")


class ImportViewSet(RecordViewSet):
    """Bring a file in: POST it (checked, nothing written), read its rows, then ``apply``; ``reverse`` takes all of it back.

    Files over 2,000 rows are checked and written in the background, and those over 1 MB are read there too: read the import again
    until its state says so. What is wrong with such a file is then in ``problem``.
    """

    queryset = ImportBatch.objects.select_related("owner", "operation")
    serializer_class = ImportSerializer
    scope = "imports"
    updated_field = "created_at"
    requires_if_match = False
    row_version_includes_related = True
    parser_classes = (FilesParser, BoundedFormParser, BoundedJSONParser)
    sort_fields: ClassVar[Any] = ("created_at",)
    default_sort: ClassVar[Any] = ("-created_at",)

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> ImportBatch:
        resource = exchange.get(validated["resource"])
        if not isinstance(resource, ModelResource) or not resource.takes_files:
            known = ", ".join(sorted(plug.key for plug in exchange if getattr(plug, "takes_files", False)))
            raise serializers.ValidationError(
                {"table": _("There is no such table. Known are: %(names)s.") % {"names": known}}
            )
        if not may(self.standing, Action.ADD, resource.model):
            raise NotAllowed(_("Your account may not do this with these records. Ask a coordinator for a role."))
        file, batch = validated["file"], None
        columns, create_missing = validated.get("columns", {}), validated.get("create_missing", False)
        what: dict[str, Any] = {
            "by": actor,
            "operation": self.operation or None,
            "resource": resource,
            "name": file.name,
        }
        sheet = validated.get("sheet", "")
        try:
            refuse_too_large(file.size)
            if file.size >= importing.READ_INLINE_BELOW:
                asked = {"columns": columns, "create_missing": create_missing, "sheet": sheet}
                return self._do(importing.keep_upload(**what, file=file, asked=asked), BatchState.READING)
            batch = importing.receive(**what, content=file.read(), sheet=sheet)
            importing.match_headers(batch, columns, create_missing=create_missing)
        except FileFault as fault:
            if batch is not None:
                batch.file.delete(save=False)  # its row goes with the transaction
            raise serializers.ValidationError({"file": str(fault)}) from fault
        return self._do(batch, BatchState.CHECKING)

    def _do(self, batch: ImportBatch, state: BatchState) -> ImportBatch:
        tasks.start(batch, state)
        batch.refresh_from_db()
        return batch

    @extend_schema(responses=ImportRowSerializer(many=True))
    @action(detail=True, methods=["get"])
    def rows(self, request: Request, **kwargs: Any) -> Response:
        """Rows and what becomes of them, 500 at most. ``outcome``: only these; ``after``: those below this row of the file."""
        rows = self.get_object().rows.all()
        if outcome := request.query_params.get("outcome"):
            rows = rows.filter(outcome=outcome)
        after = request.query_params.get("after", "")
        if after.isdecimal() and len(after) < 10:
            rows = rows.filter(number__gt=int(after))
        return Response(ImportRowSerializer(rows[:ROWS_AT_MOST], many=True).data)

    @extend_schema(request=None, responses=ImportSerializer)
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, **kwargs: Any) -> Response:
        """Write what was checked, or what was decided since."""
        batch = self.get_object()
        if not importing.may_be_written(batch):
            raise serializers.ValidationError(_("There is nothing to write."))
        return self._answer(self._do(batch, BatchState.APPLYING))

    @extend_schema(request=RowDecisionSerializer, responses=ImportSerializer)
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, **kwargs: Any) -> Response:
        """Say which record a row means that may mean several."""
        batch = self.get_object()
        asked = RowDecisionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            importing.decide(batch, asked.validated_data["row"], asked.validated_data["decision"])
        except FileFault as fault:
            raise serializers.ValidationError(str(fault)) from fault
        return self._answer(batch)

    @extend_schema(request=None, responses=ImportSerializer)
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, **kwargs: Any) -> Response:
        """Take the whole import back."""
        batch = self.get_object()
        try:
            reversing.begin(by=actor_of(request), batch=batch)
        except FileFault as fault:
            raise serializers.ValidationError(str(fault)) from fault
        return self._answer(self._do(batch, BatchState.REVERSING))

    def _answer(self, batch: ImportBatch) -> Response:
        return Response(self.get_serializer(batch).data)


def register(router: ApiRouter) -> None:
    router.register("imports", ImportViewSet)
