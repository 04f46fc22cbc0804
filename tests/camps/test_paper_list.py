"""Typing in a paper list: saved whole or not at all, once, with nothing typed lost; the scan kept and shown to few."""

from __future__ import annotations

import io
import re
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from camps.models import Household, ListScan, Person
from komek.web.models import Draft
from tests.camps.conftest import CampCast
from tests.conftest import Cast, SignIn

COLUMNS = ("number", "name", "sex", "age", "relation", "needs", "tent", "phone", "origin")


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def client(camps: CampCast, sign_in: SignIn) -> Client:
    return sign_in(camps.dowlet)


def url_of(camps: CampCast) -> str:
    return reverse("camps:paper_list", args=[camps.camp.code])


def typed(*lines: str, **fields: Any) -> dict[str, Any]:
    """What the browser sends: one text per row in each column."""
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    data: dict[str, Any] = {
        column: [row[place] if place < len(row) else "" for row in rows] for place, column in enumerate(COLUMNS)
    }
    return {**data, "row_id": [str(uuid4()) for _ in rows], "action": "save", **fields}


def photo(**options: Any) -> SimpleUploadedFile:
    out = io.BytesIO()
    picture = Image.new("RGB", (900, 1200), "white")
    exif = picture.getexif()
    exif[0x010F] = "Camera of Myrat"
    picture.save(out, "JPEG", exif=exif)
    return SimpleUploadedFile("list.jpg", out.getvalue(), "image/jpeg")


def test_a_list_is_entered_with_reporter_and_enterer_apart(camps: CampCast, client: Client) -> None:
    data = typed("1|Myrat|m|40|h||A-1", "|Aýna|f|38|s|p", "2|Baýram|m|50|h||A-2", "", reported_by="Block leader")
    answer = client.post(url_of(camps), data, follow=True)
    assert "Households: 2, people: 3." in answer.content.decode()
    household = Household.objects.get(head_name="Myrat")
    assert (household.reported_by, household.entered_by, household.shelter_unit) == (
        "Block leader",
        camps.dowlet,
        "A-1",
    )
    assert household.members.get(name="Aýna").needs == ["pregnant"]
    assert not Draft.objects.exists()


def test_the_same_list_sent_twice_enters_everybody_once(camps: CampCast, client: Client) -> None:
    data = typed("1|Myrat|m|40|h", "|Aýna|f|38|s")
    client.post(url_of(camps), data)
    client.post(url_of(camps), data)
    assert (Household.objects.count(), Person.objects.count()) == (1, 2)


