"""GeoJSON (RFC 7946) in and out. Lists are put together from geometry that the database has already written as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry, MultiLineString, MultiPoint, MultiPolygon, WKBWriter
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer

DECIMALS = 6  # of a degree: about a tenth of a metre
ANNOTATION = "_geojson"


class Features(list[tuple[Any, dict[str, Any], str | None]]):
    """What the renderer makes a collection of: (id, properties, geometry as GeoJSON text or None), and links."""

    links: dict[str, str | None]
    count: int | None = None
    is_single = False


class GeoJSONRenderer(BaseRenderer):
    """``?format=geojson`` or ``Accept: application/geo+json``."""

    media_type = "application/geo+json"
    format = "geojson"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        if not isinstance(data, Features):
            plain: bytes = JSONRenderer().render(data, "application/json", renderer_context)
            return plain
        features = [_feature(*feature) for feature in data]
        if data.is_single:
            return features[0].encode()
        head: dict[str, Any] = {"type": "FeatureCollection", "numberReturned": len(data)}
        if data.count is not None:
            head["numberMatched"] = data.count
        head["links"] = [
            {"rel": rel, "href": href, "type": self.media_type}
            for rel, href in (("next", data.links["next"]), ("prev", data.links["previous"]))
            if href
        ]
        opening = json.dumps(head, ensure_ascii=False)[:-1]
        return f'{opening},"features":[{",".join(features)}]}}'.encode()


def _feature(key: Any, properties: dict[str, Any], geometry: str | None) -> str:
    written = JSONRenderer().render(properties).decode()
    return f'{{"type":"Feature","id":{json.dumps(key)},"geometry":{geometry or "null"},"properties":{written}}}'


@extend_schema_field(
    {
        "type": "object",
        "description": "A GeoJSON geometry, WGS 84, longitude first.",
        "required": ["type", "coordinates"],
        "properties": {"type": {"type": "string"}, "coordinates": {"type": "array", "items": {}}},
    }
)
class GeometryField(serializers.Field[Any, Any, Any, Any]):
    """A geometry as a GeoJSON object. ``geometry_types``: which are taken; a Polygon is taken for a MultiPolygon."""

    default_error_messages = {  # noqa: RUF012
        "shape": _("Give a GeoJSON geometry, such as type “Point” with coordinates [58.38, 37.95], longitude first."),
        "type": _("A geometry of type {given} does not fit here. Possible are: {wanted}."),
        "range": _(
            "Longitude must be from -180 to 180 and latitude from -90 to 90. Check that longitude comes first and that "
            "both are in degrees (WGS 84)."
        ),
        "invalid": _("The boundary crosses itself or is not closed: {reason}"),
    }

    def __init__(self, geometry_types: tuple[str, ...] = ("Point",), **kwargs: Any) -> None:
        self.geometry_types = geometry_types
        super().__init__(**kwargs)

    def to_representation(self, value: GEOSGeometry) -> dict[str, Any]:
        if value.geom_type == "Point":
            return {"type": "Point", "coordinates": [round(value.x, DECIMALS), round(value.y, DECIMALS)]}
        shape: dict[str, Any] = json.loads(value.geojson)
        return shape

    def to_internal_value(self, data: Any) -> GEOSGeometry:
        if not isinstance(data, Mapping) or not isinstance(data.get("type"), str) or "coordinates" not in data:
            self.fail("shape")
        wanted = {*self.geometry_types, *(kind.removeprefix("Multi") for kind in self.geometry_types)}
        if data["type"] not in wanted:
            self.fail("type", given=data["type"][:30], wanted=", ".join(sorted(wanted)))
        try:  # only type and coordinates: a reference system given by the sender is never followed
            shape = GEOSGeometry(json.dumps({"type": data["type"], "coordinates": data["coordinates"]}), srid=4326)
        except (GEOSException, GDALException, ValueError, TypeError) as error:
            raise serializers.ValidationError(self.error_messages["shape"], code="shape") from error
        if shape.hasz:  # heights that receivers write along are dropped
            shape = GEOSGeometry(memoryview(WKBWriter(dim=2).write(shape)), srid=4326)
        if shape.empty:
            self.fail("shape")
        west, south, east, north = shape.extent
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            self.fail("range")
        if not shape.valid:
            self.fail("invalid", reason=shape.valid_reason)
        if data["type"] not in self.geometry_types:
            return _as_multi(shape)
        return shape


def _as_multi(shape: GEOSGeometry) -> GEOSGeometry:
    kinds = {"Point": MultiPoint, "LineString": MultiLineString, "Polygon": MultiPolygon}
    return kinds[shape.geom_type](shape, srid=4326)
