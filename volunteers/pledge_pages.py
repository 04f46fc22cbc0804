"""The page of one pledge: what is offered, by whom as far as the viewer may know, what became of it, and the next steps."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from komek.accounts.authority import Action, Standing, may
from komek.extensions import Viewer
from komek.extensions.demands import Demand, demands
from komek.web.context import standing, viewer_of
from volunteers.finding import found_pledge
from volunteers.models import ENDED, OPEN_USES, WAITING, Pledge, PledgeKind, PledgeState, PledgeUse, UseState
from volunteers.moving import free_of, promised_of
from volunteers.names import donor_shown, is_named
from volunteers.notices import follow_address
from volunteers.policies import handles
from volunteers.promising import address_of
from volunteers.steps import STEPS, possible_steps

FIRST_STEPS: dict[str, tuple[str, ...]] = {
    PledgeState.PLEDGED: ("accept", "keep", "decline"),
    PledgeState.ACCEPTED: ("receive", "send"),
    PledgeState.COMMITTED: ("send", "receive"),
    PledgeState.ON_THE_WAY: ("receive",),
    PledgeState.RECEIVED: ("use", "thank"),
    PledgeState.USED: ("thank",),
}
"""Steps that stand in the open in each state; the others fold away behind "More"."""

AT_A_PRESS = ("accept",)
MOST_NEEDS = 5
OF_A_PART = (("send", gettext_lazy("It is on its way")), ("receive", gettext_lazy("It came")))
PART_STATES = {"send": (UseState.HELD,), "receive": OPEN_USES}
"""Steps that one promised part can take, and in which of its states."""


@require_GET
@login_required
def pledge_page(http: HttpRequest, code: str) -> HttpResponse:
    """One pledge, with what matters first."""
    record = found_pledge(http, code)
    if record.code != code:
        return redirect(record)
    return render(http, "volunteers/pledge.html", page_context(record, standing(http), viewer_of(http)))


def page_context(record: Pledge, whose: Standing, viewer: Viewer) -> dict[str, Any]:
    """What the page of a pledge shows to this standing."""
    possible = [(key, STEPS[key]) for key in possible_steps(record.state) if may(whose, STEPS[key].asks, record)]
    if not record.received:
        possible = [(key, step) for key, step in possible if key != "use"]
    first = FIRST_STEPS.get(record.state, ())
    free = free_of(record)
    is_handler = handles(whose, record)
    taken = {key for key, _step in possible}
    uses = list(record.uses.select_related("destination", "entered_by"))
    for use in uses:
        use.address = address_of(use.reference)  # type: ignore[attr-defined]
        use.steps = [(key, title) for key, title in OF_A_PART if key in taken and use.state in PART_STATES[key]]  # type: ignore[attr-defined]
        use.may_be_released = use.state == "held" and may(whose, Action.CHANGE, use)  # type: ignore[attr-defined]
    return {
        "pledge": record,
        "donor": donor_shown(record, whose),
        "is_named": is_named(record),
        "handles": is_handler,
        "first_steps": sorted((one for one in possible if one[0] in first), key=lambda one: first.index(one[0])),
        "other_steps": [one for one in possible if one[0] not in first],
        "at_a_press": AT_A_PRESS,
        "may_change": may(whose, Action.CHANGE, record) and record.state not in ENDED,
        "may_commit": free > 0 and may(whose, Action.ADD, PledgeUse),
        "is_unknown": record.kind == PledgeKind.GOODS and record.item_id is None and record.state not in ENDED,
        "free": free,
        "promised": promised_of(record),
        "uses": uses,
        "receipts": record.receipts.select_related("use", "entered_by"),
        "history": record.steps.select_related("entered_by"),
        "notices": record.notices.all() if is_handler else [],
        "follow_address": follow_address(record) if is_handler else "",
        "needs": _needs(record, viewer) if free > 0 else [],
        "is_waiting": record.state in WAITING,
    }


def _needs(record: Pledge, viewer: Viewer) -> list[tuple[Demand, int | None]]:
    """Who asks for what is offered, nearest first, with the distance in km."""
    if record.item_id is None:
        return []
    point = record.location or (record.site.location if record.site else None)
    found: list[Demand] = []
    for plug in demands:
        near = plug.nearest(
            [record.item_id], longitude=point.x if point else None, latitude=point.y if point else None, viewer=viewer,
            limit=MOST_NEEDS,
        )  # fmt: skip
        found += near.get(record.item_id, ())
    found.sort(key=lambda one: (one.distance_m is None, one.distance_m or 0))
    return [(one, None if one.distance_m is None else round(one.distance_m / 1000)) for one in found[:MOST_NEEDS]]
