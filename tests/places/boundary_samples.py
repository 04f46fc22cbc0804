"""Boundary files as they come, written with pyogrio: a country of two regions with two districts each, near 58° E 38° N.

Like the ``areas`` fixture: XX, XX1 (West), XX2 (East), XX11, XX12, XX21, XX22.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyogrio import raw

Row = dict[str, Any]


def box(lon: float, lat: float, size: float = 1.0, height: float | None = None) -> Any:
    return shapely.box(lon, lat, lon + size, lat + (height or size))


def country(**changed: Any) -> list[Row]:
    return [{"ADM0_PCODE": "XX", "ADM0_EN": "Testland", "ADM0_RU": "Тестландия", "shape": box(58, 38, 4, 2), **changed}]


def regions() -> list[Row]:
    up = {"ADM0_PCODE": "XX", "ADM0_EN": "Testland"}
    return [
        {**up, "ADM1_PCODE": "XX1", "ADM1_EN": "West", "ADM1_RU": "Запад", "shape": box(58, 38, 2)},
        {**up, "ADM1_PCODE": "XX2", "ADM1_EN": "East", "ADM1_RU": "Восток", "shape": box(60, 38, 2)},
    ]


def districts() -> list[Row]:
    made = []
    for pcode, name, lon in (
        ("XX11", "West Town", 58),
        ("XX12", "West Hills", 59),
        ("XX21", "East Town", 60),
        ("XX22", "East Hills", 61),
    ):
        made.append(
            {"ADM1_PCODE": pcode[:3], "ADM2_PCODE": pcode, "ADM2_EN": name, "ADM2ALT1EN": f"Old {name}", "shape": box(lon, 38, 1, 2)}
        )  # fmt: skip
    return made


def changed(rows: Sequence[Row], pcode: str, **fields: Any) -> list[Row]:
    """The rows with some fields of one area changed."""
    return [{**row, **fields} if pcode == own_code(row) else row for row in rows]


def own_code(row: Mapping[str, Any]) -> Any:
    return row[max(column for column in row if column.endswith("PCODE"))]


def geojson(path: Path, rows: Sequence[Row], crs: Any = None) -> tuple[str, Path]:
    features = [
        {
            "type": "Feature",
            "properties": {key: value for key, value in row.items() if key != "shape"},
            "geometry": json.loads(shapely.to_geojson(row["shape"])) if row.get("shape") is not None else None,
        }
        for row in rows
    ]
    document = {"type": "FeatureCollection", **({"crs": crs} if crs else {}), "features": features}
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path.name, path


def write(path: Path, rows: Sequence[Row], *, driver: str, crs: str | None = "EPSG:4326", **options: Any) -> None:
    """One layer with pyogrio."""
    columns = [column for column in rows[0] if column != "shape"]
    shapes = np.array([None if row["shape"] is None else shapely.to_wkb(row["shape"]) for row in rows], dtype=object)
    values = [np.array([row.get(column) for row in rows], dtype=object) for column in columns]
    raw.write(
        str(path), shapes, values, columns, driver=driver, crs=crs, geometry_type=options.pop("geometry_type", "Polygon"),
        **options,
    )  # fmt: skip


def geopackage(path: Path, layers: Mapping[str, Sequence[Row]], **options: Any) -> tuple[str, Path]:
    for number, (name, rows) in enumerate(layers.items()):
        write(path, rows, driver="GPKG", layer=name, append=number > 0, **options)
    return path.name, path


def shapefiles(path: Path, layers: Mapping[str, Sequence[Row]], **options: Any) -> tuple[str, Path]:
    """A ZIP with one Shapefile per layer. ``without``: parts left out, such as ``.prj``."""
    without: Iterable[str] = options.pop("without", ())
    folder = path.with_suffix("")
    folder.mkdir()
    for name, rows in layers.items():
        write(folder / f"{name}.shp", rows, driver="ESRI Shapefile", **{"encoding": "UTF-8", **options})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(folder.iterdir()):
            if part.suffix not in without:
                archive.write(part, part.name)
    return path.name, path
