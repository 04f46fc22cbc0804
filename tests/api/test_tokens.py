"""A token does less than its owner, never more, and its text is nowhere but on the page that made it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from rest_framework.settings import api_settings
from rest_framework.test import APIClient

from komek.accounts.authority import NotAllowed
from komek.api.models import ApiToken
from komek.api.scopes import scope_allows
from komek.api.tokens import issue_token, revoke_token
from komek.operations.models import Operation
from komek.records.models import Approval
from orgs.models import Organisation
from tests.api.conftest import BASE
from tests.conftest import Cast, actor

pytestmark = pytest.mark.urls("tests.api.urls")


@pytest.mark.parametrize(
    ("scopes", "verb", "allowed"),
    [
        (["organisations:read"], "read", True),
        (["organisations:read"], "write", False),
        (["organisations:write"], "read", True),
        (["*:read"], "read", True),
        (["*:read"], "write", False),
        (["sites:write"], "read", False),
        (["organisations:export"], "read", False),
        (["*:write"], "export", False),
        (["organisations"], "read", False),
        ([], "read", False),
    ],
)
def test_what_scopes_cover(scopes: list[str], verb: str, allowed: bool) -> None:
    assert scope_allows(scopes, "organisations", verb) is allowed


def test_a_token_that_reads_cannot_change(cast: Cast, with_token: Callable[..., APIClient]) -> None:
    client = with_token(cast.aina, "organisations:read")
    assert client.get(BASE).status_code == 200
    response = client.post(BASE, {"name": "New"})
    assert response.status_code == 403
    assert "organisations:write" in response.json()["detail"]
    assert client.get("/api/v1/operations/").status_code == 403


def test_a_token_never_may_more_than_its_owner(cast: Cast, with_token: Callable[..., APIClient]) -> None:
    client = with_token(cast.lale, "*:write")
    address = f"{BASE}{cast.relief.code}/"
    tag = client.get(address)["ETag"]
    assert client.patch(address, {"name": "Ours"}, headers={"If-Match": tag}).status_code == 403


def test_expired_revoked_and_invented_tokens_are_refused(cast: Cast, with_token: Callable[..., APIClient]) -> None:
    expired, revoked = with_token(cast.aina), with_token(cast.aina)
    newest, older = ApiToken.objects.order_by("-pk")
    ApiToken.objects.filter(pk=older.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    revoke_token(newest, by=actor(cast.aina))
    invented = APIClient()
    invented.credentials(HTTP_AUTHORIZATION="Bearer kmk_" + "x" * 43)
    for client in (expired, revoked, invented):
        response = client.get(BASE)
        assert (response.status_code, response.json()["type"]) == (401, "urn:komek:problem:authentication-failed")


def test_a_token_ends_with_its_owner_s_approval(cast: Cast, with_token: Callable[..., APIClient]) -> None:
    client = with_token(cast.murad)
    cast.murad.approval = Approval.REFUSED
    cast.murad.save()
    assert client.get(BASE).status_code == 401


def test_only_a_digest_is_kept_and_no_answer_holds_it(cast: Cast, with_token: Callable[..., APIClient]) -> None:
    token, text = issue_token(by=actor(cast.aina), name="x", scopes=["*:read"])
    kept = " ".join(str(value) for value in ApiToken.objects.filter(pk=token.pk).values_list().get())
    assert text not in kept
    client = with_token(cast.aina)
    for address in ("/api/v1/", "/api/v1/operations/", "/api/v1/schema/", BASE):
        assert token.digest.encode() not in client.get(address).content


def test_use_is_noted(cast: Cast, with_token: Callable[..., APIClient]) -> None:
    client = with_token(cast.aina)
    assert ApiToken.objects.get().last_used_at is None
    client.get(BASE)
    assert ApiToken.objects.get().last_used_at is not None


def test_making_one_needs_an_approved_account_a_scope_and_a_future_end(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        issue_token(by=actor(cast.pending), name="x", scopes=["*:read"])
    with pytest.raises(ValidationError):
        issue_token(by=actor(cast.aina), name="x", scopes=[])
    with pytest.raises(ValidationError):
        issue_token(by=actor(cast.aina), name="x", scopes=["*:read"], expires_at=timezone.now())


def test_history_says_a_program_did_it_for_its_owner(cast: Cast, with_token: Callable[..., APIClient]) -> None:
    code = with_token(cast.aina).post(BASE, {"name": "By program"}).json()["code"]
    organisation = Organisation.objects.get(code=code)
    assert (organisation.channel, organisation.entered_by) == ("api", cast.aina)
    context = organisation.events.get().pgh_context
    assert (context["channel"], context["user"]) == ("api", cast.aina.pk)


class TestOperation:
    """Which operation a request works in; exercise and real never mix."""

    def test_it_is_the_account_s_unless_named(self, cast: Cast, with_token: Callable[..., APIClient]) -> None:
        client = with_token(cast.aina)
        assert client.get(BASE)["Komek-Operation"] == "quake"
        Operation.objects.create(slug="flood", name="Flood")
        assert client.get(BASE, headers={"Komek-Operation": "flood"})["Komek-Operation"] == "flood"
        assert client.get(f"{BASE}?operation=flood")["Komek-Operation"] == "flood"

    def test_an_unknown_one_is_refused(self, cast: Cast, with_token: Callable[..., APIClient]) -> None:
        response = with_token(cast.aina).get(BASE, headers={"Komek-Operation": "nowhere"})
        assert (response.status_code, response.json()["type"]) == (400, "urn:komek:problem:unknown-operation")

    def test_an_exercise_is_marked_and_does_not_see_real_records(
        self, cast: Cast, exercise_operation: Operation, with_token: Callable[..., APIClient]
    ) -> None:
        response = with_token(cast.aina).get(f"{BASE}?operation=drill")
        assert response["Komek-Exercise"] == "true"
        assert response.json()["results"] == []

    def test_a_token_bound_to_one_cannot_name_another(
        self, cast: Cast, exercise_operation: Operation, with_token: Callable[..., APIClient]
    ) -> None:
        client = with_token(cast.aina, operation=exercise_operation)
        assert client.get(BASE)["Komek-Operation"] == "drill"
        assert client.get(BASE, headers={"Komek-Operation": "quake"}).status_code == 403


class TestPages:
    def test_somebody_makes_a_token_sees_it_once_uses_and_revokes_it(self, cast: Cast) -> None:
        browser = Client()
        browser.force_login(cast.aina, "django.contrib.auth.backends.ModelBackend")
        made = browser.post("/account/tokens/", {"name": "Weekly report", "scopes": ["operations:read"], "days": "30"})
        text = made.content.decode().split("kmk_")[1].split("<")[0]
        assert "no-store" in made["Cache-Control"]
        shown = browser.get("/account/tokens/").content.decode()
        assert "Weekly report" in shown
        assert text not in shown
        program = APIClient()
        program.credentials(HTTP_AUTHORIZATION=f"Bearer kmk_{text}")
        assert program.get("/api/v1/operations/").status_code == 200
        browser.post(f"/account/tokens/{ApiToken.objects.get().pk}/revoke/")
        assert program.get("/api/v1/operations/").status_code == 401

    def test_a_wrong_form_keeps_what_was_typed(self, cast: Cast) -> None:
        browser = Client()
        browser.force_login(cast.aina, "django.contrib.auth.backends.ModelBackend")
        page = browser.post("/account/tokens/", {"name": "Weekly report", "days": "30"})
        assert b"Weekly report" in page.content
        assert b"at least one thing" in page.content
        assert not ApiToken.objects.exists()

    def test_nobody_revokes_another_s(self, cast: Cast, with_token: Callable[..., APIClient]) -> None:
        with_token(cast.aina)
        browser = Client()
        browser.force_login(cast.murad, "django.contrib.auth.backends.ModelBackend")
        assert browser.post(f"/account/tokens/{ApiToken.objects.get().pk}/revoke/").status_code == 404
        assert ApiToken.objects.get().is_valid

    def test_an_account_that_waits_for_approval_is_told(self, cast: Cast) -> None:
        browser = Client()
        browser.force_login(cast.pending, "django.contrib.auth.backends.ModelBackend")
        page = browser.post("/account/tokens/", {"name": "x", "scopes": ["*:read"], "days": "30"})
        assert page.status_code == 200
        assert b"approved" in page.content


def test_a_runaway_program_is_told_when_to_come_back(
    cast: Cast, with_token: Callable[..., APIClient], monkeypatch: Any
) -> None:
    monkeypatch.setitem(api_settings.DEFAULT_THROTTLE_RATES, "asker", "2/min")
    client, other = with_token(cast.aina), with_token(cast.aina)
    assert [client.get("/api/v1/").status_code for _number in range(3)] == [200, 200, 429]
    response = client.get("/api/v1/")
    assert response["Content-Type"] == "application/problem+json"
    assert 1 <= int(response["Retry-After"]) <= 60
    assert other.get("/api/v1/").status_code == 200
