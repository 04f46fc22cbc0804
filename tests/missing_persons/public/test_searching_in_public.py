"""The public finds a person by name; the person stays safe."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from missing_persons.joining import join
from missing_persons.models import Person, Photo, Report, UseCount
from missing_persons.photos import keep_photo, made_ready
from missing_persons.public.addresses import sealed
from missing_persons.public.challenge import SALT, _summands, fault_of_answer
from missing_persons.public.limits import Asker, count_use, forget_uses, network_of
from missing_persons.publishing import hold_back, keep_from_public
from tests.conftest import actor
from tests.missing_persons.conftest import PUBLIC, Desk, Tell
from tests.missing_persons.public.conftest import Listed, jpeg

NOTHING = "Nobody was found under this name"
SHOWN = "card person"


def search(phone: Client, name: str, **query: str) -> str:
    return phone.get("/find/", {"name": name, **query}).content.decode()


@pytest.mark.django_db
def test_a_mother_finds_her_son_in_latin_whom_the_camp_wrote_in_cyrillic_and_sees_little(
    listed: Listed, phone: Client
) -> None:
    listed(
        "Мухаммад Алиев", kind="found", age_from=31, age_to=33, last_seen_text="tent 7", home_text="Garden Street",
        company="family", circumstances="walks with a stick",
    )  # fmt: skip
    page = search(phone, "Muhammet Aliyev")
    assert "Мухаммад Алиев" in page and "found alive" in page or "not checked yet" in page
    assert "Age 25–34" in page or "Age 30–34" in page
    for secret in ("tent 7", "Garden Street", "+99365123456", "Maral", "stick", Person.objects.get().code):
        assert secret not in page
    entry = phone.get(f"/find/person/{sealed('person', Person.objects.get().pk)}/").content.decode()
    assert "Мухаммад Алиев" in entry and "tent 7" not in entry and "Maral" not in entry


@pytest.mark.django_db
def test_who_is_hidden_not_there_or_not_asked_for_closely_gives_the_same_answer_by_the_same_work(
    desk: Desk, listed: Listed, tell: Tell, phone: Client
) -> None:
    phone.get("/find/")
    listed("Berdi Orazow")
    tell("Kemal Waiting")
    listed("Gurban Hidden")
    hidden = Report.objects.latest("pk")
    hold_back(by=actor(desk.nurjan), operation=desk.operation, person=hidden.person, reason="in danger")
    child = tell("Jeren Child", kind="found", age_from=7, age_to=7, company="alone")
    assert child.person.is_child_alone or Person.objects.get(pk=child.person_id).is_child_alone
    queries, answers = set(), set()
    for name in ("Kemal Waiting", "Gurban Hidden", "Jeren Child", "Nobody Atall", "Berdi Other"):
        with CaptureQueriesContext(connection) as ran:
            page = search(phone, name)
        assert NOTHING in page, name
        queries.add(len(ran))
        answers.add(page.replace(name, "").replace(name.replace(" ", "+"), ""))
    assert len(answers) == 1
    with CaptureQueriesContext(connection) as ran:
        assert "Berdi Orazow" in search(phone, "Orazow Berdi")
    assert queries == {len(ran)}


@pytest.mark.django_db
def test_there_is_no_list_no_wildcard_and_no_counting_through_codes(listed: Listed, phone: Client) -> None:
    for age in range(20, 48, 4):
        listed("Aman Ataev", age_from=age, age_to=age)
    for asked in ("", "A", "Aman", "*", "% %", "A* A*", "_ _", "a b"):
        page = phone.get("/find/", {"name": asked})
        assert page.status_code in (200, 422) and "Aman Ataev" not in page.content.decode().replace(
            f'value="{asked}"', ""
        )
    assert "Many people have such a name" in search(phone, "Aman Ataev")
    assert "Aman Ataev" in search(phone, "Aman Ataev", age="20").split("<form")[0]
    first = Person.objects.order_by("pk")[0]
    assert phone.get(f"/find/person/{first.code}/").status_code == 404
    assert phone.get(f"/find/person/{first.pk:x}-{'0' * 22}/").status_code == 404
    seal = sealed("person", first.pk)
    assert phone.get(f"/find/person/{seal}/").status_code == 200
    assert phone.get(f"/find/photo/{seal}/small/").status_code == 404
    asked = {"code": first.code, "key": "0" * 20}
    wrong = phone.get("/find/follow/", asked)
    unknown = phone.get("/find/follow/", {**asked, "code": "P9995"})
    assert wrong.status_code == unknown.status_code or unknown.status_code == 422
    assert "Aman" not in wrong.content.decode()


@pytest.mark.django_db
def test_a_photo_is_shown_while_its_giver_agrees_and_the_person_is_public(
    desk: Desk, listed: Listed, phone: Client, sign_in: Any
) -> None:
    report = listed("Aman Ataev")
    agreed = keep_photo(by=PUBLIC, report=report, ready=made_ready(jpeg()), is_public_agreed=True)
    kept_back = keep_photo(by=PUBLIC, report=report, ready=made_ready(jpeg(500, 300)))
    page = search(phone, "Aman Ataev")
    small = f"/find/photo/{sealed('photo', agreed.pk)}/small/"
    assert small in page and agreed.file.name not in page
    shown = phone.get(small)
    assert shown.status_code == 200 and b"".join(shown.streaming_content)[:2] == b"\xff\xd8"  # type: ignore[attr-defined]
    assert phone.get(f"/find/photo/{sealed('photo', kept_back.pk)}/small/").status_code == 404
    assert phone.get(f"/persons/photos/{kept_back.pk}/").status_code == 302
    assert sign_in(desk.nurjan).get(f"/persons/photos/{kept_back.pk}/").status_code == 200
    assert sign_in(desk.cast.oraz).get(f"/persons/photos/{kept_back.pk}/").status_code == 404
    keep_from_public(by=actor(desk.nurjan), operation=desk.operation, record=report, reason="asked to")
    assert phone.get(small).status_code == 404


@pytest.mark.django_db
def test_an_alias_in_an_unpublished_report_is_not_told(desk: Desk, listed: Listed, tell: Tell, phone: Client) -> None:
    report, witness = listed("Aman Ataev"), tell("Aman Secretname")
    join(by=actor(desk.nurjan), operation=desk.operation, keep=report.person, other=witness.person)
    page = search(phone, "Aman Ataev")
    assert SHOWN in page and "Secretname" not in page
    assert NOTHING in search(phone, "Aman Secretname")


@pytest.mark.django_db
def test_who_asks_much_is_asked_a_question_then_refused_and_no_address_is_kept(listed: Listed, phone: Client) -> None:
    listed("Aman Ataev")
    phone.get("/find/")
    for n in range(15):
        assert NOTHING in search(phone, f"Somebody Number{'abcdefghijklmnop'[n]}x")
    page = search(phone, "Somebody Else")
    assert "plus" in page and NOTHING not in page and 'value="Somebody Else"' in page
    question = phone.get("/find/", {"name": "Aman Ataev"}).context["passage"].question
    nonce = signing.loads(question.seal, salt=SALT)
    answer = str(sum(_summands(nonce)))
    assert "too old" in search(phone, "Aman Ataev", sum="1", sum_seal="forged")
    assert SHOWN in search(phone, "Aman Ataev", sum=answer, sum_seal=question.seal)
    assert SHOWN in search(phone, "Aman Ataev"), "a solved question frees the next searches"
    assert fault_of_answer(question.seal, answer) == "That question was answered before. Here is a new one."
    UseCount.objects.filter(action="search").update(count=9_000)
    refused = phone.get("/find/", {"name": "Aman Ataev"})
    assert refused.status_code == 429 and "Wait an hour" in refused.content.decode()
    assert "127.0.0.1" not in str(list(UseCount.objects.values()))
    assert forget_uses(timezone.now() + timezone.timedelta(days=3)) and not UseCount.objects.exists()


def test_a_network_is_an_address_or_the_half_of_a_long_one() -> None:
    assert network_of("10.1.2.3") == "10.1.2.3/32"
    assert network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert network_of("nonsense") == "nonsense"


@pytest.mark.django_db
def test_many_reports_about_one_name_are_counted_whoever_sends_them() -> None:
    verdicts = [count_use("report", Asker(f"network{n}", f"device{n}"), "name") for n in range(7)]
    assert verdicts == ["free"] * 5 + ["ask"] * 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/find/", "/find/report/missing/", "/find/report/safe/", "/find/your-data/", "/find/follow/"]
)
def test_a_page_with_its_style_is_under_14_kb_in_any_language_and_can_be_passed_on(path: str, phone: Client) -> None:
    from django.contrib.staticfiles import finders

    style = len(gzip.compress(open(finders.find("missing_persons/public.css"), "rb").read()))  # noqa: SIM115, PTH123
    for language in ("ru", "tk"):
        page = phone.get(path, {"lang": language})
        assert page["Content-Language"] == language and f'<html lang="{language}"' in page.content.decode()
        assert len(gzip.compress(page.content)) + style < 14 * 1024
        assert b"<script" not in page.content and f"lang={language}".encode() in page.content
        assert "noindex" in page["X-Robots-Tag"] and "no-store" in page["Cache-Control"]


@pytest.mark.django_db
def test_registrars_add_photos_and_take_them_away_for_everybody(
    desk: Desk, listed: Listed, phone: Client, sign_in: Any
) -> None:
    report = listed("Aman Ataev")
    address = f"/persons/reports/{report.pk}/photo/"
    assert sign_in(desk.cast.oraz).get(address).status_code == 404
    registrar = sign_in(desk.nurjan)
    assert registrar.get(address).status_code == 200
    assert registrar.post(address, {"photo": SimpleUploadedFile("a.jpg", b"%PDF-1.7")}).status_code == 422
    assert registrar.post(address, {"photo": jpeg(), "is_public_agreed": "on"}).status_code == 302
    photo = Photo.objects.get()
    shown = f"/find/photo/{sealed('photo', photo.pk)}/large/"
    assert phone.get(shown).status_code == 200
    assert sign_in(desk.cast.oraz).post(f"/persons/photos/{photo.pk}/remove/").status_code == 404
    assert registrar.post(f"/persons/photos/{photo.pk}/remove/").status_code == 302
    assert phone.get(shown).status_code == 404 and not Photo.objects.exists()
