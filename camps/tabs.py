"""The pages that one site has, as its tabs show them."""

from __future__ import annotations

from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from camps.models import Camp, CampType, Household
from komek.accounts.authority import Action, Standing, may

PAGES = (
    ("overview", "camps:camp", _("Overview")),
    ("headcounts", "camps:headcounts", _("Headcounts")),
    ("people", "camps:people", _("People")),
    ("standards", "camps:standards", _("Services and standards")),
    ("hospital", "camps:hospital", _("Hospital")),
    ("health", "camps:health", _("Health watch")),
    ("profile", "camps:profile", _("Profile")),
)


def tabs_of(camp: Camp, standing: Standing) -> list[tuple[str, str, Any]]:
    """(key, address, title) of every page of this site that the viewer may open."""
    found = []
    for key, url_name, title in PAGES:
        if key == "people" and not may(standing, Action.VIEW, Household(camp=camp, operation_id=camp.operation_id)):
            continue
        if key == "hospital" and camp.camp_type != CampType.HOSPITAL:
            continue
        try:
            found.append((key, reverse(url_name, args=[camp.code]), title))
        except NoReverseMatch:  # the part is not installed
            continue
    return found


def page_context(camp: Camp, standing: Standing, tab: str) -> dict[str, Any]:
    """What every page of a site hands to its template."""
    return {
        "camp": camp,
        "tab": tab,
        "camp_tabs": tabs_of(camp, standing),
        "may_change": may(standing, Action.CHANGE, camp),
    }
