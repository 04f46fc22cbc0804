"""What expired or is erased leaves a bare tombstone, in the rows and in history."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from komek.accounts.authority import NotAllowed
from missing_persons.erasing import erase_note, erase_person, erase_report, expire_due
from missing_persons.joining import join
from missing_persons.models import Person, Report, ReportedName, Status, SuggestedPair
from missing_persons.noting import add_note, add_note_by_public, verify_note
from missing_persons.pairs import Suggestion, keep_suggestions
from missing_persons.refusals import Refused
from missing_persons.subscribing import subscribe
from tests.conftest import actor
from tests.missing_persons.conftest import PUBLIC, Desk, Tell


def everything() -> str:
    """All that the registry's tables hold, as text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith("missing_persons_"):
                cursor.execute(f'SELECT string_agg(t::text, E"\\n") FROM "{table}" t'.replace('E"\\n"', "' '"))
                found.append(str(cursor.fetchone()[0]))
    return " ".join(found)


def test_an_expired_report_and_its_person_leave_nothing_but_a_tombstone(desk: Desk, tell: Tell) -> None:
    by, operation = actor(desk.nurjan), desk.operation
    report = tell("Zzaman Zzataev", hair="zzgrey", description="zztall", age_from=41)
    other = tell("Zzaman A.", reporter_phone="+99361zz")
    add_note_by_public(by=PUBLIC, person=report.person, report=report, text="zzseen", status="believed_alive")
    subscribe(by=PUBLIC, person=report.person, email="zz@example.org")
    keep_suggestions(
        report.person, [Suggestion(other.person_id, 0.9, [{"field": "name", "first": "zz", "verdict": "equal"}])]
    )
    join(by=by, operation=operation, keep=report.person, other=other.person)
    assert expire_due() == 0
    Report.objects.update(expiry_date=timezone.now() - timedelta(minutes=1))
    assert expire_due() == 2
    assert "zz" not in everything().lower()
    report.refresh_from_db()
    person = Person.objects.get(pk=report.person_id)
    assert report.tombstoned_at and person.tombstoned_at and person.code and report.kind == "missing"
    assert expire_due() == 0


def test_one_erased_report_of_two_leaves_the_other_untouched(desk: Desk, tell: Tell) -> None:
    by, operation = actor(desk.nurjan), desk.operation
    first, second = tell("Zzaman"), tell("Aman Ataev")
    join(by=by, operation=operation, keep=first.person, other=second.person)
    with pytest.raises(Refused, match="why"):
        erase_report(by=by, operation=operation, report=first, reason="")
    erase_report(by=by, operation=operation, report=first, reason="the reporter asked")
    person = Person.objects.get(pk=first.person_id)
    assert (person.display_name, person.tombstoned_at) == ("Aman Ataev", None)
    assert ReportedName.objects.filter(as_written="Aman Ataev").exists() and "zzaman" not in everything().lower()
    assert SuggestedPair.objects.count() == 0


def test_a_note_alone_and_everything_at_the_wish_of_the_person(desk: Desk, tell: Tell) -> None:
    operation = desk.operation
    report = tell("Zzaman")
    note = add_note(
        by=actor(desk.nurjan), operation=operation, person=report.person, text="zzseen", status="believed_alive"
    )
    verify_note(by=actor(desk.nurjan), operation=operation, note=note, how="spoke to zz")
    erase_note(by=actor(desk.nurjan), operation=operation, note=note, reason="wrong person")
    person = Person.objects.get()
    assert "zzseen" not in everything() and person.status == Status.MISSING
    with pytest.raises(NotAllowed):
        erase_person(by=actor(desk.nurjan), operation=operation, person=person, reason="she asked")
    erase_person(by=actor(desk.gozel), operation=operation, person=person, reason="she asked")
    assert "zzaman" not in everything().lower()
    assert Person.objects.get().tombstoned_at is not None
