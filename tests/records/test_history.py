"""History is written by the database: by any path, with the actor; and nobody rewrites it."""

from __future__ import annotations

import pgtrigger
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from komek.records.actor import Actor, Channel, acting
from komek.records.changes import changes_of
from orgs.models import Organisation, Site
from tests.conftest import Cast

BY = Channel.IMPORT


def as_aina(cast: Cast) -> Actor:
    return Actor(user=cast.aina, channel=BY, reason="because", batch="7")


def test_saving_updating_in_bulk_and_raw_sql_are_all_in_history_with_the_actor(cast: Cast) -> None:
    with acting(as_aina(cast)):
        (site,) = Site.objects.bulk_create([Site(code="C0001", name="A", operation=cast.operation)])
        Site.objects.filter(pk=site.pk).update(name="B")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE orgs_site SET name = 'C' WHERE id = %s", [site.pk])
        site.refresh_from_db()
        site.landmark = "by the well"
        site.save()
    changes = changes_of(site)
    assert [change.kind for change in changes] == ["update", "update", "update", "insert"]
    assert {change.who for change in changes} == {"Aina"}
    assert {(change.channel, change.reason, change.batch) for change in changes} == {("import", "because", "7")}
    assert (changes[1].fields[0].before, changes[1].fields[0].after) == ("B", "C")


def test_a_removed_record_leaves_its_last_state(cast: Cast) -> None:
    site = Site.objects.create(name="Gone", operation=cast.operation)
    key = site.pk
    with acting(as_aina(cast)):
        site.delete()
    last = Site.events.rel.related_model.objects.filter(pgh_obj_id=key).latest("pgh_id")
    assert (last.pgh_label, last.name) == ("delete", "Gone")


@pytest.mark.django_db
def test_a_trigger_asks_whether_it_is_ignored_without_an_error_for_each_row() -> None:
    # Each error caught makes the database go through all deferred checks of the transaction: rows cost their square.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('public._pgtrigger_should_ignore'::regproc)")
        assert "EXCEPTION" not in cursor.fetchone()[0]
    with pgtrigger.ignore("orgs.Site:insert_insert"):
        unwatched = Site.objects.create(name="A")
    watched = Site.objects.create(name="B")
    assert [len(changes_of(site)) for site in (unwatched, watched)] == [0, 1]


@pytest.mark.parametrize("statement", ["UPDATE orgs_siteevent SET name = 'x'", "DELETE FROM orgs_siteevent"])
def test_history_cannot_be_rewritten(cast: Cast, statement: str) -> None:
    Site.objects.create(name="A", operation=cast.operation)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_words_name_people_choices_and_records(cast: Cast) -> None:
    site = Site.objects.create(name="A", operation=cast.operation, organisation=cast.relief, damage="light")
    site.organisation, site.damage = cast.water, "severe"
    site.save()
    words = {field.label: (field.before, field.after) for field in changes_of(site)[0].fields}
    assert words["Run by"] == ("Relief Society", "Water Now")
    assert words["Damage"] == ("light damage, in use", "severe damage, partly in use")


def test_reading_history_costs_the_same_however_long_it_is(cast: Cast) -> None:
    site = Site.objects.create(name="A", operation=cast.operation, organisation=cast.relief)
    counts = []
    for _round in range(2):
        for number in range(5):
            site.name = f"{_round}{number}"
            site.save()
        with CaptureQueriesContext(connection) as queries:
            changes_of(site)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_history_page_is_for_those_who_see_the_record(client: Client, cast: Cast) -> None:
    hidden = Organisation.objects.create(name="Proposed", entered_by=cast.lale)
    path = f"/history/orgs/organisation/{hidden.pk}/"
    for person, status in ((cast.aina, 200), (cast.lale, 200), (cast.murad, 404), (cast.pending, 404)):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(path).status_code == status
    client.force_login(cast.aina, backend="django.contrib.auth.backends.ModelBackend")
    assert "Proposed" in client.get(path).content.decode()
    assert client.get("/history/sessions/session/1/").status_code == 404
    assert client.get("/history/no/such/1/").status_code == 404
