"""A company offers lorries without an account; a coordinator accepts; the company follows what becomes of it."""

from __future__ import annotations

from collections.abc import Callable

from tests.journeys.conftest import Visitor, World, expect
from volunteers import robots
from volunteers.models import Pledge, PledgeState


def test_a_company_offers_lorries_and_follows_what_becomes_of_them(
    coordinator: Visitor, visit: Callable[..., Visitor], world: World, monkeypatch: object
) -> None:
    monkeypatch.setattr(robots, "QUICKEST_S", 0)  # type: ignore[attr-defined]
    public = visit(None)
    page = public.open("/pledge/offer/")
    page.get_by_label("What do you offer?").select_option("transport")
    page.get_by_label("What is it?").fill("lorries with drivers")
    page.get_by_label("How much or how many?").fill("3")
    page.get_by_label("Who offers it?").select_option("company")
    page.get_by_label("Your name, or that of your company").fill("Steppe Haulage")
    public.ear.forgive.append("/pledge/offer/")
    page.get_by_role("button", name="Offer it").click()
    expect(page.get_by_text("so that we can answer you").first).to_be_visible()
    expect(page.get_by_label("What is it?")).to_have_value("lorries with drivers")
    page.get_by_label("Phone").fill("+99365123456")
    page.get_by_role("button", name="Offer it").click()
    expect(page.get_by_text("Your offer has come in")).to_be_visible()
    pledge = Pledge.objects.get()
    mine = coordinator.open(f"/pledges/{pledge.code}/")
    expect(mine.get_by_text("Steppe Haulage")).to_be_visible()
    mine.get_by_role("button", name="Accept").click()
    expect(mine.get_by_text("The pledge is accepted, and the donor is told.")).to_be_visible()
    page.reload()
    expect(page.locator(".steps")).to_contain_text("accepted")
    page.get_by_text("I cannot give it any more").click()
    page.get_by_role("button", name="Take the offer back").click()
    expect(page.get_by_text("Your offer is taken back")).to_be_visible()
    assert Pledge.objects.get().state == PledgeState.WITHDRAWN
