"""Registering a site by keyboard and by map, over a connection that fails."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from komek.web.models import Draft
from orgs.models import Site
from tests.journeys.conftest import Visitor, World, expect


def choose_by_keyboard(page: Page, label: str, typed: str, found: str) -> None:
    """Type, go down to the suggestion, take it; no mouse."""
    box = page.get_by_role("combobox", name=label)
    box.focus()
    page.keyboard.type(typed)
    expect(page.get_by_role("option", name=re.compile(found))).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(box).to_have_value(re.compile(found))


def test_a_site_is_registered_by_keyboard_and_a_click_on_the_map(coordinator: Visitor, world: World) -> None:
    page = coordinator.open("/sites/add/")
    page.get_by_label("Name", exact=True).fill("School number 7")
    choose_by_keyboard(page, "Run by", "relief", "Relief Society")
    choose_by_keyboard(page, "Area", "west hil", "West Hills")
    page.locator(".map").click(position={"x": 200, "y": 120})
    expect(page.get_by_label("Location")).to_have_value(re.compile(r"^\d+\.\d{5}, \d+\.\d{5}$"))
    clicked = page.get_by_label("Location").input_value()
    page.locator(".map").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Location")).not_to_have_value(clicked)
    chosen = page.get_by_label("Location").input_value()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("School number 7")
    site = Site.objects.get(name="School number 7")
    assert (site.organisation, site.area) == (world.cast.relief, world.areas["XX12"])
    assert f"{site.location.y:.5f}, {site.location.x:.5f}" == chosen


def test_a_fault_loses_nothing_that_was_typed(coordinator: Visitor, world: World) -> None:
    coordinator.ear.forgive.append("422")
    page = coordinator.open("/sites/add/")
    page.get_by_label("Name", exact=True).fill("Warehouse 3")
    choose_by_keyboard(page, "Run by", "water", "Water Now")
    page.get_by_label("Location").fill("91.5, 58.4")
    page.get_by_label("Notes").fill("Gate on the north side")
    page.get_by_role("button", name="Save").click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Nothing you typed is lost")
    expect(summary).to_contain_text("Are latitude and longitude swapped?")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Location").click()
    expect(page.get_by_label("Location")).to_be_focused()
    expect(page.get_by_label("Location")).to_have_value("91.5, 58.4")
    expect(page.get_by_role("combobox", name="Run by")).to_have_value("Water Now")
    expect(page.get_by_label("Notes")).to_have_value("Gate on the north side")
    page.get_by_label("Location").fill("38.5, 58.4")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Warehouse 3")
    assert Site.objects.get(name="Warehouse 3").organisation == world.cast.water


def test_saving_without_a_connection_keeps_the_page_and_saving_again_goes_through(
    coordinator: Visitor, world: World
) -> None:
    coordinator.ear.forgive.append("ERR_INTERNET_DISCONNECTED")
    page = coordinator.open("/sites/add/")
    page.get_by_label("Name", exact=True).fill("Well 12")
    choose_by_keyboard(page, "Run by", "relief", "Relief Society")
    page.context.set_offline(True)
    page.get_by_label("Notes").fill("Pump broken")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("no connection")
    expect(page.get_by_label("Notes")).to_have_value("Pump broken")
    page.context.set_offline(False)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Well 12")
    assert Site.objects.get(name="Well 12").about == "Pump broken"
    assert not Draft.objects.exists()


def test_a_form_left_unfinished_is_offered_again(coordinator: Visitor, world: World) -> None:
    page = coordinator.open("/sites/add/")
    page.get_by_label("Name", exact=True).fill("Half a name")
    choose_by_keyboard(page, "Area", "east town", "East Town")
    with page.expect_response(lambda answer: answer.url.endswith("/drafts/")):
        page.get_by_label("Notes").fill("Three tents")
    coordinator.open("/")
    coordinator.open("/sites/add/")
    page.get_by_role("link", name="Go on from there").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Half a name")
    expect(page.get_by_label("Notes")).to_have_value("Three tents")
    expect(page.get_by_role("combobox", name="Area")).to_have_value("East Town")
    coordinator.open("/sites/add/")
    page.get_by_role("button", name="Throw it away").click()
    expect(page.get_by_text("did not save")).to_have_count(0)


def test_pressing_save_twice_makes_one_site(coordinator: Visitor, world: World) -> None:
    page = coordinator.open("/sites/add/")
    page.get_by_label("Name", exact=True).fill("Only once")
    choose_by_keyboard(page, "Run by", "relief", "Relief Society")
    page.get_by_role("button", name="Save").dblclick()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Only once")
    assert Site.objects.filter(name="Only once").count() == 1
