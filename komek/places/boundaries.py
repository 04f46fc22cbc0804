"""Reading boundary files (COD-AB and the like) into plain features in EPSG:4326. Nothing here touches the database.

``read_layers`` gives the layers as they are, each with a proposed mapping; ``features_of`` turns a layer into features by a
mapping that a person may have changed. Shapefiles and GeoPackages are read with pyogrio, GeoJSON by ``geojson_features``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from django.contrib.gis.gdal import CoordTransform, GDALException, OGRGeometry, SpatialReference
from django.utils.translation import gettext as _
from pyogrio import raw
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, GeometryError

from komek.places.boundary_columns import LEFT_OUT, UNKNOWN_LANGUAGE, LayerMapping, is_unknown, propose
from komek.places.boundary_files import MAX_FEATURES, BoundaryFault, Source, opened
from komek.places.geojson_features import WGS84, BadGeoJson, read_geojson

SAMPLED = 200
_EPSG = re.compile(r"EPSG:(\d+)$")
_UNREADABLE = (DataSourceError, DataLayerError, FeatureError, GeometryError, UnicodeDecodeError, shapely.GEOSException)


@dataclass(frozen=True)
class Layer:
    """One layer as it is in the file. ``rows``: column → text; ``shapes``: shapely geometries or ``None``, in its own system.

    epsg: number of the reference system; ``None`` when the file states none, or (``crs_text``) one that has no number.
    """

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Mapping[str, str]]
    shapes: Sequence[Any]
    epsg: int | None
    crs_text: str
    mapping: LayerMapping


@dataclass(frozen=True)
class BoundaryFeature:
    """One area as a file describes it.

    layer, number: where it stands, counted from 1. names: language code → name. codes: system → code.
    geometry: in EPSG:4326 unless the layer's reference system is not known; ``None`` if missing or unreadable.
    """

    layer: str
    number: int
    level: int
    pcode: str
    parent_pcode: str
    name: str
    names: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    kind: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    geometry: Any = None


def read_layers(files: Iterable[tuple[str, Path]]) -> tuple[list[Layer], list[str]]:
    """Every layer of polygons in the files, and sentences about what was left out. Raises BoundaryFault.

    files: name as the person knows it, path on disk.
    """
    layers: list[Layer] = []
    with opened(files) as readable:
        for source in readable.sources:
            for layer in _layers_of(source, readable.notes):
                layers.append(layer)
                if sum(len(other.rows) for other in layers) > MAX_FEATURES:
                    raise BoundaryFault(
                        _("The files hold more than %(limit)d areas. Load one country at a time.")
                        % {"limit": MAX_FEATURES}
                    )
    if not layers:
        raise BoundaryFault(" ".join([_("The files hold no layer of areas."), *readable.notes]))
    return layers, readable.notes


def features_of(layer: Layer, mapping: LayerMapping | None = None) -> list[BoundaryFeature]:
    """The layer's features, read by its own mapping unless another is given. Raises BoundaryFault."""
    chosen = mapping or layer.mapping
    if chosen.level == LEFT_OUT:
        return []
    _refuse_unknown_columns(layer, chosen)
    shapes = in_wgs84(layer.shapes, layer.epsg or chosen.epsg, is_swapped=chosen.is_swapped)
    features = []
    for number, (row, shape) in enumerate(zip(layer.rows, shapes, strict=True), 1):
        names = {language: row[column] for language, column in chosen.names.items() if row[column]}
        features.append(
            BoundaryFeature(
                layer=layer.name,
                number=number,
                level=chosen.level,
                pcode=row.get(chosen.pcode, ""),
                parent_pcode=row.get(chosen.parent, "") if chosen.level else "",
                name=names.get("en") or names.get(UNKNOWN_LANGUAGE) or next(iter(names.values()), ""),
                names={tag: name for tag, name in names.items() if not is_unknown(tag)},
                aliases=_aliases(row, chosen, names),
                kind=row.get(chosen.kind, "")[:60],
                codes={system: row[column] for system, column in chosen.codes.items() if row[column]},
                geometry=shape,
            )
        )
    return features


def in_wgs84(shapes: Sequence[Any], epsg: int | None, *, is_swapped: bool = False) -> list[Any]:
    """Shapes in EPSG:4326, longitude first. Without ``epsg`` they stay as they are. Raises BoundaryFault for an unknown number.

    A shape that cannot be converted, because it lies outside what its system is made for, becomes ``None``.
    """
    turned = [shape and shapely.transform(shape, _swap) for shape in shapes] if is_swapped else list(shapes)
    if epsg is None or epsg == WGS84:
        return turned
    try:
        # By number only: a system described in the file could name files and addresses.
        conversion = CoordTransform(SpatialReference(epsg), SpatialReference(WGS84))
    except GDALException as fault:
        raise BoundaryFault(_("There is no coordinate system EPSG:%(number)d.") % {"number": epsg}) from fault
    return [shape and _converted(shape, conversion) for shape in turned]


