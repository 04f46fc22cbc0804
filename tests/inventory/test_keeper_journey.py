"""A keeper with a phone of 360 px: a donor's list, labels, picking, scanning, dispatch, receiving short at a camp, counting."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import segno
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect, sync_playwright

from inventory.codes_drawn import code128_widths
from inventory.models import Account, Balance, Batch, Consignment, Entry
from inventory.verifying import verify
from komek.accounts.roles import Role
from komek.supplies.catalogue import search_key as item_key
from komek.supplies.models import Item
from orgs.models import Site, SiteKind
from orgs.naming import search_key as site_key
from tests.conftest import Cast, member, person
from tests.inventory.conftest import Stores, batch, stocked

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"


def film_of(text: str, file: Path) -> None:
    """A film for the fake camera: one QR code, standing still. YUV4MPEG2, grey."""
    matrix = [
        [int(cell) for cell in row] for row in segno.make(text, error="m", micro=False).matrix_iter(scale=8, border=6)
    ]
    side, width, height = len(matrix), 640, 480
    frame = bytearray(b"\xeb" * (width * height))
    for y, row in enumerate(matrix):
        at = (y + (height - side) // 2) * width + (width - side) // 2
        frame[at : at + side] = bytes(16 if cell else 235 for cell in row)
    write_film(frame, file)


def film_of_bars(text: str, file: Path) -> None:
    """The same with a Code 128, as on the labels."""
    width, module = 640, 3
    bars = [bar for place, count in enumerate(code128_widths(text)) for bar in [place % 2 == 0] * int(count) * module]
    line = bytearray(b"\xeb" * width)
    start = (width - len(bars)) // 2
    line[start : start + len(bars)] = bytes(16 if bar else 235 for bar in bars)
    white = bytearray(b"\xeb" * width)
    write_film(white * 140 + line * 200 + white * 140, file)


def write_film(frame: bytes | bytearray, file: Path) -> None:
    picture = b"FRAME\n" + bytes(frame) + b"\x80" * (len(frame) // 2)
    file.write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n" + picture * 4)


@pytest.fixture
def phone(stores: Stores, live_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Opens a phone on which somebody is signed in; its camera looks at ``tmp_path/code.y4m``."""
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    faults: list[str] = []
    opened: list[Any] = []
    with sync_playwright() as playwright:

        def enter(user: Any) -> Page:
            camera = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
                      f"--use-file-for-fake-video-capture={tmp_path / 'code.y4m'}")  # fmt: skip
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *camera])
            opened.append(browser)
            context = browser.new_context(viewport={"width": 360, "height": 740}, locale="en-GB", has_touch=True)
            client = Client()
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            name = settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
            page = context.new_page()
            page.on(
                "console", lambda said: faults.append(f"{said.text} {said.location}") if said.type == "error" else None
            )
            page.on("pageerror", lambda error: faults.append(str(error)))
            return page

        yield enter
        for browser in opened:
            browser.close()
    assert [fault for fault in faults if "422" not in fault] == []


