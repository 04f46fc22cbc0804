"""What the registry offers through the sockets: lookups, search, alerts, menu, sectors."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone, translation

from komek.accounts.roles import Role
from komek.extensions import Viewer
from komek.records.models import Approval
from orgs.alerts import OrganisationAlerts
from orgs.lookups import OrganisationLookup, SectorLookup
from orgs.models import Membership, Organisation, PossibleDuplicate, Sector
from orgs.naming import name_key, search_key
from orgs.navigation import OrgsNavigation
from orgs.reference_data import DATA, Sectors
from orgs.search import OrganisationSearch
from tests.conftest import Cast


def viewer(cast: Cast, name: str) -> Viewer:
    return Viewer(user=getattr(cast, name), operation=cast.operation)


def add(name: str, **fields: Any) -> Organisation:
    fields.setdefault("approval", Approval.APPROVED)
    key = search_key([name, fields.get("acronym", "")])
    return Organisation.objects.create(name=name, search_key=key, **fields)


@pytest.fixture
def known(cast: Cast) -> Organisation:
    add("Umyt Village Council")
    add("Hidden Umyt", approval=Approval.PENDING)
    return add("Umyt gaznasy", acronym="UG")


@pytest.mark.parametrize("text", ["umyt gaz", "Умыт газнасы", "UG", "ug", "Umit gaznasi", "gaznasy"])
def test_an_organisation_is_chosen_by_name_or_acronym_in_any_script(cast: Cast, known: Organisation, text: str) -> None:
    found = OrganisationLookup().find(text, viewer(cast, "lale"), 5)
    assert found[0].value == str(known.pk)
    assert known.code in found[0].detail


def test_an_organisation_is_chosen_by_its_code(cast: Cast, known: Organisation) -> None:
    assert [choice.value for choice in OrganisationLookup().find(known.code.lower(), viewer(cast, "lale"), 5)] == [
        str(known.pk)
    ]


def test_lookups_show_only_what_the_viewer_may_see(cast: Cast, known: Organisation) -> None:
    lookup = OrganisationLookup()
    hidden = str(Organisation.objects.get(name="Hidden Umyt").pk)
    assert hidden not in {choice.value for choice in lookup.find("umyt", viewer(cast, "lale"), 10)}
    assert hidden in {choice.value for choice in lookup.find("umyt", viewer(cast, "aina"), 10)}
    assert lookup.label(hidden, viewer(cast, "lale")) is None
    assert lookup.label("nonsense", viewer(cast, "lale")) is None
    assert lookup.find("umyt", Viewer(user=None, operation=cast.operation), 10) == []


def test_with_nothing_typed_ones_own_organisation_comes_first(cast: Cast, known: Organisation) -> None:
    assert OrganisationLookup().find("", viewer(cast, "lale"), 3)[0].value == str(cast.water.pk)


@pytest.mark.parametrize("text", ["???", "'", "%", "\\", "x" * 300, "O1", "\u0000"])
def test_odd_texts_find_nothing_and_break_nothing(cast: Cast, text: str) -> None:
    assert list(OrganisationLookup().find(text, viewer(cast, "aina"), 5)) == []
    assert list(OrganisationSearch().find(text, viewer(cast, "aina"), 5)) == []


def test_a_merged_code_leads_to_the_kept_entry_and_says_so(cast: Cast, known: Organisation) -> None:
    gone = add("Umyt Fund", merged_into=known)
    (hit,) = OrganisationSearch().find(gone.code, viewer(cast, "lale"), 5)
    assert hit.url == known.get_absolute_url()
    assert hit.code == gone.code
    assert gone.code in hit.detail
    assert "merged" in hit.detail
    assert str(gone.pk) not in {choice.value for choice in OrganisationLookup().find("umyt", viewer(cast, "lale"), 9)}


def test_search_ranks_better_matches_first_and_hides_what_is_hidden(cast: Cast, known: Organisation) -> None:
    hits = OrganisationSearch().find("umyt gaznasy", viewer(cast, "lale"), 5)
    assert hits[0].title == "Umyt gaznasy (UG)"
    assert all(0 <= hit.score <= 1 for hit in hits)
    assert "Hidden" not in " ".join(hit.title for hit in hits)


def test_the_desk_tells_each_person_what_they_can_do_something_about(cast: Cast) -> None:
    add("Waiting", approval=Approval.PENDING)
    one, other = add("Umyt Fund"), add("Umyt Foundation")
    PossibleDuplicate.objects.create(first=one, second=other, score=0.9)
    Membership.objects.create(user=cast.outsider, organisation=cast.relief, role=Role.VIEWER)
    Organisation.objects.filter(pk=cast.relief.pk).update(confirmed_at=timezone.now() - timedelta(days=200))

    def keys(name: str) -> set[str]:
        return {alert.key for alert in OrganisationAlerts().alerts(viewer(cast, name), 20)}

    assert keys("aina") == {
        "orgs.waiting-organisations", "orgs.waiting-memberships", "orgs.stale", "orgs.duplicates"
    }  # fmt: skip
    assert keys("murad") == {"orgs.waiting-memberships", f"orgs.stale.{cast.relief.code}"}
    assert keys("lale") == keys("oraz") == keys("outsider") == keys("pending") == set()
    assert OrganisationAlerts().alerts(Viewer(user=None, operation=None), 20) == []


def test_alerts_never_exceed_their_limit(cast: Cast) -> None:
    add("Waiting", approval=Approval.PENDING)
    Membership.objects.create(user=cast.outsider, organisation=cast.relief, role=Role.VIEWER)
    found = OrganisationAlerts().alerts(viewer(cast, "aina"), 1)
    assert [alert.key for alert in found] == ["orgs.waiting-memberships"]


def test_the_menu_names_the_registry_to_people_who_work_here(cast: Cast) -> None:
    assert OrgsNavigation().entries(viewer(cast, "lale"))
    assert not OrgsNavigation().entries(viewer(cast, "pending"))
    assert not OrgsNavigation().entries(Viewer(user=None, operation=None))


# --- Sectors


def test_sectors_are_loaded_once_and_never_undo_what_an_installation_changed(db: None) -> None:
    said: list[str] = []
    Sectors().load(said.append)
    wash = Sector.objects.get(key="wash")
    wash.names["tk"] = "Suw işleri"
    wash.aliases = ["Bizim suw"]
    wash.is_active, wash.name = False, "Water"
    wash.save()
    Sectors().load(said.append)
    wash.refresh_from_db()
    assert (wash.names["tk"], wash.is_active, wash.name) == ("Suw işleri", False, "Water")
    assert {"Bizim suw", "EAH", "WASH"} <= set(wash.aliases)
    Sectors().load(said.append)
    assert len(said) == 2


def test_every_sector_has_a_name_in_every_language() -> None:
    rows = json.loads((Path(DATA) / "sectors.json").read_text())
    for row in rows:
        assert {code for code, _name in settings.LANGUAGES} <= set(row["names"]), row["key"]


def test_no_two_sectors_share_an_alias() -> None:
    owners: dict[str, str] = {}
    for row in json.loads((Path(DATA) / "sectors.json").read_text()):
        for name in [row["key"], row["name"], *row["names"].values(), *row["aliases"]]:
            assert owners.setdefault(name_key(name), row["key"]) == row["key"], name


@pytest.mark.parametrize("text", ["WASH", "вода", "Agua", "hygiene", "suw"])
def test_a_sector_is_chosen_by_any_of_its_names(cast: Cast, text: str) -> None:
    Sectors().load(lambda line: None)
    found = SectorLookup().find(text, viewer(cast, "lale"), 5)
    assert found[0].detail == "wash"
    with translation.override("ru"):
        assert SectorLookup().label(found[0].value, viewer(cast, "lale")).label == "Вода, санитария и гигиена"  # type: ignore[union-attr]
