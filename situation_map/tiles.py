"""Vector tiles (Mapbox Vector Tile 2.1) of a layer, made by PostGIS. Where a tile would hold too many, a grid gathers them."""

from __future__ import annotations

import math
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from komek.extensions.map_layers import MapLayer
from situation_map.asking import Box
from situation_map.features import as_sql, in_box

MOST_IN_TILE = 2000
MARGIN = 64 / 4096
"""Of a tile's width."""
MEDIA_TYPE = "application/vnd.mapbox-vector-tile"


def tile(layer: MapLayer, rows: QuerySet[Any], zoom: int, column: int, row: int) -> bytes:
    """One tile with a layer of the layer's key. Features have ``value``, which picks the colour, and ``count``: 1, or how many a
    gathered mark stands for. A tile without features is empty."""
    rows = in_box(layer, rows, _box(zoom, column, row))
    plain = as_sql(layer, rows)
    if plain is None:
        return b""
    sql, params = plain
    is_many = rows[MOST_IN_TILE : MOST_IN_TILE + 1].exists()
    shapes = (
        """SELECT NULL::bigint AS id, map_by AS value, count(*) AS count, ST_Transform(ST_SetSRID(ST_MakePoint(avg(map_x),
        avg(map_y)), 4326), 3857) AS shape FROM found, bounds WHERE map_x IS NOT NULL GROUP BY map_by,
        floor((map_x + 180) / bounds.cell), floor((map_y + 90) / bounds.cell)"""
        if is_many
        else "SELECT map_id AS id, map_by AS value, 1::bigint AS count, map_shape AS shape FROM found"
    )
    with connection.cursor() as cursor:
        # The inner statement is Django's own, its values are parameters.
        cursor.execute(
            f"""
            WITH found AS ({sql}),
            bounds AS (SELECT ST_TileEnvelope(%s, %s, %s) AS box, 360.0 / 2 ^ %s / 32 AS cell),
            shapes AS ({shapes}),
            cut AS (SELECT id, value, count, ST_AsMVTGeom(shape, bounds.box, 4096, 64, true) AS geom FROM shapes, bounds)
            SELECT ST_AsMVT(cut, %s, 4096, 'geom', 'id') FROM cut WHERE geom IS NOT NULL
            """,  # noqa: S608
            [*params, zoom, column, row, zoom, layer.key],
        )
        return bytes(cursor.fetchone()[0] or b"")


def _box(zoom: int, column: int, row: int) -> Box:
    """The tile's box in degrees, with the margin for marks that reach over its edge."""
    across = 2**zoom
    north, south = (
        math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * line / across))))
        for line in (row - MARGIN, row + 1 + MARGIN)
    )
    west, east = (360 * line / across - 180 for line in (column - MARGIN, column + 1 + MARGIN))
    return Box(max(west, -180.0), south, min(east, 180.0), north)
