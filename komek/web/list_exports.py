"""A list as a file: the rows, order and columns that a page shows. Formulas are made harmless, exercise rows marked."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from itertools import zip_longest
from typing import Any

import openpyxl
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.records.spreadsheets import EXERCISE_TAG, harmless

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class _Echo:
    def write(self, line: str) -> str:
        return line


def _lines(columns: Sequence[Any], rows: QuerySet[Any], *, is_exercise: bool) -> Iterator[list[str]]:
    yield [*(str(column.title) for column in columns), *([EXERCISE_TAG] if is_exercise else [])]
    mark = [_("exercise")] if is_exercise else []
    for row in rows.iterator(chunk_size=2000):
        yield [*(harmless(plain(column.value_of(row))) for column in columns), *mark]


def write_csv(columns: Sequence[Any], rows: QuerySet[Any], *, is_exercise: bool) -> Iterator[str]:
    """Lines as they come, in UTF-8 with a byte order mark."""
    writer = csv.writer(_Echo())
    mark = "\ufeff"
    for line in _lines(columns, rows, is_exercise=is_exercise):
        yield mark + writer.writerow(line)
        mark = ""


def write_xlsx(columns: Sequence[Any], rows: QuerySet[Any], *, is_exercise: bool) -> Iterator[bytes]:
    """One sheet of texts; numbers of numeric columns stay numbers, so that they can be added up."""
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet()
    sheet.freeze_panes = "A2"
    for line in _lines(columns, rows, is_exercise=is_exercise):
        sheet.append([_cell(text, column) for text, column in zip_longest(line, columns)])
    buffer = io.BytesIO()
    workbook.save(buffer)
    yield buffer.getvalue()


def _cell(text: str, column: Any) -> str | int:
    """A number where the column holds numbers, else text without the characters that XLSX cannot hold."""
    if column is not None and column.numeric and text.isdecimal():
        return int(text)
    return "".join(character for character in text if ord(character) >= 32 or character in "\n\t")


def plain(value: Any) -> str:
    """A value for a file: dates in ISO 8601, so that any program reads them."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


WRITERS: dict[str, Callable[..., Iterator[Any]]] = {"csv": write_csv, "xlsx": write_xlsx}
