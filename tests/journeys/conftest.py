"""A headless Chromium against a live server, with an ear for what a page must not do: fail in its console, ask another host."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from komek.places.models import Area
from komek.places.reference_data import store_names
from orgs.activities import record_activity, record_people_in_need
from orgs.models import Organisation, OrganisationKind, Sector, Verification
from orgs.naming import search_key
from orgs.organisations import register_organisation
from orgs.sites import register_site
from tests.conftest import PASSWORD, Cast, actor, person, point

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "journeys" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all journeys. Playwright keeps an event loop in this thread, in which Django refuses its ORM unless told."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@dataclass
class Ear:
    """What went wrong in a context's pages. ``forgive``: words of console errors that the test provokes on purpose."""

    host: str
    faults: list[str] = field(default_factory=list)
    forgive: list[str] = field(default_factory=list)
    open_requests: set[Request] = field(default_factory=set)

    def listen(self, page: Page) -> None:
        page.on("console", lambda said: self._hear(said.type == "error", f"{page.url}: {said.text} {said.location}"))
        page.on("pageerror", lambda error: self._hear(True, f"{page.url}: {error}"))
        page.on("request", self._asked)
        page.on("requestfinished", lambda request: self.open_requests.discard(request))
        page.on("requestfailed", lambda request: self.open_requests.discard(request))

    def _asked(self, request: Request) -> None:
        self.open_requests.add(request)
        self._hear(self._leaves(request.url), f"asked {request.url}")

    def _leaves(self, url: str) -> bool:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self.host

    def _hear(self, is_fault: bool, what: str) -> None:
        if is_fault and not any(words in what for words in self.forgive):
            self.faults.append(what)


@dataclass
class Visitor:
    """A person at a browser: opens addresses of this server by path."""

    page: Page
    ear: Ear
    base: str

    def open(self, path: str) -> Page:
        self.page.goto(self.base + path)
        return self.page


@pytest.fixture
def visit(browser: Browser, live_server: Any) -> Iterator[Callable[..., Visitor]]:
    """Begins a visit, signed in as ``user`` when given; afterwards nothing may have gone wrong in any page."""
    contexts: list[tuple[BrowserContext, Ear]] = []

    def begin(user: Any = None, **options: Any) -> Visitor:
        options.setdefault("viewport", WIDE)
        # The tester's own scripts (axe) are not served by us; the policy itself is tested in tests/web.
        context = browser.new_context(bypass_csp=True, locale="en-GB", **options)
        context.set_default_timeout(10_000)
        ear = Ear(urlsplit(live_server.url).netloc)
        context.on("page", ear.listen)
        contexts.append((context, ear))
        if user is not None:
            context.add_cookies([_session_cookie(user, live_server.url)])
        return Visitor(context.new_page(), ear, live_server.url)

    yield begin
    for context, ear in contexts:
        # What the server still works on must not meet the emptying of the tables.
        while ear.open_requests and context.pages:
            context.pages[0].wait_for_timeout(20)
        context.close()
    assert [fault for _, ear in contexts for fault in ear.faults] == []


def _session_cookie(user: Any, url: str) -> Any:
    """A session as signing in makes it, without filling in the form each time."""
    from django.test import Client

    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": url,
    }


@pytest.fixture
def coordinator(visit: Callable[..., Visitor], world: World) -> Visitor:
    """Aina, who coordinates the operation, at her desk with a wide screen."""
    return visit(world.cast.aina)


@dataclass
class World:
    """A small operation: the shared cast, areas that resolve by name, 24 more organisations, work in one district, need in another."""

    cast: Cast
    areas: dict[str, Area]
    sectors: dict[str, Sector]


@pytest.fixture
def world(transactional_db: None, cast: Cast, areas: dict[str, Area]) -> World:
    store_names(list(areas.values()))
    for known in (cast.ministry, cast.relief, cast.water):
        known.search_key = search_key([known.name])
        known.save()
    sectors = {
        key: Sector.objects.update_or_create(key=key, defaults={"name": name, "aliases": aliases, "is_active": True})[0]
        for key, name, aliases in (
            ("wash", "Water and sanitation", ["WASH", "agua"]),
            ("health", "Health", ["Salud"]),
            ("education", "Education", ["Educación"]),
            ("camps", "Camp coordination and camp management", ["CCCM"]),
        )
    }
    person("Jemalgözel Gurbanberdimuhammedowa-Garaşsyzlyk")
    by, operation = actor(cast.aina), cast.operation
    kinds = list(OrganisationKind)
    for number in range(24):
        organisation = register_organisation(
            by=by, operation=operation, name=f"{NAMES[number % 6]} {PLACES[number // 6]}", kind=kinds[number % len(kinds)],
            sectors=[list(sectors.values())[number % 3]], is_new=True,
        )  # fmt: skip
        if number % 4 == 0:
            Organisation.objects.filter(pk=organisation.pk).update(verification=Verification.VERIFIED)
    for number, name in enumerate(("Field office", "Water point", "Clinic")):
        register_site(
            by=by, operation=operation, name=name, kind="office", organisation=cast.relief,
            location=point(58.4 + number / 10, 38.5),
        )  # fmt: skip
    record_activity(
        by=by, operation=operation, title="Water trucking", organisation=cast.water, sector=sectors["wash"],
        area=areas["XX11"], status="ongoing", targeted=900, reached=400,
    )  # fmt: skip
    for pcode, people in (("XX11", 1200), ("XX22", 5400)):
        record_people_in_need(
            by=by, operation=operation, area=areas[pcode], sector=sectors["wash"], people=people, source="Survey"
        )
    return World(cast, areas, sectors)


NAMES = ("Umyt", "Ýardam", "Rahmet", "Кумак", "Hemaýat", "Dostluk")
PLACES = ("of the North", "of the South", "of the East", "of the West")

__all__ = ["PASSWORD", "PHONE", "WIDE", "Visitor", "World", "expect"]
