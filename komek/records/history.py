"""History is written by the database itself (triggers, django-pghistory), so bulk imports and raw SQL are in it too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pghistory
import pgtrigger
from django.db import models

Model = TypeVar("Model", bound=type[models.Model])


class InsertedTogether(pghistory.Tracker):
    """Events of all rows of one INSERT or COPY by one statement: per row, the trigger takes longer than the insert itself."""

    label = "insert"

    def setup(self, event_model: Any) -> None:
        pgtrigger.register(InsertedTogetherTrigger(event_model))(event_model.pgh_tracked_model)


class InsertedTogetherTrigger(pgtrigger.Trigger):
    """Writes the same columns as pghistory's own trigger for a row (``pghistory.trigger.Event``).

    Its trigger for statements is not used: that one would keep the actor in a table of contexts beside the events.
    """

    when = pgtrigger.After
    operation = pgtrigger.Insert
    level = pgtrigger.Statement
    referencing = pgtrigger.Referencing(new="new_values")

    def __init__(self, event_model: Any) -> None:
        self.event_model = event_model
        super().__init__(name="insert_together")

    def get_func(self, model: Any) -> str:
        tracked_names = {field.name for field in model._meta.local_concrete_fields}
        values = {
            field.column: f'new_values."{field.column}"'
            for field in self.event_model._meta.local_concrete_fields
            if field.name in tracked_names
        }
        values |= {
            "pgh_created_at": "NOW()",
            "pgh_label": "'insert'",
            "pgh_obj_id": f'new_values."{model._meta.pk.column}"',
            "pgh_context": "NULLIF(CURRENT_SETTING('pghistory.context_metadata', TRUE), '')::JSONB",
            "pgh_context_id": "NULLIF(CURRENT_SETTING('pghistory.context_id', TRUE), '')::UUID",
        }
        columns = ", ".join(f'"{column}"' for column in values)
        table = self.event_model._meta.db_table
        rows = f"SELECT {', '.join(values.values())} FROM new_values"  # noqa: S608 - names of columns, nothing given
        return f'INSERT INTO "{table}" ({columns}) {rows}; RETURN NULL;'


def tracked(exclude: tuple[str, ...] = (), *, in_bulk: bool = False) -> Callable[[Model], Model]:
    """Decorate a model: every insert, update and delete of it goes to an append-only event table.

    exclude: columns that would only add noise, such as derived search keys. Put below any other decorator.
    in_bulk: for tables into which lists of thousands are brought; history is written once for all rows of an insert.
    """

    def decorate(model: Model) -> Model:
        # A model that inherits from another table keeps the history of its own columns; the parent keeps its own.
        is_part = bool(model._meta.parents) and not model._meta.proxy
        own = [field.name for field in model._meta.local_concrete_fields if field.name not in exclude]
        result: Any = pghistory.track(
            InsertedTogether() if in_bulk else pghistory.InsertEvent(),
            pghistory.UpdateEvent(),
            pghistory.DeleteEvent(),
            fields=own if is_part else None,
            exclude=None if is_part else (list(exclude) or None),
            model_name=f"{model.__name__}Event" if is_part else None,
            append_only=True,
            # The context as JSON on the event itself: one insert, no join, nothing shared between events.
            context_field=pghistory.ContextJSONField(),
        )(model)
        return result

    return decorate
