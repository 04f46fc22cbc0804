"""Many new records at once by COPY: much faster than INSERT; triggers, checks and history hold all the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models, transaction
from django.utils import timezone

PLAIN = (
    models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.DateField, models.UUIDField,
    models.ForeignKey, models.FileField,
)  # fmt: skip


def copy_in(records: Sequence[models.Model]) -> None:
    """Insert new records of one model and give them their primary keys, as ``bulk_create`` does; no signals are sent.

    For models of plain columns: text, whole numbers, days and moments, yes and no, UUIDs, foreign keys, JSON, lists of words.
    Raises IntegrityError, and TypeError for a model with other columns; then none is inserted.
    """
    if not records:
        return
    model = type(records[0])
    table, key = model._meta.db_table, model._meta.pk
    assert key is not None and key.column is not None
    fields = [field for field in model._meta.local_concrete_fields if field is not key and not field.generated]
    readers = [(field.attname, _reader(field)) for field in fields]
    moment = timezone.now()
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in (key, *fields))
    always_now = [field.attname for field in fields if getattr(field, "auto_now", False)]
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        # WITH, not SELECT: before a bare SELECT history would not tell the database who acts.
        cursor.execute(
            "WITH drawn AS (SELECT nextval(pg_get_serial_sequence(%s, %s)) AS key FROM generate_series(1, %s))"
            " SELECT key FROM drawn",
            [table, key.column, len(records)],
        )
        keys = [drawn for (drawn,) in cursor.fetchall()]
        copying = f"COPY {connection.ops.quote_name(table)} ({names}) FROM STDIN"
        with connection.wrap_database_errors, cursor.copy(copying) as copy:
            for record, drawn in zip(records, keys, strict=True):
                record.__dict__.update(dict.fromkeys(always_now, moment))
                copy.write_row([drawn, *[read(getattr(record, name)) for name, read in readers]])
    for record, drawn in zip(records, keys, strict=True):
        record.pk = drawn
        record._state.adding, record._state.db = False, connection.alias


def _reader(field: Any) -> Callable[[Any], Any]:
    """From a field's value to what COPY takes."""
    if isinstance(field, ArrayField) and isinstance(field.base_field, models.CharField):
        return _list_of_words
    if isinstance(field, models.JSONField):
        return lambda value: None if value is None else field.get_db_prep_save(value, connection)
    if not isinstance(field, PLAIN):
        raise TypeError(f"{field} is not a column that COPY is prepared for")
    if isinstance(field, models.FileField):
        return lambda value: field.get_prep_value(value)
    if field.choices:
        return lambda value: value.value if isinstance(value, Enum) else value
    return _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def _list_of_words(value: Sequence[str]) -> str:
    """PostgreSQL's text for an array, every element in quotation marks."""
    words = (str(word.value if isinstance(word, Enum) else word) for word in value)
    quoted = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    return "{" + ",".join(f'"{word}"' for word in quoted) + "}"
