"""Reporting, following, objecting and being told, without an account; bad input is told in a sentence and nothing typed is lost."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from missing_persons.models import Dispute, Moderation, Note, Person, Photo, PublicDraft, Report, UseCount
from missing_persons.public.addresses import sealed
from missing_persons.public.drafts import KEPT, forget_drafts
from missing_persons.publishing import publish
from tests.conftest import actor
from tests.missing_persons.conftest import Desk
from tests.missing_persons.public.conftest import Listed, jpeg

pytestmark = pytest.mark.django_db


def fields(**said: Any) -> dict[str, Any]:
    return {
        "name": "Aman Ataev", "sex": "male", "age": "31", "reported_by": "Maral", "reporter_phone": "+99365123456",
        "consents_to_publish": "on", "lang": "en", **said,
    }  # fmt: skip


def test_a_report_waits_until_a_registrar_releases_it_and_is_followed_by_code_and_key(
    desk: Desk, phone: Client
) -> None:
    sent = fields(
        entry=phone.get("/find/report/missing/").context["entry"], last_seen_text="bazaar", photo=jpeg(place=True),
        photo_agreed="on",
    )  # fmt: skip
    answer = phone.post("/find/report/missing/?lang=en", sent, follow=True)
    report = Report.objects.get()
    assert (report.kind, report.moderation, report.age_from, report.entered_by) == ("missing", "waiting", 31, None)
    assert report.code in answer.content.decode() and report.follow_key in answer.content.decode()
    photo = Photo.objects.get()
    assert photo.is_public_agreed and b"Secret" not in photo.file.read() and photo.small.size < photo.file.size
    assert "Nobody was found" in phone.get("/find/", {"name": "Aman Ataev"}).content.decode()
    again = phone.post("/find/report/missing/?lang=en", {**sent, "photo": ""})
    assert again.status_code == 302 and Report.objects.count() == 1, "sent twice over a bad line it is one"
    publish(by=actor(desk.nurjan), operation=desk.operation, record=report)
    assert "card person" in phone.get("/find/", {"name": "Aman Ataev"}).content.decode()
    key = {"code": report.code, "key": report.follow_key}
    page = phone.get("/find/follow/", key).content.decode()
    assert "can be found by who searches" in page and "bazaar" not in page
    early = {
        "what": "believed_alive",
        "day": (report.occurred_at - timedelta(days=3)).date().isoformat(),
        "text": "seen",
    }
    wrong = phone.post("/find/follow/answer/", {**key, **early})
    assert (
        wrong.status_code == 422
        and "lies before the day" in wrong.content.decode()
        and "seen" in wrong.content.decode()
    )
    phone.post("/find/follow/answer/", {**key, "what": "believed_alive", "text": "He called."})
    note = Note.objects.get()
    assert (note.moderation, note.person_id) == ("waiting", report.person_id)
    phone.post("/find/follow/answer/", {**key, "answer": "hide"})
    report.refresh_from_db()
    assert not report.consents_to_publish and report.moderation == Moderation.WAITING
    assert "Nobody was found" in phone.get("/find/", {"name": "Aman Ataev"}).content.decode()
    assert phone.post("/find/follow/answer/", {**key, "key": "0" * 20, "answer": "hide"}).status_code == 404


@pytest.mark.parametrize(
    ("which", "said", "words"),
    [
        ("missing", {"name": ""}, "Write the name, as complete"),
        ("missing", {"name": "\u202e \u200b"}, "Write the person"),
        ("missing", {"name": "12 34"}, "Write the person"),
        ("missing", {"name": "ж" * 10_000}, "10000 characters; a name has at most 300"),
        ("missing", {"age": "200"}, "Nobody is that old"),
        ("missing", {"age": "45-35"}, "younger age first"),
        ("missing", {"age": "old"}, "Write the age as a number"),
        ("missing", {"day": "2999-01-01"}, "yet to come"),
        ("missing", {"reporter_email": "nobody"}, "not an e-mail address"),
        ("missing", {"description": "x" * 5_001}, "5000 characters"),
        ("found", {"day": "2026-02-01", "missing_day": "2026-02-05"}, "lies before the day"),
        ("found", {"name": "", "description": ""}, "describe the person"),
        ("safe", {"name": ""}, "Write the name, as complete"),
    ],
)
def test_bad_input_gets_a_sentence_and_what_was_typed_stays(
    desk: Desk, phone: Client, which: str, said: dict[str, Any], words: str
) -> None:
    page = phone.post(f"/find/report/{which}/?lang=en", fields(home_text="Garden Street 5", **said))
    text = page.content.decode()
    assert page.status_code == 422 and words in text and "Garden Street 5" in text
    assert not Report.objects.exists() and not Person.objects.exists()


def test_control_and_turning_characters_are_taken_out_of_what_is_kept(desk: Desk, phone: Client) -> None:
    phone.post(
        "/find/report/missing/?lang=en", fields(name="Aman\u202e\x07\u200b Ata\u2066ev", circumstances="a\x1bb\nc")
    )
    report = Report.objects.get()
    assert report.names.get().as_written == "Aman Ataev" and report.circumstances == "ab\nc"
    assert phone.post("/find/report/missing/?lang=en", fields(name="A\x00b Cd")).status_code in (400, 422)


def test_a_file_that_is_no_photo_is_refused_and_a_good_photo_outlives_a_faulty_form(
    desk: Desk, phone: Client, media: Path
) -> None:
    pdf = SimpleUploadedFile("photo.jpg", b"%PDF-1.7 ...", "image/jpeg")
    page = phone.post("/find/report/missing/?lang=en", fields(photo=pdf))
    assert page.status_code == 422 and "This is a PDF file" in page.content.decode() and not Report.objects.exists()
    page = phone.post("/find/report/missing/?lang=en", fields(photo=jpeg(), age="200", photo_agreed="on"))
    assert "Your photo is kept" in page.content.decode() and not Report.objects.exists()
    russian = phone.post("/find/report/missing/?lang=en", fields(draft=page.context["draft_token"], in_language="ru"))
    assert '<html lang="ru"' in russian.content.decode() and 'value="Aman Ataev"' in russian.content.decode()
    phone.post("/find/report/missing/?lang=en", fields(draft=russian.context["draft_token"], photo_agreed="on"))
    assert Photo.objects.get().report == Report.objects.get() and not PublicDraft.objects.exists()


def test_a_form_is_saved_and_gone_on_with_by_its_link_alone_and_forgotten_after_a_week(
    desk: Desk, phone: Client, media: Path, django_capture_on_commit_callbacks: Any
) -> None:
    saved = phone.post(
        "/find/report/missing/?lang=en", fields(age="200", save="1", photo=jpeg(), home_text="Gar\0den"), follow=True
    )
    address = saved.redirect_chain[-1][0]
    page = Client().get(address).content.decode()
    assert 'value="200"' in page and 'value="Aman Ataev"' in page and "Keep this address" in page
    kept = PublicDraft.objects.get()
    assert kept.token_hash not in address and Client().get("/find/form/guess/").status_code == 404
    PublicDraft.objects.update(saved_at=timezone.now() - KEPT)
    assert Client().get(address).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        assert forget_drafts() == 1
    assert not [file for file in media.rglob("*") if file.is_file()]


def test_five_hundred_reports_from_one_phone_come_to_a_question_and_then_to_an_end(desk: Desk, phone: Client) -> None:
    phone.get("/find/report/missing/")
    answers = [phone.post("/find/report/missing/?lang=en", fields(name=f"Aman Ataev {n * 'a'}b")) for n in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 4 + [429] * 2 and Report.objects.count() == 4
    assert (
        "Answer this, and go on" in answers[-1].content.decode() and "Aman Ataev aaaaab" in answers[-1].content.decode()
    )
    UseCount.objects.filter(action="report").update(count=499)
    refused = phone.post("/find/report/missing/?lang=en", fields())
    assert refused.status_code == 429 and "Wait an hour" in refused.content.decode() and Report.objects.count() == 4


def test_a_child_found_alone_is_never_found_by_the_public(desk: Desk, phone: Client) -> None:
    phone.post("/find/report/found/?lang=en", fields(name="Jeren Kakaeva", age="6", company="alone"))
    report = Report.objects.get()
    assert report.moderation == Moderation.HELD and report.person.is_child_alone
    assert "Nobody was found" in phone.get("/find/", {"name": "Jeren Kakaeva"}).content.decode()
    phone.post("/find/report/found/?lang=en", fields(name="", description="a girl, red coat", age=""))
    assert Report.objects.latest("pk").kind == "unidentified_living"


def test_who_finds_himself_listed_objects_without_saying_who_he_is_and_danger_hides_at_once(
    listed: Listed, phone: Client
) -> None:
    report = listed("Aman Ataev")
    address = f"/find/person/{sealed('person', report.person_id)}/objection/?lang=en"
    assert address.split("objection")[0] in phone.get("/find/", {"name": "Aman Ataev"}).content.decode()
    assert phone.post(address, {"kind": "wrong", "text": ""}).status_code == 422
    assert phone.post(address, {"kind": "me"}).status_code == 200
    assert Dispute.objects.get().state == "open"
    assert "hidden now" in phone.post(address, {"kind": "danger", "text": "he looks for me"}).content.decode()
    assert "Nobody was found" in phone.get("/find/", {"name": "Aman Ataev"}).content.decode()
    assert phone.get(address).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_news_are_asked_for_confirmed_by_a_code_and_ended_by_one_press(listed: Listed, phone: Client) -> None:
    report = listed("Aman Ataev")
    address = f"/find/person/{sealed('person', report.person_id)}/news/?lang=en"
    assert phone.post(address, {}).status_code == 422
    step = phone.post(address, {"email": "maral@example.org"})
    code = re.search(r"\d{6}", mail.outbox[0].body)[0]  # type: ignore[index]
    assert phone.post(step["Location"], {"code": "x"}).status_code == 422
    assert "You will be told" in phone.post(step["Location"], {"code": code}, follow=True).content.decode()
    told = report.person.subscriptions.get()
    stop = f"/find/no-more/{told.stop_key}/"
    phone.get(stop)
    told.refresh_from_db()
    assert told.confirmed_at and told.ended_at is None
    phone.post(stop)
    told.refresh_from_db()
    assert told.ended_at
