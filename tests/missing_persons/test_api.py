"""Registrars' work over the API: the same rules as on the pages, and nothing to those who may not see it."""

from __future__ import annotations

from rest_framework.test import APIClient

from komek.accounts.models import User
from komek.records.models import ProtectedRead
from missing_persons.models import Person, Report, SuggestedPair
from missing_persons.pairs import Suggestion, keep_suggestions
from tests.conftest import Cast
from tests.missing_persons.conftest import Desk, Tell


def signed_in(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_a_report_is_made_once_corrected_verified_published_and_erased(desk: Desk) -> None:
    client = signed_in(desk.nurjan)
    body = {
        "kind": "found", "names": [{"given": "Aman", "family": "Ataev"}], "sex": "male", "age_from": 30, "age_to": 40,
        "occurred_at": "2026-03-01T10:00:00Z", "entry_id": "0b6f6f7e-97a5-4f7c-a8de-4b0a1c5e9a10",
        "last_seen_point": {"type": "Point", "coordinates": [58.4, 38.2]},
    }  # fmt: skip
    refused = client.post("/api/v1/missing-reports/", {**body, "age_to": 200}, format="json")
    assert refused.status_code == 400 and "age_to" in str(refused.json())
    made = [client.post("/api/v1/missing-reports/", body, format="json").json() for _again in range(2)]
    assert made[0]["id"] == made[1]["id"] and made[0]["person"] == Person.objects.get().code
    address = f"/api/v1/missing-reports/{made[0]['id']}/"
    tag = client.get(address)["ETag"]
    assert client.patch(address, {"hair": "grey"}, format="json").status_code == 428
    changed = client.patch(address, {"hair": "grey"}, format="json", HTTP_IF_MATCH=tag)
    assert (changed.status_code, changed.json()["hair"], changed.json()["names"][0]["as_written"]) == (
        200,
        "grey",
        "Aman Ataev",
    )
    verified = client.post(f"{address}verify/", {"how": "seen"}, format="json", HTTP_IF_MATCH=changed["ETag"])
    assert verified.status_code == 200, verified.content
    person = client.get(f"/api/v1/missing-persons/{made[0]['person']}/")
    assert (person.json()["status"], person.json()["visibility"]) == ("alive", "hidden")
    assert (
        client.get("/api/v1/missing-persons/", {"text": "Атаев Аман"}).json()["results"][0]["code"] == made[0]["person"]
    )
    assert ProtectedRead.objects.filter(reader=desk.nurjan, why="API: missing persons").exists()
    tag = client.get(address)["ETag"]
    assert client.delete(f"{address}?reason=asked", HTTP_IF_MATCH=tag).status_code == 204
    assert Report.objects.get().tombstoned_at is not None
    assert client.get(address).status_code == 404 and not client.get("/api/v1/missing-persons/").json()["results"]


def test_a_pair_is_decided_and_others_see_nothing(desk: Desk, cast: Cast, tell: Tell) -> None:
    one, two = tell("Aman Ataev").person, tell("Аман Атаев").person
    keep_suggestions(one, [Suggestion(two.pk, 0.9, [{"field": "name", "verdict": "equal"}])])
    pair = SuggestedPair.objects.get()
    resources = ("missing-persons", "missing-reports", "missing-notes", "missing-pairs")
    for user in (cast.oraz, cast.outsider, desk.dowlet):
        for resource in resources:
            found = signed_in(user).get(f"/api/v1/{resource}/")
            assert found.status_code in (200, 403) and not found.json().get("results"), (user, resource)
        assert signed_in(user).get(f"/api/v1/missing-persons/{one.code}/").status_code in (403, 404)
    client = signed_in(desk.nurjan)
    assert client.get("/api/v1/missing-pairs/", {"state": "open"}).json()["results"][0]["score"] == 0.9
    note = {"person": one.code, "status": "believed_alive", "text": "seen", "occurred_at": "2026-03-04T10:00:00Z"}
    assert client.post("/api/v1/missing-notes/", note, format="json").status_code == 201
    decided = client.post(
        f"/api/v1/missing-pairs/{pair.pk}/decide/", {"is_same": True, "keep": two.code}, format="json"
    )
    assert decided.status_code == 200, decided.content
    assert [row["code"] for row in client.get("/api/v1/missing-persons/").json()["results"]] == [two.code]
