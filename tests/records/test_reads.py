"""Who looked at protected data is written down for good, and seen by those who watch over it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from komek.accounts.erasing import erase_account
from komek.accounts.models import User
from komek.accounts.roles import Role
from komek.operations.models import Operation
from komek.records.actor import SYSTEM, Actor, Channel
from komek.records.models import ProtectedRead
from komek.records.reads import log_read, log_reads, reads_of
from orgs.models import Site
from tests.conftest import Cast, actor, member, person, point

WHY = "asked for medicine"


@pytest.fixture
def clinic(cast: Cast) -> Site:
    return Site.objects.create(
        name="Clinic", organisation=cast.relief, operation=cast.operation, location=point(58, 38)
    )


@pytest.fixture
def officer(cast: Cast) -> User:
    """Protection officer of the whole operation."""
    made = person("Officer", current_operation=cast.operation)
    member(made, cast.ministry, Role.PROTECTION_OFFICER)
    return made


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_reading_keeps_who_what_why_and_where_but_not_what_was_read(cast: Cast, clinic: Site) -> None:
    read = log_read(by=actor(cast.murad, Channel.API), record=clinic, why=WHY, part="health")
    assert (read.reader, read.channel, read.part, read.why) == (cast.murad, Channel.API, "health", WHY)
    assert (read.record_code, read.operation, read.organisation_id) == (clinic.code, cast.operation, cast.relief.pk)
    assert list(reads_of(clinic)) == [read]
    assert "Clinic" not in str(ProtectedRead.objects.values())


def test_who_has_no_account_is_named(clinic: Site) -> None:
    read = log_read(by=Actor(user=None, channel=Channel.SMS, name="+99365123456"), record=clinic, why=WHY)
    assert (read.reader, read.reader_name) == (None, "+99365123456")


@pytest.mark.parametrize("why", ["", "   "])
def test_without_a_reason_nothing_is_read(cast: Cast, clinic: Site, why: str) -> None:
    with pytest.raises(ValidationError, match="why"):
        log_read(by=actor(cast.murad), record=clinic, why=why)


def test_many_are_written_in_one_statement(cast: Cast, clinic: Site, django_assert_num_queries: Any) -> None:
    sites = [clinic] * 50
    log_read(by=SYSTEM, record=clinic, why=WHY)
    with django_assert_num_queries(1):
        log_reads(by=actor(cast.murad), records=sites, why="export")
    assert ProtectedRead.objects.filter(why="export").count() == 50


@pytest.mark.parametrize("act", ["update", "delete", "sql"])
def test_a_reading_can_be_neither_changed_nor_deleted(cast: Cast, clinic: Site, act: str) -> None:
    read = log_read(by=actor(cast.murad), record=clinic, why=WHY)
    with pytest.raises(ProgrammingError, match="append_only|Cannot"), transaction.atomic():
        if act == "update":
            ProtectedRead.objects.update(why="nothing")
        elif act == "delete":
            read.delete()
        else:
            connection.cursor().execute("DELETE FROM records_protectedread")
    assert ProtectedRead.objects.get().why == WHY


def test_a_reading_outlives_record_reader_and_operation(cast: Cast, officer: User) -> None:
    other = Operation.objects.create(slug="other", name="Other")
    site = Site.objects.create(name="Tent", organisation=cast.relief, operation=other, location=point(58, 38))
    log_read(by=actor(cast.murad), record=site, why=WHY)
    site.delete()
    other.delete()
    erase_account(by=SYSTEM, user=cast.murad, reason="asked")
    log_read(by=actor(cast.lale), record=cast.relief, why=WHY, operation=cast.operation)
    page = signed_in(officer).get("/protected-reads/")
    assert page.status_code == 200
    assert ProtectedRead.objects.count() == 2


def test_protection_officers_and_administrators_see_the_list_and_nobody_else(
    cast: Cast, clinic: Site, officer: User, administrator: User
) -> None:
    log_read(by=actor(cast.murad), record=clinic, why=WHY)
    User.objects.filter(pk=administrator.pk).update(current_operation=cast.operation)
    for user in (officer, administrator):
        page = signed_in(user).get("/protected-reads/").content.decode()
        assert WHY in page
        assert "Murad" in page
        assert clinic.code in page
        assert "/protected-reads/" in signed_in(user).get("/").content.decode(), "it is in the menu"
    for user in (cast.aina, cast.murad, cast.oraz, cast.outsider, cast.pending):
        assert signed_in(user).get("/protected-reads/").status_code == 403
        assert "/protected-reads/" not in signed_in(user).get("/").content.decode()
    assert Client().get("/protected-reads/").status_code == 302


def test_an_organisations_officer_sees_readings_of_its_records_only(cast: Cast, clinic: Site) -> None:
    theirs = Site.objects.create(name="Well", organisation=cast.water, operation=cast.operation, location=point(58, 38))
    log_read(by=actor(cast.aina), record=clinic, why="of relief")
    log_read(by=actor(cast.aina), record=theirs, why="of water")
    member(cast.oraz, cast.relief, Role.PROTECTION_OFFICER)
    page = signed_in(cast.oraz).get("/protected-reads/").content.decode()
    assert "of relief" in page
    assert "of water" not in page


def test_readings_of_an_exercise_and_of_the_real_thing_do_not_mix(
    cast: Cast, clinic: Site, officer: User, exercise_operation: Operation
) -> None:
    log_read(by=actor(cast.murad), record=clinic, why=WHY)
    User.objects.filter(pk=officer.pk).update(current_operation=exercise_operation)
    page = signed_in(officer).get("/protected-reads/")
    assert WHY not in page.content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("who=mura", True), ("who=lale", False), ("part=health", True), ("part=dna", False), ("since=2020-01-01", True),
        ("since=2099-01-01", False), ("until=2020-01-01", False), ("until=2099-01-01", True), ("code=C9", False),
        ("since=31.02.2026", True), ("who=%00", None),
    ],
)  # fmt: skip
def test_the_list_is_filtered(cast: Cast, clinic: Site, officer: User, query: str, found: bool | None) -> None:
    log_read(by=actor(cast.murad), record=clinic, why=WHY, part="health")
    answer = signed_in(officer).get(f"/protected-reads/?{query}")
    assert answer.status_code == 200
    if found is not None:
        assert (WHY in answer.content.decode()) is found
    assert WHY in signed_in(officer).get(f"/protected-reads/?code={clinic.code.lower()}").content.decode()


def test_the_list_costs_the_same_for_few_and_for_many_and_exports(cast: Cast, clinic: Site, officer: User) -> None:
    client = signed_in(officer)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/protected-reads/")
        return len(captured)

    log_read(by=actor(cast.murad), record=clinic, why=WHY)
    queries()
    few = queries()
    log_reads(by=actor(cast.lale), records=[clinic, cast.relief, cast.water] * 10, why=WHY, operation=cast.operation)
    assert queries() == few
    lines = b"".join(client.get("/protected-reads/?export=csv")).decode().splitlines()  # type: ignore[arg-type]
    assert len(lines) == 32
