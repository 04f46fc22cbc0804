"""A coordinator looks at the map: finds a site, opens it, switches its layer off, and sends the address to a colleague on a phone."""

from __future__ import annotations

from collections.abc import Callable

from orgs.models import Site
from tests.journeys.conftest import PHONE, Visitor, World, expect
from tests.journeys.test_every_page import overflow, violations


def test_a_coordinator_finds_a_site_on_the_map_and_sends_the_view_to_a_phone(
    coordinator: Visitor, visit: Callable[..., Visitor], world: World
) -> None:
    site = Site.objects.filter(location__isnull=False)[0]
    page = coordinator.open("/map/")
    expect(page.get_by_text("in sight").first).to_be_visible()
    assert violations(coordinator, []) == []
    page.get_by_label("Fly to a code or a place").fill(site.code)
    page.get_by_role("button", name="Find").click()
    mark = page.get_by_role("button", name=f"Sites: {site.name}")
    mark.click()
    expect(page.locator(".leaflet-popup").get_by_role("link", name=site.name)).to_have_attribute(
        "href", site.get_absolute_url()
    )
    page.get_by_label("Sites", exact=True).uncheck()
    expect(mark).to_have_count(0)
    page.wait_for_url("**layers=**")
    sent = page.url.removeprefix(coordinator.base)
    phone = visit(world.cast.oraz, viewport=PHONE)
    page = phone.open(sent)
    expect(page.get_by_label("Sites", exact=True)).not_to_be_checked()
    assert overflow(phone) == []
    page.get_by_label("Sites", exact=True).check()
    expect(page.get_by_role("button", name=f"Sites: {site.name}")).to_be_visible()
    page.locator('a[href="/map/layers/orgs.sites/"]').click()
    page.get_by_role("link", name=site.name).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(site.name)
