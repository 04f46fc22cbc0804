"""Signing up and in with a phone number: proven by a code before it counts, the same way of writing or not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from phonenumber_field.phonenumber import to_python

from komek.accounts.models import User
from komek.accounts.phones import ContactPhoneField, one_form
from komek.messaging.models import Outbox
from komek.messaging.outbox import send
from komek.records.models import Approval
from tests.accounts.conftest import code_texted, enter, sign_up
from tests.conftest import PASSWORD, Cast, person

PHONE = "+99365123456"
SIGNED_IN = "My account"
pytestmark = pytest.mark.usefixtures("texting")


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


@pytest.fixture
def gozel(db: None) -> User:
    """An approved person with a phone and no e-mail."""
    user = User(name="Gozel", phone=PHONE, phone_verified=True, approval=Approval.APPROVED)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.mark.parametrize(
    "typed", ["+993 65 12 34 56", "0099365123456", "65 123456", "8 65 12-34-56", "(+993) 65-12-34-56", "+99365123456"]
)
def test_a_number_has_one_form_however_it_is_typed(typed: str) -> None:
    assert one_form(typed) == PHONE


@pytest.mark.parametrize("typed", ["12", "aina@example.org", "+993", "++", "+" + "9" * 60, "٠", "phone"])
def test_what_is_no_number_is_refused_with_a_sentence(db: None, client: Client, typed: str) -> None:
    page = sign_up(client, phone=typed)
    assert 'class="errorlist"' in page.content.decode()
    assert not User.objects.exists()


def test_a_person_signs_up_with_a_phone_and_is_in_once_the_code_is_typed(client: Client, db: None) -> None:
    page = sign_up(client, phone="65 123456")
    assert page.redirect_chain[-1][0] == "/account/phone/verify/"
    assert not is_signed_in(client)
    client.post("/account/phone/verify/", {"code": code_texted(PHONE)})
    user = User.objects.get()
    assert (str(user.phone), user.phone_verified, user.email) == (PHONE, True, None)
    assert "by a text" in client.get("/account/").content.decode()


def test_a_wrong_code_leaves_the_number_unproven_and_three_end_the_try(client: Client, db: None) -> None:
    sign_up(client, phone=PHONE)
    wrong = "000000" if code_texted(PHONE) != "000000" else "111111"
    for _ in range(3):
        client.post("/account/phone/verify/", {"code": wrong})
    client.post("/account/phone/verify/", {"code": code_texted(PHONE)})
    assert not User.objects.get().phone_verified
    assert not is_signed_in(client)


def test_who_is_approved_hears_of_it_by_text(
    client: Client, cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    sign_up(Client(), phone=PHONE)
    user = User.objects.get(phone=PHONE)
    User.objects.filter(pk=user.pk).update(phone_verified=True)
    client.force_login(cast.aina, backend="django.contrib.auth.backends.ModelBackend")
    assert "+99365123456 (confirmed)" in client.get("/account/waiting/").content.decode()
    client.post(f"/account/waiting/{user.pk}/", {"decision": "approve"})
    assert "may work now" in Outbox.objects.get(purpose="account").body


def test_neither_e_mail_nor_phone_is_asked_for_again(client: Client, db: None) -> None:
    assert "Give your e-mail or your phone" in sign_up(client).content.decode()


@pytest.mark.parametrize("typed", ["+99365123456", "865123456", "65 12 34 56"])
def test_phone_and_password_let_in(client: Client, gozel: User, typed: str) -> None:
    enter(client, typed)
    assert is_signed_in(client)


def test_a_code_by_text_lets_in_once(client: Client, gozel: User) -> None:
    page = client.post("/account/login/code/", {"phone": "65123456"}, follow=True).content.decode()
    assert "unwanted mail" not in page
    first = code_texted(PHONE)
    again = page.split('id="another"')[1].split('name="next" value="')[1].split('"')[0]
    asked = client.post("/account/logout/", {"next": again}, follow=True)
    assert asked.redirect_chain[-1][0] == "/account/login/code/", "the way to another code"
    client.post("/account/login/code/", {"phone": "65123456"}, follow=True)
    code = code_texted(PHONE)
    assert code != first
    client.post("/account/login/code/confirm/", {"code": code}, follow=True)
    assert is_signed_in(client)
    other = Client()
    other.post("/account/login/code/confirm/", {"code": code}, follow=True)
    assert not is_signed_in(other)


def test_the_code_comes_in_the_persons_language(client: Client, gozel: User) -> None:
    User.objects.filter(pk=gozel.pk).update(language="ru")
    client.post("/account/login/code/", {"phone": PHONE})
    text = Outbox.objects.get()
    assert text.is_secret
    assert text.expires_at is not None


def test_the_code_is_nowhere_once_the_text_has_left(client: Client, gozel: User, capsys: Any) -> None:
    client.post("/account/login/code/", {"phone": PHONE})
    code = code_texted(PHONE)
    send(Outbox.objects.get().pk)
    assert code in capsys.readouterr().err, "the developer's console is the gateway here"
    assert code not in str(Outbox.objects.values())


def test_an_unproven_number_lets_nobody_in_by_code(client: Client, db: None) -> None:
    person("Aina", phone=PHONE)
    client.post("/account/login/code/", {"phone": PHONE})
    assert not Outbox.objects.exists()


def test_whoever_claims_a_number_first_does_not_keep_its_owner_out(client: Client, db: None) -> None:
    squatter = person("Squatter", phone=PHONE)
    sign_up(client, phone=PHONE)
    client.post("/account/phone/verify/", {"code": code_texted(PHONE)})
    assert is_signed_in(client)
    squatter.refresh_from_db()
    assert squatter.phone is None


def test_a_phone_is_added_to_an_account_proven_and_taken_off_again(client: Client, cast: Cast) -> None:
    enter(client, "murad@example.org")
    assert client.get("/account/phone/change/").status_code == 200
    client.post("/account/phone/change/", {"phone": "65123456"})
    cast.murad.refresh_from_db()
    assert cast.murad.phone is None, "not before it is proven"
    client.post("/account/phone/verify/", {"code": code_texted(PHONE)})
    cast.murad.refresh_from_db()
    assert (str(cast.murad.phone), cast.murad.phone_verified) == (PHONE, True)
    client.post("/account/phone/forget/")
    cast.murad.refresh_from_db()
    assert (cast.murad.phone, cast.murad.phone_verified) == (None, False)


def test_the_only_way_in_is_not_taken_off(client: Client, gozel: User) -> None:
    enter(client, PHONE)
    page = client.post("/account/phone/forget/", follow=True)
    assert "only way to sign in" in page.content.decode()
    gozel.refresh_from_db()
    assert str(gozel.phone) == PHONE


def test_a_number_that_two_prove_at_once_belongs_to_the_faster(client: Client, gozel: User, cast: Cast) -> None:
    User.objects.filter(pk=gozel.pk).update(phone_verified=False)
    enter(client, "murad@example.org")
    client.post("/account/phone/change/", {"phone": PHONE})
    User.objects.filter(pk=gozel.pk).update(phone_verified=True)
    page = client.post("/account/phone/verify/", {"code": code_texted(PHONE)}, follow=True)
    assert page.status_code == 200
    assert "Another account has this phone number" in page.content.decode()
    cast.murad.refresh_from_db()
    assert cast.murad.phone is None


def test_a_person_with_a_phone_only_deletes_the_account_by_typing_the_number(client: Client, gozel: User) -> None:
    enter(client, PHONE)
    client.post("/account/delete/", {"confirm": ""})
    assert User.objects.filter(phone=PHONE).exists()
    client.post("/account/delete/", {"confirm": PHONE})
    assert not User.objects.filter(phone=PHONE).exists()


def test_without_a_gateway_the_phone_is_not_offered_but_a_proven_one_still_lets_in(
    client: Client, gozel: User, settings: Any
) -> None:
    settings.TEXT_GATEWAY = ""
    for path in ("/account/signup/", "/account/login/code/"):
        page = client.get(path).content.decode()
        assert 'name="phone"' not in page
        assert 'name="email"' in page
    assert "E-mail or phone" not in client.get("/account/login/").content.decode()
    assert client.post("/account/login/code/", {"phone": PHONE}).status_code == 200
    enter(client, PHONE)
    assert "/account/phone/change/" not in client.get("/account/").content.decode()
    page = client.post("/account/phone/change/", {"phone": "+99365000000"})
    assert "sends no texts" in page.content.decode()
    assert not Outbox.objects.exists()


def test_a_second_code_at_once_is_refused_in_words_and_one_later_is_sent(client: Client, db: None) -> None:
    sign_up(client, phone=PHONE)
    client.post("/account/phone/verify/", {"action": "resend"}, follow=True)
    again = sign_up(Client(), phone=PHONE)
    assert "a moment ago" in again.content.decode()
    assert PHONE in again.content.decode(), "what was typed is kept"
    assert User.objects.count() == Outbox.objects.count() == 1
    cache.clear()
    client.post("/account/phone/verify/", {"action": "resend"})
    assert Outbox.objects.count() == 2
    client.post("/account/phone/verify/", {"code": code_texted(PHONE)})
    assert is_signed_in(client)


def test_a_flood_in_the_middle_of_signing_in_gets_a_page_and_no_fault(client: Client, settings: Any, db: None) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"signup": "1/h/ip"}
    sign_up(client, phone=PHONE)
    answer = sign_up(Client(), phone="+99365000001")
    assert answer.status_code == 429
    assert 'class="masthead"' in answer.content.decode()


def test_a_limit_reached_between_the_form_and_the_code_gets_a_page(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("komek.accounts.forms.refuse_if_too_often", lambda phone: None)
    sign_up(Client(), phone=PHONE)
    assert sign_up(client, phone=PHONE).status_code == 429


# --- Numbers somebody can be reached at


class _Reach(forms.Form):
    phone = ContactPhoneField(required=False)


def test_a_number_that_is_none_gets_our_sentence_and_one_left_alone_is_not_judged_again() -> None:
    wrong = _Reach({"phone": "00100019"})
    assert wrong.errors["phone"] == [
        "This is not a phone number. Type it with the country code, such as +993 65 12 34 56."
    ]
    rings_nowhere = to_python("+99300100018")  # as an exercise invents them
    shown = str(_Reach(initial={"phone": rings_nowhere})["phone"]).split('value="')[1].split('"')[0]
    kept = _Reach({"phone": shown}, initial={"phone": rings_nowhere})
    assert kept.is_valid() and str(kept.cleaned_data["phone"]) == "+99300100018"
    assert not _Reach({"phone": "+99300100019"}, initial={"phone": rings_nowhere}).is_valid()
    local = _Reach({"phone": "65 12 34 56"})
    assert local.is_valid() and str(local.cleaned_data["phone"]) == "+99365123456"


def test_every_form_of_a_registry_asks_for_phones_in_the_same_way() -> None:
    folders = ("inventory", "orgs", "camps", "missing_persons", "requests", "volunteers")
    strays = [
        file for folder in folders for file in Path(settings.BASE_DIR, folder).rglob("*.py")
        if "phonenumber_field.formfields" in file.read_text()
    ]  # fmt: skip
    assert strays == []
