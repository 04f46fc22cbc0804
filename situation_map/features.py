"""The features of a layer in a box: each by itself while they are few, else gathered by a grid with how many stand behind a mark."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.gis.db.models import PointField
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import DateTimeField, F, FloatField, Func, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from komek.extensions.map_layers import MapLayer
from situation_map.asking import Box
from situation_map.layers import labels_of

FEW = 300
"""So many rows of one layer are looked at one by one; more are counted in the database."""
APART_FROM_ZOOM = 15
"""From this zoom on few marks are never gathered, so that each of several at one address can be opened."""
MARK_PX = 40
CELL_PX = 64
CELLS_ACROSS = 64
"""A box is never cut finer than this, so that an answer stays small whatever zoom is asked for."""


def in_box(layer: MapLayer, rows: QuerySet[Any], box: Box) -> QuerySet[Any]:
    """Rows whose geometry touches the box, by the index where the layer's geometry is a column."""
    return rows.filter(**{f"{layer.geometry_field}__bboverlaps": box.polygon}).order_by()


def collection(layer: MapLayer, rows: QuerySet[Any], box: Box, zoom: int) -> dict[str, Any]:
    """A GeoJSON FeatureCollection. ``total``: rows in the box; ``is_gathered``: whether marks stand for several;
    ``newest``: when the latest of them happened, in words, or empty."""
    rows, labels = in_box(layer, rows, box), labels_of(layer, rows.model)
    found = list(rows[: FEW + 1])
    if len(found) <= FEW:
        newest = max(filter(None, (_when(layer, row) for row in found)), default=None)
        parts = _apart(layer, found, zoom)
        drawn = [
            _feature(layer, part, zoom) if not isinstance(part, _Cell) else part.feature(layer, labels)
            for part in parts
        ]
        return _answer(drawn, len(found), newest, is_gathered=len(drawn) < len(found))
    cells, newest = _cells(layer, rows, max(360 / 2**zoom * CELL_PX / 256, (box.east - box.west) / CELLS_ACROSS))
    total = sum(cell.count for cell in cells)
    return _answer((cell.feature(layer, labels) for cell in cells), total, newest, is_gathered=True)


def _answer(features: Iterable[Any], total: int, newest: datetime | None, *, is_gathered: bool) -> dict[str, Any]:
    said = formats.date_format(timezone.localtime(newest), "SHORT_DATETIME_FORMAT") if newest else ""
    return {
        "type": "FeatureCollection",
        "features": list(features),
        "total": total,
        "is_gathered": is_gathered,
        "newest": said,
    }


def _when(layer: MapLayer, row: Any) -> datetime | None:
    found: datetime | None = getattr(row, layer.time_field, None) if layer.time_field else None
    return found


def _feature(layer: MapLayer, row: Any, zoom: int) -> dict[str, Any]:
    shape = getattr(row, layer.geometry_field)
    if layer.geometry == "point":
        geometry = {"type": "Point", "coordinates": [round(shape.x, 6), round(shape.y, 6)]}
    else:
        # Corners closer to each other than a pixel of the map are left out.
        geometry = json.loads(shape.simplify(360 / 2**zoom / 256, preserve_topology=True).json)
    shown = layer.popup(row)
    value = getattr(row, layer.style.by, "") if layer.style.by else ""
    return {
        "type": "Feature",
        "id": row.pk,
        "geometry": geometry,
        "properties": {
            "title": str(shown["title"]),
            "url": shown["url"],
            "lines": [[str(label), str(said)] for label, said in shown["lines"]],
            "value": str(value or ""),
        },
    }


