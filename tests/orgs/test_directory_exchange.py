"""Names, contacts and people in need as tables: who may take them out and bring them in, and that nothing is doubled."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from komek.accounts.authority import standing_of
from komek.exchange import importing
from komek.exchange.reversing import reverse_batch
from komek.extensions import Viewer
from komek.extensions.exchange import exchange
from komek.places.models import Area
from orgs.models import Contact, NameKind, OrganisationName, PeopleInNeed, Sector
from tests.conftest import Cast, actor
from tests.exchange.test_importing import bring, exported, faults


def contacts_seen(cast: Cast, user: Any) -> set[str]:
    resource: Any = exchange.get("orgs.contact")
    return {row.person for row in resource.export_queryset(Viewer(user=user, operation=cast.operation))}


def test_another_name_comes_in_is_found_by_search_and_goes_again_with_its_import(cast: Cast) -> None:
    table = (
        "organisation,other name,kind of name,language\n"
        f"{cast.relief.code},Общество помощи,also known as,ru\nRelief Society,RS-TM,acronym,\nRelief Society,RS-TM,acronym,\n"
        "Relief Society,!!!,,\nRelief Society,Kömek,,turkmen please\n"
    )
    batch = bring(cast, "orgs.organisationname", table)
    assert batch.counts == {"create": 2, "refused": 3}, faults(batch)
    said = " ".join(sentence for _row, _column, sentence in faults(batch))
    assert "Row 3 is about the same record" in said
    assert "needs at least one letter" in said
    assert "not a language code" in said
    importing.apply(batch)
    cast.relief.refresh_from_db()
    assert "rstm" in cast.relief.search_key.replace(" ", "").replace("-", "")
    assert bring(cast, "orgs.organisationname", table).counts == {"unchanged": 3, "refused": 2}
    for name in ("csv", "hxl", "xlsx"):
        again = bring(cast, "orgs.organisationname", exported(cast, "orgs.organisationname", name))
        assert set(again.counts) == {"unchanged"}, faults(again)
    reverse_batch(by=actor(cast.aina), batch=batch, standing=standing_of(cast.aina, cast.operation))
    cast.relief.refresh_from_db()
    assert not OrganisationName.objects.filter(kind=NameKind.ACRONYM, name="RS-TM").exists()
    assert "rstm" not in cast.relief.search_key.replace(" ", "").replace("-", "")


def test_contacts_leave_only_for_those_they_are_for_and_come_back_as_they_were(cast: Cast) -> None:
    for number, visibility in enumerate(("public", "partners", "coordinators", "organisation")):
        for owner in (cast.relief, cast.ministry):
            Contact.objects.create(
                organisation=owner, person=f"{owner.acronym or owner.name} {visibility}", visibility=visibility,
                phone=f"+9936512345{number}", email=f"{visibility}@example.org",
            )  # fmt: skip
    seen = contacts_seen(cast, cast.murad)  # manages the relief society
    relief = cast.relief.acronym or cast.relief.name
    assert {name for name in seen if name.startswith(relief)} == {
        f"{relief} {visibility}" for visibility in ("public", "partners", "coordinators", "organisation")
    }
    assert {name.split()[-1] for name in seen if not name.startswith(relief)} == {"public", "partners"}
    assert contacts_seen(cast, cast.pending) == set() or all(
        "public" in name for name in contacts_seen(cast, cast.pending)
    )
    for name in ("csv", "hxl", "xlsx"):
        again = bring(cast, "orgs.contact", exported(cast, "orgs.contact", name))
        assert set(again.counts) == {"unchanged"}, faults(again)


def test_a_contact_is_changed_by_its_own_people_only_and_bad_cells_are_said(cast: Cast) -> None:
    table = (
        "organisation,person,phone,e-mail,who may see it\n"
        "Relief Society,Maral,+993 65 12 34 56,,only our own organisation\nRelief Society,Jeren,12,,\n"
        "Relief Society,Oguz,,not an address,\nRelief Society,Merdan,,,\n"
    )
    batch = bring(cast, "orgs.contact", table, by=cast.murad)
    assert batch.counts == {"create": 1, "refused": 3}, faults(batch)
    assert [column for _row, column, _sentence in faults(batch)] == ["phone", "email", "phone"]
    importing.apply(batch)
    maral = Contact.objects.get(person="Maral")
    assert (str(maral.phone.as_e164), maral.visibility) == ("+99365123456", "organisation")
    changed = table.splitlines()[0] + "\nRelief Society,Maral,+99365123457,maral@example.org,\n"
    assert bring(cast, "orgs.contact", changed, by=cast.murad).counts == {"update": 1}
    foreign = bring(cast, "orgs.contact", changed.replace("Relief Society", "Ministry of Emergencies"), by=cast.murad)
    assert foreign.counts == {"refused": 1}
    assert "another organisation" in faults(foreign)[0][2]


def test_people_in_need_come_in_by_area_sector_and_day_and_come_back_unchanged(
    cast: Cast, areas: dict[str, Area]
) -> None:
    Sector.objects.get_or_create(key="wash", defaults={"name": "Water"})
    table = (
        "#adm+code,#sector,#inneed,#date+assessed,#meta+source\nXX11,,4200,2026-11-20,Rapid assessment\n"
        "XX11,wash,3000,20.11.2026,Rapid assessment\nXX12,,10,2026-02-31,x\nNowhere,,10,2026-11-20,x\nXX12,,10,2126-01-01,x\n"
    )
    batch = bring(cast, "orgs.peopleinneed", table)
    assert batch.counts == {"create": 2, "refused": 3}, faults(batch)
    assert [column for _row, column, _sentence in faults(batch)] == ["occurred_at", "area", "occurred_at"]
    importing.apply(batch)
    PeopleInNeed.objects.create(area=areas["XX12"], people=7, operation=cast.operation, occurred_at=timezone.now())
    for name in ("csv", "hxl", "xlsx"):
        again = bring(cast, "orgs.peopleinneed", exported(cast, "orgs.peopleinneed", name))
        assert again.counts == {"unchanged": 3}, faults(again)
    changed = bring(cast, "orgs.peopleinneed", table.replace("4200", "4300"))
    assert (changed.counts["update"], changed.counts["unchanged"]) == (1, 1)
    viewer = bring(cast, "orgs.peopleinneed", table, by=cast.murad)
    assert viewer.counts["unchanged"] == 2, "who may not enter figures may still compare them"


@pytest.mark.parametrize("who", ["murad", "lale"])
def test_whoever_works_here_reads_people_in_need_through_the_api(
    cast: Cast, areas: dict[str, Area], client: Client, who: str
) -> None:
    PeopleInNeed.objects.create(area=areas["XX12"], people=7, operation=cast.operation)
    door = APIClient()
    door.force_authenticate(getattr(cast, who))
    answer = door.get("/api/v1/people-in-need/", headers={"X-Operation": cast.operation.slug})
    assert answer.status_code == 200, answer.content
    assert [row["people"] for row in answer.json()["results"]] == [7]
