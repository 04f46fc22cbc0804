"""A request repeated after a broken line is done once and answered twice the same."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import close_old_connections, connection
from django.utils import timezone
from rest_framework.test import APIClient

from komek.api.models import IdempotentRequest
from orgs.models import Organisation
from tests.api import urls
from tests.api.conftest import BASE
from tests.conftest import Cast

pytestmark = pytest.mark.urls("tests.api.urls")
KEY = {"Idempotency-Key": "0f9d-one-request"}


@pytest.fixture
def client(cast: Cast, with_token: Callable[..., APIClient]) -> APIClient:
    return with_token(cast.aina)


def test_a_repetition_gets_the_first_answer_and_changes_nothing(client: APIClient) -> None:
    first = client.post(BASE, {"name": "Helpers"}, headers=KEY)
    again = client.post(BASE, {"name": "Helpers"}, headers=KEY)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert (again["Location"], again["ETag"]) == (first["Location"], first["ETag"])
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert Organisation.objects.filter(name="Helpers").count() == 1


def test_the_key_of_another_request_is_refused(client: APIClient) -> None:
    client.post(BASE, {"name": "Helpers"}, headers=KEY)
    response = client.post(BASE, {"name": "Others"}, headers=KEY)
    assert (response.status_code, response.json()["type"]) == (422, "urn:komek:problem:key-used-for-another-request")
    assert not Organisation.objects.filter(name="Others").exists()


def test_a_refused_request_may_be_corrected_under_its_key(client: APIClient) -> None:
    assert client.post(BASE, {"name": ""}, headers=KEY).status_code == 400
    assert client.post(BASE, {"name": "Helpers"}, headers=KEY).status_code == 201


def test_two_people_may_use_the_same_key(cast: Cast, client: APIClient, with_token: Callable[..., APIClient]) -> None:
    mine = client.post(BASE, {"name": "Helpers"}, headers=KEY).json()
    yours = with_token(cast.murad).post(BASE, {"name": "Helpers"}, headers=KEY).json()
    assert mine["code"] != yours["code"]


def test_a_key_works_on_extra_actions_too(cast: Cast, client: APIClient) -> None:
    address = f"{BASE}{cast.water.code}/"
    headers = KEY | {"If-Match": client.get(address)["ETag"]}
    assert client.post(f"{address}approve/", headers=headers).status_code == 200
    again = client.post(f"{address}approve/", headers=headers)
    assert (again.status_code, again["Idempotency-Replayed"]) == (200, "true")


@pytest.mark.parametrize("boundary", ["one", "two"])
def test_a_form_may_carry_a_key_and_is_known_again_by_its_fields(
    cast: Cast, client: APIClient, signed_in: Callable[..., APIClient], boundary: str
) -> None:
    def send(browser: APIClient, name: str, limit: str) -> Any:
        body = f'--{limit}\r\nContent-Disposition: form-data; name="name"\r\n\r\n{name}\r\n--{limit}--\r\n'
        return browser.generic("POST", BASE, body, content_type=f"multipart/form-data; boundary={limit}", headers=KEY)

    for asker in (client, signed_in(cast.aina)):
        assert send(asker, "Helpers", "first").status_code == 201
        again = send(asker, "Helpers", boundary)
        assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
        assert send(asker, "Others", boundary).status_code == 422


@pytest.mark.parametrize("key", ["short", "with a space in it", "x" * 256, "не-по-латински"])
def test_a_key_that_is_none_is_refused(client: APIClient, key: str) -> None:
    response = client.post(BASE, {"name": "Helpers"}, headers={"Idempotency-Key": key})
    assert response.status_code == 400
    assert not Organisation.objects.filter(name="Helpers").exists()


def test_answers_are_forgotten_after_two_days(client: APIClient, capsys: pytest.CaptureFixture[str]) -> None:
    client.post(BASE, {"name": "Helpers"}, headers=KEY)
    call_command("forget_idempotency_keys")
    assert IdempotentRequest.objects.count() == 1
    IdempotentRequest.objects.update(created_at=timezone.now() - timedelta(hours=49))
    assert client.post(BASE, {"name": "Later"}, headers=KEY).status_code == 201
    IdempotentRequest.objects.update(created_at=timezone.now() - timedelta(hours=49))
    call_command("forget_idempotency_keys")
    assert IdempotentRequest.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_at_once_one_works_and_the_other_gets_its_answer(
    cast: Cast, with_token: Callable[..., APIClient]
) -> None:
    token = with_token(cast.aina)._credentials

    def send() -> tuple[int, str, bool]:
        client = APIClient()
        client.credentials(**token)
        response = client.post(BASE, {"name": "Helpers"}, headers=KEY)
        close_old_connections()
        connection.close()
        return response.status_code, response.json()["code"], "Idempotency-Replayed" in response

    urls.work_may_finish.clear()
    with ThreadPoolExecutor(2) as pool:
        sent = [pool.submit(send) for _number in range(2)]
        _wait_until_one_waits_for_the_lock()
        urls.work_may_finish.set()
        answers = [future.result(30) for future in sent]
    assert [status for status, _code, _replayed in answers] == [201, 201]
    assert len({code for _status, code, _replayed in answers}) == 1
    assert sorted(replayed for _status, _code, replayed in answers) == [False, True]
    assert Organisation.objects.filter(name="Helpers").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_based_on_one_version_one_is_refused(
    cast: Cast, with_token: Callable[..., APIClient]
) -> None:
    first = with_token(cast.aina)
    address = f"{BASE}{cast.relief.code}/"
    tag = first.get(address)["ETag"]

    def change(acronym: str) -> int:
        client = APIClient()
        client.credentials(**first._credentials)
        status = client.patch(address, {"acronym": acronym}, headers={"If-Match": tag}).status_code
        connection.close()
        return status

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(change, ("ONE", "TWO"))) == [200, 412]


def _wait_until_one_waits_for_the_lock() -> None:
    with connection.cursor() as cursor:
        for _attempt in range(2000):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.005)")
    raise AssertionError("no request waits for the other")
