"""Tables of reports as plain data, the same for the page, for print and for CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import formats, timezone

from komek.records.spreadsheets import harmless
from komek.supplies.models import plain
from komek.web.lists import as_text


@dataclass(frozen=True)
class Heading:
    """A column. wide: text that may break; other cells stay on one line."""

    title: Any
    numeric: bool = False
    wide: bool = False


@dataclass(frozen=True)
class Cell:
    """What a cell holds. url: where it leads. note: small print under it, in brackets in CSV. mark: ok, warn or danger."""

    value: Any
    url: str = ""
    note: str = ""
    mark: str = ""

    @property
    def shown(self) -> str:
        """As people read it in the current language."""
        return _shown(self.value)

    @property
    def written(self) -> str:
        """As a file holds it: dates in ISO 8601, numbers with a point."""
        text = _written(self.value)
        return f"{text} ({self.note})" if self.note and text else text or self.note


@dataclass(frozen=True)
class Line:
    """A row. is_void: it is shown and does not count. is_total: it adds up the rows before it."""

    cells: tuple[Cell, ...]
    is_void: bool = False
    is_total: bool = False


@dataclass
class Table:
    """key: names it in addresses. empty: what to say when there are no lines. cut: how many more lines there are than shown."""

    key: str
    title: Any
    headings: Sequence[Heading]
    lines: list[Line] = field(default_factory=list)
    empty: Any = ""
    note: Any = ""

    def add(self, *values: Any, is_void: bool = False, is_total: bool = False) -> None:
        cells = tuple(value if isinstance(value, Cell) else Cell(value) for value in values)
        if len(cells) != len(self.headings):
            raise ValueError(f"{self.key}: {len(cells)} cells for {len(self.headings)} columns")
        self.lines.append(Line(cells, is_void=is_void, is_total=is_total))

    @property
    def rows(self) -> Iterable[tuple[Line, list[tuple[Heading, Cell]]]]:
        return [(line, list(zip(self.headings, line.cells, strict=True))) for line in self.lines]


class _Echo:
    def write(self, line: str) -> str:
        return line


def csv_lines(table: Table, *, is_exercise: bool) -> Iterator[str]:
    """UTF-8 with a byte order mark, a header row, then the lines; formulas are made harmless."""
    writer = csv.writer(_Echo())
    titles = [str(heading.title) for heading in table.headings]
    yield "\ufeff" + writer.writerow([*titles, "exercise"] if is_exercise else titles)
    for line in table.lines:
        cells = [harmless(cell.written) for cell in line.cells]
        yield writer.writerow([*cells, "yes"] if is_exercise else cells)


def _shown(value: Any) -> str:
    if isinstance(value, Decimal):
        whole, point, rest = plain(value).partition(".")
        grouped = formats.number_format(int(whole), use_l10n=True, force_grouping=True) if whole != "-0" else "-0"
        return grouped + (formats.get_format("DECIMAL_SEPARATOR") + rest if point else "")
    return str(as_text(value))


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
