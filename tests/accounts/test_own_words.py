"""Everything django-allauth can say here is said in Komek's own words: pages, notices, e-mails, labels, refusals."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import allauth
import pytest
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.template.loader import get_template
from django.test import Client
from django.utils.module_loading import import_string

from komek.accounts.adapter import AccountAdapter
from tests.accounts.conftest import enter, sign_up
from tests.accounts.test_second_factor import enter_again, has_app
from tests.conftest import PASSWORD, Cast

THEIRS = Path(allauth.__file__).parent / "templates"
# What the settings switch off, and what nothing here calls; the reason beside each.
NEVER = {
    "account/confirm_email_verification_code.html": "addresses are confirmed by a link",
    "account/confirm_password_reset_code.html": "a new password is chosen by a link",
    "account/email/password_reset_code_message.txt": "a new password is chosen by a link",
    "account/email/password_reset_code_subject.txt": "a new password is chosen by a link",
    "account/email_change.html": "an account may have several addresses",
    "account/signup_by_passkey.html": "nobody signs up with a passkey",
    "mfa/webauthn/signup_form.html": "nobody signs up with a passkey",
    "account/signup_closed.html": "anybody may ask for an account",
    "account/snippets/already_logged_in.html": "included by pages that are ours",
    "account/snippets/warn_no_email.html": "included by pages that are ours",
    "account/verified_email_required.html": "no page asks for a confirmed address",
    "mfa/trust.html": "no browser is trusted without its second factor",
    "usersessions/usersession_list.html": "the page of this name is ours",
    "usersessions/messages/sessions_logged_out.txt": "the page of this name is ours",
    "mfa/base_entrance.html": "included by pages that are ours",
    "mfa/recovery_codes/base.html": "extended by pages that are ours",
    "mfa/totp/base.html": "extended by pages that are ours",
    "mfa/webauthn/base.html": "extended by pages that are ours",
}
SPEAKS = re.compile(r"{% *(?:block)?trans")


def test_every_template_with_words_is_ours() -> None:
    for folder in ("account", "mfa", "usersessions"):
        for file in sorted((THEIRS / folder).rglob("*.*")):
            name = str(file.relative_to(THEIRS))
            if name in NEVER or not SPEAKS.search(file.read_text()):
                continue
            origin: Any = get_template(name).origin  # type: ignore[attr-defined]
            assert "komek/accounts/templates" in str(origin), f"{name} speaks django-allauth's words"


def test_what_is_left_out_is_switched_off() -> None:
    assert not hasattr(settings, "ACCOUNT_CHANGE_EMAIL")
    for switch in ("PASSWORD_RESET_BY_CODE_ENABLED", "EMAIL_VERIFICATION_BY_CODE_ENABLED"):
        assert not getattr(settings, f"ACCOUNT_{switch}", False)
    for switch in ("MFA_PASSKEY_SIGNUP_ENABLED", "MFA_TRUST_ENABLED"):
        assert not getattr(settings, switch, False)


def test_labels_and_refusals_are_ours() -> None:
    said = {
        str(field.label)
        for form in {*settings.ACCOUNT_FORMS.values(), *settings.MFA_FORMS.values()}
        for field in import_string(form).base_fields.values()
        if field.label and "KomekSignup" not in form
    }
    words = {str(word) for form in settings.ACCOUNT_FORMS.values() for word in import_string(form).words.values()}
    assert {"Keep me signed in on this device", "The same password again", "New password"} <= words
    assert "Passwordless" not in said
    kept = {
        key
        for key, sentence in AccountAdapter.error_messages.items()
        if sentence == AccountAdapter.__mro__[1].error_messages.get(key)  # type: ignore[attr-defined]
    }
    assert kept <= {"unknown_email", "unknown_phone", "username_blacklisted", "username_taken", "invalid_url"}
    assert "two-factor" not in " ".join(map(str, get_mfa_adapter().error_messages.values()))


def test_signing_in_and_choosing_a_new_password_lead_on(client: Client, cast: Cast) -> None:
    page = client.get("/account/login/").content.decode()
    assert "Keep me signed in on this device" in page
    assert "Forgot your password?" in page
    client.post("/account/password/reset/", {"email": "murad@example.org"})
    link = re.search(r"/account/password/reset/key/\S+", mail.outbox[-1].body)
    assert link
    page = client.get(link.group(), follow=True)
    assert "The same password again" in page.content.decode()
    done = client.post(
        page.request["PATH_INFO"], {"password1": "new-words-1234", "password2": "new-words-1234"}, follow=True
    )
    assert "Your new password is in use" in done.content.decode()
    assert 'href="/account/login/"' in done.content.decode()
    broken = client.get(link.group(), follow=True).content.decode()
    assert "was used already" in broken
    assert 'href="/account/password/reset/"' in broken


def test_addresses_are_added_confirmed_used_and_taken_off(client: Client, cast: Cast, settings: Any) -> None:
    settings.ACCOUNT_EMAIL_NOTIFICATIONS = True
    enter(client, "murad@example.org")
    client.get("/account/email/")
    page = client.post("/account/email/", {"action_add": "1", "email": "second@example.org"}, follow=True)
    text = page.content.decode()
    assert "A link to confirm it is on its way to second@example.org" in text
    assert "not confirmed" in text
    link = re.search(r"/account/confirm-email/\S+", mail.outbox[-1].body)
    assert link
    assert "Is second@example.org the address of Murad?" in client.get(link.group()).content.decode()
    assert "second@example.org is confirmed." in client.post(link.group(), follow=True).content.decode()
    assert "is not whole" in client.get("/account/confirm-email/nonsense/").content.decode()
    page = client.post("/account/email/", {"action_primary": "1", "email": "second@example.org"}, follow=True)
    assert "From now on messages go to this address." in page.content.decode()
    told = mail.outbox[-1]
    assert told.subject == "Komek: Your e-mail address was changed"
    assert "choose a new password at once" in told.body
    page = client.post("/account/email/", {"action_remove": "1", "email": "second@example.org"}, follow=True)
    assert "Messages go to second@example.org" in page.content.decode()
    page = client.post("/account/email/", {"action_remove": "1", "email": "murad@example.org"}, follow=True)
    assert "murad@example.org is off your account." in page.content.decode()
    assert EmailAddress.objects.filter(user=cast.murad).count() == 1


def test_recovery_codes_and_passkeys_have_pages_that_lead_back(client: Client, cast: Cast) -> None:
    has_app(cast.murad)
    client.force_login(cast.murad, backend="django.contrib.auth.backends.ModelBackend")
    enter_again(client)
    adding = client.get("/account/2fa/webauthn/add/", secure=True).content.decode()
    assert "Name, such as: my phone" in adding
    assert "Passwordless" not in adding
    key = Authenticator.objects.create(
        user=cast.murad, type=Authenticator.Type.WEBAUTHN, data={"name": "My phone", "credential": {}}
    )
    for path, words in (
        ("recovery-codes/generate/", "Each code lets you in once"), ("webauthn/", "My phone"),
        (f"webauthn/keys/{key.pk}/edit/", "Name, such as: my phone"), (f"webauthn/keys/{key.pk}/remove/", "Keep it"),
    ):  # fmt: skip
        answer = client.get(f"/account/2fa/{path}", secure=True)
        text = answer.content.decode()
        assert words in text, path
        assert "Security Key" not in text
        assert 'href="/account/2fa/' in text
    page = client.post("/account/2fa/recovery-codes/generate/", follow=True).content.decode()
    assert "10 codes are left" in page


@pytest.mark.parametrize("path", ["/account/confirm-email/", "/account/password/reset/key/done/"])
def test_rare_pages_lead_to_signing_in(client: Client, db: None, path: str) -> None:
    page = client.get(path).content.decode()
    assert 'href="/account/login/"' in page
    assert "Verify" not in page


def test_an_account_without_a_password_chooses_one(client: Client, cast: Cast) -> None:
    cast.murad.set_unusable_password()
    cast.murad.save()
    client.force_login(cast.murad, backend="django.contrib.auth.backends.ModelBackend")
    assert "has no password yet" in client.get("/account/password/set/").content.decode()
    page = client.post("/account/password/set/", {"password1": PASSWORD, "password2": PASSWORD}, follow=True)
    assert "Your new password is in use" in page.content.decode()


def test_another_way_is_offered_in_our_words(client: Client, cast: Cast) -> None:
    has_app(cast.murad)
    said = {method["description"] for method in get_adapter().get_reauthentication_methods(cast.murad)}
    assert said == {"With your password", "With the code of your app, or a recovery code"}
    assert sign_up(client, email="").status_code == 200