def _converted(shape: Any, conversion: CoordTransform) -> Any:
    carrier = OGRGeometry(memoryview(shapely.to_wkb(shape)))
    try:
        carrier.transform(conversion)
    except GDALException:
        return None
    return shapely.from_wkb(bytes(carrier.wkb))


def _swap(coordinates: Any) -> Any:
    return coordinates[:, ::-1]


def _aliases(row: Mapping[str, str], mapping: LayerMapping, names: Mapping[str, str]) -> tuple[str, ...]:
    """Names of other kinds, and names in a language the file does not say, that are not among ``names`` already."""
    known = {name for tag, name in names.items() if not is_unknown(tag)}
    given = [part.strip() for column in mapping.aliases for part in re.split("[;|]", row[column])]
    given += [name for tag, name in names.items() if is_unknown(tag)]
    return tuple(name for name in dict.fromkeys(given) if name and name not in known)


def _refuse_unknown_columns(layer: Layer, mapping: LayerMapping) -> None:
    named = [
        mapping.pcode,
        mapping.parent,
        mapping.kind,
        *mapping.names.values(),
        *mapping.aliases,
        *mapping.codes.values(),
    ]
    for column in named:
        if column and column not in layer.columns:
            raise BoundaryFault(
                _("The layer “%(layer)s” has no column “%(column)s”.") % {"layer": layer.name, "column": column}
            )


def _layers_of(source: Source, notes: list[str]) -> Iterable[Layer]:
    if source.driver == "GeoJSON":
        yield _geojson_layer(source)
        return
    try:
        found = pyogrio.list_layers(source.address)
    except _UNREADABLE as fault:
        raise _damaged(source.name) from fault
    for layer_name, geometry_type in found:
        label = source.name if len(found) == 1 else f"{source.name} › {layer_name}"
        if geometry_type is None or "Point" in geometry_type or "Line" in geometry_type:
            notes.append(_("“%(name)s” was left out: it holds no areas.") % {"name": label})
            continue
        yield _gdal_layer(source, layer_name, label)


def _geojson_layer(source: Source) -> Layer:
    try:
        content = read_geojson(source.path, at_most=MAX_FEATURES + 1)
    except BadGeoJson as fault:
        raise BoundaryFault(
            _("“%(name)s” is not a valid GeoJSON FeatureCollection. Export it again from where it came.")
            % {"name": source.name}
        ) from fault
    columns = tuple(dict.fromkeys(str(key) for properties in content.rows for key in properties))
    rows = [{column: _text(properties.get(column)) for column in columns} for properties in content.rows]
    return _layer(source.name, columns, rows, content.shapes, content.epsg, content.crs_text)


def _gdal_layer(source: Source, layer_name: str, label: str) -> Layer:
    try:
        meta, _fids, geometries, fields = raw.read(
            source.address,
            layer=layer_name,
            encoding=source.encoding or None,
            force_2d=True,
            max_features=MAX_FEATURES + 1,
            datetime_as_string=True,
        )
        shapes = list(shapely.from_wkb(geometries, on_invalid="ignore"))
    except _UNREADABLE as fault:
        raise _damaged(label) from fault
    columns = tuple(str(name) for name in meta["fields"])
    texts = [[_text(value) for value in values] for values in fields]
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*texts, strict=True)] or [{} for _ in shapes]
    crs = meta["crs"] or ""
    stated = _EPSG.match(crs)
    if crs == "OGC:CRS84":
        epsg: int | None = WGS84
    else:
        epsg = int(stated.group(1)) if stated else None
    return _layer(label, columns, rows, shapes, epsg, "" if epsg else _crs_name(crs))


def _layer(
    name: str, columns: tuple[str, ...], rows: list[dict[str, str]], shapes: list[Any], epsg: int | None, crs_text: str
) -> Layer:
    return Layer(name, columns, rows, shapes, epsg, crs_text, propose(columns, rows[:SAMPLED]))


def _crs_name(text: str) -> str:
    found = re.search(r'\w+\["([^"]+)"', text)
    return found.group(1)[:100] if found else text[:100]


def _damaged(name: str) -> BoundaryFault:
    return BoundaryFault(_("“%(name)s” cannot be read. Export it again from where it came.") % {"name": name})


def _text(value: Any) -> str:
    """A value as text; whole numbers without a point, since codes are often stored as numbers."""
    if value is None or (isinstance(value, float | np.floating) and not np.isfinite(value)):
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value).replace("\x00", "").strip() if not isinstance(value, bytes) else ""
