"""What the history of a person and of a report tells."""

from __future__ import annotations

from komek.records.parts import Guard, Part, register_guard, register_parts
from missing_persons.models import Note, Person, Photo, Report, ReportedName
from missing_persons.reading import PART


def register() -> None:
    """Called once, when the app is ready."""
    register_parts(Person, Part(Report, "person", named="kind"), Part(Note, "person", named="status"))
    register_parts(
        Report,
        Part(ReportedName, "report", named="as_written", follows_record=True),
        Part(Photo, "report", named="occurred_at"),
    )
    for model in (Person, Report):
        register_guard(model, Guard(read_as=PART))
