"""Consent: to which words, by whom, for whom, through which door, and taken back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone, translation

from komek.accounts import consents
from komek.accounts.consent_texts import ACCOUNT
from komek.accounts.consents import (
    ConsentPurpose,
    TextChanged,
    give_consent,
    has_consent,
    register_purpose,
    with_consent,
    withdraw_consent,
)
from komek.accounts.models import Consent, Ending, Relation, User
from komek.records.actor import SYSTEM, Channel
from orgs.models import Organisation
from tests.accounts.conftest import enter, sign_up
from tests.conftest import Cast, actor, person

PHOTO = "tests.photo"


def asks(version: str, text: str = "My photo may be shown.") -> None:
    consents._purposes[PHOTO] = ConsentPurpose(PHOTO, "Photo", text, version, offered=True)


@pytest.fixture(autouse=True)
def photo() -> Iterator[None]:
    asks("1")
    yield
    del consents._purposes[PHOTO]


def give(by: Any, about: Any, **fields: Any) -> Consent:
    return give_consent(**{"by": by, "about": about, "purpose": PHOTO, "version": "1", **fields})


def test_consent_keeps_the_words_the_language_the_door_and_the_giver(cast: Cast) -> None:
    with translation.override("ru"):
        consent = give(actor(cast.murad, Channel.SMS), cast.murad)
    assert (consent.text, consent.version, consent.language) == ("My photo may be shown.", "1", "ru")
    assert (consent.given_by, consent.relation, consent.channel) == (cast.murad, Relation.SELF, Channel.SMS)
    event = consent.events.get()
    assert event.pgh_context["user"] == cast.murad.pk


def test_a_registrar_writes_down_what_a_mother_agreed_to_for_her_child(cast: Cast) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    consent = give(
        actor(cast.murad), cast.relief, given_by_name="Ogulsapar", relation=Relation.PARENT, given_at=yesterday
    )
    assert (consent.given_by, consent.given_by_name, consent.entered_by) == (None, "Ogulsapar", cast.murad)
    assert consent.given_at == yesterday < consent.entered_at
    assert consent.about == cast.relief, "any record can be what a consent is about"


def test_nobody_in_particular_and_the_future_give_no_consent(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="who agreed"):
        give(SYSTEM, cast.relief)
    with pytest.raises(ValidationError, match="future"):
        give(actor(cast.murad), cast.murad, given_at=timezone.now() + timedelta(hours=1))
    assert not Consent.objects.exists()


def test_agreeing_twice_to_the_same_words_is_one_consent(cast: Cast) -> None:
    assert give(actor(cast.murad), cast.murad) == give(actor(cast.murad), cast.murad)


def test_new_words_need_new_consent_and_end_the_old_one(cast: Cast) -> None:
    old = give(actor(cast.murad), cast.murad)
    asks("2", "My photo and my name may be shown.")
    with pytest.raises(TextChanged):
        give(actor(cast.murad), cast.murad, version="1")
    new = give(actor(cast.murad), cast.murad, version="2")
    old.refresh_from_db()
    assert (old.ending, old.text) == (Ending.REPLACED, "My photo may be shown.")
    assert new.is_in_force


def test_what_is_taken_back_no_longer_holds_and_is_not_forgotten(cast: Cast) -> None:
    consent = give(actor(cast.murad), cast.murad)
    assert has_consent(cast.murad, PHOTO)
    withdraw_consent(by=actor(cast.murad, Channel.SMS), consent=consent, reason="changed my mind")
    assert not has_consent(cast.murad, PHOTO)
    consent.refresh_from_db()
    assert (consent.ending, consent.ending_channel, consent.ending_reason) == ("withdrawn", "sms", "changed my mind")
    ended = consent.ended_at
    withdraw_consent(by=actor(cast.murad), consent=consent)
    consent.refresh_from_db()
    assert consent.ended_at == ended
    assert give(actor(cast.murad), cast.murad).pk != consent.pk


def test_rows_whose_people_agreed_are_found_in_one_query(cast: Cast, django_assert_num_queries: Any) -> None:
    give(actor(cast.murad), cast.murad)
    give(actor(cast.lale), cast.lale)
    give(actor(cast.murad), cast.relief, given_by_name="X")
    withdraw_consent(by=actor(cast.lale), consent=consents.in_force(cast.lale, PHOTO).get())
    with django_assert_num_queries(1):
        assert list(with_consent(User.objects.all(), PHOTO)) == [cast.murad]
    assert list(with_consent(Organisation.objects.all(), PHOTO)) == [cast.relief]


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_make_one_consent() -> None:
    user = person("Murad")
    ready = threading.Barrier(2)
    made: list[int] = []

    def work() -> None:
        ready.wait()
        made.append(give(actor(user), user).pk)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(made) == 2
    assert len(set(made)) == 1


def test_a_purpose_is_named_once() -> None:
    with pytest.raises(ValueError, match="share the key"):
        register_purpose(ConsentPurpose(PHOTO, "Photo", "Other words", "1"))


# -- pages


def test_signing_up_asks_for_consent_and_keeps_it(client: Client, db: None) -> None:
    page = client.get("/account/signup/").content.decode()
    assert "so that a coordinator can decide" in page
    refused = sign_up(client, email="bahar@example.org", consent="")
    assert "Without your agreement" in refused.content.decode()
    assert "bahar@example.org" in refused.content.decode(), "what was typed is kept"
    assert not User.objects.exists()
    sign_up(client, email="bahar@example.org")
    consent = Consent.objects.get()
    assert (consent.purpose, consent.given_by, consent.about) == (ACCOUNT, User.objects.get(), User.objects.get())


def test_agreeing_to_words_of_yesterday_shows_todays(client: Client, db: None) -> None:
    assert "read it again" in sign_up(client, email="bahar@example.org", consent="0").content.decode()
    assert not User.objects.exists()


def test_a_person_sees_and_takes_back_their_own_and_nobody_elses(client: Client, cast: Cast) -> None:
    mine, other = give(actor(cast.murad), cast.murad), give(actor(cast.lale), cast.lale)
    enter(client, "murad@example.org")
    page = client.get("/account/consents/").content.decode()
    assert page.count("My photo may be shown.") == 1
    assert client.post(f"/account/consents/{other.pk}/withdraw/").status_code == 404
    client.post(f"/account/consents/{mine.pk}/withdraw/", {"reason": "no"})
    assert not has_consent(cast.murad, PHOTO)
    assert has_consent(cast.lale, PHOTO)
    assert "I agree" in client.get("/account/consents/").content.decode()
    client.post(f"/account/consents/give/{PHOTO}/", {"version": "1"})
    assert has_consent(cast.murad, PHOTO)


def test_consent_to_have_an_account_ends_with_the_account_only(client: Client, db: None) -> None:
    sign_up(client, email="bahar@example.org")
    enter(client, "bahar@example.org")
    page = client.post(f"/account/consents/{Consent.objects.get().pk}/withdraw/", follow=True)
    assert "delete your account" in page.content.decode()
    assert Consent.objects.get().is_in_force


@pytest.mark.parametrize("purpose", [ACCOUNT, "no.such", "x" * 200])
def test_only_what_is_offered_can_be_agreed_to_on_the_page(client: Client, cast: Cast, purpose: str) -> None:
    enter(client, "murad@example.org")
    assert client.post(f"/account/consents/give/{purpose}/", {"version": "1"}).status_code == 404


def test_ones_consents_are_in_ones_data(client: Client, cast: Cast) -> None:
    give(actor(cast.murad), cast.murad)
    enter(client, "murad@example.org")
    assert client.get("/account/data.json").json()["consents"][0]["text"] == "My photo may be shown."


def test_the_page_costs_the_same_for_one_and_for_many(client: Client, cast: Cast) -> None:
    from django.test.utils import CaptureQueriesContext

    enter(client, "murad@example.org")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/account/consents/")
        return len(captured)

    give(actor(cast.murad), cast.relief)
    few = queries()
    for number in range(5):
        one = person(f"Child {number}")
        give(actor(cast.murad), one)
    give(actor(cast.murad), cast.water)
    assert queries() <= few + 1, "one more query for one more kind of record"
