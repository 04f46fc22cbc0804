"""What an import changes of a report or note: kept as plain data, so that it can be set back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime

from missing_persons.models import Note, Report, ReportedName

REPORT_FIELDS = (
    "kind", "occurred_at", "reported_by", "reporter_phone", "reporter_email", "source", "sex", "birth_date", "age_from",
    "age_to", "born_from", "born_to", "home_text", "description", "source_entry_date", "expiry_date", "original",
    "consents_to_publish", "moderation", "moderated_at", "moderated_by_id",
)  # fmt: skip
NOTE_FIELDS = (
    "status", "text", "occurred_at", "reported_by", "author_phone", "author_email", "last_known_location", "contact_made",
    "moderation", "source_entry_date", "linked_record_id", "original", "verified_at", "verified_by_id",
)  # fmt: skip
REPORT_FIELDS_WRITTEN = [name.removesuffix("_id") for name in REPORT_FIELDS] + ["updated_at"]
NOTE_FIELDS_WRITTEN = [
    name if name == "linked_record_id" else name.removesuffix("_id") for name in NOTE_FIELDS
] + ["updated_at"]  # fmt: skip
SPELLING = ("as_written", "given", "patronymic", "family", "kind")


def spelling(names: Iterable[ReportedName]) -> list[list[str]]:
    return [[str(getattr(name, part)) for part in SPELLING] for name in names]


def of_report(report: Report, names: Iterable[ReportedName]) -> dict[str, Any]:
    return {"fields": _plain(report, REPORT_FIELDS), "names": spelling(names)}


def of_note(note: Note) -> dict[str, Any]:
    return {"fields": _plain(note, NOTE_FIELDS)}


def set_back(record: Report | Note, kept: dict[str, Any]) -> None:
    """Set what ``of_report`` or ``of_note`` kept; the names are the caller's."""
    for name, value in kept["fields"].items():
        kind = record._meta.get_field(name.removesuffix("_id") if name.endswith("by_id") else name).get_internal_type()
        if isinstance(value, str) and kind == "DateTimeField":
            value = parse_datetime(value)
        elif isinstance(value, str) and kind == "DateField":
            value = parse_date(value)
        setattr(record, name, value)


def _plain(record: Report | Note, names: Iterable[str]) -> dict[str, Any]:
    found = {name: getattr(record, name) for name in names}
    return {name: value.isoformat() if isinstance(value, datetime | date) else value for name, value in found.items()}
