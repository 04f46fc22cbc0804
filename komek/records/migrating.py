"""Migrations that make many tables make them at once.

Django looks at the whole project anew after each operation of a migration: with a history table and five triggers for
each record that is most of the time a new database takes. Operations that only add something need no look in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.fields import AddField
from django.db.migrations.operations.models import AddConstraint, AddIndex, CreateModel
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger

ADDING = (CreateModel, AddField, AddIndex, AddConstraint, AddTrigger)


class AddTogether(Operation):
    """Some operations that add, done with one look at the models as they are after all of them.

    A model made here gets its later fields, indexes and constraints with its table; foreign keys are made by Django at
    the end of a migration in any case, so models may name each other.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = list(operations)
        self.made = {operation.name_lower for operation in self.operations if isinstance(operation, CreateModel)}

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        return (self.__class__.__name__, [], {"operations": self.operations})

    def describe(self) -> str:
        return "; ".join(operation.describe() for operation in self.operations)

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)  # made again when next asked for, once instead of after each operation
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def is_of_made(self, operation: Operation) -> bool:
        """True for what is there with the table of a model that is made here."""
        if isinstance(operation, AddField):
            return operation.model_name_lower in self.made
        return isinstance(operation, AddIndex | AddConstraint) and operation.model_name.lower() in self.made

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for operation in self.operations:
            if not self.is_of_made(operation):
                operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        for operation in reversed(self.operations):
            goes_with_table = isinstance(operation, AddTrigger) and operation.model_name.lower() in self.made
            if not goes_with_table and not self.is_of_made(operation):
                operation.database_backwards(app_label, schema_editor, from_state, to_state)


def together(operations: Iterable[Operation]) -> list[Operation]:
    """The same operations with each run of those that add put into one :class:`AddTogether`."""
    grouped: list[Operation] = []
    run: list[Operation] = []

    def close() -> None:
        if len(run) > 1:
            grouped.append(AddTogether(tuple(run)))
        else:
            grouped.extend(run)
        run.clear()

    for operation in operations:
        if type(operation) in ADDING:
            run.append(operation)
        else:
            close()
            grouped.append(operation)
    close()
    return grouped
