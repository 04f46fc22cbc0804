"""Registrars' pages: who opens them, what they do, and what they show nobody else."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from komek.accounts.models import User
from komek.records.models import ProtectedRead
from missing_persons.checking import NameGiven
from missing_persons.disputing import object_to
from missing_persons.joining import join
from missing_persons.models import Joining, Moderation, PairState, Person, Report, SuggestedPair, Visibility
from missing_persons.noting import verify_report
from missing_persons.pairs import Suggestion, keep_suggestions
from missing_persons.reporting import report_person
from tests.conftest import Cast, SignIn, actor
from tests.missing_persons.conftest import PUBLIC, QUAKE, Desk, Tell


@pytest.fixture
def browser(desk: Desk, sign_in: SignIn) -> Client:
    return sign_in(desk.nurjan)


def test_a_registrar_works_a_report_from_the_queue_to_the_public_and_back(
    browser: Client, tell: Tell, desk: Desk
) -> None:
    report = tell("Aman Ataev", "Аман Атаев", age_from=40, hair="grey", last_seen_text="Old bazaar")
    page = browser.get("/persons/waiting/")
    assert "Aman Ataev" in page.content.decode() and "grey" in page.content.decode()
    browser.post("/persons/waiting/", {"record": f"report-{report.pk}", "answer": "publish"})
    assert Person.objects.get().visibility == Visibility.PUBLIC
    address = report.person.get_absolute_url()
    assert "Аман Атаев" in browser.get(address).content.decode()
    assert ProtectedRead.objects.filter(reader=desk.nurjan, record_id=report.pk).exists()
    assert browser.get("/persons/?text=Aman Ataev").content.decode().count(report.person.code) >= 1
    refused = browser.post(f"{address}hide_report/{report.pk}/", {"why": ""})
    assert refused.status_code == 422
    browser.post(f"{address}hide_report/{report.pk}/", {"why": "the address is in the text"})
    report.refresh_from_db()
    assert (report.moderation, report.moderation_reason) == (Moderation.HIDDEN, "the address is in the text")
    assert browser.get(f"{address}note/").status_code == 200
    browser.post(
        f"{address}note/", {"status": "believed_alive", "text": "seen in tent 7", "occurred_at": "2026-03-03T10:00"}
    )
    note = report.person.notes.get()
    browser.post(f"{address}verify_note/{note.pk}/", {"why": "spoke to him"})
    assert Person.objects.get().status == "alive"
    history = browser.get(f"/history/missing_persons/report/{report.pk}/")
    assert "the address is in the text" in history.content.decode() and "Аман Атаев" in history.content.decode()
    assert browser.get(f"/history/missing_persons/person/{report.person_id}/").status_code == 200


def test_a_report_is_written_down_and_corrected_on_a_form(browser: Client, desk: Desk) -> None:
    given = {
        "kind": "found", "names": "Aýna Orazowa\nАйна", "sex": "female", "age": "35-45", "occurred_at": "2026-03-02T09:30",
        "languages": "turkmen, russian",
    }  # fmt: skip
    assert "age_to" not in browser.get("/persons/report/").content.decode()
    wrong = browser.post("/persons/report/", {**given, "age": "old"})
    assert wrong.status_code == 422 and "Aýna Orazowa" in wrong.content.decode(), "nothing typed is lost"
    assert browser.post("/persons/report/", {**given, "age": "200"}).status_code == 422
    assert browser.post("/persons/report/", given).status_code == 302
    report = Report.objects.get()
    assert (report.age_from, report.age_to, report.languages) == (35, 45, ["turkmen", "russian"])
    assert [(name.as_written, name.kind) for name in report.names.all()] == [
        ("Aýna Orazowa", "full"), ("Айна", "alternative"),
    ]  # fmt: skip
    form = browser.get(f"/persons/reports/{report.pk}/").content.decode()
    assert "35–45" in form and "turkmen, russian" in form
    browser.post(f"/persons/reports/{report.pk}/", {**given, "age": "", "birth_year": "1986"})
    report.refresh_from_db()
    assert (report.age_from, str(report.born_from), str(report.born_to)) == (None, "1986-01-01", "1986-12-31")


def test_pairs_are_answered_one_after_the_other_and_a_join_is_undone_from_the_page(
    browser: Client, tell: Tell, desk: Desk
) -> None:
    one, two, three = (tell(name).person for name in ("Aman Ataev", "Аман Атаев", "Aman Atayew"))
    evidence = [{"field": "name", "verdict": "compatible"}, {"field": "sex", "verdict": "equal"}]
    keep_suggestions(one, [Suggestion(two.pk, 0.9, evidence), Suggestion(three.pk, 0.5, evidence)])
    first, second = SuggestedPair.objects.order_by("-score")
    page = browser.get("/persons/pairs/", follow=True)
    assert page.redirect_chain[0][0] == f"/persons/pairs/{first.pk}/"
    assert "Аман Атаев" in page.content.decode() and "compatible" in page.content.decode()
    answered = browser.post(f"/persons/pairs/{first.pk}/", {"answer": "same", "keep": two.pk}, follow=True)
    two.refresh_from_db()
    assert two.reports.count() == 2
    joining = Joining.objects.get()
    assert f"/undo/{joining.pk}/" in answered.content.decode()
    assert "No pair waits" in browser.get("/persons/pairs/", follow=True).content.decode(), "the emptied entry is gone"
    assert browser.get(one.get_absolute_url()).url == two.get_absolute_url()
    browser.post(f"{two.get_absolute_url()}undo/{joining.pk}/", {"why": "other father"})
    second.refresh_from_db()
    assert two.reports.count() == 1 and second.state == PairState.OPEN
    browser.post(f"{one.get_absolute_url()}join/", {"other": three.pk, "why": "his sister says so"})
    three.refresh_from_db()
    assert three.joined_into == one
    form = browser.get(f"{one.get_absolute_url()}split/")
    assert form.status_code == 200
    browser.post(
        f"{one.get_absolute_url()}split/", {"reports": [three.moved_away.get().moved["report"][0]], "why": "no"}
    )
    three.refresh_from_db()
    assert three.joined_into is None


def test_an_objection_is_decided_on_its_page(browser: Client, tell: Tell) -> None:
    dispute = object_to(by=PUBLIC, person=tell().person, kind="danger", text="he beats me")
    assert "he beats me" in browser.get("/persons/objections/").content.decode()
    assert browser.get(f"/persons/objections/{dispute.pk}/").status_code == 200
    browser.post(f"/persons/objections/{dispute.pk}/", {"is_upheld": "yes", "decision": "she came in person"})
    person = Person.objects.get()
    assert person.is_held_back and "she came in person" in person.held_back_because


def test_others_are_kept_out(tell: Tell, desk: Desk, cast: Cast, sign_in: SignIn) -> None:
    report = tell("Aman Ataev")
    address = report.person.get_absolute_url()
    pages = ("/persons/", "/persons/waiting/", "/persons/pairs/", "/persons/objections/", "/persons/report/", address)
    for page in pages:
        assert Client().get(page).status_code == 302
        for user in (cast.oraz, cast.outsider, cast.pending):
            assert sign_in(user).get(page).status_code in (302, 403, 404), (page, user)

    def sees(user: User, page: str) -> int:
        return int(sign_in(user).get(page).status_code)

    assert [sees(desk.dowlet, page) for page in (address, "/persons/pairs/", "/persons/objections/")] == [404, 403, 403]
    assert "Aman" not in sign_in(desk.dowlet).get("/persons/").content.decode()
    assert sees(desk.dowlet, f"/persons/reports/{report.pk}/") == 404
    assert sees(desk.dowlet, f"/history/missing_persons/report/{report.pk}/") in (403, 404)
    assert "Aman" not in sign_in(desk.dowlet).get("/persons/waiting/").content.decode()


def test_a_photo_is_kept_with_its_report_and_looked_at_before_it_is_published(
    browser: Client, tell: Tell, desk: Desk, sign_in: SignIn, settings: object, tmp_path: object
) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    report, dead = tell(), tell("Bayram", kind="deceased")
    drawn = io.BytesIO()
    Image.new("RGB", (40, 60), "brown").save(drawn, "JPEG")
    refused = browser.post(f"/persons/reports/{report.pk}/photo/", {"photo": SimpleUploadedFile("a.pdf", b"%PDF-1.7")})
    assert refused.status_code == 422 and "PDF file, not a photo" in refused.content.decode()
    for one in (report, dead):
        sent = {"photo": SimpleUploadedFile("a.jpg", drawn.getvalue()), "is_public_agreed": "on"}
        assert browser.post(f"/persons/reports/{one.pk}/photo/", sent).status_code == 302
    photo, of_dead = report.photos.get(), dead.photos.get()
    waiting = browser.get("/persons/waiting/").content.decode()
    assert f"/persons/photos/{photo.pk}/" in waiting
    assert f"/persons/photos/{of_dead.pk}/" not in waiting, "of the dead, for protection officers only"
    assert f"/persons/photos/{of_dead.pk}/" in sign_in(desk.gozel).get("/persons/waiting/").content.decode()
    browser.post(f"/persons/photos/{photo.pk}/remove/")
    assert not report.photos.exists()


def test_another_organisations_registrar_learns_nothing_through_a_join(
    tell: Tell, desk: Desk, sign_in: SignIn, browser: Client
) -> None:
    by, operation = actor(desk.dowlet), desk.operation
    own = report_person(
        by=by, operation=operation, organisation=desk.cast.relief, kind="missing", names=[NameGiven("Selbi Orazowa")],
        occurred_at=QUAKE, age_from=30, consents_to_publish=True, last_seen_text="Old bazaar",
    )  # fmt: skip
    theirs = sign_in(desk.dowlet)
    address = own.person.get_absolute_url()
    assert "Old bazaar" in theirs.get("/persons/").content.decode() and theirs.get(address).status_code == 200
    found = tell("Selbi", kind="found", sex="female", last_seen_text="Women's house 4", consents_to_publish=False)
    verify_report(by=actor(desk.nurjan), operation=operation, report=found, how="spoke to her")
    join(by=actor(desk.nurjan), operation=operation, keep=own.person, other=found.person)
    assert "Women&#x27;s house 4" in browser.get(address).content.decode()
    page = theirs.get(address).content.decode()
    assert "Old bazaar" in page and "The public sees: missing" in page
    assert "house 4" not in page and "found alive" not in page
    for asked in ("/persons/", "/persons/?status=alive", "/persons/?text=Selbi Orazowa"):
        assert own.person.code not in theirs.get(asked).content.decode()
    assert theirs.get(f"/persons/reports/{own.pk}/").status_code == 200
    for other in (found.person.get_absolute_url(), f"/history/missing_persons/person/{own.person_id}/"):
        assert theirs.get(other).status_code in (403, 404)
