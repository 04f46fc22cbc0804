"""Another registry's feed is pulled from where the last pull ended; a desk brings files in on a page and takes them back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from komek.accounts.authority import NotAllowed
from komek.records.actor import Actor, Channel
from missing_persons.models import Moderation, Note, PfifRun, Report, Repository
from missing_persons.pfif import pulling, tasks
from missing_persons.pfif.pulling import keep_repository, pull
from missing_persons.pfif.runs import own_domain
from missing_persons.refusals import Refused
from tests.conftest import SignIn
from tests.missing_persons.conftest import Desk
from tests.missing_persons.test_pfif_import import DATA, HEAD, note, one

pytestmark = pytest.mark.django_db


class Other(BaseHTTPRequestHandler):
    """Another registry: answers with what was entered at ``min_entry_date`` or later, the oldest first, as PFIF has it."""

    entries: list[tuple[str, str, str]] = []
    asked: list[dict[str, str]] = []
    answer: tuple[int, bytes] | None = None

    def do_GET(self) -> None:  # noqa: N802 - the library's name
        query = {name: texts[0] for name, texts in parse_qs(urlsplit(self.path).query).items()}
        type(self).asked.append(query)
        kind = urlsplit(self.path).path.strip("/")
        if self.answer is not None and kind == "persons":
            status, body = self.answer
        else:
            rows = [row for row in self.entries if row[0] == kind and row[1] >= query["min_entry_date"]]
            begin = int(query["skip"])
            page = rows[begin : begin + int(query["max_results"])]
            status, body = 200, (HEAD + "".join(row[2] for row in page) + "</pfif:pfif>").encode()
        self.send_response(status)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def other() -> Iterator[type[Other]]:
    class Fresh(Other):
        entries: list[tuple[str, str, str]] = []
        asked: list[dict[str, str]] = []

    server = ThreadingHTTPServer(("127.0.0.1", 0), Fresh)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Fresh.address = f"http://127.0.0.1:{server.server_port}"  # type: ignore[attr-defined]
    yield Fresh
    server.shutdown()
    server.server_close()


@pytest.fixture
def repository(desk: Desk, other: Any) -> Repository:
    return keep_repository(
        by=Actor(user=desk.cast.aina, channel=Channel.BROWSER), operation=desk.operation, name="A", domain="a.example",
        persons_url=f"{other.address}/persons", notes_url=f"{other.address}/notes", access_key="open sesame", is_pulled=True,
        publishes=True,
    )  # fmt: skip


def entered(minute: int) -> str:
    return f"2026-03-02T10:{minute:02d}:00Z"


def test_a_pull_takes_pages_until_the_end_and_the_next_only_what_is_new(
    desk: Desk, other: Any, repository: Repository, monkeypatch: Any
) -> None:
    monkeypatch.setattr(pulling, "PAGE", 2)
    # Five records of one moment fill more than two pages.
    moments = [0, 1, 1, 1, 1, 1, 2]
    other.entries = [
        ("persons", entered(at), one(f"a.example/{n}", entered=entered(at))) for n, at in enumerate(moments)
    ]
    about = note("a.example/n1", "a.example/3", entered=entered(3))
    other.entries += [("notes", entered(3), about), ("notes", entered(4), note("a.example/n2", f"{own_domain()}/P0"))]
    run = pull(repository)
    assert run is not None and run.counts["new"] == 7 and run.counts["notes_new"] == 1
    assert [fault.kind for fault in run.faults.all()] == ["person_not_here"]
    assert Note.objects.get().report.source_record_id == "a.example/3"
    assert {query["key"] for query in other.asked} == {"open sesame"}
    report = Report.objects.get(source_record_id="a.example/0")
    assert (report.channel, report.moderation, report.entered_by) == ("feed", "published", None)

    repository.refresh_from_db()
    other.asked.clear()
    other.entries = [entry for entry in other.entries if "n2" not in entry[2]]
    assert pull(Repository.objects.get()) is None and PfifRun.objects.count() == 1
    assert other.asked[0]["min_entry_date"] == entered(2)
    other.entries.append(("persons", entered(9), one("a.example/9", entered=entered(9))))
    again = pull(Repository.objects.get())
    assert again is not None and again.counts["new"] == 1 and Report.objects.count() == 8


def test_what_goes_wrong_stands_on_the_registry_and_costs_nothing(
    desk: Desk, other: Any, repository: Repository
) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "c">]>' + HEAD + one("a.example/1") + "</pfif:pfif>"
    bad = [(403, b""), (302, b""), (500, b""), (200, b"<html></html>"), (200, b"no xml"), (200, bomb.encode())]
    said = []
    for answer in bad:
        other.answer = answer
        assert pull(repository) is None
        said.append(repository.problem)
    assert len(set(said)) == 6 and all(said) and not Report.objects.exists()
    other.answer = (200, (HEAD + one("a.example/1") + one("evil.example/2") + "</pfif:pfif>").encode())
    run = pull(repository)
    assert run is not None and run.counts == {"new": 1, "lost": 1} and repository.problem == ""
    repository.persons_url = "http://127.0.0.1:9/"
    assert pull(repository) is None and repository.problem


def test_only_coordinators_say_whose_feeds_are_pulled(desk: Desk, other: Any, repository: Repository) -> None:
    with pytest.raises(NotAllowed):
        keep_repository(
            by=Actor(user=desk.nurjan, channel=Channel.BROWSER), operation=desk.operation, name="B", domain="b.example"
        )
    for wrong in ({"domain": "a.example"}, {"domain": "x y"}, {"name": " "}, {"persons_url": "file:///etc/passwd"}):
        given = {"name": "B", "domain": "b.example", **wrong}
        with pytest.raises(Refused) as refused:
            keep_repository(by=Actor(user=desk.cast.aina, channel=Channel.BROWSER), operation=desk.operation, **given)
        assert set(refused.value.message_dict) == set(wrong)


def test_a_registrar_brings_a_file_in_reads_what_was_wrong_and_takes_it_back(
    desk: Desk, sign_in: SignIn, monkeypatch: Any, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    started: list[int] = []
    monkeypatch.setattr(tasks, "start", lambda run: started.append(run.pk))
    browser = sign_in(desk.nurjan)
    text = HEAD + one("a.example/1") + one("b.example/2") + "</pfif:pfif>"
    wrong = {"file": SimpleUploadedFile("x.xml", b"x"), "domain": own_domain()}
    answer = browser.post("/pfif/", wrong)
    assert answer.status_code == 422 and own_domain() in answer.content.decode()
    answer = browser.post(
        "/pfif/", {"file": SimpleUploadedFile("x.xml", text.encode()), "domain": "a.example"}, follow=True
    )
    page = answer.content.decode()
    assert answer.status_code == 200 and "b.example" in page and "x.xml" in page
    run = PfifRun.objects.get()
    assert run.counts == {"new": 1, "lost": 1} and run.file.name.startswith("protected/")
    table = b"".join(browser.get(f"/pfif/runs/{run.pk}/faults.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert "b.example/2" in table
    assert "x.xml" in browser.get("/pfif/").content.decode()
    assert Report.objects.get().moderation == Moderation.WAITING
    browser.post(f"/pfif/runs/{run.pk}/publish/")
    assert Report.objects.get().person.visibility == "public"
    assert f"/pfif/runs/{run.pk}/publish/" not in browser.get(f"/pfif/runs/{run.pk}/").content.decode()
    browser.post(f"/pfif/runs/{run.pk}/reverse/")
    assert started == [run.pk]
    tasks.work_on_run(run.pk)
    assert not Report.objects.exists()
    assert browser.get(f"/pfif/runs/{run.pk}/").status_code == 200

    for user in (desk.dowlet, desk.cast.oraz):
        outside = sign_in(user)
        for address in ("/pfif/", f"/pfif/runs/{run.pk}/", f"/pfif/runs/{run.pk}/faults.csv", "/pfif/registries/add/"):
            assert outside.get(address).status_code == 403
        for step in ("reverse", "publish", "go-on"):
            assert outside.post(f"/pfif/runs/{run.pk}/{step}/").status_code == 403
    assert browser.get("/pfif/registries/add/").status_code == 403
    coordinator = sign_in(desk.cast.aina)
    given = {"name": "A", "domain": "a.example", "persons_url": "https://a.example/feed", "access_key": "sesame"}
    assert coordinator.post("/pfif/registries/add/", given).status_code == 302
    kept = Repository.objects.get()
    shown = coordinator.get(f"/pfif/registries/{kept.pk}/").content.decode()
    assert "sesame" not in shown
    coordinator.post(f"/pfif/registries/{kept.pk}/", {**given, "name": "B", "access_key": ""})
    kept.refresh_from_db()
    assert (kept.name, kept.access_key) == ("B", "sesame")


def test_the_command_brings_a_file_in_and_says_what_stops_it(desk: Desk, capsys: Any) -> None:
    desk.nurjan.email = "nurjan@example.org"
    desk.nurjan.save()
    file = str(DATA / "test.pfif-1.2.xml")
    who = {"user": "nurjan@example.org", "operation": desk.operation.slug}
    call_command("import_pfif", file, domain="google.com", check=True, **who)
    assert "1 persons and 4 notes" in capsys.readouterr().out and not PfifRun.objects.exists()
    call_command("import_pfif", file, domain="google.com", **who)
    assert "new persons: 1" in capsys.readouterr().out
    run = PfifRun.objects.get()
    call_command("import_pfif", reverse=run.pk, **who)
    assert not Report.objects.exists()
    for wrong in (
        {"domain": "a b"},
        {"domain": "x.example", "operation": "none"},
        {"domain": "x.example", "user": "nobody"},
    ):
        with pytest.raises(CommandError):
            call_command("import_pfif", file, **{**who, **wrong})


def test_a_run_whose_machine_died_is_taken_up(desk: Desk, monkeypatch: Any) -> None:
    started: list[int] = []
    monkeypatch.setattr(tasks, "start", lambda run: started.append(run.pk))
    old = timezone.now() - timedelta(minutes=10)
    made = [
        PfifRun.objects.create(
            operation=desk.operation, domain="a.example", file_name="x", file=file, state=state, beat_at=old
        )
        for file, state in (("f", "running"), ("", "running"), ("", "reversing"), ("f", "done"))
    ]
    assert tasks.go_on_with_stopped() == 2 and started == [made[2].pk, made[0].pk]
