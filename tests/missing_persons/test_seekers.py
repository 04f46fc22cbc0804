"""Those who look for a person: told of changes, heard when they object, and told nothing the person does not want."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from komek.accounts.authority import NotAllowed
from missing_persons.disputing import decide_dispute, object_to
from missing_persons.models import Person, Report, Status, Subscription, Visibility
from missing_persons.noting import add_note, verify_note
from missing_persons.passing import answer_message, pass_message
from missing_persons.publishing import publish
from missing_persons.refusals import Refused
from missing_persons.subscribing import confirm, prove_seeker, subscribe, unsubscribe
from missing_persons.telling import tell_of
from tests.conftest import actor
from tests.messaging.conftest import STRANGER, said
from tests.missing_persons.conftest import PUBLIC, Desk, Tell


@pytest.fixture
def listed(desk: Desk, tell: Tell) -> Person:
    """Aman, missing and public."""
    report = tell()
    publish(by=actor(desk.nurjan), operation=desk.operation, record=report)
    return Person.objects.get()


@pytest.mark.django_db(transaction=True)
def test_a_seeker_confirms_by_code_hears_of_changes_and_stops(desk: Desk, listed: Person) -> None:
    by, operation = actor(desk.nurjan), desk.operation
    with pytest.raises(Refused):
        subscribe(by=PUBLIC, person=listed)
    seeker = subscribe(by=PUBLIC, person=listed, email="maral@example.org", name="Maral", language="en")
    code = re.search(r"\d{6}", mail.outbox[0].body)[0]  # type: ignore[index]
    note = add_note(by=by, operation=operation, person=listed, status="believed_alive")
    publish(by=by, operation=operation, record=note)
    verify_note(by=by, operation=operation, note=note, how="spoke to him")
    assert len(mail.outbox) == 1, "nothing is sent before the code was typed"
    assert not confirm(by=PUBLIC, subscription=seeker, code="x")
    assert confirm(by=PUBLIC, subscription=seeker, code=f" {code} ")
    safe = add_note(by=by, operation=operation, person=listed, status="is_note_author", last_known_location="tent 7")
    verify_note(by=by, operation=operation, note=safe, how="he came to the desk")
    assert len(mail.outbox) == 1, "what is not published is not told"
    publish(by=by, operation=operation, record=safe)
    assert len(mail.outbox) == 2 and "says they are safe" in mail.outbox[1].body
    assert "tent 7" not in mail.outbox[1].body
    assert unsubscribe(by=PUBLIC, stop_key=seeker.stop_key)
    assert not unsubscribe(by=PUBLIC, stop_key=seeker.stop_key)


def test_stop_ends_what_a_number_follows_and_a_message_leads_to_the_page(
    desk: Desk, listed: Person, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    monkeypatch.setattr("missing_persons.telling.send_text", lambda **text: sent.append(text["body"]) or True)
    settings.HAS_PUBLIC_URL, settings.PUBLIC_URL = True, "https://komek.example.org"
    seeker = subscribe(by=PUBLIC, person=listed, phone=STRANGER, language="en")
    assert confirm(by=PUBLIC, subscription=seeker, code=re.search(r"\d{6}", sent[0])[0])  # type: ignore[index]
    Person.objects.filter(pk=listed.pk).update(public_status=Status.SAFE)
    assert tell_of([listed.pk]) == 1
    address = re.search(r"https://komek\.example\.org(/\S+)", sent[1])[1]  # type: ignore[index]
    assert "Aman Ataev" in Client().get(address).content.decode() and "Aman" not in sent[1]
    settings.HAS_PUBLIC_URL = False
    Person.objects.filter(pk=listed.pk).update(public_status=Status.UNCLEAR)
    assert tell_of([listed.pk]) == 1 and "://" not in sent[2]
    said("STOP", sender="+99365111111")
    assert Subscription.objects.get().ended_at is None
    said("ОТПИСАТЬСЯ", sender=STRANGER)
    assert Subscription.objects.get().ended_at is not None
    said("START", sender=STRANGER)
    Person.objects.filter(pk=listed.pk).update(public_status=Status.ALIVE)
    assert tell_of([listed.pk]) == 0 and len(sent) == 3


def test_a_message_passes_only_from_who_proved_who_they_are_and_the_found_decides(desk: Desk, listed: Person) -> None:
    by, operation = actor(desk.nurjan), desk.operation
    seeker = subscribe(by=PUBLIC, person=listed, email="maral@example.org")
    with pytest.raises(Refused, match="not proved"):
        pass_message(by=by, operation=operation, seeker=seeker, text="We are at your aunt's.")
    seeker = prove_seeker(by=by, operation=operation, subscription=seeker, how="passport")
    with pytest.raises(Refused, match="not been found"):
        pass_message(by=by, operation=operation, seeker=seeker, text="We are at your aunt's.")
    note = add_note(by=by, operation=operation, person=listed, status="believed_alive")
    verify_note(by=by, operation=operation, note=note, how="spoke to him")
    seeker.refresh_from_db()
    seeker.person.refresh_from_db()
    with pytest.raises(NotAllowed):
        pass_message(by=actor(desk.dowlet), operation=operation, seeker=seeker, text="Hello")
    message = pass_message(by=by, operation=operation, seeker=seeker, text="We are at your aunt's.")
    answered = answer_message(
        by=by, operation=operation, message=message, wants_contact=False, may_tell_place=True, answer="no"
    )
    assert (answered.state, answered.may_tell_place) == ("declined", False)


def test_an_entry_that_endangers_somebody_is_hidden_at_once_and_a_wish_not_to_be_listed_is_granted_by_a_person(
    desk: Desk, listed: Person
) -> None:
    by, operation = actor(desk.nurjan), desk.operation
    danger = object_to(by=PUBLIC, person=listed, kind="danger", text="he beat me")
    listed.refresh_from_db()
    assert listed.visibility == Visibility.HIDDEN
    decide_dispute(by=by, operation=operation, dispute=danger, is_upheld=False, decision="not the same man")
    listed.refresh_from_db()
    assert listed.visibility == Visibility.PUBLIC
    mine = object_to(by=PUBLIC, person=listed, kind="me")
    listed.refresh_from_db()
    assert listed.visibility == Visibility.PUBLIC, "anybody may claim to be him"
    with pytest.raises(Refused, match="why"):
        decide_dispute(by=by, operation=operation, dispute=mine, is_upheld=True, decision="")
    decide_dispute(by=by, operation=operation, dispute=mine, is_upheld=True, decision="came with his passport")
    listed.refresh_from_db()
    assert listed.visibility == Visibility.HIDDEN
    assert listed.status == Status.MISSING and Report.objects.get().names.count() == 1, "nothing is lost"
