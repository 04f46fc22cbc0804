"""Tables of records that have no public code and are known by some of their own values, such as an item's code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Upper
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from komek.exchange import cells
from komek.exchange.columns import Column
from komek.exchange.planning import Context, Outcome, Row
from komek.exchange.resources import ModelResource


class KeyedTable(ModelResource):
    """Rows are matched by ``key_fields``: model fields that together name one record. Text is matched in any case.

    Two rows of a file that would make the same record are never both taken.
    """

    key_fields: ClassVar[tuple[str, ...]]

    def blank(self, context: Context) -> Any:
        return self.model()

    def candidates(self, rows: Sequence[Row], context: Context) -> dict[int, list[Any]]:
        keys = {row.number: self._key_of_row(row) for row in rows}
        first = self.key_fields[0]
        values = {row.values[first] for row in rows if first in row.values}
        exactly: dict[tuple[Any, ...], list[Any]] = {}
        nearly: dict[tuple[Any, ...], list[Any]] = {}
        for record in self._like(first, values):
            key = self._key_of(record)
            exactly.setdefault(key, []).append(record)
            nearly.setdefault(_folded(key), []).append(record)
        found = {number: exactly.get(key) or nearly.get(_folded(key), []) for number, key in keys.items()}
        for row in rows:
            if found[row.number]:  # what names a record is not changed by a row that names it
                for name in self.key_fields:
                    row.values.pop(name, None)
        return found

    def plan(self, rows: Sequence[Row], context: Context) -> None:
        super().plan(rows, context)
        taken = context.made.setdefault(f"{self.key}: rows", {})
        for row in rows:
            if row.outcome not in (Outcome.CREATE, Outcome.UPDATE, Outcome.UNCHANGED):
                continue
            key = "\x1f".join(map(str, _folded(self._key_of(row.record))))
            first = taken.setdefault(key, row.number)
            if first != row.number and row.outcome != Outcome.UNCHANGED:
                row.fault("", _("Row %(row)d is about the same record. Keep one of the two.") % {"row": first})
                row.outcome = Outcome.REFUSED

    def _like(self, first: str, values: set[Any]) -> Any:
        """Records whose first key field is one of the values, in any case. One query."""
        field = self.model._meta.get_field(first)
        rows = self.related(self.model._default_manager.all())
        if field.is_relation or not isinstance(field, models.CharField):
            return rows.filter(**{f"{first}__in": values})
        folded = Upper(first)
        return rows.alias(_folded=folded).filter(_folded__in={str(value).upper() for value in values})

    def _key_of(self, record: Any) -> tuple[Any, ...]:
        return tuple(getattr(record, self.model._meta.get_field(name).attname) for name in self.key_fields)  # type: ignore[union-attr]

    def _key_of_row(self, row: Row) -> tuple[Any, ...]:
        key = []
        for name in self.key_fields:
            field: Any = self.model._meta.get_field(name)
            value = row.values.get(name, field.get_default())
            key.append(getattr(value, "pk", value))
        return tuple(key)


def _folded(key: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(part.casefold() if isinstance(part, str) else part for part in key)


# -- names by language, one column each


def name_columns(tag: str, *, longest: int) -> tuple[Column, ...]:
    """A column per language of the record's ``names``. ``assemble_names`` puts them together again."""
    return tuple(
        Column(
            _name_column(code), format_lazy("{} ({})", gettext_lazy("Name"), language),
            f"{tag}+i_{code.replace('-', '_')}", cells.text_of(longest),
            value=lambda record, code=code: record.names.get(code, ""),
        )
        for code, language in settings.LANGUAGES
    )  # fmt: skip


def assemble_names(record: Any, values: Mapping[str, Any]) -> None:
    """Fill ``names`` from the values of the columns above."""
    given = {code: values[_name_column(code)] for code, _language in settings.LANGUAGES if _name_column(code) in values}
    record.names = {**record.names, **given}


def empty_name(record: Any, column: str) -> bool:
    """Take away the name that a column holds; false for a column that holds none."""
    code = next((code for code, _language in settings.LANGUAGES if _name_column(code) == column), None)
    if code is not None:
        record.names = {language: name for language, name in record.names.items() if language != code}
    return code is not None


def _name_column(code: str) -> str:
    return f"name_{code.replace('-', '_')}"
