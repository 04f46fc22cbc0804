"""Authenticator apps and passkeys: set up, asked for, and demanded of the roles that need one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.test import Client
from django.test.utils import CaptureQueriesContext

from komek.accounts.checks import roles_are_known
from komek.accounts.models import User
from komek.accounts.roles import Role
from komek.api.tokens import issue_token
from komek.records.models import Approval
from tests.accounts.conftest import enter
from tests.accounts.passkey import Passkey
from tests.conftest import PASSWORD, Cast, actor


def has_app(user: User) -> None:
    totp.TOTP.activate(user, totp.generate_totp_secret())


@pytest.fixture
def demanded(settings: Any) -> None:
    settings.REQUIRE_MFA_ROLES = [Role.COORDINATOR, Role.ADMINISTRATOR]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("path", ["/", "/organisations/", "/account/waiting/", "/account/tokens/", "/search/?q=a"])
def test_a_role_that_needs_a_second_factor_is_led_to_set_it_up(cast: Cast, demanded: None, path: str) -> None:
    client = signed_in(cast.murad)
    answer = client.get(path)
    assert answer.headers["Location"] == "/account/second-factor/"
    page = client.get("/account/second-factor/").content.decode()
    assert "coordinator" in page
    assert "/account/2fa/totp/activate/" in page
    assert "/account/2fa/webauthn/add/" in page


@pytest.mark.parametrize(
    "path", ["/account/", "/account/2fa/", "/account/2fa/totp/activate/", "/account/2fa/webauthn/add/", "/privacy/"]
)
def test_what_is_needed_to_set_it_up_stays_open(cast: Cast, demanded: None, path: str) -> None:
    client = Client()
    enter(client, "murad@example.org")
    enter_again(client)
    assert client.get(path, secure=True).status_code == 200


def test_one_can_always_sign_out(cast: Cast, demanded: None) -> None:
    client = signed_in(cast.murad)
    client.post("/account/logout/")
    assert client.get("/account/").status_code == 302


def test_a_role_that_needs_none_works_on(cast: Cast, demanded: None) -> None:
    assert signed_in(cast.oraz).get("/organisations/").status_code == 200


def test_nobody_is_stopped_when_nothing_is_demanded(cast: Cast, settings: Any) -> None:
    settings.REQUIRE_MFA_ROLES = []
    assert signed_in(cast.murad).get("/organisations/").status_code == 200


def test_the_administrator_of_the_installation_counts_as_one(administrator: User, demanded: None) -> None:
    assert signed_in(administrator).get("/organisations/").headers["Location"] == "/account/second-factor/"


def test_with_an_app_the_person_works_and_without_it_no_longer(cast: Cast, demanded: None) -> None:
    client = signed_in(cast.murad)
    has_app(cast.murad)
    assert client.get("/organisations/").status_code == 200
    Authenticator.objects.all().delete()
    assert client.get("/organisations/").status_code == 302


def test_recovery_codes_alone_are_no_second_factor(cast: Cast, demanded: None) -> None:
    Authenticator.objects.create(user=cast.murad, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert signed_in(cast.murad).get("/organisations/").status_code == 302


def test_what_is_sent_meanwhile_is_not_written_and_said_so(cast: Cast, demanded: None) -> None:
    client = signed_in(cast.aina)
    page = client.post(f"/account/waiting/{cast.pending.pk}/", {"decision": "approve"}, follow=True)
    assert "not saved" in page.content.decode()
    cast.pending.refresh_from_db()
    assert cast.pending.approval == Approval.PENDING


def test_a_part_of_a_page_asked_for_moves_the_whole_page(cast: Cast, demanded: None) -> None:
    answer = signed_in(cast.murad).get("/organisations/", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == "/account/second-factor/"


def test_programs_get_a_sentence_with_a_session_and_with_a_token(cast: Cast, demanded: None) -> None:
    answer = signed_in(cast.murad).get("/api/v1/organisations/")
    assert answer.status_code == 403
    assert "second factor" in answer.json()["detail"]
    _token, text = issue_token(by=actor(cast.murad), name="laptop", scopes=["*:read"])
    headers = {"Authorization": f"Bearer {text}"}
    refused = Client().get("/api/v1/organisations/", headers=headers)
    assert refused.status_code == 401
    assert "second factor" in refused.json()["detail"]
    has_app(cast.murad)
    assert Client().get("/api/v1/organisations/", headers=headers).status_code == 200


def test_asking_costs_two_queries_at_most(cast: Cast, demanded: None, settings: Any) -> None:
    from django.db import connection

    has_app(cast.murad)
    client = signed_in(cast.murad)
    client.get("/organisations/")
    with CaptureQueriesContext(connection) as with_gate:
        client.get("/organisations/")
    settings.REQUIRE_MFA_ROLES = []
    with CaptureQueriesContext(connection) as without:
        client.get("/organisations/")
    assert len(with_gate) - len(without) <= 2


def test_where_no_mail_server_is_set_up_an_unconfirmed_e_mail_stops_nobody(cast: Cast, demanded: None) -> None:
    EmailAddress.objects.create(user=cast.murad, email="murad@example.org", verified=False, primary=True)
    assert "/account/2fa/totp/activate/" in signed_in(cast.murad).get("/account/second-factor/").content.decode()
    client = Client()
    enter(client, "murad@example.org")
    enter_again(client)
    assert client.get("/account/2fa/totp/activate/", secure=True).status_code == 200


def test_an_unconfirmed_e_mail_is_said_before_the_way_leads_nowhere(cast: Cast, demanded: None, settings: Any) -> None:
    settings.MFA_ALLOW_UNVERIFIED_EMAIL = False
    EmailAddress.objects.create(user=cast.murad, email="murad@example.org", verified=False, primary=True)
    page = signed_in(cast.murad).get("/account/second-factor/").content.decode()
    assert "confirm your e-mail" in page
    assert "/account/email/" in page


def test_a_misspelt_role_stops_the_start(settings: Any) -> None:
    settings.REQUIRE_MFA_ROLES = ["coordinater", "viewer"]
    assert [fault.id for fault in roles_are_known(None)] == ["komek.accounts.E001"]
    settings.REQUIRE_MFA_ROLES = ["coordinator"]
    assert roles_are_known(None) == []


# -- passkeys


@pytest.fixture
def over_https(settings: Any) -> None:
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False


def options_on(client: Client, path: str) -> dict[str, Any]:
    """The challenge a page carries for the browser's script."""
    return client.get(path, secure=True).context["js_data"]["creation_options"]  # type: ignore[no-any-return]


