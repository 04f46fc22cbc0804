"""A client per asker, without waiting for each other's limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import caches
from rest_framework.test import APIClient

from komek.accounts.models import User
from komek.api.tokens import issue_token
from tests.conftest import actor

BASE = "/api/test/organisations/"


@pytest.fixture(autouse=True)
def _no_earlier_requests() -> Iterator[None]:
    caches["memory"].clear()
    yield
    caches["memory"].clear()


@pytest.fixture
def signed_in() -> Callable[[User], APIClient]:
    """A browser with this account's session."""

    def make(user: User) -> APIClient:
        client = APIClient(raise_request_exception=False)
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def with_token() -> Callable[..., APIClient]:
    """A program with a token of this account."""

    def make(user: User, *scopes: str, **fields: Any) -> APIClient:
        _token, text = issue_token(by=actor(user), name="program", scopes=scopes or ("*:write",), **fields)
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
        return client

    return make
