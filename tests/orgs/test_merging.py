"""Merging duplicates loses nothing, and undoing a merge brings back exactly what was."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from komek.accounts.authority import NotAllowed
from komek.accounts.roles import Role
from komek.records.models import Approval
from orgs.merging import CHOOSABLE, kept_of, merge_organisations, pointers, undo_merge, what_would_move
from orgs.models import (
    Activity,
    Contact,
    Membership,
    NameKind,
    Organisation,
    OrganisationMerge,
    OrganisationName,
    PossibleDuplicate,
    Sector,
    Site,
)
from orgs.naming import search_key
from orgs.refusals import Refused
from tests.conftest import Cast, actor, member, person

APPROVED = {"approval": Approval.APPROVED}
NOT_COMPARED = {"updated_at"}  # a merge and its undoing are changes: copies elsewhere must notice them


def merge(cast: Cast, kept: Organisation, duplicate: Organisation, **fields: Any) -> OrganisationMerge:
    return merge_organisations(by=actor(cast.aina), operation=cast.operation, kept=kept, duplicate=duplicate, **fields)


def undo(cast: Cast, merged: OrganisationMerge) -> None:
    undo_merge(by=actor(cast.aina), operation=cast.operation, merge=merged)


def snapshot() -> dict[str, Any]:
    """Every row that a merge could touch, by model."""
    touched = {pointer.model for pointer in pointers()} | {Organisation}
    found = {}
    for model in touched:
        names = [field.attname for field in model._meta.concrete_fields if field.name not in NOT_COMPARED]
        found[model._meta.label] = {row["id"]: row for row in model._base_manager.values("id", *names)}
    return found


@pytest.fixture
def twin(cast: Cast, areas: Any) -> Organisation:
    """Relief registered a second time, with something of everything hanging on it."""
    health = Sector.objects.create(key="health", name="Health")
    water = Sector.objects.create(key="wash", name="Water")
    twin = Organisation.objects.create(
        name="Общество помощи", acronym="RS", website="https://relief.example.org", external_ids={"x": "1"}, **APPROVED
    )
    cast.relief.sectors.add(health)
    twin.sectors.add(health, water)
    Contact.objects.create(organisation=twin, person="Desk", email="desk@example.org")
    OrganisationName.objects.create(organisation=twin, name="Kömek jemgyýeti", language="tk", key="x")
    OrganisationName.objects.create(organisation=twin, name="Same", key="x")
    OrganisationName.objects.create(organisation=cast.relief, name="Same", key="x")
    Site.objects.create(name="Office", organisation=twin, operation=cast.operation)
    Activity.objects.create(
        title="Water trucking", organisation=twin, funded_by=cast.relief, sector=water, area=areas["XX11"],
        operation=cast.operation,
    )  # fmt: skip
    Activity.objects.create(
        title="Paid for", organisation=cast.water, funded_by=twin, sector=water, area=areas["XX11"],
        operation=cast.operation,
    )  # fmt: skip
    Organisation.objects.create(name="West branch", parent=twin, **APPROVED)
    member(cast.murad, twin, Role.COORDINATOR)  # held in both
    member(person("Gul"), twin, Role.REGISTRAR)
    with_search_keys()
    return twin


def with_search_keys() -> None:
    """Search keys as the registry's functions derive them; records made directly have none."""
    for organisation in Organisation.objects.all():
        names = organisation.other_names.values_list("name", flat=True)
        key = search_key([organisation.name, organisation.acronym, *names])
        Organisation.objects.filter(pk=organisation.pk).update(search_key=key)


def test_everything_moves_and_nothing_is_lost(cast: Cast, twin: Organisation) -> None:
    merged = merge(cast, cast.relief, twin, reason="registered twice")
    assert Site.objects.get(name="Office").organisation == cast.relief
    assert Activity.objects.get(title="Water trucking").organisation == cast.relief
    assert Activity.objects.get(title="Paid for").funded_by == cast.relief
    assert Organisation.objects.get(name="West branch").parent == cast.relief
    assert Contact.objects.get(person="Desk").organisation == cast.relief
    assert set(cast.relief.sectors.values_list("key", flat=True)) == {"health", "wash"}
    assert Membership.objects.get(user__name="Gul").organisation == cast.relief
    names = set(cast.relief.other_names.values_list("name", "kind"))
    assert names == {("Общество помощи", "alias"), ("Kömek jemgyýeti", "alias"), ("Same", "alias")}
    cast.relief.refresh_from_db()
    assert cast.relief.acronym == "RS"  # it had none
    assert cast.relief.website == "https://relief.example.org"  # it had none
    assert cast.relief.external_ids == {"x": "1"}
    assert "obshestvo" in cast.relief.search_key
    twin.refresh_from_db()
    assert twin.merged_into == cast.relief
    assert merged.reason == "registered twice"


