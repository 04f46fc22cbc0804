"""Taking values out of rows and out of their history. The one place that may alter history, and only to forget people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pgtrigger
from django.core.files.storage import Storage
from django.db import models, transaction
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat

from komek.records.changes import tracked_lineage


@dataclass(frozen=True)
class WithKey:
    """A replacement that carries the row's key, for columns that must stay unique: ``WithKey("erased-{}@invalid")``."""

    pattern: str

    def expression(self, key: str) -> Any:
        before, _braces, after = self.pattern.partition("{}")
        return Concat(Value(before), Cast(F(key), CharField()), Value(after))


Fields = Mapping[str, Any]
"""Field name → what it becomes: a plain value, or a ``WithKey``. A file field becomes ``""`` and its file is deleted."""


@transaction.atomic
def scrub(model: type[models.Model], keys: Sequence[int], fields: Fields) -> int:
    """Replace ``fields`` in the rows with these keys and in every event about them; returns how many rows there were.

    Steps: note the files, change the rows (which adds one event each), change the events, delete the files once committed.
    """
    rows = model._default_manager.filter(pk__in=keys)
    files = list(_files(rows, model, fields))
    changed = rows.update(**{name: _new_value(value, "pk") for name, value in fields.items()})
    scrub_history(model, keys, fields)
    for storage, name in files:
        transaction.on_commit(lambda storage=storage, name=name: storage.delete(name))  # type: ignore[misc]
    return changed


def scrub_history(model: type[models.Model], keys: Sequence[int], fields: Fields) -> None:
    """Replace ``fields`` in the events about these rows, also of models the model inherits from."""
    for one in tracked_lineage(model):
        events: Any = one.events.rel.related_model  # type: ignore[attr-defined]
        kept = {field.name for field in events._meta.concrete_fields}
        values = {name: _new_value(value, "pgh_obj_id") for name, value in fields.items() if name in kept}
        if values:
            with pgtrigger.ignore(f"{events._meta.app_label}.{events.__name__}:append_only"):
                events.objects.filter(pgh_obj_id__in=keys).update(**values)


def differs(model: type[models.Model], fields: Fields) -> models.Q:
    """Rows in which at least one field is not yet what it shall become."""
    found = models.Q(pk=None)
    for name, value in fields.items():
        if value is None:
            found |= models.Q(**{f"{name}__isnull": False})
        else:
            found |= ~models.Q(**{name: _new_value(value, "pk")})
    return found


def _new_value(value: Any, key: str) -> Any:
    return value.expression(key) if isinstance(value, WithKey) else value


def _files(rows: models.QuerySet[Any], model: type[models.Model], fields: Fields) -> Iterable[tuple[Storage, str]]:
    for name in fields:
        field = model._meta.get_field(name)
        if isinstance(field, models.FileField):
            for stored in rows.exclude(**{name: ""}).values_list(name, flat=True):
                if stored:
                    yield field.storage, stored
