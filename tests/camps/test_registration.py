"""Registering households: once, however often it is sent; what does not add up; what is kept in step."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from camps.entries import Entry, Member
from camps.households import change_household, change_person
from camps.models import Camp, Household, Movement, Person, Presence, RegistrationLevel, RelationToHead, SpecialNeed
from camps.movements import move_household, move_person
from camps.refusals import Refused
from camps.registration import add_member, register_household, register_households
from camps.sites import change_camp
from komek.accounts.authority import NotAllowed, may, standing_of, visible
from tests.camps.conftest import CampCast
from tests.conftest import Cast, actor

HEAD = RelationToHead.HEAD


def family(name: str = "Myrat Annaýew", *others: str, **fields: Any) -> Entry:
    members = [Member(name, "male", 40, relation=HEAD), *(Member(other, "female", 12) for other in others)]
    return Entry(head_name=name, members=members, **fields)


def register(camps: CampCast, entry: Entry, **fields: Any) -> Household:
    by = actor(fields.pop("by", camps.dowlet))
    camp = fields.pop("camp", camps.camp)
    return register_household(by=by, operation=camps.camp.operation, camp=camp, entry=entry, **fields)


def test_a_household_is_entered_with_its_people_checked_in(camps: CampCast) -> None:
    household = register(camps, family("Myrat", "Aýna", reported_by="Block leader", shelter_unit="A-12"))
    assert (household.size, household.unlisted, household.reported_by) == (2, 0, "Block leader")
    assert household.entered_by == camps.dowlet
    assert [(person.name, person.presence) for person in household.members.all()] == [
        ("Myrat", Presence.PRESENT), ("Aýna", Presence.PRESENT),
    ]  # fmt: skip
    assert set(Movement.objects.values_list("kind", "camp_id", "reported_by")) == {
        ("check_in", camps.camp.pk, "Block leader")
    }
    assert household.members.first().birth_year == timezone.localdate().year - 40


def test_the_same_entry_sent_twice_is_one_household(camps: CampCast) -> None:
    entry = family("Myrat", "Aýna")
    assert register(camps, entry) == register(camps, entry)
    assert (Household.objects.count(), Person.objects.count(), Movement.objects.count()) == (1, 2, 2)


def test_an_entry_sent_again_after_its_people_moved_on_is_still_that_household(camps: CampCast, cast: Cast) -> None:
    entry = family()
    household = register(camps, entry)
    move_household(
        by=actor(camps.dowlet), operation=cast.operation, household=household, kind="transfer", to_camp=camps.other
    )
    assert register(camps, entry) == household


def test_an_entry_of_one_site_is_not_taken_for_another(camps: CampCast, cast: Cast) -> None:
    entry = family()
    register(camps, entry)
    with pytest.raises(Refused, match="used elsewhere"):
        register(camps, entry, camp=camps.other, by=cast.aina)


def test_rows_entered_before_do_not_make_people_twice_in_another_household(camps: CampCast) -> None:
    row = uuid4()
    first = register(camps, Entry("Myrat", members=[Member("Myrat", relation=HEAD, entry_id=row)]))
    with pytest.raises(Refused, match=first.code):
        register(camps, Entry("Aýna", members=[Member("Aýna", relation=HEAD), Member("Myrat", entry_id=row)]))
    assert Person.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_entry_sent_by_two_requests_at_once_is_one_household(camps: CampCast) -> None:
    entry, answers, gate = family("Myrat", "Aýna"), [], threading.Barrier(2)

    def send() -> None:
        gate.wait()
        answers.append(register(camps, entry).code)
        connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 1 and len(answers) == 2
    assert (Household.objects.count(), Person.objects.count()) == (1, 2)


def test_many_households_cost_the_same_number_of_queries_as_few(camps: CampCast) -> None:
    def queries(count: int) -> int:
        entries = [family(f"Head {number}", "Aýna", "Maral") for number in range(count)]
        with CaptureQueriesContext(connection) as seen:
            register_households(
                by=actor(camps.dowlet), operation=camps.camp.operation, camp=camps.camp, entries=entries
            )
        return len(seen)

    queries(1)
    assert queries(2) == queries(40)


def test_a_list_goes_in_whole_or_not_at_all(camps: CampCast) -> None:
    with pytest.raises(Refused) as refusal:
        register_households(
            by=actor(camps.dowlet), operation=camps.camp.operation, camp=camps.camp,
            entries=[family("Myrat"), Entry("Aýna", members=[Member("Aýna", age=412)]), family("Maral")],
        )  # fmt: skip
    assert list(refusal.value.error_dict) == ["row 2"]
    assert "412 is not plausible" in refusal.value.messages[0]
    assert not Household.objects.exists()


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (Entry(" "), "Write the name of the head"),
        (Entry("Myrat", size=0), "at least one person"),
        (Entry("Myrat", size=400), "400 people is not plausible"),
        (Entry("Myrat", members=[Member("Myrat")], size=3), "names 1 people, but the size given is 3"),
        (Entry("Myrat", members=[Member("Myrat", relation=HEAD), Member("Aýna", relation=HEAD)]), "one head"),
        (Entry("Myrat", members=[Member("")]), "Write the person's name"),
        (Entry("Myrat", members=[Member("Myrat", age=-1)]), "-1 is not plausible"),
        (Entry("Myrat", members=[Member("Myrat", sex="x")]), "Choose female"),
        (Entry("Myrat", members=[Member("Myrat", relation="uncle")]), "Choose the relation"),
        (Entry("Myrat", members=[Member("Myrat", needs=["wings"])]), "Choose the needs"),
        (Entry("M" * 201), "longer than 200"),
        (Entry("Myrat", phone="9" * 41), "longer than 40"),
        (Entry("Myrat", intention="fly"), "what they want to do next"),
        (Entry("Myrat", arrived_on=timezone.localdate() + timedelta(days=1)), "in the future"),
        (
            Entry("Myrat", members=[Member("Myrat", birth_date=timezone.localdate() - timedelta(days=9000), age=3)]),
            "does not fit the date of birth",
        ),
        (
            Entry("Myrat", members=[Member("M", may_be_found=True, needs=[SpecialNeed.UNACCOMPANIED_CHILD])]),
            "never shown to people who search",
        ),
    ],
)
def test_what_does_not_add_up_is_refused_with_a_sentence(camps: CampCast, entry: Entry, sentence: str) -> None:
    with pytest.raises(Refused) as refusal:
        register(camps, entry)
    assert sentence in " ".join(refusal.value.messages)
    assert not Household.objects.exists()


def test_a_site_that_counts_heads_only_or_is_closed_registers_nobody(camps: CampCast) -> None:
    change = {"by": actor(camps.bahar), "operation": camps.camp.operation, "camp": camps.camp}
    change_camp(**change, registration=RegistrationLevel.NONE)
    with pytest.raises(Refused, match="keeps head counts only"):
        register(camps, family())
    change_camp(**change, registration=RegistrationLevel.PEOPLE, opening="closed", reason="Moved")
    with pytest.raises(Refused, match="This site is closed"):
        register(camps, family())


def test_a_site_that_registers_households_keeps_the_number_told_beside_those_named(camps: CampCast) -> None:
    camps.camp.registration = RegistrationLevel.HOUSEHOLDS
    unnamed = register(camps, Entry("Myrat", size=6))
    assert (unnamed.size, unnamed.unlisted, unnamed.members.count()) == (6, 6, 0)
    assert unnamed.movements.get().kind == "check_in"
    some = register(camps, Entry("Aýna", size=5, members=[Member("Aýna", relation=HEAD)]))
    assert (some.size, some.unlisted) == (5, 4)
    by = {"by": actor(camps.dowlet), "operation": camps.camp.operation}
    add_member(**by, household=some, member=Member("Maral", "female", 9))
    some.refresh_from_db()
    assert (some.size, some.unlisted) == (5, 3)
    add_member(**by, household=some, member=Member("Newborn", age=0), is_newcomer=True)
    some.refresh_from_db()
    assert (some.size, some.unlisted) == (6, 3)
    assert change_household(**by, household=some, size=4).unlisted == 1
    with pytest.raises(Refused, match="3 of them are listed by name"):
        change_household(**by, household=some, size=2)


def test_people_come_in_on_the_day_they_arrived_not_the_day_they_were_typed(camps: CampCast) -> None:
    day = timezone.localdate() - timedelta(days=4)
    person = register(camps, family(arrived_on=day)).members.get()
    assert timezone.localdate(person.movements.get().occurred_at) == day
    move_person(
        by=actor(camps.dowlet), operation=camps.camp.operation, person=person, kind="check_out",
        occurred_at=timezone.now() - timedelta(days=1),
    )  # fmt: skip
    person.refresh_from_db()
    assert person.presence == Presence.LEFT


def test_a_member_added_twice_is_one_and_a_second_head_is_refused(camps: CampCast) -> None:
    household = register(camps, family())
    by = {"by": actor(camps.dowlet), "operation": camps.camp.operation, "household": household}
    entry = uuid4()
    assert add_member(**by, member=Member("Aýna"), entry_id=entry) == add_member(
        **by, member=Member("Aýna"), entry_id=entry
    )
    household.refresh_from_db()
    assert household.size == 2
    with pytest.raises(Refused, match="is the head of this household"):
        add_member(**by, member=Member("Oraz", relation=HEAD))


def test_a_change_keeps_what_others_did_meanwhile(camps: CampCast) -> None:
    household = register(camps, family("Myrat", "Aýna"))
    stale = Household.objects.get(pk=household.pk)
    by = {"by": actor(camps.dowlet), "operation": camps.camp.operation}
    move_household(**by, household=household, kind="absent")
    change_household(**by, household=stale, phone="+993 65 000000")
    household.refresh_from_db()
    assert (household.presence, household.phone) == (Presence.ABSENT, "+993 65 000000")


def test_changing_a_person_renames_the_household_and_makes_the_search_follow(camps: CampCast) -> None:
    person = register(camps, family("Myrat")).members.get()
    by = {"by": actor(camps.dowlet), "operation": camps.camp.operation}
    changed = change_person(**by, person=person, name="Мерет", age=41)
    household = Household.objects.get()
    assert (household.head_name, changed.birth_year) == ("Мерет", timezone.localdate().year - 41)
    assert changed.search_key in household.search_key
    born = timezone.localdate().replace(year=1990, month=1, day=1)
    changed = change_person(**by, person=person, birth_date=born)
    assert (changed.birth_year, change_person(**by, person=person, note="tall").birth_date) == (1990, born)
    assert change_person(**by, person=person, age=20).birth_date is None


def test_consent_is_kept_with_its_moment_and_text_and_can_be_taken_back(camps: CampCast) -> None:
    person = register(camps, family()).members.get()
    by = {"by": actor(camps.dowlet), "operation": camps.camp.operation}
    agreed = change_person(**by, person=person, may_be_found=True)
    assert agreed.consent_version and agreed.may_be_found_since
    since = agreed.may_be_found_since
    assert change_person(**by, person=person, note="x").may_be_found_since == since
    taken_back = change_person(**by, person=person, may_be_found=False)
    assert (taken_back.consent_version, taken_back.may_be_found_since) == ("", None)


def test_only_those_who_work_at_the_site_register_and_only_readers_of_names_read(camps: CampCast, cast: Cast) -> None:
    household = register(camps, family())
    for stranger in (cast.lale, cast.oraz, cast.outsider, cast.pending, camps.gozel):
        with pytest.raises(NotAllowed):
            register(camps, family(), by=stranger)
    for reader in (camps.dowlet, camps.bahar, camps.gozel, cast.murad, cast.aina):
        whose = standing_of(reader, cast.operation)
        assert list(visible(Household.objects.all(), whose)) == [household]
        assert visible(Person.objects.all(), whose).count() == visible(Movement.objects.all(), whose).count() == 1
        assert may(whose, "view", household)
    for blind in (cast.lale, cast.oraz, cast.outsider, cast.pending):
        whose = standing_of(blind, cast.operation)
        for model in (Household, Person, Movement):
            assert not visible(model.objects.all(), whose).exists()
        assert not may(whose, "view", household)


def test_who_supports_a_site_registers_there_too(camps: CampCast, cast: Cast) -> None:
    camps.camp.supporting.add(cast.water)
    assert register(camps, family(), camp=Camp.objects.get(pk=camps.camp.pk), by=cast.lale)


def test_a_household_is_seen_where_one_of_its_people_is(camps: CampCast, cast: Cast) -> None:
    household = register(camps, family("Myrat", "Aýna"))
    ayna = household.members.get(name="Aýna")
    move_person(by=actor(camps.dowlet), operation=cast.operation, person=ayna, kind="transfer", to_camp=camps.other)
    whose = standing_of(cast.lale, cast.operation)
    assert list(visible(Household.objects.all(), whose)) == [household]
    assert may(whose, "view", household) and not may(whose, "change", household)
    assert list(visible(Person.objects.all(), whose)) == [ayna]
