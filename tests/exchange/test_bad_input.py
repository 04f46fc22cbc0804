"""What goes wrong with real input is said in a sentence, at the door it came in by, and nothing is half written."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from komek.exchange import importing
from komek.places.models import Area, Generation, GenerationState, Succession
from orgs.models import Activity, Organisation, Sector, Site
from tests.conftest import Cast, square
from tests.exchange.test_importing import bring, exported, faults

BACKEND = "django.contrib.auth.backends.ModelBackend"


def test_a_code_given_twice_mistyped_or_of_nobody_is_said_by_row(world: Cast) -> None:
    site = Site.objects.create(name="Old", organisation=world.relief, operation=world.operation)
    wrong = site.code[:-1] + str((int(site.code[-1]) + 1) % 10)
    table = f"code,name,run by\n{site.code},One,Relief Society\n{site.code},Two,Relief Society\n{wrong},Three,Relief Society\n"
    batch = bring(world, "orgs.site", table)
    assert batch.counts == {"update": 1, "refused": 2}
    twice, mistyped = faults(batch)
    assert "Row 2 is about the same record" in twice[2]
    assert (mistyped[1], "Correct it" in mistyped[2]) == ("code", True)
    importing.apply(batch)
    assert [row.name for row in Site.objects.all()] == ["One"]


def test_a_p_code_of_another_generation_leads_to_its_successor_or_is_asked_about(
    world: Cast, areas: dict[str, Area]
) -> None:
    old = Generation.objects.create(country="XX", name="2010", state=GenerationState.RETIRED)

    def once(pcode: str, *now: tuple[str, float, bool]) -> None:
        area = Area.objects.create(
            generation=old, pcode=pcode, name=pcode, level=2, geometry=square(58, 38), centre=square(58, 38).centroid
        )
        for successor, share, is_same in now:
            Succession.objects.create(old=area, new=areas[successor], share=share, share_of_new=share, is_same=is_same)

    once("XX08", ("XX11", 1.0, True))
    once("XX09", ("XX21", 0.5, False), ("XX22", 0.5, False))
    head = "organisation,sector,activity,area\n"
    batch = bring(world, "orgs.activity", head + "Relief Society,WASH,Wells,XX08\nRelief Society,WASH,Wells,XX09\n")
    importing.apply(batch)
    assert [row.area for row in Activity.objects.all()] == [areas["XX11"]]
    ((row, column, sentence),) = faults(batch)
    assert (row, column) == (3, "area")
    assert "may mean several" in sentence


def test_the_31st_of_february_is_refused_at_every_door(world: Cast, client: Client, areas: dict[str, Area]) -> None:
    fields = {"title": "Wells", "organisation": world.relief.code, "sector": "wash", "area": "XX11"}
    door = APIClient()
    door.force_authenticate(world.aina)
    answer = door.post(
        "/api/v1/activities/", {**fields, "starts_on": "2026-02-31"}, format="json",
        headers={"X-Operation": world.operation.slug},
    )  # fmt: skip
    assert (answer.status_code, "starts_on" in answer.content.decode()) == (400, True)
    client.force_login(world.aina, backend=BACKEND)
    page = client.post(
        "/activities/add/", {**fields, "sector": Sector.objects.get(key="wash").pk, "starts_on": "2026-02-31"}
    )
    assert page.status_code == 422
    assert "Enter a valid date" in page.content.decode()
    batch = bring(
        world, "orgs.activity", "organisation,sector,activity,area,starts\nRelief Society,WASH,Wells,XX11,31.02.2026\n"
    )
    assert "no such day" in faults(batch)[0][2]
    assert not Activity.objects.exists()


def test_latin_1_comes_in_with_its_letters_and_a_note(world: Cast, client: Client) -> None:
    client.force_login(world.aina, backend=BACKEND)
    content = "name,run by\nHôpital général,Relief Society\n".encode("latin-1")
    page = client.post("/exchange/orgs.site/import/", {"file": SimpleUploadedFile("x.csv", content)}, follow=True)
    text = page.content.decode()
    assert "Hôpital général" in text
    assert "save the file as UTF-8" in text


@pytest.mark.parametrize("formula", ['=HYPERLINK("http://x","y")', "+1+1", "-2+A1", "@SUM(A1)"])
def test_a_formula_is_text_in_a_workbook_and_harmless_in_csv_and_comes_back_as_it_was(
    world: Cast, formula: str
) -> None:
    Site.objects.create(name=formula, about=formula, organisation=world.relief, operation=world.operation)
    workbook = openpyxl.load_workbook(io.BytesIO(exported(world, "orgs.site", "xlsx")))
    cells = [cell for row in workbook.active.iter_rows() for cell in row if formula.strip() in str(cell.value)]
    assert len(cells) == 2
    assert {cell.data_type for cell in cells} == {"s"}
    lines = exported(world, "orgs.site", "csv").decode()
    assert f",{formula}," not in lines
    again = bring(world, "orgs.site", lines)
    assert set(again.counts) == {"unchanged"}, faults(again)


@pytest.mark.parametrize("door", ["pages", "api"])
def test_somebody_of_another_organisation_changes_nothing_by_address_or_api(
    world: Cast, client: Client, areas: dict[str, Area], door: str
) -> None:
    theirs = {"organisation": world.ministry, "operation": world.operation}
    site = Site.objects.create(name="Theirs", **theirs)
    activity = Activity.objects.create(
        title="Theirs", sector=Sector.objects.get(key="wash"), area=areas["XX11"], **theirs
    )
    client.force_login(world.murad, backend=BACKEND)
    program = APIClient()
    program.force_authenticate(world.murad)
    for record, name, pages in (
        (site, "sites", "sites"),
        (activity, "activities", "activities"),
        (world.ministry, "organisations", "organisations"),
    ):
        if door == "pages":
            answer = client.post(f"/{pages}/{record.code}/change/", {"name": "Mine", "title": "Mine"})
        else:
            answer = program.patch(
                f"/api/v1/{name}/{record.code}/", {"name": "Mine", "title": "Mine"}, format="json",
                headers={"X-Operation": world.operation.slug, "If-Match": "*"},
            )  # fmt: skip
        assert answer.status_code == 403, (name, answer.status_code)
        assert "another organisation" in answer.content.decode()
    assert not Site.objects.filter(name="Mine").exists()
    assert not Activity.objects.filter(title="Mine").exists()
    assert not Organisation.objects.filter(name="Mine").exists()
