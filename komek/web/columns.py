"""Columns of a list, and how a row's values are shown in them."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any

from django.utils import formats, timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from komek.web.drawing import escaped, link


@dataclass(frozen=True)
class Column:
    """One column.

    value: attribute path with dots or double underscores, or a function of the row. A Django choice field shows its label.
    sort: ORM field paths to order by, ascending; empty means the column cannot be sorted.
    numeric: aligned for comparing. nowrap: never broken over two lines (codes, dates).
    cell: what the page shows, when it is more than the value's text; gets the row, returns safe HTML.
    default: shown unless the person chose otherwise.
    """

    key: str
    title: Any
    value: str | Callable[[Any], Any]
    sort: Sequence[str] = ()
    cell: Callable[[Any], SafeString | str] | None = None
    numeric: bool = False
    nowrap: bool = False
    default: bool = True

    @cached_property
    def _path(self) -> list[str]:
        return str(self.value).replace("__", ".").split(".")

    def value_of(self, row: Any) -> Any:
        """The plain value, as an export writes it."""
        if callable(self.value):
            return self.value(row)
        found: Any = row
        for name in self._path:
            if found is None:
                return None
            value = getattr(found, name)
            if _has_choices(type(found), name):
                value = _labels_of(type(found), name, get_language()).get(value, "" if value is None else str(value))
            found = value
        return found() if callable(found) else found

    def shown(self, row: Any) -> Any:
        """What the page shows."""
        return self.cell(row) if self.cell else as_text(self.value_of(row))


@cache
def _field_of(kind: type, name: str) -> Any:
    meta = getattr(kind, "_meta", None)
    return meta and {one.name: one for one in meta.concrete_fields}.get(name)


@cache
def _has_choices(kind: type, name: str) -> bool:
    return bool(getattr(_field_of(kind, name), "choices", None))


@cache
def _labels_of(kind: type, name: str, language: str | None) -> dict[Any, str]:
    """Labels of a choice field by value, in a language. Looked up and translated once, not for each row of each list."""
    return {value: str(label) for value, label in _field_of(kind, name).flatchoices}


@dataclass(frozen=True)
class Header:
    """A column's head. ``address``: the page sorted by it, the other way round where it is sorted so now; or empty."""

    column: Column
    address: str
    direction: str  # "ascending", "descending" or "none"


def as_text(value: Any) -> str:
    """A value as people read it in the current language: dates local, yes and no, numbers with separators."""
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return value
    if value is True:
        return _("yes")
    if value is False:
        return _("no")
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
    if isinstance(value, date):
        return formats.date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, int):
        return formats.number_format(value, use_l10n=True, force_grouping=True)
    return str(value)


def link_cell(text: Callable[[Any], str] = str) -> Callable[[Any], SafeString]:
    """A cell that leads to the record's own page."""
    return lambda row: link(row.get_absolute_url(), text(row))


def drawn_rows(rows: Sequence[Any], columns: Sequence[Column], *, ticked: bool) -> SafeString:
    """The rows of a table. ``ticked``: each with a box to tick.

    Put together here and not in a template: there are hundreds of cells on a page, and each costs there.
    """
    cells = [(column.shown, *_openings(column, is_first=place == 0)) for place, column in enumerate(columns)]
    tick = _("Tick %(row)s") if ticked else ""
    parts = []
    for row in rows:
        parts.append("<tr>")
        if ticked:
            label = html.escape(tick % {"row": row})
            parts.append(
                f'<td class="select no-print"><input type="checkbox" name="pk" value="{row.pk}" aria-label="{label}"></td>'
            )
        for shown, filled, blank in cells:
            text = escaped(shown(row))
            parts.append(f"{filled}{text}</td>" if text else f"{blank}</td>")
        parts.append("</tr>\n")
    return mark_safe("".join(parts))  # noqa: S308 - every text above is escaped


def _openings(column: Column, *, is_first: bool) -> tuple[str, str]:
    """How a cell of the column begins: filled, and blank."""
    holding = (("first", is_first), ("numeric", column.numeric), ("nowrap", column.nowrap))
    classes = " ".join(name for name, holds in holding if holds)
    start = f'<td data-label="{html.escape(str(column.title))}" class="{classes}'
    return f'{start}">', f'{start} blank">'