def add_passkey(client: Client, key: Passkey, **fields: str) -> Any:
    enter_again(client)
    credential = key.register(options_on(client, "/account/2fa/webauthn/add/"))
    form = {"name": "My phone", "passwordless": "on", "credential": credential, **fields}
    return client.post("/account/2fa/webauthn/add/", form, secure=True, follow=True)


def enter_again(client: Client) -> None:
    client.post("/account/reauthenticate/", {"password": PASSWORD}, secure=True)


def login_with(client: Client, key: Passkey) -> Any:
    asked = client.get("/account/2fa/webauthn/login/", secure=True, headers={"Accept": "application/json"}).json()
    form = {"credential": key.sign(asked["request_options"])}
    return client.post("/account/2fa/webauthn/login/", form, secure=True, follow=True)


def test_a_passkey_is_added_fulfils_the_demand_and_signs_in_alone(cast: Cast, demanded: None, over_https: None) -> None:
    client, key = signed_in(cast.murad), Passkey()
    add_passkey(client, key)
    assert Authenticator.objects.filter(user=cast.murad, type=Authenticator.Type.WEBAUTHN).count() == 1
    assert client.get("/organisations/", secure=True).status_code == 200
    other = Client()
    login_with(other, key)
    assert other.get("/organisations/", secure=True).status_code == 200


