"""Whom a record's number means here, and what follows when a note says that two records are one person: a suggestion, never a join."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from komek.records.codes import MistypedCode, parse_code
from missing_persons.models import Note, Person, Report, SuggestedPair
from missing_persons.pfif.records import domain_of


def found_by_number(operation: Any, numbers: Iterable[str], own_domain: str) -> dict[str, tuple[int, int]]:
    """Number of a person's record → key of the report and of the person. Our own are found by their code."""
    wanted = set(numbers)
    theirs = [number for number in wanted if domain_of(number) != own_domain]
    rows = Report.objects.filter(operation=operation, source_record_id__in=theirs, tombstoned_at=None)
    found = {
        number: (report_id, person_id)
        for number, report_id, person_id in rows.values_list("source_record_id", "pk", "person_id")
    }
    codes: dict[str, str] = {}
    for number in wanted.difference(theirs):
        try:
            codes[parse_code(number.partition("/")[2], Person.CODE_LETTER)] = number
        except MistypedCode:
            continue
    if codes:
        ours = Report.objects.filter(
            operation=operation, made_person__code__in=codes, tombstoned_at=None, is_clone=False
        ).values_list("made_person__code", "pk", "person_id")
        found |= {codes[code]: (report_id, person_id) for code, report_id, person_id in ours}
    return found


def suggest_linked(operation: Any, notes: Iterable[Note], new_numbers: Collection[str], own_domain: str) -> int:
    """Suggest pairs that new notes name, and that earlier notes named before the other record was here; returns how many.

    What somebody answered about a pair stays answered.
    """
    said = [(note.person_id, note.linked_record_id) for note in notes if note.linked_record_id]
    if new_numbers:
        earlier = Note.objects.filter(operation=operation, linked_record_id__in=new_numbers, tombstoned_at=None)
        said += earlier.values_list("person_id", "linked_record_id")
    if not said:
        return 0
    found = found_by_number(operation, {number for _person, number in said}, own_domain)
    pairs: dict[tuple[int, int], str] = {}
    for person_id, number in said:
        other = found.get(number, (0, person_id))[1]
        if other != person_id:
            pairs[min(person_id, other), max(person_id, other)] = number
    current = set(
        Person.objects.filter(
            pk__in={key for pair in pairs for key in pair}, joined_into=None, tombstoned_at=None
        ).values_list("pk", flat=True)
    )
    rows = [
        SuggestedPair(
            operation=operation, first_id=first, second_id=second, score=1.0,
            evidence=[{"field": "record_link", "verdict": "equal", "first": number, "second": number}],
        )
        for (first, second), number in pairs.items()
        if first in current and second in current
    ]  # fmt: skip
    SuggestedPair.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
