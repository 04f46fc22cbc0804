"""Choosing the reader by what a file holds, not by what it is called."""

from __future__ import annotations

from typing import IO

from django.conf import settings
from django.utils.translation import gettext as _

from komek.exchange.faults import FileFault
from komek.exchange.readers.csv_files import read_csv
from komek.exchange.readers.geo_files import read_geojson, read_kml
from komek.exchange.readers.table import Table
from komek.exchange.readers.xlsx_files import read_xlsx, refuse_bomb
from komek.records.spreadsheets import EXERCISE_TAG

_ZIP = b"PK\x03\x04"
_KNOWN_OTHERS = (
    (b"%PDF", "PDF"), (b"\xd0\xcf\x11\xe0", "XLS (97–2003)"), (b"\x89PNG", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"{\\rtf", "RTF"),
)  # fmt: skip


def refuse_too_large(size: int) -> None:
    """Before anything is read: a file over the limit is refused. ``size`` in bytes."""
    limit = int(getattr(settings, "IMPORT_MAX_MB", 50))
    if size > limit * 2**20:
        raise FileFault(
            _("The file has %(size)d MB; at most %(limit)d MB are taken. Split it, or ask an administrator to load it.")
            % {"size": size // 2**20, "limit": limit}
        )


def refuse_at_sight(file: IO[bytes], size: int) -> None:
    """What can be said of a file without reading all of it: too large, empty, no table, a workbook that would burst."""
    refuse_too_large(size)
    file.seek(0)
    start = file.read(4096)
    _refuse_others(start)
    if start.startswith(_ZIP):
        refuse_bomb(file, size)
    file.seek(0)


def _refuse_others(start: bytes) -> None:
    if not start.strip():
        raise FileFault(_("The file is empty. Choose a table with a header row and at least one row."))
    for beginning, kind in _KNOWN_OTHERS:
        if start.startswith(beginning):
            raise FileFault(
                _("This is a %(kind)s file. Save the table as CSV or XLSX, or the map layer as GeoJSON or KML.")
                % {"kind": kind}
            )


def open_table(content: bytes, *, name: str = "", sheet: str = "") -> Table:
    """Read a file into a Table. Raises FileFault with a sentence."""
    refuse_too_large(len(content))
    _refuse_others(content)
    table = _read(content, sheet)
    if EXERCISE_TAG in table.tags or any(header.strip() == EXERCISE_TAG for header in table.headers):
        table.is_exercise = True
    return table


def _read(content: bytes, sheet: str) -> Table:
    if content.startswith(_ZIP):
        return read_xlsx(content, sheet=sheet)
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if start.startswith(b"{"):
        return read_geojson(content)
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<table")):
        raise FileFault(
            _("This is a web page, not a table. Open it in a spreadsheet program and save it as CSV or XLSX.")
        )
    if start.startswith((b"<?xml", b"<kml", b"<!doctype")):
        return read_kml(content)
    return read_csv(content)
