"""XLSX workbooks, read row by row, after a look at whether they would burst."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from typing import IO, Any

import openpyxl
from django.utils.translation import gettext as _

from komek.exchange.faults import FileFault
from komek.exchange.readers.table import Table, table_from_grid

UNPACKED_AT_MOST = 400 * 2**20
RATIO_AT_MOST = 200
ENTRIES_AT_MOST = 2000
CELLS_AT_MOST = 10_000_000
EMPTY_ROWS_IN_A_ROW = 1000


def refuse_bomb(file: IO[bytes], size: int) -> None:
    """Raise FileFault when the archive is broken or would unpack to far more than it is. Reads its list of contents only."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as fault:
        raise FileFault(_("The workbook is damaged. Open it in a spreadsheet program and save it again.")) from fault
    unpacked = sum(entry.file_size for entry in entries)
    is_huge = unpacked > UNPACKED_AT_MOST or len(entries) > ENTRIES_AT_MOST
    if is_huge or unpacked > max(10 * 2**20, RATIO_AT_MOST * size):
        raise FileFault(_("The workbook would unpack to an unreasonable size. Copy the table into a new workbook."))


def read_xlsx(content: bytes, *, sheet: str = "") -> Table:
    """The sheet named, else the first that holds a table, one with HXL tags before others. Formulas are read as their last values."""
    refuse_bomb(io.BytesIO(content), len(content))
    try:
        workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (KeyError, ValueError, OSError, zipfile.BadZipFile, SyntaxError) as fault:
        raise FileFault(_("The workbook is damaged. Open it in a spreadsheet program and save it again.")) from fault
    found: list[Table] = []
    refused: FileFault | None = None
    try:
        for name in [sheet] if sheet in workbook.sheetnames else workbook.sheetnames:
            grid = _grid(workbook[name])
            if not any(any(row) for row in grid):
                continue
            try:
                found.append(table_from_grid(grid, format_name="XLSX", notes=[]))
            except FileFault as fault:  # a sheet of notes; another may hold the table
                refused = refused or fault
                continue
            found[-1].sheet = name
            if any(found[-1].tags):
                break
    finally:
        workbook.close()
    if not found:
        raise refused or FileFault(_("The file is empty. Choose a table with a header row and at least one row."))
    table = found[-1] if any(found[-1].tags) else found[0]
    table.sheets = list(workbook.sheetnames)
    others = [other for other in table.sheets if other != table.sheet]
    if others:
        table.notes.append(
            _("The sheet “%(sheet)s” was read; left out: %(others)s.")
            % {"sheet": table.sheet, "others": ", ".join(others)[:200]}
        )
    return table


def _grid(sheet: Any) -> list[list[str]]:
    grid: list[list[str]] = []
    cells = empty = 0
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()  # the stated size may be a lie
    for row in sheet.iter_rows(values_only=True):
        texts = [_text(value) for value in row]
        while texts and not texts[-1]:
            texts.pop()
        cells += len(texts)
        if cells > CELLS_AT_MOST:
            raise FileFault(_("The workbook holds too many cells. Split it and import the parts."))
        empty = 0 if texts else empty + 1
        if empty > EMPTY_ROWS_IN_A_ROW:
            break
        grid.append(texts)
    return grid


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        is_whole_day = (value.hour, value.minute, value.second) == (0, 0, 0)
        return value.date().isoformat() if is_whole_day else value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
