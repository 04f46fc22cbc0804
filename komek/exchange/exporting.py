"""Writing files: CSV, HXL-tagged CSV, XLSX, GeoJSON, KML. Streamed; exercise data is marked; formulas are made harmless."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
from django.utils.translation import gettext as _

from komek.exchange.columns import Column
from komek.exchange.readers.geo_files import GEO_HEADERS
from komek.exchange.resources import ModelResource
from komek.records.spreadsheets import EXERCISE_TAG, harmless

BATCH = 2000


class _Echo:
    def write(self, line: str) -> str:
        return line


def chosen_columns(resource: ModelResource, names: Iterable[str] = ()) -> list[Column]:
    """The columns asked for, else all."""
    wanted = set(names)
    return [column for column in resource.columns if not wanted or column.name in wanted]


def _location(resource: ModelResource, record: Any) -> tuple[str, str]:
    point = getattr(record, resource.location_field) if resource.location_field else None
    return (repr(point.x), repr(point.y)) if point else ("", "")


def _geometry(resource: ModelResource, record: Any) -> Any:
    shape = getattr(record, resource.shape_field) if resource.shape_field else None
    if shape:
        return json.loads(shape.geojson)
    lon, lat = _location(resource, record)
    return {"type": "Point", "coordinates": [float(lon), float(lat)]} if lon else None


def _rows(columns: list[Column], records: Any) -> Iterator[tuple[Any, list[str]]]:
    for record in records.iterator(chunk_size=BATCH):
        yield record, [column.text_of(record) for column in columns]


def _headers(columns: list[Column], *, is_exercise: bool) -> tuple[list[str], list[str]]:
    titles = [str(column.title) for column in columns]
    tags = [column.hxl for column in columns]
    if is_exercise:
        titles, tags = [*titles, _("exercise")], [*tags, EXERCISE_TAG]
    return titles, tags


def write_csv(
    resource: ModelResource, columns: list[Column], records: Any, *, is_exercise: bool, tagged: bool = True
) -> Iterator[bytes]:
    """CSV in UTF-8 with a byte order mark, a header row and (``tagged``) an HXL tag row under it."""
    writer = csv.writer(_Echo())
    titles, tags = _headers(columns, is_exercise=is_exercise)
    if is_exercise and not tagged:
        titles[-1] = EXERCISE_TAG
    yield ("\ufeff" + writer.writerow(titles)).encode()
    if tagged:
        yield writer.writerow(tags).encode()
    for _record, row in _rows(columns, records):
        safe = [harmless(cell) for cell in row]
        yield writer.writerow([*safe, "yes"] if is_exercise else safe).encode()


def write_xlsx(resource: ModelResource, columns: list[Column], records: Any, *, is_exercise: bool) -> Iterator[bytes]:
    """One sheet with headers and HXL tags; every cell is text, so that codes keep their zeros."""
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet(str(resource.title)[:30])
    sheet.freeze_panes = "A3"
    titles, tags = _headers(columns, is_exercise=is_exercise)
    sheet.append(titles)
    sheet.append(tags)
    for _record, row in _rows(columns, records):
        safe = [_cell(harmless(cell)) for cell in row]
        sheet.append([*safe, "yes"] if is_exercise else safe)
    buffer = io.BytesIO()
    workbook.save(buffer)
    yield buffer.getvalue()


def _cell(text: str) -> str:
    """Characters XLSX cannot hold are left out."""
    return "".join(character for character in text if ord(character) >= 32 or character in "\n\t")


def write_geojson(
    resource: ModelResource, columns: list[Column], records: Any, *, is_exercise: bool
) -> Iterator[bytes]:
    """A FeatureCollection (RFC 7946); properties carry our column names."""
    names = [column.name for column in columns]
    yield ('{"type":"FeatureCollection","exercise":%s,"features":[' % ("true" if is_exercise else "false")).encode()
    first = True
    for record, row in _rows(columns, records):
        properties = {name: cell for name, cell in zip(names, row, strict=True) if name not in GEO_HEADERS}
        feature = {"type": "Feature", "geometry": _geometry(resource, record), "properties": properties}
        yield (("" if first else ",") + json.dumps(feature, ensure_ascii=False)).encode()
        first = False
    yield b"]}"


def write_kml(resource: ModelResource, columns: list[Column], records: Any, *, is_exercise: bool) -> Iterator[bytes]:
    """Placemarks with ExtendedData under our column names."""
    mark = ' exercise="yes"' if is_exercise else ""
    title = escape(("EXERCISE – " if is_exercise else "") + str(resource.title))
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document{mark}><name>{title}</name>"
    ).encode()
    for record, row in _rows(columns, records):
        data = "".join(
            f'<Data name="{escape(column.name)}"><value>{escape(_cell(cell))}</value></Data>'
            for column, cell in zip(columns, row, strict=True)
            if column.name not in GEO_HEADERS
        )
        lon, lat = _location(resource, record)
        point = f"<Point><coordinates>{lon},{lat}</coordinates></Point>" if lon else ""
        yield f"<Placemark><name>{escape(_cell(row[0]))}</name><ExtendedData>{data}</ExtendedData>{point}</Placemark>".encode()
    yield b"</Document></kml>"


def write_template(resource: ModelResource) -> bytes:
    """An XLSX to fill in: header row, HXL tags, one example, and a second sheet that explains each column."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = str(resource.title)[:30]
    columns = [column for column in resource.columns if not column.read_only]
    titles, tags = _headers(columns, is_exercise=False)
    sheet.append(titles)
    sheet.append(tags)
    sheet.append([column.example for column in columns])
    notes = workbook.create_sheet(_("What the columns mean")[:30])
    notes.append([_("Column"), _("Must be filled in"), _("Meaning")])
    for column in columns:
        notes.append([str(column.title), _("yes") if column.required else "", str(column.help)])
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


Writer = Callable[..., Iterator[bytes]]
FORMATS: dict[str, tuple[str, str, Writer]] = {
    "csv": ("csv", "text/csv; charset=utf-8", lambda *a, **k: write_csv(*a, **k, tagged=False)),
    "hxl": ("hxl.csv", "text/csv; charset=utf-8", write_csv),
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", write_xlsx),
    "geojson": ("geojson", "application/geo+json", write_geojson),
    "kml": ("kml", "application/vnd.google-earth.kml+xml", write_kml),
}
"""Format → file ending, media type, writer."""


def formats_of(resource: ModelResource) -> list[str]:
    """The formats worth offering: those of maps only where the records lie somewhere."""
    return [name for name in FORMATS if resource.location_field or name not in ("geojson", "kml")]
