"""What every reader gives: headers, HXL tags where there are any, and rows of text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from komek.exchange.faults import FileFault

TAG_ROW_WITHIN = 25
ROWS_AT_MOST = 1_000_000


@dataclass
class Table:
    """A table as read. Rows are numbered as a person counts them in the file, from 1.

    notes: what the reader assumed or left out, as sentences. sheet, sheets: of a workbook, the one read and all there are.
    """

    headers: list[str]
    tags: list[str]
    rows: list[tuple[int, list[str]]]
    format: str
    notes: list[str] = field(default_factory=list)
    is_exercise: bool = False
    sheet: str = ""
    sheets: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        return iter(self.rows)


def is_tag(text: str) -> bool:
    """Whether a cell is an HXL tag such as ``#adm1+code``."""
    stripped = text.strip()
    return stripped.startswith("#") and len(stripped) > 1 and stripped[1].isalpha()


def normal_tag(text: str) -> str:
    """A tag in lower case with its attributes sorted: ``#Org +name+ ES`` → ``#org+es+name``."""
    tag, *attributes = text.strip().lower().replace(" ", "").split("+")
    return "+".join([tag, *sorted(attribute for attribute in attributes if attribute)])


def table_from_grid(grid: list[list[str]], *, format_name: str, notes: list[str]) -> Table:
    """Find the tag row or else the header row in a grid of texts; what stands above it is joined into the headers.

    An HXL tag row is the first, within 25 rows, in which every filled cell is a tag.
    """
    if not any(any(cell.strip() for cell in row) for row in grid):
        raise FileFault(_("The file is empty. Choose a table with a header row and at least one row."))
    width = max(len(row) for row in grid)
    tag_row = next(
        (
            number
            for number, row in enumerate(grid[:TAG_ROW_WITHIN])
            if any(cell.strip() for cell in row) and all(is_tag(cell) for cell in row if cell.strip())
        ),
        None,
    )
    if tag_row is not None:
        headers = _joined_headers(grid[:tag_row], width)
        tags = [normal_tag(cell) if cell.strip() else "" for cell in _padded(grid[tag_row], width)]
        first = tag_row + 1
    else:
        header_row = next(number for number, row in enumerate(grid) if any(cell.strip() for cell in row))
        # A banner line of merged cells above the real header: the next row then names more columns.
        following = grid[header_row + 1] if header_row + 1 < len(grid) else []
        if _filled(following) > _filled(grid[header_row]) and _filled(grid[header_row]) < width:
            header_row += 1
        headers = _joined_headers(grid[header_row : header_row + 1], width)
        tags = [""] * width
        first = header_row + 1
    rows = [
        (number, _padded(row, width))
        for number, row in enumerate(grid[first:], first + 1)
        if any(cell.strip() for cell in row)
    ]
    if not rows:
        raise FileFault(_("The file has a header but no rows below it."))
    if len(rows) > ROWS_AT_MOST:
        raise FileFault(_("The file has more than a million rows. Split it and import the parts."))
    return Table(headers, tags, rows, format_name, notes)


def _filled(row: list[str]) -> int:
    return sum(1 for cell in row if cell.strip())


def _padded(row: list[str], width: int) -> list[str]:
    return [*row, *[""] * (width - len(row))]


def _joined_headers(rows: list[list[str]], width: int) -> list[str]:
    """Headers of several lines or languages, the last line first in importance, joined with " / "."""
    headers = []
    for place in range(width):
        parts = [row[place].strip() for row in rows if place < len(row) and row[place].strip()]
        headers.append(" / ".join(dict.fromkeys(reversed(parts))))
    return headers