def fits(page: Page, name: str) -> None:
    """No scrolling sideways; a picture is kept where ``TEST_PICTURES`` names a folder."""
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, page.url
    if folder := os.environ.get("TEST_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def test_a_gift_comes_in_is_sent_on_and_received_short(
    phone: Any, stores: Stores, cast: Cast, live_server: Any, tmp_path: Path
) -> None:
    Item.objects.filter(pk=stores.rice.pk).update(search_key=item_key(stores.rice))
    Site.objects.create(
        name="Camp East",
        kind=SiteKind.CAMP,
        organisation=cast.water,
        operation=cast.operation,
        search_key=site_key(["Camp East"]),
    )
    manager = person("Mahri", current_operation=cast.operation)
    member(manager, cast.water, Role.CAMP_MANAGER)
    old = batch(stores, number="OLD", days=3)
    stocked(stores, old, 40, bin=stores.second_shelf)
    Batch.objects.filter(pk=old.pk).update(expires_on=timezone.localdate() - timedelta(days=1))
    book = openpyxl.Workbook()
    for row in (["Helping Hands"], ["Item", "Qty", "Unit", "Lot", "Expiry"],
                ["Rice", 4, "sack of 25 kg", "L1", "2031-05-01"], [None, 2, None, "L2", "2030-05-01"], ["Total", 6]):  # fmt: skip
        book.active.append(row)
    book.active.merge_cells("A3:A4")
    book.save(tmp_path / "list.xlsx")
    film_of_bars(f"{stores.warehouse.code} A-01", tmp_path / "code.y4m")
    page = phone(stores.kerim)

    page.goto(f"{live_server.url}/consignments/")
    fits(page, "01-list-empty")
    page.get_by_role("link", name="Goods from outside").first.click()
    page.get_by_label("Packing list").set_input_files(tmp_path / "list.xlsx")
    page.get_by_role("button", name="Read the list").click()
    expect(page.get_by_text("2 lines were read")).to_be_visible()
    page.get_by_label("To warehouse").select_option(label="Central store")
    page.get_by_label("Sent by").fill("Helping Hands")
    fits(page, "02-list-read")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("dispatched")
    fits(page, "03-on-the-way")
    page.get_by_role("link", name="Labels of its batches").click()
    expect(page.locator(".label")).to_have_count(2)
    fits(page, "04-labels")
    page.go_back()
    page.get_by_role("link", name="Receive", exact=True).click()
    # The bin's label is read by the camera.
    page.get_by_role("button", name="Scan").first.click()
    expect(page.get_by_label("Put in bin").first).to_have_value(f"{stores.warehouse.code} A-01", timeout=20_000)
    fits(page, "05-receive")
    page.get_by_label("Put in bin").nth(1).fill("a-02")
    page.get_by_role("button", name="Received").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("received")
    lying = Balance.objects.exclude(batch=old).values_list("bin__label", "quantity")
    assert dict(lying) == {"A-01": 100, "A-02": 50}

    page.goto(f"{live_server.url}/consignments/ask/")
    page.get_by_label("From warehouse").select_option(label="Central store")
    page.get_by_label("To site").fill("Camp East")
    page.keyboard.press("Tab")  # what is typed in full is found on saving
    page.get_by_label("Item", exact=True).first.fill("Rice")
    page.keyboard.press("Tab")  # what is typed in full is found on saving
    page.get_by_label("How much").first.fill("70")
    fits(page, "06-ask")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Pick the goods").click()
    fits(page, "07-pick")
    page.get_by_role("button", name="These are picked").click()
    for box in page.get_by_role("checkbox").all():
        box.check()
    fits(page, "08-load")
    page.get_by_role("button", name="Save what is loaded").click()
    page.get_by_role("link", name="Dispatch").click()
    page.get_by_label("Vehicle and number plate").fill("AH 1234 AG")
    fits(page, "09-dispatch")
    page.get_by_role("button", name="Save").click()
    made = Consignment.objects.get(origin=stores.warehouse)
    page.get_by_role("link", name="Waybill", exact=True).click()
    fits(page, "10-waybill")

    # At the camp the camera is not allowed: a photo of the label does as well.
    segno.make(made.code, error="m", micro=False).save(str(tmp_path / "label.png"), scale=6, border=5)
    keepers = page
    page = phone(manager)
    page.add_init_script("navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('no'))")
    page.goto(f"{live_server.url}/stock/scan/")
    page.get_by_role("button", name="Scan").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "label.png")
    expect(page.get_by_role("heading", level=1)).to_contain_text(made.code, timeout=20_000)
    page.get_by_role("button", name="It has arrived").click()
    fits(page, "11-arrived")
    page.get_by_role("link", name="Receive", exact=True).click()
    page.get_by_label("In good order").first.fill("45")
    page.get_by_role("button", name="Received").click()
    expect(page.get_by_text("5 kg are missing")).to_be_visible()
    fits(page, "12-short")
    page.get_by_label("Explain any difference").first.fill("One sack torn at the checkpoint")
    page.get_by_role("button", name="Received").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("received")
    fits(page, "13-received")
    lost = Entry.objects.get(account=Account.LOST)
    assert lost.quantity == 5 and "checkpoint" in lost.movement.reason

    page, house = keepers, f"{live_server.url}/warehouses/{stores.warehouse.code}/"
    page.goto(house)
    page.get_by_role("link", name="Write off what expired").click()
    page.get_by_label("How it is destroyed or returned").fill("Burnt, protocol 7")
    page.get_by_role("button", name="Write off").click()
    expect(page.get_by_role("button", name="Write off")).to_have_count(0)
    page.goto(f"{house}counts/add/")
    page.get_by_label("Hall").check()
    page.get_by_role("button", name="Save").click()
    boxes = page.locator('input[name^="counted-"]')
    expect(boxes).to_have_count(1)
    fits(page, "14-count")
    boxes.first.fill("3 sack of 25 kg + 2")
    page.get_by_role("button", name="Keep what is written").click()
    page.get_by_role("button", name="Counting has ended").click()
    page.get_by_label("accept").check()
    page.get_by_label("Explanation").fill("A mouse")
    page.get_by_role("button", name="Keep these decisions").click()
    page.get_by_role("button", name="Post to the ledger").click()
    expect(page.get_by_text("Posted as")).to_be_visible()
    fits(page, "15-posted")
    assert verify() == []
    page.goto(f"{live_server.url}/stock/reports/donors/?donor_name=Helping+Hands")
    for words in ("Camp East", "Central store", "missing", "45"):
        expect(page.get_by_text(re.compile(words)).first).to_be_visible()
    fits(page, "16-donor")
