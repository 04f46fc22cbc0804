"""A request from the form over the keyboard of triage to the requester's own page."""

from __future__ import annotations

import re

from aid_requests.models import AidRequest, RequestState
from tests.journeys.conftest import Visitor, World, expect


def test_a_request_is_asked_decided_by_keyboard_and_followed_without_an_account(
    coordinator: Visitor, visit: object, world: World
) -> None:
    page = coordinator.open("/requests/add/")
    page.get_by_role("combobox", name="What is needed").fill("warm felt rugs")
    page.get_by_label("Quantity").fill("40")
    page.get_by_role("button", name="One more line").click()
    page.get_by_role("combobox", name="What is needed").nth(1).fill("lorry with a crane")
    page.get_by_label("Quantity").nth(1).fill("2")
    page.get_by_label("Address or landmark").fill("Bridge by the mill")
    page.get_by_role("button", name="Keep as a draft").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("40 warm felt rugs, 2 lorry with a crane")
    page.get_by_role("link", name="Go on and submit").click()
    page.get_by_role("button", name="Submit the request").click()
    expect(page.get_by_text("Whoever answers for it sees it now")).to_be_visible()

    page = coordinator.open("/requests/")
    expect(page.get_by_role("link", name=re.compile("1 To be decided"))).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator("tr.is-current")).to_contain_text("warm felt rugs")
    page.keyboard.press("v")
    expect(page.get_by_text("1 request is verified.")).to_be_visible()
    request = AidRequest.objects.get()
    assert request.state == RequestState.VERIFIED

    public = visit(None)  # type: ignore[operator]
    page = public.open(f"/follow/{request.code}/")
    expect(page.get_by_text("verified").first).to_be_visible()
    expect(page.get_by_text("felt rugs")).to_have_count(0)
    page = public.open(f"/follow/{request.code}/?key={request.follow_key}")
    expect(page.get_by_role("cell", name=re.compile("warm felt rugs"))).to_be_visible()
