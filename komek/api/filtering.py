"""Which rows a list shows and in which order: the pages' own filter sets, ``sort``, ``updated_since``, ``bbox``, ``fields``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.gis.db.models import PointField
from django.contrib.gis.geos import Polygon
from django.db.models import Model, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from komek.api.operation import PARAMETER as OPERATION
from komek.api.pagination import KeysetPagination, SortKey, sort_key
from komek.api.problems import FieldFault, invalid

ALWAYS_KNOWN = frozenset({"format", "fields", OPERATION})


class Sorting:
    """For views: ``?sort=-name,code``.

    sort_fields: name in the address → field path or annotation (a plain tuple of names where both are the same).
    default_sort: names as in the address; the primary key is added at the end to break ties.
    """

    sort_fields: tuple[str, ...] | dict[str, str] = ()
    default_sort: tuple[str, ...] = ()

    def sortable(self) -> dict[str, str]:
        if isinstance(self.sort_fields, dict):
            return self.sort_fields
        return {name: name for name in self.sort_fields}

    def sort_keys(self, queryset: QuerySet[Any]) -> tuple[SortKey, ...]:
        request: Request = self.request  # type: ignore[attr-defined]
        asked = tuple(part.strip() for part in request.query_params.get("sort", "").split(",") if part.strip())
        known = self.sortable()
        keys: list[SortKey] = []
        for name in asked or self.default_sort:
            path = known.get(name.removeprefix("-"))
            if path is None:
                sentence = _("Cannot sort by “%(name)s”. Possible are: %(known)s.")
                raise invalid((FieldFault("sort", sentence % {"name": name[:60], "known": ", ".join(known)}),))
            keys.append(sort_key(queryset, path, name.startswith("-")))
        if not any(key.path == "pk" for key in keys):
            # The same way as what it is sorted by, as lists do: one index then serves pages and API.
            keys.append(SortKey("pk", is_descending=bool(keys) and keys[-1].is_descending, is_nullable=False))
        return tuple(keys)


class FilterSetBackend(DjangoFilterBackend):
    """The filter sets that the pages use. A parameter nobody knows is refused: a misspelt filter must not show everything."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        if getattr(view, "is_strict_about_parameters", True):
            self._refuse_unknown(request, queryset, view)
        return super().filter_queryset(request, queryset, view)

    def _refuse_unknown(self, request: Request, queryset: QuerySet[Any], view: Any) -> None:
        known = set(ALWAYS_KNOWN | KeysetPagination.parameters)
        for backend in view.filter_backends:
            known |= getattr(backend, "parameters_of", lambda _view: set())(view)
        filterset = self.get_filterset(request, queryset, view)
        if filterset is not None:
            for name, field in filterset.form.fields.items():
                known |= {name, *(f"{name}_{suffix}" for suffix in getattr(field.widget, "suffixes", ()))}
        unknown = sorted(set(request.query_params) - known)
        if unknown:
            text = ", ".join(sorted(known))
            sentence = _("There is no such parameter here. Known are: %(known)s.") % {"known": text}
            raise invalid(tuple(FieldFault(name[:60], sentence) for name in unknown))


class SortBackend(BaseFilterBackend):
    """Documents ``sort``; the order itself is applied with the page (see ``pagination``)."""

    @staticmethod
    def parameters_of(view: Any) -> set[str]:
        return {"sort"}

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        return queryset

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        names = ", ".join(f"`{name}`" for name in view.sortable())
        text = f"Names with commas between; a minus before a name turns the order round. Possible: {names or 'none'}."
        return [_parameter("sort", {"type": "string"}, text)]


class UpdatedSinceBackend(BaseFilterBackend):
    """``?updated_since=``: what changed at or after a moment, for keeping a copy up to date."""

    @staticmethod
    def parameters_of(view: Any) -> set[str]:
        return {"updated_since"} if _updated_field(view) else set()

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        text = request.query_params.get("updated_since", "")
        field = _updated_field(view)
        if not text or not field:
            return queryset
        return queryset.filter(**{f"{field}__gte": _moment(text)})

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        if not _updated_field(view):
            return []
        text = "Only what changed at or after this moment (ISO 8601)."
        return [_parameter("updated_since", {"type": "string", "format": "date-time"}, text)]


class BoundingBoxBackend(BaseFilterBackend):
    """``?bbox=west,south,east,north`` in degrees (RFC 7946 order), for resources with a place."""

    @staticmethod
    def parameters_of(view: Any) -> set[str]:
        return {"bbox"} if view.geometry_field else set()

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        text = request.query_params.get("bbox", "")
        if not text or not view.geometry_field:
            return queryset
        box = _box(text)
        field: Any = queryset.model._meta.get_field(view.geometry_field)
        if not field.geography:
            return queryset.filter(**{f"{view.geometry_field}__intersects": box})
        # On the spheroid a box's edges are great circles, which bulge towards the pole; a bbox means parallels.
        flat = Cast(view.geometry_field, PointField(srid=4326))
        return queryset.alias(_flat=flat).filter(_flat__intersects=box)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        if not view.geometry_field:
            return []
        return [_parameter("bbox", {"type": "string"}, "west,south,east,north in degrees (WGS 84).")]


def sparse_fields(request: Request, known: list[str]) -> set[str] | None:
    """The fields asked for by ``?fields=``; ``None`` for all of them."""
    asked = {part.strip() for part in request.query_params.get("fields", "").split(",") if part.strip()}
    if not asked:
        return None
    unknown = sorted(asked - set(known))
    if unknown:
        sentence = _("There is no field “%(name)s” here. Known are: %(known)s.")
        raise invalid((FieldFault("fields", sentence % {"name": unknown[0][:60], "known": ", ".join(known)}),))
    return asked


def _updated_field(view: Any) -> str:
    model: type[Model] = view.queryset.model
    name: str = view.updated_field
    return name if any(field.name == name for field in model._meta.get_fields()) else ""


def _moment(text: str) -> datetime:
    """An aware moment; a date alone means its beginning in the installation's time zone."""
    spaced = text.replace(" ", "+")  # a plus sign not percent-encoded arrives as a space
    sentence = _("“%(text)s” is not a moment. Write it like 2026-11-23T14:30:00Z.") % {"text": text[:60]}
    try:
        moment = parse_datetime(spaced)
        if moment is None and (day := parse_date(text)):
            moment = datetime(day.year, day.month, day.day)
        if moment is None:
            raise invalid((FieldFault("updated_since", sentence),))
        return (moment if timezone.is_aware(moment) else timezone.make_aware(moment)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise invalid((FieldFault("updated_since", sentence),)) from error


def _box(text: str) -> Polygon:
    """A WGS 84 rectangle. Boxes over the antimeridian are refused with a sentence, not guessed."""
    sentence = _("A bbox is four numbers: west, south, east, north in degrees, with west < east and south < north.")
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise invalid((FieldFault("bbox", str(sentence)),)) from error
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise invalid((FieldFault("bbox", str(sentence)),))
    box = Polygon.from_bbox((west, south, east, north))
    box.srid = 4326
    return box


def _parameter(name: str, kind: dict[str, Any], text: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": kind, "description": text}
