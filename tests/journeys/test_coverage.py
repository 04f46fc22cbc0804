"""From the matrix of who does what where to a gap, and from the gap to somebody who works on it."""

from __future__ import annotations

from orgs.models import Activity
from tests.journeys.conftest import Visitor, World, expect
from tests.journeys.test_sites import choose_by_keyboard


def test_a_gap_leads_to_its_activities_and_adding_one_closes_it(coordinator: Visitor, world: World) -> None:
    page = coordinator.open("/")
    page.get_by_role("navigation", name="Registries").get_by_role("link", name="Coverage and gaps").click()
    expect(page.locator(".map path.leaflet-interactive").first).to_be_visible()

    row = page.locator(".matrix tr", has=page.get_by_role("rowheader", name="West Town"))
    row.get_by_role("link", name="1").click()
    expect(page.locator("#list")).to_contain_text("Water trucking")
    page.go_back()

    row = page.locator(".matrix tr", has=page.get_by_role("rowheader", name="East Hills"))
    row.get_by_role("link", name="gap").click()
    expect(page.locator("#list")).to_contain_text("Nothing matches these filters")
    page.locator("#list").get_by_role("link", name="Add an activity").click()

    # The area and the sector of the gap are filled in already.
    expect(page.get_by_role("combobox", name="Area")).to_have_value("East Hills")
    expect(page.get_by_label("Sector").locator("option:checked")).to_have_text("Water and sanitation")
    page.get_by_label("What is done").fill("Wells cleaned")
    choose_by_keyboard(page, "Organisation", "water now", "Water Now")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Wells cleaned")
    assert Activity.objects.get(title="Wells cleaned").area == world.areas["XX22"]

    coordinator.open("/coverage/")
    expect(row.get_by_role("link", name="gap")).to_have_count(0)
