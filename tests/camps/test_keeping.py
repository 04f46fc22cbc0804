"""Names of people at sites are forgotten in time, in the rows and in their history; the figures stay."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from camps.entries import Entry, Member
from camps.models import Household, Person, Presence
from camps.registered import registered_at
from camps.registration import register_household
from komek.records.actor import SYSTEM
from komek.records.retention import anonymise
from tests.camps.conftest import CampCast
from tests.conftest import Cast, actor


def test_who_left_a_year_ago_is_forgotten_and_who_is_here_is_not(camps: CampCast, cast: Cast) -> None:
    for name in ("Maral Annaýewa", "Sona Orazowa"):
        entry = Entry(name, members=[Member(name, relation="head", note="ill")], phone="+99361000000")
        register_household(by=actor(camps.dowlet), operation=cast.operation, camp=camps.camp, entry=entry)
    for model in (Person, Household):
        name = "name" if model is Person else "head_name"
        model.objects.filter(**{name: "Maral Annaýewa"}).update(
            presence=Presence.LEFT, updated_at=timezone.now() - timedelta(days=366)
        )
    keys = ("camps.person_gone", "camps.person", "camps.household_gone", "camps.household")
    anonymise(by=SYSTEM, keys=keys)
    assert sorted(Person.objects.values_list("name", "search_key", "note")) == [
        ("", "", ""), ("Sona Orazowa", Person.objects.get(name="Sona Orazowa").search_key, "ill"),
    ]  # fmt: skip
    assert sorted(Household.objects.values_list("head_name", "phone")) == [("", ""), ("Sona Orazowa", "+99361000000")]
    gone = Person.objects.get(name="")
    assert set(gone.events.values_list("name", flat=True)) == {""}
    assert registered_at(camps.camp).people == 1
    assert anonymise(by=SYSTEM, keys=keys).counts == dict.fromkeys(keys, 0)
