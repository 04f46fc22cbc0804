"""A camp manager types in a paper list of 60 households by keyboard alone, in a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect, sync_playwright

from camps.models import Household, Person
from tests.camps.conftest import CampCast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


@pytest.fixture
def page(camps: CampCast, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """Bahar, signed in. Playwright keeps an event loop in this thread, in which Django refuses its ORM unless told."""
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    client = Client()
    client.force_login(camps.bahar, backend="django.contrib.auth.backends.ModelBackend")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
        opened, faults = context.new_page(), []
        opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        opened.on("pageerror", lambda error: faults.append(str(error)))
        opened.goto(live_server.url + reverse("camps:paper_list", args=[camps.camp.code]))
        opened.wait_for_load_state("networkidle")
        yield opened
        browser.close()
    # Chromium notes every answer that is not a success; a refused list is one.
    assert [fault for fault in faults if "422" not in fault] == []


def type_row(page: Page, *cells: str) -> None:
    """A row as typed: Tab between cells, Enter at its end."""
    for place, text in enumerate(cells):
        if place:
            page.keyboard.press("Tab")
        if text:
            page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_sixty_households_are_typed_in_by_keyboard_alone(page: Page) -> None:
    for number in range(1, 61):
        type_row(page, str(number), f"Myrat {number}", "m", "40", *(("", "", "A-60") if number == 60 else ()))
        if number % 4 == 0:
            type_row(page, "", f"Aýna {number}", "f", "38", "s")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Households: 60, people: 75.")).to_be_visible()
    assert (Household.objects.count(), Person.objects.count()) == (60, 75)
    assert set(Person.objects.filter(name__startswith="Aýna").values_list("sex", "relation")) == {("female", "spouse")}
    assert Household.objects.get(head_name="Myrat 60").shelter_unit == "A-60"


def test_arrows_move_a_fault_is_shown_at_its_row_and_can_be_corrected(page: Page) -> None:
    type_row(page, "1", "Myrat", "m", "400")
    page.keyboard.press("ArrowUp")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator("input:focus")).to_have_value("400")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert").filter(has_text="Row 1")).to_contain_text("400 is not plausible")
    page.locator("#cell-1-age").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("40")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Households: 1, people: 1.")).to_be_visible()
    assert Household.objects.get().members.get().age == 40


def test_cells_pasted_from_a_spreadsheet_spread_out_and_the_draft_outlives_the_page(page: Page) -> None:
    lines = [f'{number}\tHead {number}\tf\t{20 + number}\th\t\t"A\n{number}"' for number in range(1, 31)]
    page.evaluate("text => navigator.clipboard.writeText(text)", "\n".join(lines) + "\n")
    page.keyboard.press("Control+V")
    expect(page.locator('[name="name"]').nth(29)).to_have_value("Head 30")
    expect(page.locator('[name="tent"]').nth(29)).to_have_value("A 30")
    ids = page.eval_on_selector_all('[name="row_id"]', "all => all.map(one => one.value)")
    assert len(set(ids)) == len(ids) >= 31
    expect(page.get_by_text("Draft kept")).to_be_visible(timeout=10_000)
    page.reload()
    expect(page.locator('[name="name"]').nth(29)).to_have_value("Head 30")
    page.locator("#cell-1-name").focus()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Households: 30, people: 30.")).to_be_visible()
