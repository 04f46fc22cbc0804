"""PFIF comes in as reports and notes, once, under its own numbers; what is not to be trusted does not."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from komek.accounts.authority import NotAllowed
from komek.records.actor import Actor, Channel
from missing_persons.models import (
    Moderation,
    Note,
    Person,
    PfifRun,
    PfifTaken,
    Report,
    ReportKind,
    SuggestedPair,
    Visibility,
)
from missing_persons.pfif import runs
from missing_persons.pfif.releasing import release_run
from missing_persons.pfif.reversing import reverse_run
from missing_persons.pfif.runs import begin_run, carry_out, own_domain
from missing_persons.pfif.sentences import SENTENCES
from missing_persons.refusals import Refused
from tests.missing_persons.conftest import Desk, Tell

DATA = Path(__file__).parent / "data"
HEAD = '<pfif:pfif xmlns:pfif="http://zesty.ca/pfif/1.4">'
pytestmark = pytest.mark.django_db


def one(number: str, *, entered: str = "2026-03-02T10:00:00Z", **fields: str) -> str:
    given = {
        "person_record_id": number, "entry_date": entered, "source_date": "2026-03-01T10:00:00Z", "full_name": "Aýna Orazowa",
        **fields,
    }  # fmt: skip
    notes = given.pop("notes", "")
    return f"<pfif:person>{tags(given)}{notes}</pfif:person>"


def note(number: str, about: str, *, entered: str = "2026-03-02T11:00:00Z", **fields: str) -> str:
    given = {"note_record_id": number, "person_record_id": about, "entry_date": entered, "text": "seen", **fields}
    return f"<pfif:note>{tags(given)}</pfif:note>"


def tags(given: dict[str, str]) -> str:
    return "\n".join(f"<pfif:{name}>{value}</pfif:{name}>" for name, value in given.items() if value)


def bring(desk: Desk, *records: str, domain: str = "a.example", **how: Any) -> PfifRun:
    by = Actor(user=desk.nurjan, channel=Channel.IMPORT)
    run = begin_run(by=by, operation=desk.operation, domain=domain, file_name="x.xml", **how)
    return carry_out(run, by=by, stream=io.BytesIO((HEAD + "".join(records) + "</pfif:pfif>").encode()))


def kinds(run: PfifRun) -> list[str]:
    return list(run.faults.values_list("kind", flat=True))


def test_a_real_file_becomes_a_report_with_its_notes_and_the_second_time_nothing(desk: Desk) -> None:
    by = Actor(user=desk.nurjan, channel=Channel.IMPORT)
    for turn in (1, 2):
        run = begin_run(by=by, operation=desk.operation, domain="google.com", file_name="x.xml", publishes=True)
        with (DATA / "test.pfif-1.4.xml").open("rb") as file:
            carry_out(run, by=by, stream=file)
        assert run.counts == ({"new": 1, "notes_new": 4} if turn == 1 else {"same": 5})
    report = Report.objects.get()
    assert [name.as_written for name in report.names.all()] == [
        "_test_full_name1", "_test_full_name2", "_test_alternate_name1", "_test_alternate_name2",
    ]  # fmt: skip
    assert (report.source_record_id, report.is_clone) == ("test.google.com/person.21009", True)
    assert (report.kind, report.moderation) == (ReportKind.SAFE, Moderation.PUBLISHED)
    assert (report.age_from, report.age_to, report.sex) == (35, 45, "female")
    assert report.original["fields"]["home_city"].startswith("  _test_home_city")
    person = report.person
    assert (person.display_name, person.visibility) == ("_test_full_name1", Visibility.PUBLIC)
    notes = {note.source_record_id.rpartition(".")[2]: note for note in Note.objects.all()}
    assert notes["27009"].linked_record_id == "test.google.com/person.999"
    assert {note.person_id for note in notes.values()} == {person.pk}
    assert {note.report_id for note in notes.values()} == {report.pk}
    assert {note.verified_at for note in notes.values()} == {None}
    event = Report.pgh_event_model.objects.get(pgh_label="insert")  # type: ignore[attr-defined]
    assert event.pgh_context["user"] == desk.nurjan.pk and event.pgh_context["batch"].startswith("pfif ")


def test_only_the_newer_version_changes_a_record_and_a_run_is_taken_back_whole(desk: Desk) -> None:
    first = bring(desk, one("a.example/1"), one("a.example/2", notes=note("a.example/n2", "a.example/2")))
    bring(desk, one("a.example/1", entered="2026-03-01T00:00:00Z", full_name="Older"))
    assert Report.objects.get(source_record_id="a.example/1").names.get().as_written == "Aýna Orazowa"
    newer = {"entered": "2026-03-05T00:00:00Z", "full_name": "Aina Orazova", "sex": "female"}
    second = bring(
        desk,
        one("a.example/1", **newer),
        one("a.example/3"),
        note("a.example/n2", "a.example/2", entered="2026-03-06T00:00:00Z", text="again"),
    )
    assert second.counts == {"changed": 1, "new": 1, "notes_changed": 1}
    changed = Report.objects.get(source_record_id="a.example/1")
    assert (changed.names.get().as_written, changed.sex) == ("Aina Orazova", "female")
    assert changed.person.display_name == "Aina Orazova"

    reverse_run(second, by=Actor(user=desk.nurjan, channel=Channel.BROWSER))
    changed.refresh_from_db()
    assert (changed.names.get().as_written, changed.sex) == ("Aýna Orazowa", "unknown")
    assert Person.objects.get(pk=changed.person_id).display_name == "Aýna Orazowa"
    assert Note.objects.get().text == "seen"
    assert not Report.objects.filter(source_record_id="a.example/3").exists() and Person.objects.count() == 2

    Note.objects.update(verified_at=timezone.now())
    reverse_run(first, by=Actor(user=desk.nurjan, channel=Channel.BROWSER))
    assert [report.source_record_id for report in Report.objects.all()] == ["a.example/2"]
    assert first.counts["kept"] == 2
    with pytest.raises(Refused):
        reverse_run(first, by=Actor(user=desk.nurjan, channel=Channel.BROWSER))


def test_records_of_another_domain_and_our_own_coming_back_change_nothing(desk: Desk, tell: Tell) -> None:
    ours = tell("Aman Ataev")
    own = f"{own_domain()}/{ours.made_person.code}"
    run = bring(
        desk,
        one(own, full_name="Somebody Else", notes=note("a.example/n1", own)),
        one("b.example/1"),
        one("a.example.evil.example/1"),
        note(f"{own_domain()}/note.1", own, text="ours"),
    )
    assert run.counts == {"ours": 2, "notes_new": 1, "lost": 2}
    assert kinds(run) == ["foreign", "foreign"]
    assert [report.pk for report in Report.objects.all()] == [ours.pk]
    assert ours.names.get().as_written == "Aman Ataev"
    assert Note.objects.get().person_id == ours.person_id  # what others learnt about our people is welcome

    handed_on = bring(desk, one("b.example/1"), passes_on=True)
    assert handed_on.counts == {"new": 1}
    home = bring(desk, one("b.example/1", entered="2026-04-01T00:00:00Z", full_name="From Home"), domain="b.example")
    assert home.counts == {"changed": 1}
    again = bring(desk, one("b.example/1", entered="2026-05-01T00:00:00Z", full_name="Forged"), passes_on=True)
    assert kinds(again) == ["handed_on"]
    assert Report.objects.get(source_record_id="b.example/1").names.get().as_written == "From Home"


def test_a_note_that_two_records_are_one_person_is_a_suggestion_in_whatever_order_they_come(
    desk: Desk, tell: Tell
) -> None:
    ours = tell("Aýna Orazowa")
    bring(
        desk,
        one("a.example/1", notes=note("a.example/n1", "a.example/1", linked_person_record_id="a.example/2")),
        note("a.example/n2", f"{own_domain()}/{ours.code}", linked_person_record_id="a.example/1"),
    )
    assert SuggestedPair.objects.count() == 1
    bring(desk, one("a.example/2"))
    bring(desk, one("a.example/2", entered="2026-06-01T00:00:00Z"))
    keys = dict(Report.objects.values_list("source_record_id", "person_id"))
    assert set(SuggestedPair.objects.values_list("first_id", "second_id")) == {
        (keys[""], keys["a.example/1"]),
        (keys["a.example/1"], keys["a.example/2"]),
    }
    assert {pair.state for pair in SuggestedPair.objects.all()} == {"open"}


def test_a_death_and_a_child_alone_are_held_and_what_is_not_trusted_waits(desk: Desk) -> None:
    def says(number: str, status: str) -> str:
        return note(f"a.example/n{number}", f"a.example/{number}", status=status)

    bring(
        desk,
        one("a.example/1", notes=says("1", "believed_dead")),
        one("a.example/2", age="7", notes=says("2", "believed_alive")),
        one("a.example/3", age="40", notes=says("3", "believed_alive")),
        publishes=True,
    )
    waiting = bring(
        desk,
        one("a.example/4", notes=says("4", "is_note_author")),
        one("a.example/5", full_name="?", description="a scar on the left hand", notes=says("5", "believed_dead")),
    )
    by_number = {report.source_record_id[-1]: report for report in Report.objects.select_related("person")}
    found = {number: (report.kind, report.moderation, report.person.visibility) for number, report in by_number.items()}
    assert found == {
        "1": ("deceased", "held", "waiting"),
        "2": ("found", "held", "hidden"),
        "3": ("found", "published", "public"),
        "4": ("safe", "waiting", "waiting"),
        "5": ("unidentified_dead", "held", "waiting"),
    }
    assert by_number["5"].names.count() == 0
    assert release_run(waiting, by=Actor(user=desk.nurjan, channel=Channel.BROWSER)) == 1
    after = {report.source_record_id[-1]: report.moderation for report in Report.objects.all()}
    assert after == {"1": "held", "2": "held", "3": "published", "4": "published", "5": "held"}
    assert by_number["1"].person.status != "dead" and by_number["2"].person.is_child_alone
    assert Note.objects.get(source_record_id="a.example/n1").moderation == Moderation.HELD


def test_what_has_expired_is_not_taken_and_what_is_here_disappears(desk: Desk) -> None:
    past, future = "2026-03-03T00:00:00Z", "2030-01-01T00:00:00Z"
    bring(desk, one("a.example/1", expiry_date=future), one("a.example/2", expiry_date=past), publishes=True)
    assert [report.source_record_id for report in Report.objects.all()] == ["a.example/1"]
    assert Person.objects.get().expires_at is not None and Person.objects.get().visibility == Visibility.PUBLIC
    over = {"person_record_id": "a.example/1", "entry_date": "2026-03-09T00:00:00Z", "expiry_date": past}
    run = bring(desk, f"<pfif:person>{tags(over)}</pfif:person>", publishes=True)
    assert run.counts == {"expired": 1}
    assert Person.objects.get().visibility == Visibility.HIDDEN
    assert Person.objects.get().expires_at < timezone.now()


def test_notes_wait_for_persons_further_down_and_say_when_nobody_comes(desk: Desk, monkeypatch: Any) -> None:
    monkeypatch.setattr(runs, "AT_ONCE", 2)
    tomorrow = (timezone.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ")
    run = bring(
        desk,
        note("a.example/n1", "a.example/3"),
        note("a.example/n2", "a.example/nobody"),
        one("a.example/1", entered=tomorrow),
        one("a.example/2", full_name="x" * 10_000),
        one("a.example/3"),
    )
    assert run.counts == {"new": 2, "notes_new": 1, "lost": 2, "mended": 1}
    assert sorted(kinds(run)) == ["future", "name_too_long", "person_not_here"]
    assert {fault.kind for fault in run.faults.all()} <= set(SENTENCES)
    assert run.done == 6  # five records and the fault of a date


def test_a_run_that_stopped_goes_on_and_makes_nothing_twice(desk: Desk, monkeypatch: Any) -> None:
    monkeypatch.setattr(runs, "AT_ONCE", 2)
    by = Actor(user=desk.nurjan, channel=Channel.IMPORT)
    records = [note("a.example/n9", "a.example/9"), *(one(f"a.example/{number}") for number in range(10))]
    whole = (HEAD + "".join(records) + "</pfif:pfif>").encode()
    run = begin_run(by=by, operation=desk.operation, domain="a.example", file_name="x.xml")

    def power_cut(done: int) -> None:
        if done >= 4:
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        carry_out(run, by=by, stream=io.BytesIO(whole), progress=power_cut)
    assert (run.state, run.done, Report.objects.count()) == ("failed", 4, 3)
    carry_out(PfifRun.objects.get(pk=run.pk), by=by, stream=io.BytesIO(whole))
    run.refresh_from_db()
    assert (run.state, run.counts) == ("done", {"new": 10, "notes_new": 1})
    assert PfifTaken.objects.filter(run=run).count() == 11 and Report.objects.count() == 10


def test_only_the_desk_brings_records_in_and_our_own_domain_is_nobody_elses(desk: Desk) -> None:
    for user in (desk.dowlet, desk.cast.oraz):
        with pytest.raises(NotAllowed):
            begin_run(
                by=Actor(user=user, channel=Channel.IMPORT), operation=desk.operation, domain="a.example", file_name="x"
            )
    for domain in ("", "a b", "x/y", own_domain().upper()):
        with pytest.raises(Refused):
            begin_run(
                by=Actor(user=desk.nurjan, channel=Channel.IMPORT),
                operation=desk.operation,
                domain=domain,
                file_name="x",
            )
