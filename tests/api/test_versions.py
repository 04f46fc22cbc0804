"""ETags: nobody's change is overwritten unseen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from orgs.models import Organisation
from tests.api.conftest import BASE
from tests.conftest import Cast

pytestmark = pytest.mark.urls("tests.api.urls")


@pytest.fixture
def client(cast: Cast, with_token: Callable[..., APIClient]) -> APIClient:
    return with_token(cast.aina)


def test_a_change_based_on_the_present_version_is_made_and_gives_the_new_version(cast: Cast, client: APIClient) -> None:
    address = f"{BASE}{cast.relief.code}/"
    tag = client.get(address)["ETag"]
    response = client.patch(address, {"acronym": "RS"}, headers={"If-Match": tag})
    assert response.status_code == 200, response.content
    assert response.json()["acronym"] == "RS"
    assert response["ETag"] != tag
    assert client.get(address)["ETag"] == response["ETag"]


def test_of_two_changes_based_on_one_version_the_second_is_refused(cast: Cast, client: APIClient) -> None:
    address = f"{BASE}{cast.relief.code}/"
    tag = client.get(address)["ETag"]
    client.patch(address, {"acronym": "ONE"}, headers={"If-Match": tag})
    second = client.patch(address, {"acronym": "TWO"}, headers={"If-Match": tag})
    assert second.status_code == 412
    assert second.json()["type"] == "urn:komek:problem:changed-meanwhile"
    assert Organisation.objects.get(pk=cast.relief.pk).acronym == "ONE"


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_change_that_names_no_version_is_refused_with_what_to_do(cast: Cast, client: APIClient, method: str) -> None:
    response = getattr(client, method)(f"{BASE}{cast.relief.code}/", {"name": "New"})
    assert response.status_code == 428
    assert "If-Match" in response.json()["detail"]


def test_a_change_by_plain_sql_changes_the_version_too(cast: Cast, client: APIClient) -> None:
    address = f"{BASE}{cast.relief.code}/"
    tag = client.get(address)["ETag"]
    Organisation.objects.filter(pk=cast.relief.pk).update(acronym="SQL")
    assert client.patch(address, {"acronym": "X"}, headers={"If-Match": tag}).status_code == 412


def test_an_unchanged_record_is_answered_304_without_a_body(cast: Cast, client: APIClient) -> None:
    address = f"{BASE}{cast.relief.code}/"
    tag = client.get(address)["ETag"]
    response = client.get(address, headers={"If-None-Match": f'"other", {tag}'})
    assert (response.status_code, response.content) == (304, b"")
    assert response["ETag"] == tag


def test_another_variant_of_the_record_is_not_called_unchanged(cast: Cast, client: APIClient) -> None:
    address = f"{BASE}{cast.relief.code}/"
    tag = client.get(address)["ETag"]
    assert client.get(f"{address}?fields=name", headers={"If-None-Match": tag}).status_code == 200
    assert client.get(address, headers={"If-None-Match": tag, "Accept-Language": "ru"}).status_code == 200


def test_a_variant_s_tag_may_be_the_base_of_a_change(cast: Cast, client: APIClient) -> None:
    address = f"{BASE}{cast.relief.code}/"
    tag = client.get(f"{address}?fields=name")["ETag"]
    assert client.patch(address, {"acronym": "RS"}, headers={"If-Match": tag}).status_code == 200


def test_an_extra_action_checks_the_version_as_well(cast: Cast, client: APIClient) -> None:
    address = f"{BASE}{cast.relief.code}/"
    assert client.post(f"{address}approve/").status_code == 428
    tag = client.get(address)["ETag"]
    assert client.post(f"{address}approve/", headers={"If-Match": tag}).status_code == 200


def test_a_deletion_is_done_once(cast: Cast, client: APIClient) -> None:
    created = client.post(BASE, {"name": "Short-lived"})
    assert created.status_code == 201, created.content
    headers = {"If-Match": created["ETag"]}
    assert client.delete(created["Location"], headers=headers).status_code == 204
    assert client.delete(created["Location"], headers=headers).status_code == 404
