"""Records that go in by COPY are the same as if saved one by one, history and refusals included."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.contrib.gis.geos import Point
from django.db import IntegrityError, transaction
from django.utils import timezone

from camps.models import Camp, Household, Person, Presence, Sex
from komek.records.actor import Actor, Channel, acting
from komek.records.changes import changes_of
from komek.records.codes import next_codes
from komek.records.copying import copy_in
from orgs.models import Site
from tests.conftest import Cast
from tests.records.test_history import as_aina

TEXT = 'a\tb\n\\N "x", {y}; Аннаев ýň'


@pytest.fixture
def people(cast: Cast) -> list[Person]:
    camp = Camp.objects.create(name="Camp", operation=cast.operation, organisation=cast.relief)
    household = Household.objects.create(camp=camp, head_name="Maral", operation=cast.operation)
    codes = next_codes(Person.CODE_LETTER, 3)
    return [
        Person(code=code, household=household, camp=camp, operation=cast.operation, **fields)
        for code, fields in zip(
            codes,
            (
                {"name": TEXT, "sex": Sex.FEMALE, "birth_date": date(1990, 2, 3), "birth_year": 1990, "note": "\\."},
                {"name": "", "needs": ["disability", 'a "b", \\ }'], "may_be_found": True},
                {"name": "NULL", "presence": Presence.LEFT},
            ),
            strict=True,
        )
    ]


def test_every_value_comes_back_as_it_was_with_keys_and_history(people: list[Person], cast: Cast) -> None:
    before = timezone.now()
    with acting(as_aina(cast)):
        copy_in(people)
    for person in people:
        kept = Person.objects.get(pk=person.pk)
        for field in Person._meta.concrete_fields:
            assert getattr(kept, field.attname) == getattr(person, field.attname), field.name
        assert kept.updated_at >= before
        (change,) = changes_of(kept)
        assert (change.kind, change.who, change.channel, change.reason) == ("insert", "Aina", "import", "because")
    people[0].name = "Sona"
    people[0].save()
    assert Person.objects.filter(name="Sona").count() == 1
    assert [change.kind for change in changes_of(people[0])] == ["update", "insert"]


def test_what_the_database_refuses_is_refused_whole(people: list[Person]) -> None:
    people[2].code = people[0].code
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_in(people)
    assert not Person.objects.exists()
    copy_in([])


def test_places_read_back_as_given_and_are_in_history_under_the_actor(cast: Cast) -> None:
    opened = datetime(2026, 11, 7, 3, 41, tzinfo=UTC)
    sites = [
        Site(
            code=f"C900{number}", name="Tab\t, line\nand \\N – çadyr", names={"ru": "«Лагерь»"}, operation=cast.operation,
            location=Point(58.4, 37.9, srid=4326), capacity=None, occurred_at=opened, channel=Channel.COMMAND,
        )
        for number in range(3)
    ]  # fmt: skip
    with acting(Actor(user=cast.aina, channel=Channel.COMMAND, reason="bulk")):
        copy_in(sites)
    kept = Site.objects.get(pk=sites[1].pk)
    for field in Site._meta.local_concrete_fields:
        assert getattr(kept, field.attname) == getattr(sites[1], field.attname), field.name
    assert kept.location.coords == (58.4, 37.9)
    assert [(change.kind, change.who, change.reason) for change in changes_of(kept)] == [("insert", "Aina", "bulk")]
    kept.name = "Later"
    kept.save()
    assert Site.objects.create(name="Next").pk > sites[-1].pk
