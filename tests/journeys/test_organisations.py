"""From signing in to an organisation's history, the list shaped to one's needs on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from django.core import mail
from django.utils import timezone

from komek.web.models import Pace, SavedView, Subscription
from komek.web.subscriptions import send_due
from orgs.models import Organisation
from orgs.organisations import change_organisation
from tests.conftest import actor
from tests.journeys.conftest import PASSWORD, PHONE, Visitor, World, expect
from tests.journeys.test_sites import choose_by_keyboard


def column(visitor: Visitor, label: str) -> list[str]:
    """What stands in one column of the list shown."""
    return visitor.page.locator(f'#list td[data-label="{label}"]').all_inner_texts()


def test_a_coordinator_signs_in_shapes_a_list_saves_it_and_is_told_what_changes(
    visit: Callable[..., Visitor], world: World
) -> None:
    visitor = visit()
    page = visitor.open("/")
    page.get_by_role("link", name="Sign in").first.click()
    page.get_by_label(re.compile("^e-?mail", re.I)).fill("aina@example.org")
    page.get_by_label(re.compile("^password", re.I)).fill(PASSWORD)
    page.get_by_role("button", name=re.compile("^sign in$", re.I)).click()
    expect(page.get_by_role("heading", name="Earthquake")).to_be_visible()

    page.get_by_role("navigation", name="Registries").get_by_role("link", name="Organisations").click()
    page.get_by_label("Name, acronym or code").fill("of the North")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("list", name="Filters in force")).to_contain_text("of the North")
    assert len(column(visitor, "Name")) == 6
    assert page.url.endswith("/organisations/?text=of%20the%20North")  # short enough to send to somebody

    page.get_by_role("columnheader", name="Name").get_by_role("link").click()
    expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "descending")
    shown = column(visitor, "Name")
    assert shown == list(
        Organisation.objects.filter(name__contains="of the North").order_by("-name").values_list("name", flat=True)
    )

    page.locator("summary", has_text="Columns").click()
    page.get_by_role("checkbox", name="Website").check()
    page.get_by_role("checkbox", name="Acronym").uncheck()
    page.get_by_role("button", name="Show these columns").click()
    expect(page.get_by_role("columnheader", name="Website")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Acronym")).to_have_count(0)
    assert column(visitor, "Name") == shown

    page.locator("summary", has_text="Save this view").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("The north")
    page.get_by_label("Tell me by e-mail what changes").select_option("at_once")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The view “The north” is saved.")).to_be_visible()
    assert column(visitor, "Name") == shown
    assert Subscription.objects.get().pace == Pace.AT_ONCE

    # Somebody changes one that is in the view and one that is not; one e-mail tells of the first.
    for name in (shown[0], "Water Now"):
        changed = Organisation.objects.get(name=name)
        change_organisation(
            by=actor(world.cast.aina), operation=world.cast.operation, organisation=changed, about="Moved."
        )
    assert send_due(timezone.now() + timedelta(minutes=2)) == 1
    assert shown[0] in mail.outbox[-1].body
    assert "Water Now" not in mail.outbox[-1].body

    page.get_by_role("link", name=shown[0]).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(shown[0])
    page.get_by_role("navigation", name="Parts of this entry").get_by_role("link", name="History").click()
    expect(page.get_by_role("heading", name="What changed here")).to_be_visible()
    expect(page.locator("article").first).to_contain_text("Moved.")
    expect(page.locator("article").first).to_contain_text("Aina")


def test_a_saved_view_leads_back_to_the_same_rows(coordinator: Visitor, world: World) -> None:
    view = SavedView.objects.create(
        owner=world.cast.aina, operation=world.cast.operation, list_key="orgs.organisation", path="/organisations/",
        name="Checked ones", query="verification=verified&sort=-name",
    )  # fmt: skip
    page = coordinator.open("/organisations/")
    page.locator("summary", has_text="Saved views").click()
    page.get_by_role("link", name=view.name).click()
    expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "descending")
    assert set(column(coordinator, "Verification")) == {"verified"}
    assert len(column(coordinator, "Name")) == 6


def test_filters_fold_away_and_are_ticked_and_found_by_name(coordinator: Visitor, world: World) -> None:
    page = coordinator.open("/organisations/")
    page.get_by_text("More filters").click()
    page.get_by_role("group", name="Sector").locator("summary").click()
    page.get_by_role("checkbox", name="Health").check()
    page.get_by_role("checkbox", name="Education").check()
    page.keyboard.press("Escape")
    choose_by_keyboard(page, "Works in", "west tow", "West Town")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("Nothing matches these filters")).to_be_visible()
    page.get_by_role("list", name="Filters in force").get_by_role("link", name="Works in: West Town").click()
    expect(page.get_by_role("list", name="Filters in force").get_by_role("listitem")).to_have_count(2)
    assert len(column(coordinator, "Name")) == 16


def test_a_list_sorts_on_a_phone_where_it_has_no_header(visit: Callable[..., Visitor], world: World) -> None:
    visitor = visit(world.cast.aina, viewport=PHONE)
    page = visitor.open("/organisations/")
    first = column(visitor, "Name")[0]
    page.locator("summary", has_text="Sort").click()
    page.get_by_role("link", name="Name").click()
    expect(page.locator('#list td[data-label="Name"]').last).to_have_text(first)
    page.locator("summary", has_text="Menu").click()
    page.get_by_role("navigation", name="Registries").get_by_role("link", name="Sites").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sites")


def test_a_list_that_cannot_be_fetched_says_so_and_keeps_what_it_shows(coordinator: Visitor, world: World) -> None:
    coordinator.ear.forgive += ["ERR_INTERNET_DISCONNECTED", "htmx"]
    page = coordinator.open("/organisations/")
    page.context.set_offline(True)
    page.get_by_label("Name, acronym or code").fill("of the North")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_role("alert")).to_contain_text("could not be reached")
    assert len(column(coordinator, "Name")) == 27
    page.context.set_offline(False)
    page.get_by_role("button", name="Filter").click()
    expect(page.locator('#list td[data-label="Name"]')).to_have_count(6)
    expect(page.get_by_role("alert")).to_have_count(0)