def test_one_wrong_row_saves_nothing_is_named_and_loses_nothing(camps: CampCast, client: Client) -> None:
    answer = client.post(url_of(camps), typed("1|Myrat|m|40|h", "|Aýna|f|380", reported_by="Block leader"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert not Household.objects.exists()
    assert "Row 2" in page and "380 is not plausible" in page
    for page in (page, client.get(url_of(camps)).content.decode()):  # at once, and after the browser was closed
        assert 'value="Myrat"' in page and 'value="380"' in page and 'value="Block leader"' in page


def test_rows_keep_their_ids_while_being_corrected(camps: CampCast, client: Client) -> None:
    data = typed("1|Myrat|m|400|h")
    client.post(url_of(camps), data)
    page = client.get(url_of(camps)).content.decode()
    assert re.findall(r'name="row_id" value="([^"]+)"', page)[0] == data["row_id"][0]


def test_a_draft_kept_by_the_page_itself_is_there_again(camps: CampCast, client: Client) -> None:
    data = {**typed("1|Myrat|m|40|h"), "_form_key": url_of(camps)}
    assert client.post(reverse("draft"), data).status_code == 204
    page = client.get(url_of(camps)).content.decode()
    assert 'value="Myrat"' in page and "did not save it yet" in page


def test_more_rows_without_scripts_keep_what_was_typed(camps: CampCast, client: Client) -> None:
    answer = client.post(url_of(camps), typed("1|Myrat", action="more"), follow=True)
    page = answer.content.decode()
    assert page.count('name="row_id"') == 22  # 21 rows, and the empty one that scripts copy
    assert 'value="Myrat"' in page


def test_a_site_of_households_takes_a_shorter_list(camps: CampCast, client: Client) -> None:
    type(camps.camp).objects.filter(pk=camps.camp.pk).update(registration="households")
    data = {"number": ["1", "2"], "name": ["Myrat", "Aýna"], "people": ["6", "3"], "row_id": [str(uuid4())] * 2}
    data["row_id"] = [str(uuid4()), str(uuid4())]
    answer = client.post(url_of(camps), {**data, "action": "save"}, follow=True)
    assert "Households: 2, people: 9." in answer.content.decode()
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    ("lines", "fields", "sentence"),
    [
        (("", ""), {}, "The list is empty"),
        (("1|Myrat",), {"arrived_on": str(timezone.localdate().replace(year=2999))}, "lies in the future"),
        (("1|Myrat",), {"arrived_on": "yesterday"}, "Enter a valid date"),
    ],
)
def test_what_is_wrong_with_the_whole_list_is_said(
    camps: CampCast, client: Client, lines: Any, fields: Any, sentence: str
) -> None:
    answer = client.post(url_of(camps), typed(*lines, **fields))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_saving_costs_the_same_number_of_queries_however_long_the_list(camps: CampCast, client: Client) -> None:
    def queries(count: int) -> int:
        data = typed(*(f"{number}|Head {number}|m|40|h" for number in range(1, count + 1)))
        with CaptureQueriesContext(connection) as seen:
            assert client.post(url_of(camps), data).status_code == 302
        return len(seen)

    queries(1)
    assert queries(3) == queries(80)


def test_only_registrars_of_the_site_type_lists_in(camps: CampCast, cast: Cast, sign_in: SignIn) -> None:
    for stranger in (cast.lale, cast.oraz, cast.outsider, camps.gozel):
        answer = sign_in(stranger).post(url_of(camps), typed("1|Myrat"))
        assert answer.status_code in (302, 403, 404)
    assert not Household.objects.exists()
    assert Client().get(url_of(camps)).status_code == 302


def test_a_photo_is_kept_without_the_cameras_data_and_stands_beside_what_was_typed(
    camps: CampCast, client: Client
) -> None:
    answer = client.post(url_of(camps), typed("1|Myrat", action="upload", file=photo(), title="Block A"), follow=True)
    page = answer.content.decode()
    scan = ListScan.objects.get()
    assert reverse("camps:scan", args=[scan.pk]) in page and 'value="Myrat"' in page
    stored = scan.file.open().read()
    assert b"Camera of Myrat" not in stored
    assert Image.open(io.BytesIO(stored)).size == (900, 1200)
    client.post(url_of(camps), typed("1|Myrat", scan=scan.pk))
    assert Household.objects.get().scan == scan


def test_a_scan_is_served_only_to_those_who_may_see_names(
    camps: CampCast, cast: Cast, client: Client, sign_in: SignIn
) -> None:
    client.post(url_of(camps), typed("1|Myrat", action="upload", file=photo()))
    url = reverse("camps:scan", args=[ListScan.objects.get().pk])
    for reader in (camps.dowlet, camps.gozel, cast.aina):
        answer = sign_in(reader).get(url)
        assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (
            200, "image/jpeg", "private, no-store",
        )  # fmt: skip
    for blind in (cast.lale, cast.oraz, cast.outsider, cast.pending):
        assert sign_in(blind).get(url).status_code in (302, 403, 404)
    assert Client().get(url).status_code == 302


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<svg onload=alert(1)>", "neither a PDF nor a picture"),
        (b"%PDF-1.7 half of it", "cut off"),
        (b"\xff\xd8\xff\xe0 not a picture", "neither a PDF nor a picture"),
        (b"x" * (15 * 2**20 + 1), "larger than 15 MB"),
    ],
)
def test_a_file_that_is_no_scan_is_refused_and_what_was_typed_stays(
    camps: CampCast, client: Client, content: bytes, sentence: str
) -> None:
    file = SimpleUploadedFile("list.jpg", content, "image/jpeg")
    page = client.post(url_of(camps), typed("1|Myrat", action="upload", file=file), follow=True).content.decode()
    assert sentence in page and 'value="Myrat"' in page
    assert not ListScan.objects.exists()


def test_a_whole_pdf_is_kept_as_it_is(camps: CampCast, client: Client) -> None:
    content = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
    file = SimpleUploadedFile("list.pdf", content, "application/pdf")
    client.post(url_of(camps), typed("1|Myrat", action="upload", file=file))
    answer = client.get(reverse("camps:scan", args=[ListScan.objects.get().pk]))
    assert (answer["Content-Type"], b"".join(answer.streaming_content)) == ("application/pdf", content)  # type: ignore[attr-defined]


def test_the_scan_of_another_site_is_not_taken(camps: CampCast, cast: Cast, client: Client, sign_in: SignIn) -> None:
    other = reverse("camps:paper_list", args=[camps.other.code])
    sign_in(cast.lale).post(other, typed("1|Myrat", action="upload", file=photo()))
    client.post(url_of(camps), typed("1|Myrat", scan=ListScan.objects.get().pk))
    assert Household.objects.get().scan is None
