"""Who approves accounts finds any of them, however many there are."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from komek.accounts.models import User
from komek.records.models import Approval
from tests.conftest import Cast

PATH = "/account/waiting/"


def test_accounts_are_searched_and_shown_a_page_at_a_time(client: Client, cast: Cast) -> None:
    User.objects.bulk_create(
        User(email=f"many{n}@example.org", name=f"Person {n:03}", approval=Approval.APPROVED) for n in range(230)
    )
    User.objects.create(email="no@example.org", name="Sorry", approval=Approval.REFUSED, approval_note="Unknown there")
    User.objects.create(phone="+99365777001", name="Phone Only", approval=Approval.APPROVED)
    client.force_login(cast.aina, backend="django.contrib.auth.backends.ModelBackend")
    first = client.get(PATH).content.decode()
    assert "Pending" in first
    assert "Person 001" not in first
    with CaptureQueriesContext(connection) as queries:
        working = client.get(PATH, {"show": "working"}).content.decode()
    assert len(queries) < 30
    assert "Person 001" in working
    assert "Person 229" not in working
    assert "1–50 of 236" in working
    assert "Person 229" in client.get(PATH, {"show": "working", "page": "5"}).content.decode()
    assert "Person 229" in client.get(PATH, {"q": "person 229"}).content.decode()
    assert "Person 228" not in client.get(PATH, {"q": "person 229"}).content.decode()
    assert "Phone Only" in client.get(PATH, {"q": "777001"}).content.decode()
    assert "Nobody is found" in client.get(PATH, {"q": "nobody called so"}).content.decode()
    refused = client.get(PATH, {"show": "refused"}).content.decode()
    assert "Unknown there" in refused
    sorry = User.objects.get(name="Sorry")
    back = client.post(f"{PATH}{sorry.pk}/", {"decision": "approve", "next": f"{PATH}?show=refused"})
    assert back["Location"] == f"{PATH}?show=refused"
    sorry.refresh_from_db()
    assert sorry.approval == Approval.APPROVED
    away = client.post(f"{PATH}{sorry.pk}/", {"decision": "approve", "next": "https://elsewhere.example/"})
    assert away["Location"] == PATH
