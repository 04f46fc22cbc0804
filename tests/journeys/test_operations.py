"""Opening an operation and putting a kit together: rows added, filled by keyboard and taken away."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page

from komek.operations.models import HazardType, Operation
from komek.operations.opening import change_operation
from komek.supplies.models import Category, Item, KitContent, Need, Unit
from tests.conftest import actor
from tests.journeys.conftest import PHONE, Visitor, World, expect
from tests.journeys.test_every_page import overflow, violations

PAGES = [
    "/operations/", "/operations/quake/", "/operations/quake/change/", "/hazard-types/", "/hazard-types/flood/",
    "/supplies/BOX/", "/supplies/BOX/contents/", "/supplies/RICE/needs/",
]  # fmt: skip


@pytest.fixture
def catalogue(world: World) -> dict[str, Item]:
    units = {
        symbol: Unit.objects.create(symbol=symbol, name=name, dimension=dimension, factor=Decimal(factor))
        for symbol, name, dimension, factor in (
            ("pc", "piece", "count", "1"), ("kg", "kilogram", "mass", "1"), ("g", "gram", "mass", "0.001"),
        )
    }  # fmt: skip
    food = Category.objects.create(key="food", name="Food")
    rows = (("BOX", "Food box for one month", "pc"), ("RICE", "Rice, long grain", "kg"), ("OIL", "Cooking oil", "kg"))
    items = {
        code: Item.objects.create(code=code, name=name, unit=units[unit], category=food, search_key=name.lower())
        for code, name, unit in rows
    }
    KitContent.objects.create(kit=items["BOX"], item=items["OIL"], quantity=Decimal(1))
    Need.objects.create(item=items["RICE"], quantity=Decimal("0.4"), how_often="day", source="Survey of the market")
    flood = HazardType.objects.create(key="flood", name="Flood", glide_code="FL")
    area = world.areas["XX11"]
    change_operation(
        by=actor(world.cast.aina), operation=world.cast.operation, hazard_types=[flood], affected_areas=[area]
    )
    return items


def pick(page: Page, box: Any, typed: str, found: str) -> None:
    box.focus()
    page.keyboard.type(typed)
    expect(page.get_by_role("option", name=re.compile(found)).first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(box).to_have_value(re.compile(found))


def test_an_operation_is_opened_with_an_area_in_a_row_added_by_hand(
    coordinator: Visitor, catalogue: dict[str, Item], world: World
) -> None:
    coordinator.ear.forgive.append("422")
    page = coordinator.open("/operations/")
    page.get_by_role("link", name="Open an operation").click()
    page.get_by_label("A real disaster").check()
    page.get_by_label("Name", exact=True).fill("Flood in the hills")
    page.get_by_label("Flood", exact=True).check()
    page.get_by_label("GLIDE number").fill("FL-26")
    page.get_by_role("button", name="One more area").click()
    boxes = page.get_by_role("combobox", name="Area")
    expect(boxes).to_have_count(3)
    expect(boxes.nth(2)).to_be_focused()
    pick(page, boxes.nth(2), "west hil", "West Hills")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("is not a GLIDE number")
    expect(boxes.nth(2)).to_have_value("West Hills")
    page.get_by_label("GLIDE number").fill("FL-2026-000123-TKM")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Flood in the hills")
    opened = Operation.objects.get(slug="flood-in-the-hills")
    assert (opened.glide_number, list(opened.affected_areas.all())) == ("FL-2026-000123-TKM", [world.areas["XX12"]])
    expect(page.locator(".masthead")).to_contain_text("Flood in the hills")


def test_a_kit_is_put_together_by_adding_and_taking_away_rows(coordinator: Visitor, catalogue: dict[str, Item]) -> None:
    page = coordinator.open("/supplies/BOX/contents/")
    page.get_by_role("button", name="Take away").first.click()
    page.get_by_role("button", name="One more item").click()
    row = page.locator("[data-row]:visible").last
    pick(page, row.get_by_role("combobox", name="Item"), "rice", "Rice, long grain")
    row.get_by_label("Quantity").fill("2500")
    row.get_by_label("Unit").select_option(label="g (gram)")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("2.5 kg")).to_be_visible()
    (content,) = KitContent.objects.all()
    assert (content.item.code, content.quantity) == ("RICE", Decimal("2.5"))


def test_rows_work_without_scripts(visit: Callable[..., Visitor], world: World, catalogue: dict[str, Item]) -> None:
    page = visit(world.cast.aina, java_script_enabled=False).open("/supplies/BOX/contents/")
    expect(page.get_by_role("button", name="One more item")).to_have_count(0)
    page.locator('[name="contents-0-item_text"]').fill("")
    page.locator('[name="contents-0-quantity"]').fill("")
    page.locator('[name="contents-1-item_text"]').fill("rice")
    page.locator('[name="contents-1-quantity"]').fill("5")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("5 kg")).to_be_visible()


def test_these_pages_are_for_everybody_and_fit_a_phone(
    visit: Callable[..., Visitor], world: World, catalogue: dict[str, Item]
) -> None:
    found = []
    wide, phone = visit(world.cast.aina), visit(world.cast.aina, viewport=PHONE)
    for path in PAGES:
        wide.open(path)
        found += violations(wide, [])
        phone.open(path)
        found += overflow(phone)
    assert found == []
