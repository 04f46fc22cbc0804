"""A program brings a file in: the same rules and sentences as on the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from komek.accounts.models import User
from komek.exchange import importing
from komek.exchange.models import BatchState, ImportBatch
from komek.exchange.tasks import carry_out
from komek.places.models import Area
from orgs.models import Organisation, Site
from tests.conftest import Cast

URL = "/api/v1/imports/"
SignedIn = Callable[[User], APIClient]


def send(client: APIClient, content: str, table: str = "orgs.site", **more: Any) -> Any:
    file = SimpleUploadedFile("table.csv", content.encode())
    return client.post(URL, {"table": table, "file": file, **more}, format="multipart")


def test_a_file_is_checked_then_written_then_taken_back(
    cast: Cast, areas: dict[str, Area], signed_in: SignedIn
) -> None:
    client = signed_in(cast.aina)
    answer = send(client, "name,kind,run by,opened on\nWell,camp,Relief Society,\nOther,camp,,31.02.2026\n")
    assert answer.status_code == 201, answer.content
    assert answer.json()["counts"] == {"create": 1, "refused": 1}
    address = f"{URL}{answer.json()['id']}/"
    (row,) = client.get(f"{address}rows/?outcome=refused").json()
    assert (row["number"], row["faults"][0]["column"]) == (3, "opened_on")
    assert not Site.objects.exists()
    assert client.post(f"{address}apply/").json()["state"] == "applied"
    assert Site.objects.get().name == "Well"
    assert client.post(f"{address}reverse/").json()["reversal"]["removed"] == 1
    assert not Site.objects.exists()
    assert client.post(f"{address}reverse/").status_code == 400


def test_a_large_file_is_read_in_the_background_with_what_was_asked_along_with_it(
    cast: Cast, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "READ_INLINE_BELOW", 10)
    client = signed_in(cast.aina)
    text = "name,kind,belongs to\nWell,camp,Relief Society\n"
    sent = send(client, text, **{"columns.belongs to": "organisation"}).json()
    assert (sent["state"], sent["total"]) == ("reading", 0)
    carry_out(sent["id"], BatchState.READING)
    found = client.get(f"{URL}{sent['id']}/").json()
    assert (found["state"], found["counts"], found["matched"]["belongs to"]) == (
        "checked",
        {"create": 1},
        "organisation",
    )
    wrong = send(client, text, **{"columns.nowhere": "organisation"}).json()
    carry_out(wrong["id"], BatchState.READING)
    found = client.get(f"{URL}{wrong['id']}/").json()
    assert (found["state"], "nowhere" in found["problem"]) == ("failed", True)


def test_a_row_that_may_mean_several_is_decided(cast: Cast, signed_in: SignedIn) -> None:
    Organisation.objects.create(name="Relief Society", approval="approved", search_key="relief society")
    client = signed_in(cast.aina)
    answer = send(client, "name,website\nRelief Society,https://r.example\n", "orgs.organisation")
    address = f"{URL}{answer.json()['id']}/"
    assert client.post(f"{address}decide/", {"row": 2, "decision": "99999"}).status_code == 400
    client.post(f"{address}decide/", {"row": 2, "decision": str(cast.relief.pk)})
    client.post(f"{address}apply/")
    cast.relief.refresh_from_db()
    assert cast.relief.website == "https://r.example"


@pytest.mark.parametrize(
    ("content", "table", "words"),
    [("", "orgs.site", "empty"), ("%PDF-1.7", "orgs.site", "PDF"), ("name,kind\nA,camp\n", "orgs.moon", "no such table"),
     ("kind\ncamp\n", "orgs.site", "No column of the file fills")],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_words_and_nothing_is_kept(
    cast: Cast, signed_in: SignedIn, content: str, table: str, words: str
) -> None:
    answer = send(signed_in(cast.aina), content, table)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not ImportBatch.objects.exists()


def test_an_import_is_another_persons_and_its_rows_are_bound_by_their_owners_rights(
    cast: Cast, signed_in: SignedIn
) -> None:
    answer = send(signed_in(cast.murad), f"code,name\n{cast.water.code},Renamed\n", "orgs.organisation")
    assert answer.json()["counts"] == {"refused": 1}
    assert signed_in(cast.lale).get(f"{URL}{answer.json()['id']}/").status_code == 404


def test_a_column_that_is_not_recognised_is_named_by_the_sender(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.aina)
    answer = send(client, "zzz,kind\nWell,camp\n", **{"columns.zzz": "name"})
    assert answer.json()["matched"] == {"zzz": "name", "kind": "kind"}, answer.content
    assert "no column" in send(client, "name,kind\nWell,camp\n", **{"columns.yyy": "about"}).content.decode()


def test_a_token_without_the_scope_brings_nothing_in(cast: Cast, with_token: Callable[..., APIClient]) -> None:
    assert send(with_token(cast.aina, "organisations:write"), "name,kind\nA,camp\n").status_code == 403
