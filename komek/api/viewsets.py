"""The base of every resource.

A registry writes, in its ``api.py``::

    class OrganisationViewSet(RecordViewSet):
        queryset = Organisation.objects.select_related("parent")
        serializer_class = OrganisationSerializer
        scope = "organisations"                      # what tokens are asked for: organisations:read, organisations:write
        filterset_class = OrganisationFilter         # the one its pages use
        sort_fields = ("name", "updated_at")
        default_sort = ("name",)
        code_kinds = "O"                             # addressed by public code: /api/v1/organisations/O1236/

        def perform_create_with(self, actor, validated):
            return register_organisation(by=actor, **validated)

        def perform_update_with(self, actor, record, validated):
            return change_organisation(record, by=actor, **validated)

        def perform_delete_with(self, actor, record):
            remove_organisation(record, by=actor)

    def register(router):
        router.register("organisations", OrganisationViewSet)

A hook left out means that method answers 405. What comes with the base: rows narrowed by ``authority.visible``, changes
allowed by ``authority.require``, cursor pages, ``sort``, ``fields``, ``updated_since``, GeoJSON, ETags, Idempotency-Key,
problem+json, and their description in the schema.

Extra actions (``@action``) that change a record use ``with self.changing() as (actor, record):``: it locks the
row, checks If-Match and gives the actor. Ask ``self.require(Action.APPROVE, record)`` before calling the domain function.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from django.contrib.gis.db.models.functions import AsGeoJSON
from django.db import models, transaction
from django.http import Http404, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property
from django.utils.translation import get_language
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ListSerializer
from rest_framework.viewsets import GenericViewSet

from komek.accounts import authority
from komek.accounts.authority import Action, Standing
from komek.api import etags, geojson
from komek.api.filtering import (
    BoundingBoxBackend,
    FilterSetBackend,
    SortBackend,
    Sorting,
    UpdatedSinceBackend,
    sparse_fields,
)
from komek.api.idempotency import Idempotent
from komek.api.operation import HEADER, operation_of
from komek.api.pagination import KeysetPagination
from komek.api.scopes import MayWork, WithinScope
from komek.records.actor import Actor, acting
from komek.records.codes import parse_code
from komek.records.middleware import actor_of

_HOOKS = {
    "create": "perform_create_with",
    "update": "perform_update_with",
    "partial_update": "perform_update_with",
    "destroy": "perform_delete_with",
}


class RecordViewSet(Idempotent, Sorting, GenericViewSet[Any]):
    """List, read, create, change and delete one kind of record. See the module's text for how to use it.

    scope: the resource as token scopes name it. Required.
    code_kinds: letters of the public codes it is addressed by; empty to use ``lookup_field`` (``pk`` unless set).
    geometry_field: name of the model's geometry, to offer GeoJSON and ``bbox``.
    requires_if_match: changes without If-Match are refused (428).
    row_version_includes_related: set where the representation nests rows of other tables that change on their own; the
        ETag is then made from the representation itself.
    """

    scope: str | None = ""
    scope_verbs: ClassVar[dict[str, str]] = {}
    code_kinds: ClassVar[str] = ""
    geometry_field: ClassVar[str] = ""
    updated_field: ClassVar[str] = "updated_at"
    requires_if_match: ClassVar[bool] = True
    row_version_includes_related: ClassVar[bool] = False
    is_strict_about_parameters: ClassVar[bool] = True
    filter_backends = (FilterSetBackend, SortBackend, UpdatedSinceBackend, BoundingBoxBackend)
    pagination_class = KeysetPagination
    permission_classes: Any = (MayWork, WithinScope)
    filterset_class: Any = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.code_kinds and cls.lookup_field == "pk":
            cls.lookup_field = "code"

    @classmethod
    def as_view(cls, actions: Any = None, **initkwargs: Any) -> Any:
        """Methods whose hook is left out are not offered."""
        kept = {method: name for method, name in (actions or {}).items() if cls._offers(name)}
        return super().as_view(kept, **initkwargs)

    @classmethod
    def offers_changes(cls) -> bool:
        """Whether anything can be changed through this resource, so that a scope for it makes sense."""
        actions = any(set(extra.mapping) - {"get", "head", "options"} for extra in cls.get_extra_actions())
        return actions or any(_is_overridden(cls, hook) for hook in set(_HOOKS.values()))

    @classmethod
    def _offers(cls, name: str) -> bool:
        return name not in _HOOKS or _is_overridden(cls, _HOOKS[name])

    # --- What a registry fills in

    def perform_create_with(self, actor: Actor, validated: dict[str, Any]) -> Any:
        """Call the room's function; give back the record. Runs in a transaction, after ``may add one at all``."""
        raise MethodNotAllowed(self.request.method or "")

    def perform_update_with(self, actor: Actor, record: Any, validated: dict[str, Any]) -> Any:
        """Call the room's function with the locked record; give back the record. ``validated`` holds only what was sent."""
        raise MethodNotAllowed(self.request.method or "")

    def perform_delete_with(self, actor: Actor, record: Any) -> None:
        """Call the room's function with the locked record."""
        raise MethodNotAllowed(self.request.method or "")

    def narrow(self, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """The rows the asker may see. Override only for reference data that has no policy."""
        return authority.visible(queryset, self.standing)

    def record_version(self, record: Any) -> str:
        """What the ETag is made from."""
        if self.row_version_includes_related:
            written = JSONRenderer().render(self._serialize_fully(record))
            return etags.digest(record._meta.label, record.pk, written)
        return etags.row_version(record)

    # --- Who asks

    @cached_property
    def operation(self) -> Any:
        """The operation this request works in, or ``None``."""
        return operation_of(self.request)

    @cached_property
    def standing(self) -> Standing:
        """What the asker holds in that operation."""
        user = self.request.user if getattr(self.request.user, "is_authenticated", False) else None
        return authority.standing_of(user, self.operation)

    @property
    def actor(self) -> Actor:
        """For domain functions' ``by``."""
        return actor_of(self.request)  # type: ignore[arg-type]

    def require(self, action: str, record: Any) -> None:
        """Raise NotAllowed (403) unless the asker may do this to the record, or to the model when a class is given."""
        authority.require(self.standing, action, record)

    # --- Reading

    def get_queryset(self) -> models.QuerySet[Any]:
        queryset = super().get_queryset().annotate(**{etags.ANNOTATION: etags.RowVersion()})
        if getattr(self, "swagger_fake_view", False):
            return queryset.none()
        return self._with_geometry(self.narrow(queryset))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        data = self.get_serializer(rows, many=True).data
        paginator: Any = self.paginator
        if self._is_geojson:
            features = self._features(rows or [], data)
            features.links, features.count = paginator.links(), paginator.count
            return self._finish(Response(features))
        return self._finish(paginator.get_paginated_response(data))

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        record = self.get_object()
        tag = etags.make_tag(self.record_version(record), self._variant)
        if etags.is_unchanged(request, tag):
            return self._finish(HttpResponse(status=304, headers={"ETag": tag}))
        return self._finish(self._represent(record, tag))

    def get_object(self) -> Any:
        """The visible record named in the address; 404 when there is none, with its own sentence for a mistyped code."""
        return self._find(self.get_queryset())

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        serializer = super().get_serializer(*args, **kwargs)
        if self.request is None or "data" in kwargs or self.request.method not in ("GET", "HEAD"):
            return serializer
        one = serializer.child if isinstance(serializer, ListSerializer) else serializer
        if self._is_geojson:
            one.fields.pop(self.geometry_field, None)
        asked = sparse_fields(self.request, list(one.fields))
        if asked is not None:
            for name in set(one.fields) - asked:
                one.fields.pop(name)
        return serializer

    def get_renderers(self) -> list[BaseRenderer]:
        renderers: list[BaseRenderer] = super().get_renderers()
        if self.geometry_field and self.request.method in ("GET", "HEAD", None):
            renderers.append(geojson.GeoJSONRenderer())
        return renderers

    # --- Changing

    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        self.require(Action.ADD, self.get_queryset().model)
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        with acting(self.actor), transaction.atomic():
            record = self.perform_create_with(self.actor, dict(serializer.validated_data))
            return self._written(record, status=201)

    def update(self, request: Request, *args: Any, partial: bool = False, **kwargs: Any) -> HttpResponse:
        with self.changing(Action.CHANGE) as (actor, record):
            serializer = self.get_serializer(record, data=request.data, partial=partial)
            serializer.is_valid(raise_exception=True)
            return self._written(self.perform_update_with(actor, record, dict(serializer.validated_data)))

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.update(request, *args, partial=True, **kwargs)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        with self.changing(Action.DELETE) as (actor, record):
            self.perform_delete_with(actor, record)
        return self._finish(Response(status=204))

    @contextmanager
    def changing(self, action: str | None = None) -> Iterator[tuple[Actor, Any]]:
        """One transaction: lock the row, read it, ask authority, check If-Match, and act.

        The lock comes before the check, so of two changes based on the same version the second is refused.
        """
        with acting(self.actor), transaction.atomic():
            found = self._find(self.get_queryset())
            self.lock_first(found)
            _lock_rows(found)
            record = self.get_object()
            if action is not None:
                self.require(action, record)
            etags.check_match(self.request, self.record_version(record), self.requires_if_match)
            yield self.actor, record

    def lock_first(self, record: Any) -> None:
        """Lock what the room's actions lock before the record itself, so that two never wait for each other in a circle."""

    # --- Inside

    @property
    def _is_geojson(self) -> bool:
        renderer = getattr(self.request, "accepted_renderer", None)
        return bool(self.geometry_field) and isinstance(renderer, geojson.GeoJSONRenderer)

    @property
    def _variant(self) -> str:
        """What else the representation depends on: format, fields, language, and what the asker may see."""
        asked = self.request.query_params
        shape = "geojson" if self._is_geojson else ""
        return etags.digest(
            shape, asked.get("fields", ""), get_language(), self.request.user.pk, self.standing.operation_id,
            sorted(map(str, self.standing.held)),
        )[:10]  # fmt: skip

    def _find(self, queryset: models.QuerySet[Any]) -> Any:
        value: str = self.kwargs[self.lookup_url_kwarg or self.lookup_field]
        if self.code_kinds:
            value = parse_code(value, self.code_kinds)
        try:
            record = queryset.filter(**{self.lookup_field: value}).first()
        except (ValueError, TypeError) as error:  # text for a number in the address
            raise Http404 from error
        if record is None:
            raise Http404
        return record

    def _with_geometry(self, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        if not self._is_geojson:
            return queryset
        text = AsGeoJSON(self.geometry_field, precision=geojson.DECIMALS)
        return queryset.annotate(**{geojson.ANNOTATION: text}).defer(self.geometry_field)

    def _features(self, records: list[Any], properties: Any) -> geojson.Features:
        return geojson.Features(
            (getattr(record, self.lookup_field), row, getattr(record, geojson.ANNOTATION))
            for record, row in zip(records, properties, strict=True)
        )

    def _represent(self, record: Any, tag: str, status: int = 200) -> Response:
        data = self.get_serializer(record).data
        if self._is_geojson:
            features = self._features([record], [data])
            features.is_single = True
            return Response(features, headers={"ETag": tag})
        return Response(data, status=status, headers={"ETag": tag})

    def _serialize_fully(self, record: Any) -> Any:
        return self.get_serializer_class()(record, context=self.get_serializer_context()).data

    def _written(self, record: Any, status: int = 200) -> HttpResponse:
        """The record as it now is in the database, whether or not its author may see it in lists."""
        fresh = self.get_queryset().filter(pk=record.pk).first()
        if fresh is None:
            fresh = super().get_queryset().annotate(**{etags.ANNOTATION: etags.RowVersion()}).get(pk=record.pk)
        tag = etags.make_tag(self.record_version(fresh), self._variant)
        response = self._represent(fresh, tag, status=status)
        if status == 201:
            response["Location"] = self.reverse_action("detail", args=[getattr(fresh, self.lookup_field)])
        return self._finish(response)

    def _finish(self, response: Any) -> Any:
        response["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, ["Authorization", "Cookie", "Accept", "Accept-Language", HEADER])
        if self.operation is not None:
            response[HEADER] = self.operation.slug
            if self.operation.is_exercise:
                response["Komek-Exercise"] = "true"
        return response


class ReadOnlyRecordViewSet(RecordViewSet):
    """The same without changes."""

    http_method_names = ["get", "head", "options"]  # noqa: RUF012


class ReferenceViewSet(ReadOnlyRecordViewSet):
    """Code lists and other reference data that everybody with an account may read."""

    row_version_includes_related = True

    def narrow(self, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        return queryset


def _is_overridden(cls: type[RecordViewSet], hook: str) -> bool:
    return getattr(cls, hook) is not getattr(RecordViewSet, hook)


def _lock_rows(record: models.Model) -> None:
    """Lock the record's row in its table and in those of the models it inherits from, the oldest first."""
    tables: list[type[models.Model]] = [*record._meta.get_parent_list(), type(record)]
    for table in sorted(tables, key=lambda model: len(model._meta.get_parent_list())):
        locked = table._base_manager.select_for_update(of=("self",)).filter(pk=record.pk).order_by()
        list(locked.values_list("pk", flat=True))
