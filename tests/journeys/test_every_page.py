"""What holds of every page: readable by everybody, in both colours, on a small phone, asking no other host."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orgs.models import Activity, Site
from tests.journeys.conftest import PHONE, Visitor, World, expect

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PUBLIC = [
    "/", "/account/login/", "/account/signup/", "/nowhere/", "/follow/", "/pledge/offer/", "/find/?name=Nobody+Atall",
    "/find/report/missing/", "/find/follow/", "/find/your-data/",
]  # fmt: skip
MAIN = [
    "/", "/search/?q=relief", "/organisations/", "{organisation}", "/organisations/add/", "/sites/", "{site}", "/activities/",
    "{activity}", "/coverage/", "/exchange/", "/supplies/", "{history}", "/account/",
]  # fmt: skip
MORE = [
    "/operations/", "/organisations/?text=nothing-like-it", "{organisation}?tab=contacts", "{organisation}?tab=members",
    "{organisation}change/", "/organisations/duplicates/", "/organisations/requests/", "/sites/add/", "/activities/add/",
    "/coverage/people-in-need/", "/exchange/orgs.activity/import/", "/views/", "/account/2fa/", "/account/2fa/totp/activate/",
    "/account/sessions/", "/account/tokens/", "/account/waiting/", "/places/", "/camps/", "/camps/placement/",
    "/places/find/?q=Ashgabat", "/catalogue/lists/", "/catalogue/units/add/", "/account/email/", "/account/2fa/webauthn/",
    "/requests/", "/requests/add/", "/requests/ageing/", "/requests/rules/", "/pledges/", "/pledges/add/", "/pledges/reconciliation/",
    "/persons/", "/persons/report/", "/persons/waiting/", "/persons/pairs/", "/persons/objections/",
    "/find/numbers/add/",
    "/messaging/", "/messaging/many/", "/messaging/answers/", "/messaging/join/", "/helpers/",
]  # fmt: skip


def paths(world: World, patterns: list[str]) -> list[str]:
    organisation = world.cast.relief
    known = {
        "organisation": organisation.get_absolute_url(),
        "site": Site.objects.all()[0].get_absolute_url(),
        "activity": Activity.objects.all()[0].get_absolute_url(),
        "history": f"/history/orgs/organisation/{organisation.pk}/",
    }
    return [pattern.format(**known) for pattern in patterns]


def violations(visitor: Visitor, rules: list[str]) -> list[str]:
    """Serious and critical faults that axe finds, by all its rules when none are named; each with the first place."""
    page = visitor.page
    page.add_script_tag(content=AXE.read_text())
    options = {"resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
    found: Any = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{page.url}: {one['id']}: {one['nodes'][0]['html'][:160]} ({one['nodes'][0]['failureSummary'][:300]})"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def overflow(visitor: Visitor) -> list[str]:
    """Whether the page scrolls sideways, and what sticks out first."""
    found: Any = visitor.page.evaluate(
        """() => {
            const wide = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= wide) return "";
            const out = [...document.body.querySelectorAll("*")].find((e) => {
                const box = e.getBoundingClientRect();
                return box.right > wide + 1 || box.left < -1;
            });
            return out ? out.outerHTML.slice(0, 160) : "something";
        }"""
    )
    return [f"{visitor.page.url}: {found}"] if found else []


# Dark colours change colours only.
@pytest.mark.parametrize(("scheme", "rules"), [("light", []), ("dark", ["color-contrast"])])
def test_pages_have_no_serious_fault_of_accessibility(
    visit: Callable[..., Visitor], world: World, administrator: Any, scheme: str, rules: list[str]
) -> None:
    found = []
    mine = MAIN if scheme == "dark" else MAIN + MORE
    for user, asked in ((None, PUBLIC), (world.cast.aina, paths(world, mine)), (administrator, ["/style-guide/"])):
        visitor = visit(user, color_scheme=scheme)
        visitor.ear.forgive.append("/nowhere/")
        for path in asked:
            visitor.open(path)
            found += violations(visitor, rules)
    assert found == []


@pytest.mark.parametrize("language", ["en", "ru", "ar"])
def test_no_page_scrolls_sideways_on_a_small_phone(
    visit: Callable[..., Visitor], world: World, settings: Any, language: str
) -> None:
    settings.LANGUAGES = [*settings.LANGUAGES, ("ar", "Arabic")]  # as KOMEK_EXTRA_LANGUAGES does: right to left
    found = []
    mine = MAIN + MORE if language == "ru" else MAIN  # Russian words are the longest
    for user, asked in ((None, PUBLIC), (world.cast.aina, paths(world, mine))):
        visitor = visit(user, viewport=PHONE)
        visitor.ear.forgive.append("/nowhere/")
        visitor.page.context.add_cookies([{"name": "django_language", "value": language, "url": visitor.base}])
        for path in asked:
            page = visitor.open(path)
            assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
            found += overflow(visitor)
    assert found == []


def test_a_printed_page_carries_its_date_and_nothing_to_press(coordinator: Visitor, world: World) -> None:
    page = coordinator.open(world.cast.relief.get_absolute_url())
    expect(page.get_by_text("Printed ")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.get_by_text("by Aina")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text(world.cast.relief.code)
    expect(page.locator("summary", has_text=str(world.cast.operation))).to_be_visible()
    for gone in ("main button", "main .tabs", ".menu", ".search", ".footer"):
        expect(page.locator(gone).first).to_be_hidden()
    assert overflow(coordinator) == []
