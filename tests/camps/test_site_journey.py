"""A registrar's phone reads a ration card with its camera; a coordinator finds the site with the worst water gap and prints it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect, sync_playwright

from camps.entries import Entry, Member
from camps.headcounts import report_headcount
from camps.measuring import measure
from camps.models import Movement, Standard
from camps.registration import register_household
from tests.camps.conftest import CampCast
from tests.conftest import Cast, actor
from tests.inventory.test_keeper_journey import CHROMIUM, film_of, fits

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def phone(live_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Opens a phone on which somebody is signed in; its camera looks at ``tmp_path/code.y4m``."""
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    faults: list[str] = []
    with sync_playwright() as playwright:
        film = f"--use-file-for-fake-video-capture={tmp_path / 'code.y4m'}"
        camera = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", film)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *camera])

        def enter(user: Any) -> Page:
            context = browser.new_context(viewport={"width": 360, "height": 740}, locale="en-GB", has_touch=True)
            client = Client()
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            name = settings.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
            page = context.new_page()
            page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda error: faults.append(str(error)))
            return page

        yield enter
        browser.close()
    assert faults == []


def test_a_card_is_read_by_the_camera_and_a_worst_gap_is_found_and_printed(
    phone: Any, camps: CampCast, cast: Cast, standards: dict[str, Standard], live_server: Any, tmp_path: Path
) -> None:
    entry = Entry("Maral Annaýewa", members=[Member("Maral Annaýewa", "female", 34, relation="head")])
    household = register_household(by=actor(camps.dowlet), operation=cast.operation, camp=camps.camp, entry=entry)
    film_of(household.code, tmp_path / "code.y4m")
    page = phone(camps.dowlet)
    page.goto(f"{live_server.url}/camps/{camps.camp.code}/desk/")
    page.get_by_role("button", name="Scan").click()
    expect(page.get_by_role("heading", name="Maral Annaýewa")).to_be_visible(timeout=20_000)
    fits(page, "desk")
    page.get_by_role("button", name="Out: Maral Annaýewa").click()
    expect(page.get_by_role("button", name="In: Maral Annaýewa")).to_be_visible()
    assert Movement.objects.filter(person__household=household).first().kind == "check_out"

    # A camera that is refused is said; a photo without a code too; typing finds the household all the same.
    page.add_init_script(
        "MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))"
    )
    page.goto(f"{live_server.url}/camps/{camps.camp.code}/desk/")
    page.get_by_role("button", name="Scan").click()
    expect(page.get_by_role("status").first).to_contain_text("The camera cannot be used here.")
    no_picture = {"name": "code.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}
    page.get_by_label("Take a photo of the code").set_input_files(no_picture)
    expect(page.get_by_role("status").first).to_contain_text("or type the code")
    page.get_by_label("Code or name").fill(household.code)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Maral Annaýewa")).to_be_visible()

    for camp, by, people, litres in ((camps.camp, camps.bahar, 400, 1600), (camps.other, cast.lale, 100, 1400)):
        moment = timezone.now() - timedelta(hours=1)
        report_headcount(by=actor(by), operation=cast.operation, camp=camp, people=people, occurred_at=moment)
        measure(
            by=actor(by), operation=cast.operation, camp=camp, standard=standards["water"], value=Decimal(litres),
            occurred_at=moment,
        )  # fmt: skip
    page = phone(cast.aina)
    page.goto(f"{live_server.url}/services/?standard=water")
    fits(page, "services")
    # The darkest point of the map is the worst site; so is the first of the list.
    page.locator('.leaflet-interactive[fill="#7a0f0f"], [style*="#7a0f0f"]').first.click()
    page.get_by_role("link", name="Stadium camp").first.click()
    page.get_by_role("navigation", name="Pages of this site").get_by_role("link", name="Profile").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Stadium camp")
    fits(page, "profile")
    address = page.get_by_role("link", name="PDF").get_attribute("href")
    assert page.request.get(f"{live_server.url}{address}").body().startswith(b"%PDF")
