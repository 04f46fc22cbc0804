"""Geometry that comes in: shape, kind and range are checked, with a sentence for each."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.serializers import ValidationError

from komek.api.geojson import GeometryField

RING = [[58, 38], [59, 38], [59, 39], [58, 39], [58, 38]]
CROSSING = [[58, 38], [59, 39], [59, 38], [58, 39], [58, 38]]


def read(data: Any, *kinds: str) -> Any:
    return GeometryField(kinds or ("Point",)).run_validation(data)


def test_a_point_is_taken_and_given_back() -> None:
    given = {"type": "Point", "coordinates": [58.383, 37.95]}
    shape = read(given)
    assert (shape.x, shape.y, shape.srid) == (58.383, 37.95, 4326)
    assert GeometryField().to_representation(shape) == given


def test_a_polygon_is_taken_where_several_may_stand() -> None:
    shape = read({"type": "Polygon", "coordinates": [RING]}, "MultiPolygon")
    assert (shape.geom_type, len(shape), shape.srid) == ("MultiPolygon", 1, 4326)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("58, 38", "GeoJSON"),
        ([58, 38], "GeoJSON"),
        ({"type": "Point"}, "GeoJSON"),
        ({"type": "Point", "coordinates": "58,38"}, "GeoJSON"),
        ({"type": "Point", "coordinates": []}, "GeoJSON"),
        ({"type": "Point", "coordinates": [None, 1]}, "GeoJSON"),
        ({"type": ["Point"], "coordinates": [1, 2]}, "GeoJSON"),
        ({"type": "Polygon", "coordinates": [RING]}, "does not fit"),
        ({"type": "Point", "coordinates": [38, 158]}, "longitude comes first"),
        ({"type": "Point", "coordinates": [650000, 4200000]}, "degrees"),
    ],
)
def test_what_is_no_point_on_earth_is_refused_with_a_sentence(data: Any, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read(data)
    assert words in str(caught.value.detail[0])  # type: ignore[index]


def test_a_boundary_that_crosses_itself_is_refused() -> None:
    with pytest.raises(ValidationError, match="crosses itself"):
        read({"type": "Polygon", "coordinates": [CROSSING]}, "Polygon")


def test_a_reference_system_named_by_the_sender_is_not_followed() -> None:
    crs = {"type": "name", "properties": {"name": "http://198.51.100.1/crs"}}
    assert read({"type": "Point", "coordinates": [58, 38], "crs": crs}).srid == 4326


def test_a_height_is_dropped() -> None:
    shape = read({"type": "Point", "coordinates": [58, 38, 219.5]})
    assert (shape.coords, shape.hasz, shape.srid) == ((58, 38), False, 4326)