def _apart(layer: MapLayer, found: list[Any], zoom: int) -> list[Any]:
    """Few rows, those whose marks would lie over each other gathered in cells."""
    if layer.geometry != "point" or zoom >= APART_FROM_ZOOM:
        return found
    size = 360 / 2**zoom * MARK_PX / 256
    places: dict[tuple[int, int], list[Any]] = {}
    for row in found:
        point = getattr(row, layer.geometry_field)
        places.setdefault((int(point.x // size), int(point.y // size)), []).append(row)
    return [rows[0] if len(rows) == 1 else _cell_of(layer, rows) for rows in places.values()]


def _cell_of(layer: MapLayer, rows: list[Any]) -> _Cell:
    points = [getattr(row, layer.geometry_field) for row in rows]
    values = (str(getattr(row, layer.style.by) or "") if layer.style.by else "" for row in rows)
    return _Cell(len(rows), sum(point.x for point in points), sum(point.y for point in points), Counter(values))


@dataclass
class _Cell:
    """One square of the grid. kinds: how many of each value that picks a colour."""

    count: int = 0
    x: float = 0.0
    y: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)

    def feature(self, layer: MapLayer, labels: Any) -> dict[str, Any]:
        style = layer.style
        # What is most frequent gives the mark its colour; all of it stands in the popup.
        value = self.kinds.most_common(1)[0][0]
        kinds = [[labels.get(kind, kind) or str(_("other, or not known")), n] for kind, n in self.kinds.most_common()]
        return {
            "type": "Feature",
            "geometry": {
                "type": "Point",
                "coordinates": [round(self.x / self.count, 5), round(self.y / self.count, 5)],
            },
            "properties": {"count": self.count, "value": value, "kinds": kinds if style.by else []},
        }


def _cells(layer: MapLayer, rows: QuerySet[Any], size: float) -> tuple[list[_Cell], datetime | None]:
    """Rows by the square of ``size`` degrees that their middle lies in."""
    plain = as_sql(layer, rows, by_time=True)
    if plain is None:
        return [], None
    sql, params = plain
    cells: dict[tuple[float, float], _Cell] = {}
    newest: datetime | None = None
    with connection.cursor() as cursor:
        # The inner statement is Django's own, its values are parameters.
        cursor.execute(
            "SELECT floor(map_x / %s) AS across, floor(map_y / %s) AS up, map_by, count(*), sum(map_x), sum(map_y), "  # noqa: S608
            f"max(map_when) FROM ({sql}) AS found WHERE map_x IS NOT NULL GROUP BY across, up, map_by",
            [size, size, *params],
        )
        for across, up, value, count, x, y, when in cursor.fetchall():
            cell = cells.setdefault((across, up), _Cell())
            cell.count, cell.x, cell.y = cell.count + count, cell.x + x, cell.y + y
            cell.kinds[value or ""] += count
            newest = max(filter(None, (newest, when)), default=None)
    return list(cells.values()), newest


def as_sql(layer: MapLayer, rows: QuerySet[Any], *, by_time: bool = False) -> tuple[str, tuple[Any, ...]] | None:
    """The rows as a statement with map_id, map_x, map_y (degrees, of the middle), map_shape (EPSG:3857), map_by and, with
    ``by_time``, map_when; ``None`` when it is known beforehand that there are none."""
    middle: Any = F(layer.geometry_field)
    if layer.geometry != "point":
        middle = Func(middle, function="ST_Centroid", output_field=PointField(srid=4326))
    by: Any = Cast(F(layer.style.by), TextField()) if layer.style.by else Value("", TextField())
    columns: dict[str, Any] = {
        "map_x": Func(middle, function="ST_X", output_field=FloatField()),
        "map_y": Func(middle, function="ST_Y", output_field=FloatField()),
        "map_by": by,
    }
    if by_time:
        never = Value(None, DateTimeField())
        columns["map_when"] = Cast(F(layer.time_field) if layer.time_field else never, DateTimeField())
    else:
        columns["map_id"] = F("pk")
        # As text, because Django would wrap a geometry that it selects in a conversion of its own.
        columns["map_shape"] = Func(
            F(layer.geometry_field), Value(3857), function="ST_Transform", output_field=TextField()
        )
    try:
        sql, params = rows.order_by().annotate(**columns).values(*columns).query.sql_with_params()
    except EmptyResultSet:
        return None
    return sql, tuple(params)
