"""Reading GeoJSON feature by feature, with Python's own strict JSON reader.

Not with GDAL: it follows an address written as the file's reference system (``"crs": {"type": "link", …}``), so that a file
could make the server call another machine. Here nothing but the text is looked at. Only one feature is unpacked at a time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely

_BLANK = re.compile(r"[ \t\r\n]*")
_EPSG = re.compile(
    r"(?:urn:ogc:def:crs:EPSG:[\d.]*:|EPSG:|https?://www\.opengis\.net/def/crs/EPSG/[\d.]+/)(\d{3,6})$", re.I
)
_CRS84 = re.compile(r"(?:urn:ogc:def:crs:OGC:[\d.]*:|OGC:|https?://www\.opengis\.net/def/crs/OGC/[\d.]+/)CRS84$", re.I)
WGS84 = 4326


class BadGeoJson(ValueError):
    """Not a FeatureCollection in strict JSON."""


@dataclass
class GeoJson:
    """What a file holds. ``epsg``: number of its reference system, ``None`` if it names one we do not know.

    rows: the properties of each feature. shapes: its geometry, ``None`` if it has none or none that can be read.
    """

    epsg: int | None = WGS84
    crs_text: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)
    shapes: list[Any] = field(default_factory=list)


def read_geojson(path: Path, *, at_most: int) -> GeoJson:
    """Read at most ``at_most`` features. Raises BadGeoJson."""
    result = GeoJson()
    is_collection = False
    try:
        text = path.read_text(encoding="utf-8-sig")
        for key, value in _members(text):
            if key == "type":
                is_collection = value == "FeatureCollection"
            elif key == "crs":
                result.epsg, result.crs_text = _reference_system(value)
            elif key == "features":
                for feature in value:
                    _take(feature, result)
                    if len(result.rows) >= at_most:
                        return result
    except (ValueError, RecursionError, StopIteration) as fault:
        raise BadGeoJson from fault
    if not is_collection:
        raise BadGeoJson
    return result


def _take(feature: Any, result: GeoJson) -> None:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise BadGeoJson
    properties = feature.get("properties")
    result.rows.append(properties if isinstance(properties, dict) else {})
    geometry = feature.get("geometry")
    try:
        shape = shapely.from_geojson(json.dumps(geometry)) if isinstance(geometry, dict) else None
    except shapely.GEOSException:
        shape = None
    result.shapes.append(shape if shape is None else shapely.force_2d(shape))


def _reference_system(value: Any) -> tuple[int | None, str]:
    """EPSG number and text of a ``crs`` member; addresses and files are never followed."""
    if value is None:
        return WGS84, ""
    properties = value.get("properties") if isinstance(value, dict) else None
    name = properties.get("name") if isinstance(properties, dict) and value.get("type") == "name" else None
    if not isinstance(name, str):
        return None, "?"
    if _CRS84.match(name):
        return WGS84, ""
    found = _EPSG.match(name)
    return (int(found.group(1)), "") if found else (None, name[:100])


def _members(text: str) -> Iterator[tuple[str, Any]]:
    """Members of the outermost object; the value of ``features`` is itself an iterator, to be used up before the next."""
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    at = _expect(text, 0, "{")
    if text[at : at + 1] == "}":
        return
    while True:
        key, at = decoder.raw_decode(text, at)
        if not isinstance(key, str):
            raise BadGeoJson
        at = _expect(text, at, ":")
        if key == "features" and text[at : at + 1] == "[":
            walk = _Elements(text, at, decoder)
            yield key, walk
            for _left in walk:  # whoever asked may have stopped early
                pass
            at = walk.at
        else:
            value, at = decoder.raw_decode(text, at)
            yield key, value
        at = _BLANK.match(text, at).end()  # type: ignore[union-attr]
        if text[at : at + 1] == "}":
            return
        at = _expect(text, at, ",")


class _Elements:
    """The elements of an array, unpacked one by one. ``at``: where the text goes on after it."""

    def __init__(self, text: str, at: int, decoder: json.JSONDecoder) -> None:
        self.text, self.decoder = text, decoder
        self.at = _expect(text, at, "[")
        self.is_over = text[self.at : self.at + 1] == "]"
        if self.is_over:
            self.at += 1

    def __iter__(self) -> Iterator[Any]:
        while not self.is_over:
            value, at = self.decoder.raw_decode(self.text, self.at)
            at = _BLANK.match(self.text, at).end()  # type: ignore[union-attr]
            self.is_over = self.text[at : at + 1] == "]"
            self.at = at + 1 if self.is_over else _expect(self.text, at, ",")
            yield value


def _expect(text: str, at: int, sign: str) -> int:
    """The place after ``sign`` and the blanks around it."""
    at = _BLANK.match(text, at).end()  # type: ignore[union-attr]
    if text[at : at + 1] != sign:
        raise BadGeoJson
    return _BLANK.match(text, at + 1).end()  # type: ignore[union-attr]


def _no_constant(name: str) -> Any:
    raise BadGeoJson(name)
