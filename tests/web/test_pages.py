"""Pages that belong to no registry open for everybody they are for, in every language, without inline scripts."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client

from komek.extensions.search import Hit, search
from komek.records.codes import make_code
from tests.conftest import PASSWORD, Cast

PUBLIC = ["/", "/about/", "/privacy/", "/search/", "/search/?q=water", "/account/login/"]
SIGNED_IN = ["/", "/operations/", "/views/", "/account/", "/search/?q=C1011"]


@pytest.fixture
def signed_in(client: Client, cast: Cast) -> Client:
    client.force_login(cast.aina, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_public_pages_open_in_every_language(client: Client, path: str, language: str) -> None:
    client.cookies["django_language"] = language
    response = client.get(path)
    assert response.status_code == 200
    page = response.content.decode()
    assert f'lang="{language}"' in page
    assert "AnonymousUser" not in page  # as who printed it


@pytest.mark.parametrize("path", SIGNED_IN)
def test_pages_for_people_who_work_here_open(signed_in: Client, path: str) -> None:
    assert signed_in.get(path).status_code == 200


@pytest.mark.parametrize("path", SIGNED_IN)
def test_no_page_carries_a_script_the_content_policy_would_stop(signed_in: Client, path: str) -> None:
    response = signed_in.get(path)
    page = response.content.decode()
    assert not re.search(r"<script(?![^>]*(?:\bsrc=|application/json))[^>]*>", page)
    assert not re.search(r"\son[a-z]+=", page)
    assert "default-src 'self'" in response["Content-Security-Policy"]


def test_an_exercise_is_marked_on_every_page_and_a_real_operation_is_not(
    signed_in: Client, cast: Cast, exercise_operation: object
) -> None:
    assert "exercise-mark" not in signed_in.get("/about/").content.decode()
    signed_in.post("/operations/choose/", {"operation": exercise_operation.pk})  # type: ignore[attr-defined]
    page = signed_in.get("/about/").content.decode()
    assert "exercise-mark" in page
    assert "<title>EXERCISE" in page


def test_choosing_an_operation_never_leads_to_another_host(signed_in: Client, cast: Cast) -> None:
    response = signed_in.post(
        "/operations/choose/", {"operation": cast.operation.pk, "next": "https://elsewhere.example/"}
    )
    assert response["Location"] == "/"


def test_a_mistyped_code_is_said_to_be_mistyped(signed_in: Client) -> None:
    code = make_code("C", 555)
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    assert "wrong letter or digit" in signed_in.get("/search/", {"q": wrong}).content.decode()


def test_an_exact_code_leads_straight_to_its_record(signed_in: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    code = make_code("C", 555)

    class Plug:
        key = "test"
        title = "Test"

        def find(self, text: str, viewer: object, limit: int) -> list[Hit]:
            return [Hit("Here", "/there/", "Test", code=code)]

    monkeypatch.setattr(search, "_plugs", {"test": Plug()})
    assert signed_in.get("/search/", {"q": code.lower()})["Location"] == "/there/"


def test_a_page_that_does_not_exist_helps(client: Client, db: None) -> None:
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "Search for it" in response.content.decode()


def test_a_failure_shows_the_request_number_and_nothing_else(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from komek.web import views

    def fail(*args: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(views, "render", fail)
    client.raise_request_exception = False
    response = client.get("/about/")
    page = response.content.decode()
    assert response.status_code == 500
    assert response["X-Request-ID"] in page
    assert "secret detail" not in page


def test_signing_in_by_password_leads_to_the_desk(client: Client, cast: Cast) -> None:
    response = client.post("/account/login/", {"login": "aina@example.org", "password": PASSWORD}, follow=True)
    assert "Needs attention" in response.content.decode()


def test_a_draft_is_kept_offered_and_thrown_away(signed_in: Client, cast: Cast) -> None:
    from komek.web.models import Draft

    signed_in.post("/drafts/", {"_form_key": "/x/", "name": "half a na", "version": "1", "password": "no"})
    assert Draft.objects.get().data == {"name": ["half a na"], "version": ["1"]}
    signed_in.post("/drafts/", {"_form_key": "/x/", "_discard": "1"})
    assert not Draft.objects.exists()


def test_an_account_waiting_for_approval_is_told_what_happens_next(client: Client, cast: Cast) -> None:
    client.force_login(cast.pending, backend="django.contrib.auth.backends.ModelBackend")
    assert "waits for approval" in client.get("/").content.decode()


def test_the_style_guide_is_for_administrators(signed_in: Client, administrator: object, client: Client) -> None:
    assert signed_in.get("/style-guide/").status_code == 404
    runs = Client()
    runs.force_login(administrator, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type]
    assert runs.get("/style-guide/").status_code == 200
    assert runs.post("/style-guide/", {"capacity": "x"}).status_code == 422
