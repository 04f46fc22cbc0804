"""Other registries pull what is public, with a key; nothing else, and nothing personal without an entitled key."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from komek.accounts.models import User
from komek.api.tokens import issue_token
from komek.records.actor import Actor, Channel
from komek.records.models import ProtectedRead
from missing_persons.erasing import expire_due
from missing_persons.models import Moderation, Note, Person, Report, ReportKind
from missing_persons.noting import add_note_by_public
from missing_persons.pfif.reading import read
from missing_persons.pfif.records import Fault, PfifNote, PfifPerson
from missing_persons.pfif.runs import begin_run, carry_out, own_domain
from missing_persons.refreshing import refresh
from tests.missing_persons.conftest import PUBLIC, Desk, Tell
from tests.missing_persons.test_pfif_import import bring, one

pytestmark = pytest.mark.django_db


def key_of(user: User, *scopes: str, operation: Any = None) -> str:
    by = Actor(user=user, channel=Channel.BROWSER)
    return issue_token(by=by, name="feed", scopes=scopes or ("pfif:read",), operation=operation)[1]


def publish(*reports: Report) -> None:
    """As the desk does; and so long ago that nobody waits for it."""
    Report.objects.filter(pk__in=[report.pk for report in reports]).update(moderation=Moderation.PUBLISHED)
    refresh(Person.objects.filter(pk__in=[report.person_id for report in reports]))
    settle()


def settle() -> None:
    moment = timezone.now() - timedelta(minutes=2)
    for model in (Person, Report, Note):
        model.objects.filter(updated_at__gt=moment).update(updated_at=moment)


def pull(desk: Desk, key: str, kind: str = "persons", **asked: Any) -> HttpResponse:
    return Client().get(f"/pfif/{desk.operation.slug}/{kind}", asked, headers={"Authorization": f"Bearer {key}"})


def records(answer: HttpResponse) -> tuple[list[PfifPerson], list[PfifNote]]:
    assert answer.status_code == 200, answer.content
    found = list(read(io.BytesIO(answer.content)))
    assert not [fault for fault in found if isinstance(fault, Fault)]
    return [one for one in found if isinstance(one, PfifPerson)], [one for one in found if isinstance(one, PfifNote)]


def test_a_public_report_is_given_without_anything_personal_unless_the_key_is_entitled(desk: Desk, tell: Tell) -> None:
    report = tell(
        "Aman Ataev", "Аман Атаев", age_from=35, age_to=40, home_text="Garaşsyzlyk 12, flat 3", description="a scar",
        reporter_email="maral@example.org",
    )  # fmt: skip
    said = add_note_by_public(
        by=PUBLIC, person=report.person, text="Seen at the station", status="believed_alive", author_phone="+99365000000",
        last_known_location="37.95,58.38",
    )  # fmt: skip
    waits = add_note_by_public(by=PUBLIC, person=report.person, text="a secret")
    Note.objects.filter(pk=said.pk).update(moderation=Moderation.PUBLISHED)
    publish(report)
    answer = pull(desk, key_of(desk.nurjan))
    persons, notes = records(answer)
    assert answer["Content-Type"].startswith("application/atom+xml")
    number = f"{own_domain()}/{report.code}"
    assert [one.person_record_id for one in persons] == [number]
    assert (persons[0].full_name, persons[0].sex) == (("Aman Ataev", "Аман Атаев"), "male")
    assert persons[0].age is not None and persons[0].age[0] >= 35
    assert [(note.note_record_id, note.status) for note in notes] == [
        (f"{own_domain()}/report.{report.code}", "believed_missing"),
        (f"{own_domain()}/note.{said.pk}", "believed_alive"),
    ]
    text = answer.content.decode()
    personal = ("Maral Ataeva", "+99365123456", "maral@example.org", "+99365000000", "37.95", "a scar", "Garaşsyzlyk")
    for word in (*personal, waits.text):
        assert word not in text
    assert not ProtectedRead.objects.exists()

    entitled = key_of(desk.nurjan, "pfif:read", "pfif_personal:read")
    for version in ("1.2", "1.3", "1.4"):
        text = pull(desk, entitled, "persons.xml", version=version).content.decode()
        assert all(word in text for word in personal) and waits.text not in text
    assert ProtectedRead.objects.filter(reader=desk.nurjan, record_id=report.person_id).count() == 3

    alone, by_themselves = records(pull(desk, key_of(desk.nurjan), "notes"))
    assert not alone and [note.text for note in by_themselves] == ["Seen at the station"]
    assert by_themselves[0].person_record_id == number
    assert b"+99365000000" in pull(desk, entitled, "notes").content
    assert ProtectedRead.objects.filter(reader=desk.nurjan, record_id=report.person_id).count() == 4
    assert records(pull(desk, key_of(desk.nurjan), omit_notes="yes"))[1] == []


def test_what_is_not_public_is_never_given(desk: Desk, tell: Tell) -> None:
    waits, held_back, refused = tell("Waits"), tell("Held Back"), tell("Not Agreed", consents_to_publish=False)
    child = tell("Child Alone", kind=ReportKind.FOUND, age_from=7, age_to=7, company="alone")
    dead, expired = tell("Dead Man", kind=ReportKind.DECEASED), tell("Expired Man")
    Person.objects.filter(pk=held_back.person_id).update(is_held_back=True)
    Report.objects.filter(pk=expired.pk).update(expiry_date=timezone.now() - timedelta(hours=1))
    publish(held_back, refused, child, dead, expired)
    assert waits.moderation == Moderation.WAITING
    for key in (key_of(desk.nurjan), key_of(desk.gozel, "pfif:read", "pfif_personal:read")):
        persons, notes = records(pull(desk, key))
        assert [one.person_record_id for one in persons] == [f"{own_domain()}/{expired.code}"]
        assert persons[0].is_placeholder and not notes
        assert not records(pull(desk, key, version="1.2"))[0]  # which knows no placeholders
        assert not records(pull(desk, key, "notes"))[1]


def test_what_was_erased_is_given_as_a_placeholder_and_does_not_come_back(desk: Desk) -> None:
    future = "2030-01-01T00:00:00Z"
    bring(desk, one("a.example/1", expiry_date=future), one("a.example/2"), publishes=True)
    Report.objects.filter(source_record_id="a.example/1").update(expiry_date=timezone.now() - timedelta(minutes=5))
    assert expire_due() == 1
    Report.objects.exclude(tombstoned_at=None).update(tombstoned_at=timezone.now() - timedelta(minutes=2))
    settle()
    persons, _notes = records(pull(desk, key_of(desk.nurjan)))
    assert {one.person_record_id: one.is_placeholder for one in persons} == {"a.example/1": True, "a.example/2": False}
    again = bring(desk, one("a.example/1", entered="2026-08-01T00:00:00Z", expiry_date=future), publishes=True)
    assert again.counts == {"same": 1}
    assert Report.objects.get(source_record_id="a.example/1").names.get().as_written == ""


def test_only_a_key_of_the_desk_for_this_operation_opens_a_feed(desk: Desk, tell: Tell) -> None:
    publish(tell("Aman Ataev"))
    for user in (desk.dowlet, desk.cast.oraz):
        assert pull(desk, key_of(user)).status_code == 403
    assert pull(desk, key_of(desk.nurjan, "organisations:read")).status_code == 403
    assert pull(desk, "kmk_guess").status_code == 401
    assert Client().get(f"/pfif/{desk.operation.slug}/persons").status_code in (401, 403)
    assert "Aman" in Client().get(f"/pfif/{desk.operation.slug}/persons", {"key": key_of(desk.nurjan)}).content.decode()
    assert pull(desk, key_of(desk.nurjan, "*:read")).status_code == 200
    browser = Client()
    browser.force_login(desk.dowlet, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get(f"/pfif/{desk.operation.slug}/persons").status_code in (401, 403)
    key = key_of(desk.nurjan)
    for bad in ({"version": "9"}, {"min_entry_date": "soon"}, {"skip": "-1"}, {"max_results": "x"}, {"skip": "999999"}):
        answer = pull(desk, key, **bad)
        assert answer.status_code == 400 and next(iter(bad)) in answer.content.decode()


def test_a_feed_is_read_page_by_page_from_where_the_last_pull_ended(
    desk: Desk, tell: Tell, django_assert_max_num_queries: Any
) -> None:
    reports = [tell(f"Person Number{letter}") for letter in "abcde"]
    publish(*reports)
    now = timezone.now()
    for place, report in enumerate(reports):
        Person.objects.filter(pk=report.person_id).update(updated_at=now - timedelta(minutes=50 - place))
    key = key_of(desk.nurjan)
    numbers = [f"{own_domain()}/{report.code}" for report in reports]

    def pulled(**asked: Any) -> list[str]:
        return [one.person_record_id for one in records(pull(desk, key, **asked))[0]]

    assert pulled() == numbers[::-1]
    since = (now - timedelta(minutes=48, seconds=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert pulled(min_entry_date=since) == numbers[2:]
    assert pulled(min_entry_date=since, skip=1, max_results=1) == numbers[3:4]
    Person.objects.filter(pk=reports[0].person_id).update(updated_at=timezone.now())
    assert numbers[0] not in pulled()  # half a minute has not passed
    with django_assert_max_num_queries(16):
        assert len(pulled()) == 4


def test_copies_keep_their_number_and_source_and_reports_of_one_person_are_linked(desk: Desk, tell: Tell) -> None:
    bring(
        desk,
        one("a.example/1", source_name="A", source_url="https://a.example/1", home_street="Secret street"),
        publishes=True,
    )
    copy, ours = Report.objects.get(), tell("Aýna Orazowa")
    Report.objects.filter(pk=ours.pk).update(person=copy.person)
    publish(copy, ours)
    persons, notes = records(pull(desk, key_of(desk.nurjan)))
    by_number = {one.person_record_id: one for one in persons}
    assert set(by_number) == {"a.example/1", f"{own_domain()}/{ours.code}"}
    assert (by_number["a.example/1"].source_name, by_number["a.example/1"].home_street) == ("A", "")
    links = [(note.person_record_id, note.linked_person_record_id) for note in notes if note.linked_person_record_id]
    assert links == [(f"{own_domain()}/{ours.code}", "a.example/1")]

    text = pull(desk, key_of(desk.nurjan), "persons.xml").content
    by = Actor(user=desk.nurjan, channel=Channel.IMPORT)
    run = begin_run(by=by, operation=desk.operation, domain="b.example", file_name="x", passes_on=True)
    carry_out(run, by=by, stream=io.BytesIO(text))
    assert Report.objects.count() == 2 and run.counts["ours"] == 3  # our person and the two notes we made
