"""Joining, splitting and undoing: nothing of a report is lost or changed, and everything can be put back exactly."""

from __future__ import annotations

import pytest

from komek.accounts.authority import NotAllowed
from komek.records.changes import changes_of
from missing_persons.joining import join, split, undo
from missing_persons.models import Moderation, Report, Status, SuggestedPair, Visibility
from missing_persons.noting import add_note_by_public, verify_report
from missing_persons.pairs import Suggestion, decide_pair, keep_suggestions, open_pairs, reopen_pair
from missing_persons.publishing import hold_back, keep_from_public, publish
from missing_persons.refusals import Refused
from tests.conftest import actor
from tests.missing_persons.conftest import PUBLIC, QUAKE, Desk, Tell


def state_of(report: Report) -> dict[str, object]:
    report.refresh_from_db()
    kept = {field.attname: getattr(report, field.attname) for field in report._meta.concrete_fields}
    return {name: value for name, value in kept.items() if name not in ("person_id", "updated_at")}


def test_joined_split_and_undone_without_losing_a_word(desk: Desk, tell: Tell) -> None:
    by, operation = actor(desk.nurjan), desk.operation
    sought = tell("Aman Ataev", age_from=40)
    found = tell("Аман Атаев", kind="found", reported_by="Camp 3", birth_year=1985)
    words = [state_of(sought), state_of(found)]
    add_note_by_public(by=PUBLIC, person=found.person, report=found, status="believed_alive", text="in tent 7")
    verify_report(by=by, operation=operation, report=found, how="seen in the camp")

    with pytest.raises(NotAllowed):
        join(by=actor(desk.dowlet), operation=operation, keep=sought.person, other=found.person)
    first = join(by=by, operation=operation, keep=sought.person, other=found.person, reason="his mother knew him")
    kept, pointer = sought.person, found.person
    kept.refresh_from_db()
    pointer.refresh_from_db()
    assert (kept.status, kept.reports.count(), kept.notes.count()) == (Status.ALIVE, 2, 1)
    assert (pointer.current, pointer.visibility) == (kept, Visibility.HIDDEN)
    assert state_of(sought) == words[0] and found.code == pointer.code
    with pytest.raises(Refused, match="joined"):
        join(by=by, operation=operation, keep=sought.person, other=pointer)

    undo(by=by, operation=operation, joining=first, reason="another Aman")
    for person, status in ((kept, Status.MISSING), (pointer, Status.ALIVE)):
        person.refresh_from_db()
        assert (person.status, person.joined_into, person.reports.count()) == (status, None, 1)
    assert pointer.notes.count() == 1
    with pytest.raises(Refused, match="already"):
        undo(by=by, operation=operation, joining=first, reason="again")

    join(by=by, operation=operation, keep=kept, other=pointer)
    found.refresh_from_db()
    second = split(by=by, operation=operation, reports=[found], reason="two people after all")
    assert second.target == pointer, "its own person comes back"
    pointer.refresh_from_db()
    assert (pointer.joined_into, pointer.notes.count(), pointer.status) == (None, 1, Status.ALIVE)
    undo(by=by, operation=operation, joining=second, reason="one after all")
    found.refresh_from_db()
    assert found.person == kept
    with pytest.raises(Refused, match="all reports"):
        split(by=by, operation=operation, reports=[found, Report.objects.get(pk=sought.pk)], reason="both")
    assert any("his mother" in change.reason for change in changes_of(pointer))


def test_pairs_are_decided_once_and_two_told_apart_are_not_suggested_again(desk: Desk, tell: Tell) -> None:
    by, operation = actor(desk.nurjan), desk.operation
    one, two, three = (tell(name).person for name in ("Aman Ataev", "Aman Atayev", "A. Ataev"))
    evidence = [{"field": "name", "verdict": "equal", "first": "Aman Ataev", "second": "Aman Atayev"}]
    assert keep_suggestions(one, [Suggestion(two.pk, 0.9, evidence), Suggestion(three.pk, 0.4, [])]) == 2
    assert keep_suggestions(two, [Suggestion(one.pk, 0.95, evidence)]) == 0
    pair = open_pairs(operation).first()
    assert (pair.first, pair.score) == (one, 0.95)
    apart = SuggestedPair.objects.get(second=three)
    decide_pair(by=by, operation=operation, pair=apart, is_same=False, reason="other father")
    decide_pair(by=by, operation=operation, pair=pair, is_same=True, keep=two)
    with pytest.raises(Refused, match="already"):
        decide_pair(by=by, operation=operation, pair=pair, is_same=False)
    two.refresh_from_db()
    assert two.reports.count() == 2
    assert keep_suggestions(two, [Suggestion(three.pk, 0.5, [])]) == 0, "told apart from one that was joined into it"
    reopen_pair(by=by, operation=operation, pair=apart)
    assert keep_suggestions(two, [Suggestion(three.pk, 0.5, [])]) == 1


def test_the_public_sees_what_was_released_with_consent_and_a_held_person_stays_held_when_joined(
    desk: Desk, tell: Tell
) -> None:
    by, operation = actor(desk.nurjan), desk.operation
    report, silent = tell(), tell("Aman A.", kind="safe", consents_to_publish=False)
    publish(by=by, operation=operation, record=report)
    with pytest.raises(Refused, match="did not agree"):
        publish(by=by, operation=operation, record=silent)
    verify_report(by=by, operation=operation, report=silent, how="came to the desk")
    person = report.person
    join(by=by, operation=operation, keep=person, other=silent.person)
    person.refresh_from_db()
    assert (person.visibility, person.status, person.public_status) == (Visibility.PUBLIC, Status.SAFE, Status.MISSING)
    other = tell("Aman Ata").person
    hold_back(by=by, operation=operation, person=other, reason="asked not to be listed")
    join(by=by, operation=operation, keep=person, other=other)
    person.refresh_from_db()
    assert person.is_held_back and person.visibility == Visibility.HIDDEN
    with pytest.raises(Refused, match="Say why"):
        keep_from_public(by=by, operation=operation, record=report, reason=" ")
    dead = tell("Bayram", kind="deceased", occurred_at=QUAKE)
    assert dead.moderation == Moderation.HELD
    with pytest.raises(NotAllowed):
        publish(by=by, operation=operation, record=dead)
