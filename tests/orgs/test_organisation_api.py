"""The API of organisations, memberships and sectors: the same rules as the pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from komek.accounts.roles import Role
from komek.records.codes import make_code
from komek.records.models import Approval
from orgs.models import Contact, ContactVisibility, Membership, Organisation, Sector, Site, Verification
from orgs.naming import search_key
from tests.conftest import Cast

BASE = "/api/v1/organisations/"
PEOPLE = ("aina", "murad", "lale", "oraz", "outsider")

Program = Callable[[str], APIClient]


@pytest.fixture(autouse=True)
def _no_earlier_requests(cast: Cast) -> Iterator[None]:
    caches["memory"].clear()
    for organisation in (cast.ministry, cast.relief, cast.water):
        organisation.search_key = search_key([organisation.name])
        organisation.save()
    yield
    caches["memory"].clear()


@pytest.fixture
def program(cast: Cast) -> Program:
    def make(name: str) -> APIClient:
        client = APIClient(raise_request_exception=False)
        client.force_login(getattr(cast, name), "django.contrib.auth.backends.ModelBackend")
        return client

    return make


def one(organisation: Organisation) -> str:
    return f"{BASE}{organisation.code}/"


def change(client: APIClient, organisation: Organisation, **fields: Any) -> Any:
    tag = client.get(one(organisation)).headers.get("ETag", "*")
    return client.patch(one(organisation), fields, format="json", headers={"If-Match": tag})


def act(client: APIClient, organisation: Organisation, action: str, **fields: Any) -> Any:
    tag = client.get(one(organisation)).headers.get("ETag", "*")
    return client.post(f"{one(organisation)}{action}/", fields, format="json", headers={"If-Match": tag})


def names(response: Any) -> set[str]:
    assert response.status_code == 200, response.content
    return {row["name"] for row in response.json()["results"]}


def test_an_organisation_comes_with_its_names_sectors_and_contacts(cast: Cast, program: Program) -> None:
    Sector.objects.create(key="wash", name="Water")
    sent = {
        "name": "Umyt Foundation", "acronym": "UF", "kind": "national_ngo", "country": "tm", "sectors": ["wash"],
        "parent": cast.relief.code.lower(), "names": [{"name": "Umyt gaznasy", "language": "tk", "kind": "official"}],
        "contacts": [{"person": "Desk", "email": "desk@example.org", "visibility": "public"}],
        "external_ids": {"reliefweb": "123"},
    }  # fmt: skip
    response = program("aina").post(BASE, sent, format="json")
    assert response.status_code == 201, response.content
    made = response.json()
    assert made["approval"] == "approved"
    assert made["country"] == "TM"
    assert made["parent"] == cast.relief.code
    assert made["sectors"] == ["wash"]
    assert made["names"] == [{"name": "Umyt gaznasy", "language": "tk", "kind": "official"}]
    assert made["contacts"][0]["person"] == "Desk"
    assert made["freshness"] == "fresh"
    event = Organisation.objects.get(code=made["code"]).events.order_by("pgh_id").first()
    assert event.pgh_context["channel"] == "api"
    assert event.pgh_context["user"] == cast.aina.pk


def test_a_likely_duplicate_is_refused_until_said_to_be_new(cast: Cast, program: Program) -> None:
    client = program("lale")
    client.post(BASE, {"name": "Umyt Foundation"}, format="json")
    assert client.post(BASE, {"name": "Общество Релиф"}, format="json").status_code in (400, 422)
    twin = client.post(BASE, {"name": "Umyt Fund"}, format="json")
    assert twin.status_code in (400, 422)
    assert "registered already" in twin.content.decode()
    accepted = client.post(BASE, {"name": "Umyt Fund", "is_new": True}, format="json")
    assert accepted.status_code == 201
    assert accepted.json()["approval"] == "pending"


def test_only_what_was_sent_is_changed(cast: Cast, program: Program) -> None:
    Contact.objects.create(organisation=cast.relief, person="Desk", note="x")
    client = program("murad")
    assert change(client, cast.relief, about="We bring bread").status_code == 200
    assert client.get(one(cast.relief)).json()["contacts"][0]["person"] == "Desk"
    assert change(client, cast.relief, contacts=[]).json()["contacts"] == []
    assert change(client, cast.relief, names=[{"name": "Kömek"}]).json()["names"][0]["kind"] == "alias"


def test_a_contact_keeps_its_id_when_it_is_changed(cast: Cast, program: Program) -> None:
    kept = Contact.objects.create(organisation=cast.relief, person="Desk", note="x")
    theirs = Contact.objects.create(organisation=cast.water, person="Theirs", note="x")
    sent = [{"id": kept.pk, "person": "Front desk", "note": "x"}, {"id": theirs.pk, "person": "Taken", "note": "y"}]
    found = change(program("murad"), cast.relief, contacts=sent).json()["contacts"]
    assert {row["person"] for row in found} == {"Front desk", "Taken"}
    kept.refresh_from_db()
    theirs.refresh_from_db()
    assert kept.person == "Front desk"
    assert (theirs.person, theirs.organisation) == ("Theirs", cast.water)


@pytest.mark.parametrize("who", ["lale", "oraz", "outsider"])
def test_people_of_another_organisation_change_nothing(cast: Cast, program: Program, who: str) -> None:
    client = program(who)
    assert change(client, cast.relief, about="x").status_code == 403
    for action in ("confirm", "approve", "refuse", "verify"):
        assert act(client, cast.relief, action).status_code == 403, action
    assert act(client, cast.relief, "merge", duplicate=cast.water.code).status_code == 403


def test_the_public_reads_nothing(cast: Cast) -> None:
    assert APIClient().get(BASE).status_code in (401, 403)
    assert APIClient().get(one(cast.relief)).status_code in (401, 403)


def test_a_manager_cannot_make_their_organisation_coordinate(cast: Cast, program: Program) -> None:
    assert change(program("murad"), cast.relief, coordinates_operation=True).status_code == 403
    change(program("murad"), cast.relief, verification="verified", approval="refused", code="O0000")
    cast.relief.refresh_from_db()
    assert cast.relief.verification == Verification.UNVERIFIED
    assert cast.relief.approval == Approval.APPROVED


CONTACTS_SEEN = {
    "aina": {"public", "partners", "coordinators"},
    "murad": set(ContactVisibility.values),
    "oraz": set(ContactVisibility.values),
    "lale": {"public", "partners"},
    "outsider": {"public", "partners"},
}


@pytest.mark.parametrize("who", PEOPLE)
def test_contacts_are_given_to_those_whom_their_visibility_names(cast: Cast, program: Program, who: str) -> None:
    for visibility in ContactVisibility.values:
        Contact.objects.create(organisation=cast.relief, note="x", visibility=visibility)
    for found in (
        program(who).get(one(cast.relief)).json(),
        next(row for row in program(who).get(BASE).json()["results"] if row["code"] == cast.relief.code),
    ):
        assert {row["visibility"] for row in found["contacts"]} == CONTACTS_SEEN[who]


@pytest.mark.parametrize(
    "sent",
    [
        {"name": ""},
        {"name": "x", "website": "javascript:alert(1)"},
        {"name": "x", "kind": "martian"},
        {"name": "x", "parent": "O0000"},
        {"name": "x", "parent": 17},
        {"name": "x", "sectors": ["nonsense"]},
        {"name": "x", "names": [{"name": "!"}]},
        {"name": "x", "names": "nonsense"},
        {"name": "x", "contacts": [{"person": "Nobody"}]},
        {"name": "x", "contacts": [{"phone": "12"}]},
        {"name": "x", "external_ids": [1]},
        {"name": "x", "country": "TKM"},
        {"name": "x", "is_donor": False, "is_implementing": False},
        {"name": "a\u0000b"},
    ],
)
def test_bad_input_is_a_problem_with_a_sentence_and_nothing_is_written(
    cast: Cast, program: Program, sent: dict[str, Any]
) -> None:
    before = Organisation.objects.count()
    response = program("aina").post(BASE, sent, format="json")
    assert response.status_code in (400, 422), response.content
    assert response["Content-Type"].startswith("application/problem+json")
    assert Organisation.objects.count() == before


def test_a_mistyped_code_is_a_404_with_a_sentence(cast: Cast, program: Program) -> None:
    code = make_code("O", 4711)
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    response = program("aina").get(f"{BASE}{wrong}/")
    assert response.status_code == 404
    assert "wrong letter or digit" in response.json()["detail"]


def test_the_filters_are_those_of_the_pages(cast: Cast, program: Program) -> None:
    Organisation.objects.filter(pk=cast.water.pk).update(confirmed_at=timezone.now() - timedelta(days=300))
    Site.objects.create(name="x", organisation=cast.relief)
    client = program("aina")
    assert names(client.get(BASE, {"kind": "government"})) == {"Ministry of Emergencies"}
    assert names(client.get(BASE, {"freshness": "stale"})) == {"Water Now"}
    assert names(client.get(BASE, {"has_sites": "true"})) == {"Relief Society"}
    assert names(client.get(BASE, {"text": "Релиф"})) == {"Relief Society"}
    assert client.get(BASE, {"nonsense": "1"}).status_code in (400, 422)


def test_the_list_costs_as_many_queries_for_many_as_for_few(cast: Cast, program: Program) -> None:
    client = program("aina")
    client.get(BASE)
    with CaptureQueriesContext(connection) as few:
        client.get(BASE)
    sector = Sector.objects.create(key="x", name="X")
    for number in range(20):
        made = Organisation.objects.create(name=f"G{number}", approval=Approval.APPROVED, parent=cast.relief)
        made.sectors.add(sector)
        made.other_names.create(name="Other", key="other")
        made.contacts.create(note="x")
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(BASE).json()["results"]) > 20
    assert len(many) == len(few)


def test_deciding_and_confirming(cast: Cast, program: Program) -> None:
    waiting = Organisation.objects.create(name="Waiting", entered_by=cast.oraz)
    client = program("aina")
    assert act(client, waiting, "refuse").status_code in (400, 422)
    assert act(client, waiting, "approve").json()["approval"] == "approved"
    assert act(client, waiting, "verify", verification="doubtful").json()["verification"] == "doubtful"
    Organisation.objects.filter(pk=cast.relief.pk).update(confirmed_at=timezone.now() - timedelta(days=300))
    assert act(program("murad"), cast.relief, "confirm").json()["freshness"] == "fresh"


def test_a_merged_code_answers_with_where_it_went(cast: Cast, program: Program) -> None:
    twin = Organisation.objects.create(name="Relief Soc.", approval=Approval.APPROVED)
    client = program("aina")
    assert act(client, cast.relief, "merge", duplicate=twin.code, reason="twice").status_code == 200
    response = client.get(one(twin))
    assert response.status_code == 301
    assert response["Location"].endswith(one(cast.relief))
    assert response.json()["merged_into"] == cast.relief.code
    assert twin.name not in names(client.get(BASE))
    merged = client.get(BASE, {"is_merged": "true"}).json()["results"]
    assert [(row["code"], row["merged_into"]) for row in merged] == [(twin.code, cast.relief.code)]
    refused = client.patch(one(twin), {"about": "x"}, format="json", headers={"If-Match": "*"})
    assert refused.status_code in (400, 412, 422)


def test_a_change_based_on_an_old_version_is_refused(cast: Cast, program: Program) -> None:
    client = program("murad")
    tag = client.get(one(cast.relief))["ETag"]
    Contact.objects.create(organisation=cast.relief, person="Meanwhile", note="x")
    response = client.patch(one(cast.relief), {"about": "x"}, format="json", headers={"If-Match": tag})
    assert response.status_code == 412


def test_memberships_are_read_by_those_they_concern(cast: Cast, program: Program) -> None:
    Membership.objects.create(user=cast.outsider, organisation=cast.relief, role=Role.VIEWER)
    seen = {who: program(who).get("/api/v1/memberships/").json()["results"] for who in PEOPLE}
    assert {row["user"] for row in seen["murad"]} == {"Murad", "Oraz", "Outsider"}
    assert {row["user"] for row in seen["oraz"]} == {"Oraz"}
    assert {row["user"] for row in seen["outsider"]} == {"Outsider"}
    assert len(seen["aina"]) == 5
    assert "example.org" not in str(seen["aina"])
    waiting = program("murad").get("/api/v1/memberships/", {"approval": "pending", "organisation": cast.relief.code})
    assert [row["user"] for row in waiting.json()["results"]] == ["Outsider"]
    assert program("aina").get("/api/v1/memberships/", {"role": "viewer"}).json()["results"]
    assert program("aina").post("/api/v1/memberships/", {}, format="json").status_code in (403, 405)


def test_sectors_are_read_by_key(cast: Cast, program: Program) -> None:
    Sector.objects.create(key="wash", name="Water", names={"ru": "Вода"}, is_active=False)
    client = program("outsider")
    assert client.get("/api/v1/sectors/wash/").json()["names"] == {"ru": "Вода"}
    assert client.get("/api/v1/sectors/", {"is_active": "true"}).json()["results"] == []
