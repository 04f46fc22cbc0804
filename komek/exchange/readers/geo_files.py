"""GeoJSON and KML: each feature becomes a row, its point two columns ``longitude`` and ``latitude``."""

from __future__ import annotations

import json
from typing import Any

from django.utils.translation import gettext as _
from lxml import etree

from komek.exchange.faults import FileFault
from komek.exchange.readers.table import Table

GEO_HEADERS = ["longitude", "latitude"]
GEO_TAGS = ["#geo+lon", "#geo+lat"]
SHAPE_HEADER = "shape"
"""Column that holds a feature's outline, as GeoJSON text, when the file has outlines."""
_WGS84 = ("crs84", "4326")


def read_geojson(content: bytes) -> Table:
    """Features of a FeatureCollection. Coordinates must be longitude and latitude (RFC 7946)."""
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as fault:
        raise FileFault(_("This is not valid GeoJSON. Export it again from where it came.")) from fault
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise FileFault(_("The file has no features. A GeoJSON FeatureCollection is needed."))
    stated = json.dumps(document.get("crs") or {}).lower()
    if document.get("crs") and not any(name in stated for name in _WGS84):
        raise FileFault(_("The coordinates are in another projection. Export the layer in WGS 84 (EPSG:4326)."))
    records = []
    for feature in features:
        properties = (feature or {}).get("properties") if isinstance(feature, dict) else None
        geometry = (feature or {}).get("geometry") if isinstance(feature, dict) else None
        values = {str(key): _text(value) for key, value in (properties or {}).items()}
        records.append(({**values, **_shape_of(geometry)}, _point_of(geometry)))
    is_exercise = bool(document.get("exercise"))
    return _table(records, "GeoJSON", [], is_exercise=is_exercise)


def read_kml(content: bytes) -> Table:
    """Placemarks with their ExtendedData. Entities and links to other files are not followed."""
    if b"<!ENTITY" in content[:10_000] or b"<!DOCTYPE" in content[:10_000]:
        raise FileFault(_("The file declares entities, which could reach other files. Export it again as plain KML."))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as fault:
        raise FileFault(_("This is not valid KML. Export it again from where it came.")) from fault
    notes = []
    if root.findall(".//{*}NetworkLink"):
        notes.append(_("Links to other files were left out."))
    records = []
    for placemark in root.iterfind(".//{*}Placemark"):
        values = {"name": (placemark.findtext("{*}name") or "").strip()}
        description = (placemark.findtext("{*}description") or "").strip()
        if description:
            values["description"] = description
        for data in placemark.iterfind(".//{*}ExtendedData/{*}Data"):
            values[data.get("name", "")] = (data.findtext("{*}value") or "").strip()
        for data in placemark.iterfind(".//{*}SimpleData"):
            values[data.get("name", "")] = (data.text or "").strip()
        values.update(_kml_shape_of(placemark))
        coordinates = (placemark.findtext(".//{*}Point/{*}coordinates") or "").strip().split(",")
        point = (coordinates[0].strip(), coordinates[1].strip()) if len(coordinates) >= 2 else ("", "")
        records.append((values, point))
    return _table(records, "KML", notes, is_exercise=bool(root.findall(".//{*}Document[@exercise]")))


def _point_of(geometry: Any) -> tuple[str, str]:
    if isinstance(geometry, dict) and geometry.get("type") == "Point":
        coordinates = geometry.get("coordinates")
        if isinstance(coordinates, list) and len(coordinates) >= 2:
            return str(coordinates[0]), str(coordinates[1])
    return "", ""


def _shape_of(geometry: Any) -> dict[str, str]:
    """The outline, for registries that keep one; every other kind of geometry is left out."""
    if isinstance(geometry, dict) and geometry.get("type") in ("Polygon", "MultiPolygon"):
        return {SHAPE_HEADER: json.dumps(geometry)}
    return {}


def _kml_shape_of(placemark: Any) -> dict[str, str]:
    """Polygons of a placemark with their holes. A ring that cannot be read is kept out, and the registry says what is missing."""
    polygons = []
    for polygon in placemark.iterfind(".//{*}Polygon"):
        rings = [
            [_corner(text) for text in (found.text or "").split()]
            for side in ("outerBoundaryIs", "innerBoundaryIs")
            for found in polygon.iterfind(f"{{*}}{side}/{{*}}LinearRing/{{*}}coordinates")
        ]
        if rings and all(ring and None not in ring for ring in rings):
            polygons.append(rings)
    return {SHAPE_HEADER: json.dumps({"type": "MultiPolygon", "coordinates": polygons})} if polygons else {}


def _corner(text: str) -> list[float] | None:
    try:
        longitude, latitude = (float(part) for part in text.split(",")[:2])
    except ValueError:
        return None
    return [longitude, latitude]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _table(
    records: list[tuple[dict[str, str], tuple[str, str]]], name: str, notes: list[str], *, is_exercise: bool
) -> Table:
    if not records:
        raise FileFault(_("The file has no features. Check that you exported the right layer."))
    keys = list(dict.fromkeys(key for values, _point in records for key in values if key not in GEO_HEADERS))
    rows = [
        (number, [*(values.get(key, "") for key in keys), *point]) for number, (values, point) in enumerate(records, 1)
    ]
    return Table([*keys, *GEO_HEADERS], [*[""] * len(keys), *GEO_TAGS], rows, name, notes, is_exercise)
