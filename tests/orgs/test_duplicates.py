"""Organisations registered twice are found, shown to coordinators, and decided once."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from komek.accounts.authority import NotAllowed, standing_of
from komek.records.models import Approval
from orgs.duplicates import not_the_same, reason_sentences, refresh_all, refresh_for, waiting_pairs
from orgs.models import Contact, NotDuplicate, Organisation, OrganisationName, PossibleDuplicate
from orgs.naming import search_key
from orgs.organisations import change_organisation, refuse_organisation, register_organisation
from tests.conftest import Cast, actor


def add(name: str, *others: str, **fields: object) -> Organisation:
    fields.setdefault("approval", Approval.APPROVED)
    organisation = Organisation.objects.create(name=name, **fields)
    for other in others:
        OrganisationName.objects.create(organisation=organisation, name=other, key="x")
    organisation.search_key = search_key([name, organisation.acronym, *others])
    organisation.save()
    return organisation


def pairs() -> set[tuple[str, str]]:
    return {(pair.first.name, pair.second.name) for pair in PossibleDuplicate.objects.select_related("first", "second")}


def test_duplicates_are_found_across_scripts_names_websites_and_phones(cast: Cast) -> None:
    add("Umyt Foundation")
    add("Фонд «Умыт»")
    add("Northern Lights", website="https://lights.example.org/en")
    lamp = add("Lamp Project", website="http://www.lights.example.org")
    bread = add("Bread and Salt")
    salt = add("Хлеб-соль")
    for organisation in (bread, salt):
        Contact.objects.create(organisation=organisation, phone="+99312123456")
    add("Some Committee", "Gökje")
    add("Гөкҗе")
    assert refresh_all() == 4
    assert pairs() == {
        ("Umyt Foundation", "Фонд «Умыт»"), ("Northern Lights", "Lamp Project"), ("Bread and Salt", "Хлеб-соль"),
        ("Some Committee", "Гөкҗе"),
    }  # fmt: skip
    by_phone = PossibleDuplicate.objects.get(first=bread, second=salt)
    assert reason_sentences(by_phone.reasons) == ["same phone +99312123456"]
    assert PossibleDuplicate.objects.get(second=lamp).reasons == [["website", "lights.example.org"]]


def test_looking_again_for_one_finds_what_looking_at_all_finds(cast: Cast) -> None:
    one = add("Umyt Foundation", acronym="UF")
    add("Фонд «Умыт»")
    add("Clean Spring Project")
    assert refresh_for(one) == 1
    found = pairs()
    refresh_all()
    assert pairs() == found


def test_registering_and_renaming_keep_the_pairs_up_to_date(cast: Cast) -> None:
    by, operation = actor(cast.aina), cast.operation
    register_organisation(by=by, operation=operation, name="Umyt Foundation")
    twin = register_organisation(by=by, operation=operation, name="Umyt Fund", is_new=True)
    assert PossibleDuplicate.objects.count() == 1
    change_organisation(by=by, operation=operation, organisation=twin, name="Garagum Volunteers")
    assert not PossibleDuplicate.objects.exists()


def test_a_pair_said_to_be_different_never_comes_back(cast: Cast) -> None:
    one, other = add("Umyt Foundation"), add("Umyt Fund")
    refresh_all()
    not_the_same(by=actor(cast.aina), operation=cast.operation, one=other, other=one)
    assert not PossibleDuplicate.objects.exists()
    refresh_all()
    refresh_for(one)
    assert not PossibleDuplicate.objects.exists()
    decided = NotDuplicate.objects.get()
    assert (decided.first, decided.second, decided.decided_by) == (one, other, cast.aina)


def test_only_coordinators_of_the_operation_see_and_decide_pairs(cast: Cast) -> None:
    one, other = add("Umyt Foundation"), add("Umyt Fund")
    refresh_all()
    for name in ("murad", "lale", "oraz", "outsider", "pending"):
        user = getattr(cast, name)
        assert not waiting_pairs(standing_of(user, cast.operation)).exists()
        with pytest.raises(NotAllowed):
            not_the_same(by=actor(user), operation=cast.operation, one=one, other=other)
    assert waiting_pairs(standing_of(cast.aina, cast.operation)).count() == 1


def test_refused_and_merged_entries_are_no_duplicates_of_anything(cast: Cast) -> None:
    one = add("Umyt Foundation")
    refused = add("Umyt Fund", approval=Approval.PENDING)
    add("Umyt gaznasy", merged_into=one)
    assert refresh_all() == 1
    refuse_organisation(by=actor(cast.aina), operation=cast.operation, organisation=refused, reason="twice")
    assert not waiting_pairs(standing_of(cast.aina, cast.operation)).exists()
    assert refresh_all() == 0


def test_looking_at_all_costs_as_many_queries_for_many_as_for_few(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as few:
        refresh_all()
    Organisation.objects.bulk_create(
        Organisation(code=f"O9{number}", name=f"Village Council {number}", approval=Approval.APPROVED)
        for number in range(300)
    )
    with CaptureQueriesContext(connection) as many:
        refresh_all()
    assert len(many) <= len(few) + 1  # one to store, when there is something to store
