"""What a table of records may hold: columns of plain values and columns that name other records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from komek.exchange.cells import shown

Finder = Callable[[Sequence[str], Any], Mapping[str, Sequence[Any]]]
"""Texts and the context → for each text the records it may mean. One query or two for a whole chunk of rows."""


@dataclass(frozen=True)
class Column:
    """One column of a resource.

    name: the model field it fills, or a name of its own when ``read_only``.
    hxl: tag with attributes, such as ``#adm1+code``; also how a tagged file finds it.
    also_hxl: other tags it may come under, the most telling first.
    parse: text of a cell → value; raises ValueError with a sentence. Empty cells are not parsed.
    value: record → value, for export; the attribute ``name`` if not given.
    find: for a column that names other records: looks up all texts of a chunk at once.
    many: the column names several records, with ``;`` between them.
    keep_unknown: field that keeps the text as given when no record is found, where a registry allows it.
    aliases: other headers it is known by, in any language.
    """

    name: str
    title: Any
    hxl: str = ""
    parse: Callable[[str], Any] = str.strip
    value: Callable[[Any], Any] | None = None
    find: Finder | None = None
    many: bool = False
    keep_unknown: str = ""
    required: bool = False
    read_only: bool = False
    help: Any = ""
    example: str = ""
    aliases: tuple[str, ...] = field(default=())
    also_hxl: tuple[str, ...] = field(default=())

    def text_of(self, record: Any) -> str:
        """What a file holds for this record."""
        value = self.value(record) if self.value else getattr(record, self.name)
        if isinstance(value, list | tuple):
            return "; ".join(shown(part) for part in value)
        return shown(value)


def split_many(text: str) -> list[str]:
    """``WASH; Health`` → two texts. A comma separates only when there is no semicolon."""
    separator = ";" if ";" in text else ","
    return [part.strip() for part in text.split(separator) if part.strip()]


def first_by_name(columns: Iterable[Column]) -> dict[str, Column]:
    """Columns by name."""
    return {column.name: column for column in columns}