def test_somebody_elses_passkey_a_replay_and_another_site_let_nobody_in(cast: Cast, over_https: None) -> None:
    key = Passkey()
    add_passkey(signed_in(cast.murad), key)
    stranger = Passkey()
    stranger.site, stranger.user_handle = key.site, key.user_handle
    elsewhere = Passkey(origin="https://komek.example.net")
    elsewhere.key, elsewhere.credential_id = key.key, key.credential_id
    elsewhere.site, elsewhere.user_handle = key.site, key.user_handle
    for wrong in (stranger, elsewhere):
        client = Client()
        login_with(client, wrong)
        assert client.get("/account/", secure=True).status_code == 302
    client = Client()
    asked = client.get("/account/2fa/webauthn/login/", secure=True, headers={"Accept": "application/json"}).json()
    answer = key.sign(asked["request_options"])
    client.post("/account/2fa/webauthn/login/", {"credential": answer}, secure=True)
    assert client.get("/account/", secure=True).status_code == 200
    thief = Client()
    thief.get("/account/2fa/webauthn/login/", secure=True, headers={"Accept": "application/json"})
    thief.post("/account/2fa/webauthn/login/", {"credential": answer}, secure=True)
    assert thief.get("/account/", secure=True).status_code == 302


def test_a_passkey_is_the_second_step_after_the_password(cast: Cast, over_https: None) -> None:
    key = Passkey()
    add_passkey(signed_in(cast.murad), key)
    client = Client()
    client.post("/account/login/", {"login": "murad@example.org", "password": PASSWORD}, secure=True, follow=True)
    assert client.get("/account/", secure=True).status_code == 302
    asked = client.get("/account/2fa/authenticate/", secure=True).context["js_data"]["request_options"]
    form = {"credential": key.sign(asked)}
    client.post("/account/2fa/authenticate/", form, secure=True, follow=True)
    assert client.get("/account/", secure=True).status_code == 200


@pytest.mark.parametrize(
    "garbage",
    ["", "x", "{}", "[]", "null", '{"id": 1}', json.dumps({"id": "a", "rawId": "a", "response": {}}), '"\\u0000"'],
)
def test_a_broken_answer_of_a_key_is_refused_and_never_a_fault(cast: Cast, over_https: None, garbage: str) -> None:
    client = signed_in(cast.murad)
    assert add_passkey(client, Passkey(), credential=garbage).status_code == 200
    assert not Authenticator.objects.exists()
    stranger = Client()
    stranger.get("/account/2fa/webauthn/login/", secure=True, headers={"Accept": "application/json"})
    answer = stranger.post("/account/2fa/webauthn/login/", {"credential": garbage}, secure=True, follow=True)
    assert answer.status_code == 200


def test_a_person_with_a_phone_only_can_set_up_both(db: None, over_https: None) -> None:
    user = User(name="Gozel", phone="+99365123456", phone_verified=True, approval=Approval.APPROVED)
    user.set_password(PASSWORD)
    user.save()
    client = Client()
    enter(client, "+99365123456")
    enter_again(client)
    assert client.get("/account/2fa/totp/activate/", secure=True).status_code == 200
    add_passkey(client, Passkey())
    assert Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).exists()


def test_passkeys_are_listed_renamed_and_removed(cast: Cast, over_https: None) -> None:
    client = signed_in(cast.murad)
    add_passkey(client, Passkey())
    listed = client.get("/account/2fa/webauthn/", secure=True).content.decode()
    assert "My phone" in listed
    pk = Authenticator.objects.get(type=Authenticator.Type.WEBAUTHN).pk
    assert client.get(f"/account/2fa/webauthn/keys/{pk}/edit/", secure=True).status_code == 200
    client.post(f"/account/2fa/webauthn/keys/{pk}/remove/", secure=True)
    assert not Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN).exists()
