"""Signing up, being approved, signing in, being locked out, signing out everywhere, being erased."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from komek.accounts.approvals import end_sessions
from komek.accounts.consent_texts import ACCOUNT
from komek.accounts.consents import give_consent, has_consent
from komek.accounts.models import User
from komek.records.models import Approval, Erasure
from tests.accounts.conftest import enter, sign_up
from tests.conftest import Cast, actor


@pytest.fixture
def coordinator(client: Client, cast: Cast) -> Client:
    client.force_login(cast.aina, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_new_account_waits_sees_nothing_and_works_once_approved(
    cast: Cast, coordinator: Client, django_capture_on_commit_callbacks: Any
) -> None:
    newcomer = Client()
    assert "A coordinator reads it" in sign_up(newcomer, email="bahar@example.org").content.decode()
    user = User.objects.get(email="bahar@example.org")
    assert (user.approval, user.why) == (Approval.PENDING, "Relief Society")
    assert "waits for approval" in enter(newcomer, "bahar@example.org").content.decode()
    assert newcomer.get("/organisations/").status_code == 403
    assert "Bahar" in coordinator.get("/account/waiting/").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        coordinator.post(f"/account/waiting/{user.pk}/", {"decision": "approve"})
    assert mail.outbox[-1].to == ["bahar@example.org"]
    assert newcomer.get("/organisations/").status_code == 200


def test_who_is_refused_is_told_why_and_signed_out(
    cast: Cast, coordinator: Client, django_capture_on_commit_callbacks: Any
) -> None:
    newcomer = Client()
    sign_up(newcomer, email="bahar@example.org")
    enter(newcomer, "bahar@example.org")
    user = User.objects.get(email="bahar@example.org")
    refused = coordinator.post(f"/account/waiting/{user.pk}/", {"decision": "refuse"}, follow=True)
    assert "Give the reason" in refused.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        coordinator.post(f"/account/waiting/{user.pk}/", {"decision": "refuse", "reason": "Nobody knows you there"})
    assert "Nobody knows you there" in mail.outbox[-1].body
    assert newcomer.get("/account/").status_code == 302


def test_only_coordinators_of_the_operation_decide_about_accounts(client: Client, cast: Cast) -> None:
    client.force_login(cast.murad, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/account/waiting/").status_code == 403
    assert client.post(f"/account/waiting/{cast.pending.pk}/", {"decision": "approve"}).status_code == 404
    cast.pending.refresh_from_db()
    assert cast.pending.approval == Approval.PENDING


def test_a_stopped_account_is_thrown_out_at_its_next_request(coordinator: Client, cast: Cast) -> None:
    worker = Client()
    enter(worker, "murad@example.org")
    assert worker.get("/account/").status_code == 200
    coordinator.post(f"/account/waiting/{cast.murad.pk}/", {"decision": "stop", "reason": "left"})
    assert worker.get("/account/").status_code == 302
    assert "Needs attention" not in enter(worker, "murad@example.org").content.decode()


def test_nobody_stops_their_own_account(coordinator: Client, cast: Cast) -> None:
    coordinator.post(f"/account/waiting/{cast.aina.pk}/", {"decision": "stop"})
    cast.aina.refresh_from_db()
    assert cast.aina.is_active


def test_a_coordinator_never_touches_an_administrator_of_the_installation(
    coordinator: Client, administrator: User
) -> None:
    assert coordinator.post(f"/account/waiting/{administrator.pk}/", {"decision": "stop"}).status_code == 404


def test_guessing_locks_that_account_and_no_other(client: Client, cast: Cast) -> None:
    for number in range(8):
        enter(client, "aina@example.org", f"wrong-{number}")
    locked = enter(client, "aina@example.org")
    assert locked.status_code == 429
    assert "15 minutes" in locked.content.decode()
    assert "Needs attention" in enter(client, "murad@example.org").content.decode()


def test_a_sign_in_code_by_e_mail_lets_in_once(client: Client, cast: Cast) -> None:
    client.post("/account/login/code/", {"email": "aina@example.org"}, follow=True)
    code = re.search(r"\b[A-Z0-9]{3,4}-?[A-Z0-9]{3,4}\b", mail.outbox[-1].body)
    assert code, mail.outbox[-1].body
    page = client.post("/account/login/code/confirm/", {"code": code.group()}, follow=True)
    assert "Needs attention" in page.content.decode()


def test_a_wrong_sign_in_code_lets_nobody_in(client: Client, cast: Cast) -> None:
    client.post("/account/login/code/", {"email": "aina@example.org"}, follow=True)
    page = client.post("/account/login/code/confirm/", {"code": "WRONGX"}, follow=True)
    assert "Needs attention" not in page.content.decode()


def test_a_second_factor_is_asked_at_the_next_sign_in(client: Client, cast: Cast) -> None:
    from allauth.mfa.totp.internal import auth as totp

    secret = totp.generate_totp_secret()
    totp.TOTP.activate(cast.aina, secret)
    page = enter(client, "aina@example.org")
    assert "Needs attention" not in page.content.decode()
    code = totp.format_hotp_value(totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time()))))
    page = client.post("/account/2fa/authenticate/", {"code": code}, follow=True)
    assert "Needs attention" in page.content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/account/", "/account/email/", "/account/password/change/", "/account/2fa/", "/account/2fa/totp/activate/",
        "/account/2fa/webauthn/", "/account/2fa/webauthn/add/", "/account/sessions/", "/account/tokens/",
        "/account/delete/", "/account/waiting/",
    ],
)  # fmt: skip
def test_every_account_page_sits_in_our_frame(client: Client, cast: Cast, path: str) -> None:
    enter(client, "aina@example.org")
    page = client.get(path, follow=True)
    assert page.status_code == 200
    assert 'class="masthead"' in page.content.decode()


def test_ending_sessions_signs_the_other_browser_out(client: Client, cast: Cast) -> None:
    other = Client()
    enter(other, "aina@example.org")
    assert other.get("/account/").status_code == 200
    assert end_sessions(cast.aina) >= 1
    assert other.get("/account/").status_code == 302


def test_a_person_gets_everything_held_about_them(client: Client, cast: Cast) -> None:
    enter(client, "murad@example.org")
    held = client.get("/account/data.json").json()
    assert held["email"] == "murad@example.org"
    assert held["roles"][0]["role"] == "coordinator"
    assert "password" not in held


def test_an_erased_account_is_gone_from_the_row_and_from_history(client: Client, cast: Cast) -> None:
    enter(client, "murad@example.org")
    client.post("/account/delete/", {"confirm": "wrong"})
    assert User.objects.filter(email="murad@example.org").exists()
    client.post("/account/delete/", {"confirm": "murad@example.org"})
    events = User.events.rel.related_model.objects.filter(pgh_obj_id=cast.murad.pk)
    assert events.exists()
    assert not events.filter(email="murad@example.org").exists()
    assert not events.filter(name="Murad").exists()
    assert not User.objects.filter(name="Murad").exists()
    stone = Erasure.objects.get()
    assert (stone.model, stone.record_pk) == ("accounts.user", cast.murad.pk)
    assert "murad" not in str(stone.__dict__).lower()


def test_an_erased_account_leaves_its_name_nowhere_in_what_it_entered(client: Client, cast: Cast) -> None:
    from orgs.models import Organisation, OrganisationKind
    from orgs.organisations import register_organisation

    enter(client, "murad@example.org")
    by = actor(cast.murad)
    made = register_organisation(
        by=by, operation=cast.operation, name="Soup kitchen", kind=OrganisationKind.NATIONAL_NGO
    )
    assert made.reported_by == "Murad"
    User.objects.filter(pk=cast.murad.pk).update(name="Murad the Second")
    give_consent(by=by, about=cast.murad, purpose=ACCOUNT, version="1")
    client.post("/account/delete/", {"confirm": "murad@example.org"})
    made.refresh_from_db()
    assert (made.reported_by, made.entered_by) == ("", cast.murad)
    events = Organisation.events.rel.related_model.objects.filter(pgh_obj_id=made.pk)
    assert "Murad" not in str(list(events.values()))
    assert not has_consent(cast.murad, ACCOUNT)
    cast.murad.refresh_from_db()
    assert str(cast.murad) == "erased account"


def test_the_chosen_language_is_kept_and_applied(client: Client, cast: Cast) -> None:
    enter(client, "murad@example.org")
    client.post("/account/", {"name": "Murad", "language": "ru"})
    cast.murad.refresh_from_db()
    assert cast.murad.language == "ru"
    assert 'lang="ru"' in client.get("/account/").content.decode()
