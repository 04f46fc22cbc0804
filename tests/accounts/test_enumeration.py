"""Nobody learns from outside who has an account; guessing is counted and stopped, whatever way a login is written."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from komek.accounts.models import User
from komek.messaging.models import Outbox
from komek.records.models import Approval
from tests.accounts.conftest import enter, sign_up
from tests.conftest import PASSWORD, Cast

KNOWN, UNKNOWN = "+99365123456", "+99365654321"
pytestmark = pytest.mark.usefixtures("texting")


@pytest.fixture
def gozel(db: None) -> User:
    user = User(name="Gozel", phone=KNOWN, phone_verified=True, approval=Approval.APPROVED)
    user.set_password(PASSWORD)
    user.save()
    return user


def look(answer: Any, *typed: str) -> tuple[Any, ...]:
    """What a stranger sees of an answer: where it led, its status, and its words but for what they typed themself."""
    words = re.sub(r"\b[A-Za-z0-9]{64}\b", "token", answer.content.decode())
    for text in typed:
        words = words.replace(text, "…")
    return (answer.redirect_chain, answer.status_code, words)


def test_signing_up_looks_the_same_for_an_address_that_is_known(cast: Cast) -> None:
    new = sign_up(Client(), email="bahar@example.org")
    known = sign_up(Client(), email="Aina@example.org")
    assert look(new, "bahar@example.org") == look(known, "aina@example.org")
    assert User.objects.filter(email="aina@example.org").count() == 1
    to_known = [message for message in mail.outbox if message.to == ["aina@example.org"]]
    assert "already" in to_known[0].body or "exists" in to_known[0].body


def test_the_owner_of_an_address_is_not_flooded_by_strangers_signing_up_with_it(cast: Cast) -> None:
    for _ in range(5):
        sign_up(Client(), email="aina@example.org")
    assert len([message for message in mail.outbox if message.to == ["aina@example.org"]]) == 1


def test_signing_up_looks_the_same_for_a_number_that_is_known(gozel: User) -> None:
    known, new = sign_up(Client(), phone=KNOWN), sign_up(Client(), phone=UNKNOWN)
    assert look(known, KNOWN) == look(new, UNKNOWN)
    assert "already have an account" in Outbox.objects.get(to=KNOWN).body
    assert User.objects.filter(phone=KNOWN).count() == 1


def test_asking_again_at_once_looks_the_same_too(gozel: User) -> None:
    seen = []
    for phone in (KNOWN, UNKNOWN):
        sign_up(Client(), phone=phone)
        seen.append(look(sign_up(Client(), phone=phone), phone))
    assert seen[0] == seen[1]


def test_a_number_given_beside_an_e_mail_tells_nothing_either(gozel: User) -> None:
    known = sign_up(Client(), email="one@example.org", phone=KNOWN)
    new = sign_up(Client(), email="two@example.org", phone=UNKNOWN)
    assert look(known) == look(new)


@pytest.mark.parametrize(
    ("key", "known", "unknown"), [("phone", KNOWN, UNKNOWN), ("email", "aina@example.org", "no@example.org")]
)
def test_asking_for_a_code_looks_the_same_for_known_and_unknown(
    cast: Cast, gozel: User, key: str, known: str, unknown: str
) -> None:
    one = Client().post("/account/login/code/", {key: known}, follow=True)
    other = Client().post("/account/login/code/", {key: unknown}, follow=True)
    assert look(one, known) == look(other, unknown)
    assert not Outbox.objects.filter(to=UNKNOWN).exists()


def test_a_wrong_code_looks_the_same_for_known_and_unknown(gozel: User) -> None:
    seen = []
    for phone in (KNOWN, UNKNOWN):
        client = Client()
        client.post("/account/login/code/", {"phone": phone}, follow=True)
        answers = [client.post("/account/login/code/confirm/", {"code": "nonsense"}, follow=True) for _ in range(3)]
        seen.append([look(answer, phone) for answer in answers])
    assert seen[0] == seen[1]


def test_a_wrong_password_looks_the_same_for_known_unknown_and_nonsense(cast: Cast, gozel: User) -> None:
    logins = ("aina@example.org", "no@example.org", KNOWN, UNKNOWN, "nonsense", "o'neil")
    seen = [look(enter(Client(), login, "wrong"), login.replace("'", "&#x27;")) for login in logins]
    for one in seen[1:]:
        assert one == seen[0]


def test_guessing_at_a_phone_locks_it_however_it_is_written_and_no_other(
    client: Client, cast: Cast, gozel: User
) -> None:
    for number in range(8):
        enter(client, ("65123456", "+993 65 123456", "8 65 12 34 56")[number % 3], f"wrong-{number}")
    assert enter(client, KNOWN).status_code == 429
    assert "Needs attention" in enter(Client(), "aina@example.org").content.decode()


@pytest.mark.parametrize("phone", [KNOWN, UNKNOWN])
def test_codes_are_not_sent_without_end(gozel: User, phone: str) -> None:
    answers = [Client().post("/account/login/code/", {"phone": phone}) for _ in range(8)]
    assert [answer.status_code for answer in answers] == [302] * 6 + [200] * 2
    assert Outbox.objects.filter(to=KNOWN).count() == (6 if phone == KNOWN else 0)


def test_asking_for_a_code_with_nothing_or_with_both_is_asked_again(client: Client, db: None) -> None:
    assert "so that the code can reach you" in client.post("/account/login/code/", {}).content.decode()
    both = client.post("/account/login/code/", {"email": "aina@example.org", "phone": KNOWN})
    assert "either the e-mail or the phone" in both.content.decode()
