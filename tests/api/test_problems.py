"""Every error is a problem with a sentence, and none tells more than it should."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError
from django.test import Client
from pythonjsonlogger.json import JsonFormatter
from rest_framework.test import APIClient

from komek.accounts.models import User
from komek.api.problems import problem_of, register_problem
from komek.records.codes import make_code
from komek.web.middleware import RequestIdFilter
from orgs.models import Organisation
from tests.api.conftest import BASE
from tests.conftest import Cast

pytestmark = pytest.mark.urls("tests.api.urls")


@pytest.fixture
def client(cast: Cast, with_token: Callable[..., APIClient]) -> APIClient:
    return with_token(cast.aina)


@contextmanager
def logged() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What is written to the log meanwhile, through the installation's own formatter and filter."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    configured = {name: value for name, value in settings.LOGGING["formatters"]["json"].items() if name != "()"}
    handler.addFilter(RequestIdFilter())
    handler.setFormatter(JsonFormatter(**configured))
    logging.getLogger().addHandler(handler)
    try:
        yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    finally:
        logging.getLogger().removeHandler(handler)


def test_a_mistyped_code_is_refused_as_mistyped_and_never_another_record(cast: Cast, client: APIClient) -> None:
    code = cast.relief.code
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    response = client.get(f"{BASE}{wrong}/")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["type"] == "urn:komek:problem:mistyped-code"
    assert wrong in response.json()["detail"]


def test_a_code_is_understood_as_people_type_it(cast: Cast, client: APIClient) -> None:
    assert client.get(f"{BASE}{cast.relief.code.lower()}/").json()["name"] == "Relief Society"


def test_a_right_code_of_no_record_is_not_found(cast: Cast, client: APIClient) -> None:
    problem = client.get(f"{BASE}{make_code('O', 999999)}/").json()
    assert (problem["status"], problem["type"]) == (404, "urn:komek:problem:not-found")


def test_every_wrong_field_is_named_with_its_sentence(client: APIClient) -> None:
    response = client.post(BASE, {"name": "", "website": "no address", "kind": "pirates"})
    assert response.status_code == 400
    errors = {error["field"]: error["sentence"] for error in response.json()["errors"]}
    assert set(errors) == {"name", "website", "kind"}
    assert "pirates" in errors["kind"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"name":\n  "x",\n}', "line 3 cannot be read from its character 1"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"name": NaN}', "no NaN"),
        (b"[" * 200_000, "nested too deeply"),
    ],
)
def test_json_that_cannot_be_read_is_said_to_be_so_in_our_words(client: APIClient, body: bytes, said: str) -> None:
    response = client.generic("POST", BASE, body, content_type="application/json")
    assert (response.status_code, response.json()["type"]) == (400, "urn:komek:problem:malformed")
    assert said in response.json()["detail"]
    assert "parse error" not in response.json()["detail"]


def test_a_form_that_is_cut_off_or_without_end_is_refused_in_our_words(client: APIClient, settings: Any) -> None:
    cut = client.generic("POST", "/api/v1/imports/", b"--x\r\nConte", content_type="multipart/form-data; boundary=\xff")
    assert (cut.status_code, cut.json()["type"]) == (400, "urn:komek:problem:malformed")
    assert "multipart/form-data" in cut.json()["detail"]
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        long = client.generic("POST", "/api/v1/imports/", b'{"a":"' + b"x" * 2000, content_type=kind)
        assert (long.status_code, long.json()["type"]) == (413, "urn:komek:problem:too-large")


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("get", "/api/v1/nowhere/", 404),
        ("get", "/api/nowhere", 404),
        ("delete", "/api/v1/operations/", 405),
        ("post", "/api/v1/areas/", 405),
        ("post", "/api/test/sites/", 405),
    ],
)
def test_wrong_addresses_and_methods_are_problems(client: APIClient, method: str, address: str, status: int) -> None:
    response = getattr(client, method)(address)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status
    assert status != 405 or response["Allow"], "the sentence points to it"


def test_other_media_types_are_refused(client: APIClient) -> None:
    sent = client.generic("POST", BASE, b"<a/>", content_type="application/xml")
    assert (sent.status_code, "application/json" in sent.json()["detail"]) == (415, True)
    asked = client.get(BASE, headers={"Accept": "application/xml"})
    assert (asked.status_code, "Accept" in asked.json()["detail"]) == (406, True)
    problem = client.get(f"{BASE}?format=xml").json()
    assert problem["errors"][0]["field"] == "format"


def test_somebody_of_another_organisation_is_refused_with_the_sentence(
    cast: Cast, with_token: Callable[..., APIClient]
) -> None:
    client = with_token(cast.lale)
    address = f"{BASE}{cast.relief.code}/"
    response = client.patch(address, {"name": "Ours now"}, headers={"If-Match": client.get(address)["ETag"]})
    assert (response.status_code, response.json()["type"]) == (403, "urn:komek:problem:not-allowed")
    assert "ask a coordinator" in response.json()["detail"]


def test_what_may_not_be_seen_is_not_found(cast: Cast, with_token: Callable[..., APIClient]) -> None:
    hidden = with_token(cast.murad).post(BASE, {"name": "Proposed"}).json()
    assert with_token(cast.lale).get(f"{BASE}{hidden['code']}/").status_code == 404
    assert with_token(cast.aina).get(f"{BASE}{hidden['code']}/").status_code == 200


def test_the_public_is_asked_to_sign_in(db: None) -> None:
    response = APIClient().get(BASE)
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_record_others_refer_to_is_not_deleted(cast: Cast, client: APIClient) -> None:
    Organisation.objects.create(name="Branch", parent=cast.relief)
    address = f"{BASE}{cast.relief.code}/"
    response = client.delete(address, headers={"If-Match": client.get(address)["ETag"]})
    assert (response.status_code, response.json()["type"]) == (409, "urn:komek:problem:still-referred-to")
    assert Organisation.objects.filter(pk=cast.relief.pk).exists()


def test_a_refusal_by_the_database_is_a_sentence(cast: Cast, client: APIClient) -> None:
    with pytest.raises(IntegrityError) as caught:
        User.objects.create_user(cast.aina.email, name="Twin")
    problem = problem_of(caught.value)
    assert problem is not None
    assert problem.status == 409
    assert "example.org" not in str(problem.sentence)


def test_a_fault_of_ours_is_logged_with_the_request_id_and_answered_without_details(
    cast: Cast, client: APIClient
) -> None:
    with logged() as lines:
        response = client.get(f"{BASE}{cast.relief.code}/explode/", headers={"X-Request-ID": "trace-me-0001"})
    assert response.status_code == 500
    assert response.json()["request_id"] == response["X-Request-ID"] == "trace-me-0001"
    assert b"12345" not in response.content
    fault = next(line for line in lines() if "12345" in line.get("exc_info", ""))
    assert (fault["request_id"], fault["levelname"]) == ("trace-me-0001", "ERROR")


def test_a_broken_page_is_logged_with_the_request_id_too(db: None) -> None:
    browser = Client(raise_request_exception=False)
    with logged() as lines:
        response = browser.get("/api/test/broken/?name=Leyla", headers={"X-Request-ID": "trace-me-0002"})
    assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")
    fault = next(line for line in lines() if "exc_info" in line)
    assert fault["request_id"] == "trace-me-0002"


def test_logs_name_the_request_and_not_what_was_searched_for(db: None) -> None:
    with logged() as lines:
        Client().get("/nowhere/?name=Leyla", headers={"X-Request-ID": "trace-me-0003"})
    refused = next(line for line in lines() if "Not Found" in line["message"])
    assert refused["request_id"] == "trace-me-0003"
    assert "Leyla" not in json.dumps(refused)


def test_a_page_that_is_missing_stays_a_page(db: None) -> None:
    response = Client().get("/nowhere/")
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


def test_a_form_from_another_website_cannot_use_the_browser_s_session(cast: Cast) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(cast.aina, "django.contrib.auth.backends.ModelBackend")
    response = client.post(BASE, {"name": "Forged"})
    assert (response.status_code, response["Content-Type"]) == (403, "application/problem+json")


def test_an_account_that_waits_for_approval_reads_nothing_here(cast: Cast, signed_in: Callable[..., APIClient]) -> None:
    for address in ("/api/v1/operations/", BASE):
        response = signed_in(cast.pending).get(address)
        assert response.status_code == 403
        assert "approval" in response.json()["detail"]


def test_a_body_without_end_is_refused(client: APIClient, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = client.post(BASE, {"name": "x" * 2000})
    assert (response.status_code, response.json()["type"]) == (413, "urn:komek:problem:too-large")


def test_a_room_s_own_exception_becomes_its_problem() -> None:
    class StockGone(ValueError):
        pass

    class BatchGone(StockGone):
        pass

    register_problem(StockGone, 409, "stock-gone")
    problem = problem_of(BatchGone("Somebody took the last of it."))
    assert problem is not None
    assert (problem.status, problem.slug, problem.sentence) == (409, "stock-gone", "Somebody took the last of it.")
    assert problem_of(ValueError("ours")) is None


@pytest.mark.parametrize("address", ["/api/v1/operations/", "/api/v1/operations/quake/", BASE])
def test_what_may_be_done_at_an_address_can_be_asked(client: APIClient, address: str) -> None:
    assert client.options(address).status_code == 200
    assert client.head(address).status_code == 200
