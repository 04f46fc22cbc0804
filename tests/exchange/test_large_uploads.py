"""Large files: refused at once when too large or dangerous, else kept as they come and read in the background."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from komek.exchange import importing
from komek.exchange.models import BatchState, ImportBatch
from komek.exchange.tasks import carry_out
from tests.conftest import Cast

BACKEND = "django.contrib.auth.backends.ModelBackend"


class Unread(io.BytesIO):
    """A body that nobody may read."""

    def read(self, *args: Any) -> bytes:
        raise AssertionError("the body was read")


@pytest.mark.parametrize("path", ["/exchange/orgs.site/import/", "/api/v1/imports/"])
def test_300_mb_are_refused_by_their_stated_length_before_any_of_it_is_read(world: Cast, path: str) -> None:
    client: Any = APIClient() if path.startswith("/api/") else Client()
    if path.startswith("/api/"):
        client.force_authenticate(world.aina)
    else:
        client.force_login(world.aina, backend=BACKEND)
    stated = {"CONTENT_TYPE": "multipart/form-data; boundary=xyz", "CONTENT_LENGTH": str(300 * 2**20)}
    answer = client.generic(
        "POST", path, b"", content_type=stated["CONTENT_TYPE"], **stated, **{"wsgi.input": Unread()}
    )
    assert answer.status_code == 413
    assert "300 MB; at most 50 MB" in answer.content.decode()
    assert not ImportBatch.objects.exists()


def test_a_bomb_is_refused_at_sight_and_nothing_is_kept(world: Cast, client: Client) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for number in range(3):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", b"0" * (150 * 2**20))
        archive.writestr(
            "noise.bin", b"".join(bytes([n * 37 % 256, n % 251]) for n in range(2**20)), zipfile.ZIP_STORED
        )
    client.force_login(world.aina, backend=BACKEND)
    answer = client.post("/exchange/orgs.site/import/", {"file": SimpleUploadedFile("bomb.xlsx", packed.getvalue())})
    assert len(packed.getvalue()) > importing.READ_INLINE_BELOW
    assert answer.status_code == 422
    assert "unreasonable size" in answer.content.decode()
    assert not ImportBatch.objects.exists()


def sent(world: Cast, client: Client, monkeypatch: pytest.MonkeyPatch, text: str) -> tuple[Any, ImportBatch]:
    monkeypatch.setattr(importing, "READ_INLINE_BELOW", 10)
    client.force_login(world.aina, backend=BACKEND)
    answer = client.post("/exchange/orgs.site/import/", {"file": SimpleUploadedFile("x.csv", text.encode())})
    return answer, ImportBatch.objects.get()


def test_a_large_file_is_read_in_the_background_and_again_after_a_crash(
    world: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "name,run by\n" + "".join(f"Site {number},Relief Society\n" for number in range(5))
    answer, batch = sent(world, client, monkeypatch, text)
    assert (answer["Location"], batch.state, batch.rows.count()) == (batch.get_absolute_url(), BatchState.READING, 0)
    assert client.get(f"/exchange/imports/{batch.pk}/columns/")["Location"] == batch.get_absolute_url()
    assert "being read" in client.get(batch.get_absolute_url()).content.decode()
    monkeypatch.setattr(importing, "READ_AT_ONCE", 2)
    advance = importing._advance
    monkeypatch.setattr(importing, "_advance", lambda *_: (_ for _ in ()).throw(MemoryError()))
    with pytest.raises(MemoryError):
        carry_out(batch.pk, BatchState.READING)
    monkeypatch.setattr(importing, "_advance", advance)
    ImportBatch.objects.update(state=BatchState.READING)
    carry_out(batch.pk, BatchState.READING)
    batch.refresh_from_db()
    assert (batch.state, batch.total, batch.rows.count()) == (BatchState.UPLOADED, 5, 5)
    assert "Site 0" in client.get(batch.get_absolute_url(), follow=True).content.decode()


def test_a_large_file_that_is_no_table_is_said_on_its_page(
    world: Cast, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    _answer, batch = sent(world, client, monkeypatch, "name,run by,only a header\n")
    carry_out(batch.pk, BatchState.READING)
    page = client.get(f"/exchange/imports/{batch.pk}/columns/", follow=True).content.decode()
    assert "no rows below it" in page
    assert "Choose another file" in page
