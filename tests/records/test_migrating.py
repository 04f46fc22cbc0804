"""Operations of a migration that add are done together, and make what they make one by one."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from komek.records.migrating import AddTogether, together

BEGINNING = [
    migrations.CreateModel(
        "tent", [("id", models.BigAutoField(primary_key=True)), ("code", models.CharField(max_length=9))]
    ),
]
ADDED = [
    migrations.CreateModel("pole", [("id", models.BigAutoField(primary_key=True)), ("length", models.IntegerField())]),
    migrations.CreateModel("rope", [("id", models.BigAutoField(primary_key=True))]),
    migrations.AddField("pole", "rope", models.ForeignKey("made_up.rope", models.CASCADE)),
    migrations.AddField("rope", "pole", models.ForeignKey("made_up.pole", models.CASCADE, null=True)),
    migrations.AddField("tent", "pole", models.ForeignKey("made_up.pole", models.CASCADE, null=True)),
    migrations.AddIndex("pole", models.Index(fields=["length"], name="pole_length")),
    migrations.AddConstraint("pole", models.CheckConstraint(condition=models.Q(length__gt=0), name="pole_has_length")),
    migrations.AddConstraint("tent", models.UniqueConstraint(fields=["code"], name="tent_once")),
]  # fmt: skip


def made_by(operations: Sequence[Operation]) -> dict[str, object]:
    """Columns and constraints of each table after ``operations``; the tables are gone with the test."""
    state = ProjectState()
    with connection.schema_editor() as editor:
        for operation in [*BEGINNING, *operations]:
            before = state.clone()
            operation.state_forwards("made_up", state)
            operation.database_forwards("made_up", editor, before, state)
    with connection.cursor() as cursor:
        tables = [f"made_up_{name}" for name in ("tent", "pole", "rope")]
        found = {
            table: (
                sorted(column.name for column in connection.introspection.get_table_description(cursor, table)),
                sorted(
                    str((what["columns"], what["unique"], what["check"], what["foreign_key"], what["index"]))
                    for what in connection.introspection.get_constraints(cursor, table).values()
                ),
            )
            for table in tables
        }
        cursor.execute(f"DROP TABLE {', '.join(tables)} CASCADE")
    return found


def test_what_is_added_together_is_what_is_added_one_by_one(transactional_db: None) -> None:
    grouped = together(ADDED)
    assert [type(operation) for operation in grouped] == [AddTogether]
    assert made_by(grouped) == made_by(ADDED)


def test_it_is_taken_back_whole(transactional_db: None) -> None:
    before, state = ProjectState(), ProjectState()
    BEGINNING[0].state_forwards("made_up", before)
    BEGINNING[0].state_forwards("made_up", state)
    (operation,) = together(ADDED)
    with connection.schema_editor() as editor:
        BEGINNING[0].database_forwards("made_up", editor, ProjectState(), before)
    operation.state_forwards("made_up", state)
    with connection.schema_editor() as editor:
        operation.database_forwards("made_up", editor, before, state)
    with connection.schema_editor() as editor:
        operation.database_backwards("made_up", editor, state, before)
    with connection.cursor() as cursor:
        left = [name for name in connection.introspection.table_names(cursor) if name.startswith("made_up")]
        columns = [column.name for column in connection.introspection.get_table_description(cursor, "made_up_tent")]
        cursor.execute("DROP TABLE made_up_tent")
    assert left == ["made_up_tent"]
    assert columns == ["id", "code"]


def test_what_does_more_than_add_stands_alone_where_it_stood() -> None:
    said = migrations.RunSQL("SELECT 1")
    grouped = together([*ADDED[:2], said, ADDED[2]])
    assert [type(operation) for operation in grouped] == [AddTogether, migrations.RunSQL, migrations.AddField]