def test_what_the_kept_entry_already_has_stays_with_the_duplicate(cast: Cast, twin: Organisation) -> None:
    merged = merge(cast, cast.relief, twin)
    assert set(merged.left) == {
        "orgs.Membership.organisation", "orgs.OrganisationName.organisation", "orgs.Organisation_sectors.organisation"
    }  # fmt: skip
    assert Membership.objects.filter(user=cast.murad).count() == 2


def test_undoing_brings_back_exactly_what_was(cast: Cast, twin: Organisation) -> None:
    before = snapshot()
    merged = merge(cast, cast.relief, twin, choices=dict.fromkeys(("name", "acronym", "kind"), "duplicate"))
    assert snapshot() != before
    undo(cast, merged)
    assert snapshot() == before
    with pytest.raises(Refused, match="already undone"):
        undo(cast, merged)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_merge_undone_leaves_every_row_as_it_was(data: st.DataObject, cast: Cast, areas: Any) -> None:
    """Any tree, any values, any choices."""
    sector = Sector.objects.get_or_create(key="any", defaults={"name": "Any"})[0]
    text = st.text(st.characters(codec="utf-8", exclude_categories=("C",)), min_size=1, max_size=12)
    made: list[Organisation] = []
    for number in range(data.draw(st.integers(2, 4))):
        organisation = Organisation.objects.create(
            name=data.draw(text), acronym=data.draw(st.sampled_from(("", "AB", "CD"))), website="",
            country=data.draw(st.sampled_from(("", "TM"))), about=data.draw(st.sampled_from(("", "x"))),
            parent=data.draw(st.sampled_from([None, *made])), external_ids=data.draw(
                st.dictionaries(st.sampled_from("ab"), st.sampled_from(("1", "2")), max_size=2)
            ), **APPROVED,
        )  # fmt: skip
        made.append(organisation)
        for language in data.draw(st.lists(st.sampled_from(("", "ru", "tk")), max_size=2, unique=True)):
            OrganisationName.objects.create(organisation=organisation, language=language, name="Other", key="other")
        if data.draw(st.booleans()):
            organisation.sectors.add(sector)
        if data.draw(st.booleans()):
            Site.objects.create(name=f"Site {number}", organisation=organisation, operation=cast.operation)
        if data.draw(st.booleans()):
            member(cast.oraz, organisation, Role.REGISTRAR)
    with_search_keys()
    before = snapshot()
    kept, duplicate = data.draw(st.permutations(made))[:2]
    choices = data.draw(st.dictionaries(st.sampled_from(CHOOSABLE), st.sampled_from(("kept", "duplicate"))))
    merged = merge(cast, kept, duplicate, choices=choices)
    assert not Organisation.objects.filter(parent=models.F("pk")).exists()
    undo(cast, merged)
    after = snapshot()
    assert after == before
    for organisation in reversed(made):
        Site.objects.filter(organisation=organisation).delete()
        OrganisationMerge.objects.filter(kept=organisation).delete()
        OrganisationMerge.objects.filter(duplicate=organisation).delete()
    Organisation.objects.filter(pk__in=[organisation.pk for organisation in made]).update(parent=None)
    Organisation.objects.filter(pk__in=[organisation.pk for organisation in made]).delete()


def test_what_people_changed_since_is_not_undone(cast: Cast, twin: Organisation) -> None:
    merged = merge(cast, cast.relief, twin)
    Organisation.objects.filter(pk=cast.relief.pk).update(website="https://new.example.org")
    Site.objects.filter(name="Office").update(organisation=cast.water)
    undo(cast, merged)
    cast.relief.refresh_from_db()
    assert cast.relief.website == "https://new.example.org"
    assert cast.relief.external_ids == {}
    assert Site.objects.get(name="Office").organisation == cast.water


def test_a_branch_may_be_kept_instead_of_its_parent(cast: Cast) -> None:
    top = Organisation.objects.create(name="Top", **APPROVED)
    parent = Organisation.objects.create(name="Parent", parent=top, **APPROVED)
    middle = Organisation.objects.create(name="Middle", parent=parent, **APPROVED)
    branch = Organisation.objects.create(name="Branch", parent=middle, **APPROVED)
    merged = merge(cast, branch, parent)
    branch.refresh_from_db()
    middle.refresh_from_db()
    assert branch.parent == top
    assert middle.parent == branch
    undo(cast, merged)
    branch.refresh_from_db()
    middle.refresh_from_db()
    assert branch.parent == middle
    assert middle.parent == parent


