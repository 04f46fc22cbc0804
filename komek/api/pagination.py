"""Pages by cursor: each page begins where the last one ended, whatever was added meanwhile. No count unless asked.

The cursor holds the sort it was made for and the values of the last row in it. Ties are broken by primary key, empty
values come last in either direction, so no row is skipped or shown twice.
"""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.utils.translation import gettext_lazy as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from komek.api.problems import FieldFault, invalid


@dataclass(frozen=True)
class SortKey:
    """One column of the order: a field path or annotation, its direction, and whether it can be empty."""

    path: str
    is_descending: bool
    is_nullable: bool

    def order(self, backwards: bool) -> OrderBy:
        descending = self.is_descending != backwards
        modifiers = {("nulls_first" if backwards else "nulls_last"): True} if self.is_nullable else {}
        return OrderBy(F(self.path), descending=descending, **modifiers)

    def beyond(self, value: Any, backwards: bool) -> Q | None:
        """Rows strictly after ``value`` (before it, ``backwards``); ``None`` when there can be none."""
        if value is None:
            return Q(**{f"{self.path}__isnull": False}) if backwards else None
        operator = "lt" if self.is_descending != backwards else "gt"
        after = Q(**{f"{self.path}__{operator}": value})
        if self.is_nullable and not backwards:
            after |= Q(**{f"{self.path}__isnull": True})
        return after

    def same(self, value: Any) -> Q:
        return Q(**{f"{self.path}__isnull": True}) if value is None else Q(**{self.path: value})


class KeysetPagination(BasePagination):
    """``?limit=`` (50, at most 500), ``?cursor=`` (from ``next`` and ``previous``), ``?count=1``.

    The view names the order through ``sort_keys(queryset)`` (see ``filtering.Sorting``).
    """

    default_limit = 50
    max_limit = 500
    parameters = frozenset({"limit", "cursor", "count"})

    def paginate_queryset(self, queryset: QuerySet[Any], request: Request, view: Any = None) -> list[Any]:
        self.request = request
        self.limit = self._limit(request)
        self.count = queryset.count() if request.query_params.get("count") in ("1", "true") else None
        keys: tuple[SortKey, ...] = view.sort_keys(queryset)
        self.keys = keys
        backwards, values = self._cursor(request, queryset)
        ordered = queryset.order_by(*(key.order(backwards) for key in keys))
        if values is not None:
            ordered = ordered.filter(_beyond(keys, values, backwards))
        rows = list(ordered[: self.limit + 1])
        has_more, rows = len(rows) > self.limit, rows[: self.limit]
        if backwards:
            rows.reverse()
        self.has_next = has_more if not backwards else True
        self.has_previous = has_more if backwards else values is not None
        self.rows = rows
        return rows

    def links(self) -> dict[str, str | None]:
        """Addresses of the next and the previous page."""
        return {
            "next": self._link(self.rows[-1], backwards=False) if self.has_next and self.rows else None,
            "previous": self._link(self.rows[0], backwards=True) if self.has_previous and self.rows else None,
        }

    def get_paginated_response(self, data: Any) -> Response:
        body: dict[str, Any] = dict(self.links())
        if self.count is not None:
            body["count"] = self.count
        body["results"] = data
        return Response(body)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        address = {"type": "string", "nullable": True, "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": address,
                "previous": address,
                "count": {"type": "integer", "description": "Only with count=1."},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        def parameter(name: str, kind: dict[str, Any], text: str) -> dict[str, Any]:
            return {"name": name, "in": "query", "required": False, "schema": kind, "description": text}

        limit = {"type": "integer", "minimum": 1, "maximum": self.max_limit, "default": self.default_limit}
        return [
            parameter("limit", limit, "Rows per page."),
            parameter("cursor", {"type": "string"}, "Where the page begins: taken from `next` or `previous`, opaque."),
            parameter("count", {"type": "string", "enum": ["1"]}, "Also count all rows that match."),
        ]

    def _limit(self, request: Request) -> int:
        text = request.query_params.get("limit", "")
        if not text:
            return self.default_limit
        if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= self.max_limit:
            sentence = _("The limit must be a whole number from 1 to %(max)d.") % {"max": self.max_limit}
            raise invalid((FieldFault("limit", sentence),))
        return int(text)

    def _cursor(self, request: Request, queryset: QuerySet[Any]) -> tuple[bool, list[Any] | None]:
        text = request.query_params.get("cursor", "")
        if not text:
            return False, None
        try:
            backwards, order, values = json.loads(urlsafe_b64decode(text.encode()))
            if order != self._order() or not isinstance(backwards, bool) or len(values) != len(self.keys):
                raise ValueError("made for another order")
            decoded = [
                None if value is None else _field(queryset, key.path).to_python(value)
                for key, value in zip(self.keys, values, strict=True)
            ]
        except (ValueError, TypeError, binascii.Error, ValidationError) as error:
            sentence = _("This cursor does not belong to this list and order. Begin again without it.")
            raise invalid((FieldFault("cursor", sentence),)) from error
        return backwards, decoded

    def _link(self, row: Any, backwards: bool) -> str:
        values = [_encode(_value(row, key.path)) for key in self.keys]
        text = json.dumps([backwards, self._order(), values], separators=(",", ":"), ensure_ascii=False)
        address = remove_query_param(self.request.build_absolute_uri(), "count")
        return str(replace_query_param(address, "cursor", urlsafe_b64encode(text.encode()).decode()))

    def _order(self) -> str:
        return ",".join(("-" if key.is_descending else "") + key.path for key in self.keys)


def _beyond(keys: tuple[SortKey, ...], values: list[Any], backwards: bool) -> Q:
    """Lexicographic: beyond in the first column, or equal there and beyond in the second, and so on."""
    condition = Q(pk__in=())
    equal = Q()
    for key, value in zip(keys, values, strict=True):
        after = key.beyond(value, backwards)
        if after is not None:
            condition |= equal & after
        equal &= key.same(value)
    first, value = keys[0], values[0]
    if not first.is_nullable:  # says the same once more, in the form an index on the first column can use
        operator = "lte" if first.is_descending != backwards else "gte"
        condition &= Q(**{f"{first.path}__{operator}": value})
    return condition


def sort_key(queryset: QuerySet[Any], path: str, is_descending: bool) -> SortKey:
    """A sort key for a field path or an annotation of ``queryset``."""
    return SortKey(path, is_descending, _is_nullable(queryset, path))


def _is_nullable(queryset: QuerySet[Any], path: str) -> bool:
    if path == "pk":
        return False
    if path in queryset.query.annotations:
        return True
    model: Any = queryset.model
    for part in path.split("__"):
        field = model._meta.get_field(part)
        if field.null:
            return True
        model = field.related_model
    return False


def _field(queryset: QuerySet[Any], path: str) -> models.Field[Any, Any]:
    if path in queryset.query.annotations:
        found: models.Field[Any, Any] = queryset.query.annotations[path].output_field
        return found
    model: Any = queryset.model
    field: Any = None
    for part in path.split("__"):
        try:
            field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        except FieldDoesNotExist as error:
            raise ValueError(part) from error
        model = field.related_model
    if field.is_relation:
        field = field.target_field
    kept: models.Field[Any, Any] = field
    return kept


def _value(row: Any, path: str) -> Any:
    for part in path.split("__"):
        if row is None:
            return None
        row = getattr(row, part)
    return row.pk if isinstance(row, models.Model) else row


def _encode(value: Any) -> Any:
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, (Decimal,)) or not isinstance(value, (str, int, float, bool, type(None))):
        return str(value)
    return value
