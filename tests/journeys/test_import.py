"""A real table of the 3W goes in: columns matched, tried, written, looked at, taken back."""

from __future__ import annotations

from pathlib import Path

from orgs.models import Activity, Organisation
from tests.journeys.conftest import Visitor, World, expect

HXL = Path(__file__).parents[1] / "data" / "hxl"


def test_a_real_hxl_file_is_tried_written_and_taken_back(coordinator: Visitor, world: World) -> None:
    page = coordinator.open("/")
    page.get_by_role("navigation", name="Registries").get_by_role("link", name="Import and export").click()
    card = page.locator("section", has=page.get_by_role("heading", name="Who does what where"))
    card.get_by_role("link", name="Import").click()
    page.get_by_label("File").set_input_files(HXL / "input-valid.csv")
    page.get_by_role("button", name="Read the file").click()

    # Tagged columns are recognised; the one without a tag is offered, and proposed by its name.
    expect(page.get_by_role("heading", name="Which column is which")).to_be_visible()
    row = page.locator("tr", has_text="Organización")
    expect(row.locator("option:checked")).to_contain_text("Organisation")
    expect(page.locator("tr", has_text="Registro").locator("option:checked")).to_have_text("Identifier in its source")
    page.get_by_role("button", name="Check the rows").click()

    expect(page.get_by_text("4 rows would be written")).to_be_visible()
    assert not Activity.objects.filter(title="Higiene").exists()
    page.get_by_role("button", name="Write 4 rows").click()
    expect(page.get_by_text("Take this import back")).to_be_visible()
    assert Activity.objects.filter(organisation__name="ACNUR", sector__key="wash").count() == 1

    # The report leads to what was written, and the list of imports leads back to the report.
    page.get_by_role("link", name="Higiene").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Higiene")
    coordinator.open("/exchange/")
    page.get_by_role("link", name="input-valid.csv").click()
    page.get_by_text("Take this import back").click()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("Taken back: 7 removed")).to_be_visible()
    assert not Activity.objects.filter(title="Higiene").exists()
    assert not Organisation.objects.filter(name="ACNUR").exists()