def test_a_chain_of_merges_leads_to_the_last_one(cast: Cast, twin: Organisation) -> None:
    third = Organisation.objects.create(name="Third", **APPROVED)
    first_merge = merge(cast, twin, third)
    merge(cast, cast.relief, twin)
    third.refresh_from_db()
    assert kept_of(third) == cast.relief
    with pytest.raises(Refused, match="Undo that merge first"):
        undo(cast, first_merge)


def test_merges_that_make_no_sense_are_refused_with_a_sentence(
    cast: Cast, twin: Organisation, exercise_operation: Any
) -> None:
    drill = Organisation.objects.create(name="Drill", operation=exercise_operation, **APPROVED)
    waiting = Organisation.objects.create(name="Waiting")
    with pytest.raises(Refused, match="with itself"):
        merge(cast, twin, twin)
    with pytest.raises(NotAllowed):
        merge(cast, cast.relief, drill)
    with pytest.raises(Refused, match="approved entry"):
        merge(cast, waiting, twin)
    with pytest.raises(Refused, match="gains or loses rights"):
        merge(cast, cast.ministry, twin)
    with pytest.raises(Refused, match="choose one of the two"):
        merge(cast, cast.relief, twin, choices={"code": "duplicate"})
    merge(cast, cast.relief, twin)
    with pytest.raises(Refused, match="already been merged"):
        merge(cast, cast.water, twin)
    with pytest.raises(Refused, match="itself been merged"):
        merge(cast, twin, cast.water)


@pytest.mark.parametrize("who", ["murad", "lale", "oraz", "outsider", "pending"])
def test_only_coordinators_of_the_operation_merge(cast: Cast, twin: Organisation, who: str) -> None:
    with pytest.raises(NotAllowed):
        merge_organisations(by=actor(getattr(cast, who)), operation=cast.operation, kept=cast.relief, duplicate=twin)


def test_a_merge_moves_foreign_keys_of_every_registry_and_leaves_history_alone() -> None:
    found = {pointer.label for pointer in pointers()}
    assert {
        "orgs.Site.organisation", "orgs.Activity.organisation", "orgs.Activity.funded_by", "orgs.Contact.organisation",
        "orgs.Membership.organisation", "orgs.OrganisationName.organisation", "orgs.Organisation.parent",
        "orgs.Organisation_sectors.organisation",
    } <= found  # fmt: skip
    assert not any("Event" in label for label in found)
    expected = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_fields
        if field.is_relation and field.related_model is Organisation and "Event" not in model.__name__
    }
    left_out = {"orgs.Organisation.merged_into", "orgs.OrganisationTally.organisation"}  # the database counts anew
    assert {
        label for label in expected - found - left_out if "Merge" not in label and "Duplicate" not in label
    } == set()


def test_the_page_can_say_what_would_move(cast: Cast, twin: Organisation) -> None:
    assert ("sites", 1) in what_would_move(twin)
    assert ("sectors", 2) in what_would_move(twin)


def test_a_merge_is_in_history_with_its_actor_and_reason(cast: Cast, twin: Organisation) -> None:
    merge(cast, cast.relief, twin, reason="same phone")
    event = Site.objects.get(name="Office").events.order_by("-pgh_id").first()
    assert event.organisation_id == cast.relief.pk
    assert event.pgh_context["user"] == cast.aina.pk
    assert event.pgh_context["reason"] == "same phone"


def test_a_merged_pair_is_no_longer_a_possible_duplicate(cast: Cast) -> None:
    one = Organisation.objects.create(name="Umyt Fund", **APPROVED)
    other = Organisation.objects.create(name="Umyt Foundation", **APPROVED)
    PossibleDuplicate.objects.create(first=one, second=other, score=0.9)
    merged = merge(cast, one, other)
    assert not PossibleDuplicate.objects.exists()
    undo(cast, merged)


@pytest.mark.django_db(transaction=True)
def test_the_same_organisation_is_not_merged_twice_at_once(cast: Cast) -> None:
    twin = Organisation.objects.create(name="Twin", acronym="TW", **APPROVED)
    OrganisationName.objects.create(organisation=twin, name="Gemini", kind=NameKind.ALIAS, key="gemini")
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def run(kept: Organisation) -> None:
        try:
            barrier.wait(10)
            merge(cast, kept, twin)
            outcomes.append(kept.name)
        except Refused as refusal:
            outcomes.append(str(refusal.messages[0])[:30])
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(kept,)) for kept in (cast.relief, cast.water)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(outcomes) == 2
    assert "The duplicate has already been" in outcomes
    assert OrganisationMerge.objects.filter(duplicate=twin, undone_at=None).count() == 1
