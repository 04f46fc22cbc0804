"""The page of a proposal: who gets what from where. A coordinator changes and accepts it, row by row."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from aid_requests.committing import commit_offer
from aid_requests.matching import kilometres
from aid_requests.models import Priority, RequestLine
from aid_requests.needed import open_figures, with_figures
from aid_requests.proposals import MOST_LINES, Proposal, Row, propose
from aid_requests.refusals import Refused
from komek.accounts.authority import NotAllowed, visible
from komek.accounts.roles import MANAGERS
from komek.records.middleware import actor_of
from komek.supplies.models import Item, plain
from komek.web.context import standing, viewer_of
from orgs.policies import coordinates_everything

ROWS_ON_A_PAGE = 25
"""Each is a card of its own on a phone."""


@require_http_methods(["GET", "POST"])
@login_required
def plan(http: HttpRequest) -> HttpResponse:
    """A proposal for what is chosen; sent back, its ticked rows are promised. Rows that are refused stay, with the reason."""
    whose = standing(http)
    if not (whose.runs_installation or coordinates_everything(whose) or whose.holds_anywhere(*MANAGERS)):
        raise NotAllowed(_("Sharing out is for coordinators. Ask one of your organisation."))
    raw = http.GET.get("item", "")
    item = Item.objects.filter(pk=int(raw)).first() if raw.isdigit() else None
    priorities = [value for value in http.GET.getlist("priority") if value in Priority.values]
    refused: list[Row] = []
    if http.method == "POST":
        refused, taken = _accept(http)
        if taken:
            messages.success(http, ngettext("%(n)d promise made.", "%(n)d promises made.", taken) % {"n": taken})
        if not refused:
            if not taken:
                messages.info(http, _("No row was ticked; nothing was promised."))
            return redirect(_first_page(http))
    proposal = Proposal(rows=refused, lines=len(refused)) if refused else propose(viewer_of(http), item, priorities)
    page = Paginator(proposal.rows, ROWS_ON_A_PAGE).get_page(http.GET.get("page"))
    context = {
        "proposal": proposal, "item": item, "priorities": Priority.choices, "chosen": priorities, "is_refused": bool(refused),
        "rows": [(place, row, kilometres(None if row.km is None else row.km * 1000)) for place, row in enumerate(page)],
        "gain": _gain(proposal), "items": _items_asked_for(http), "page": page, "most": MOST_LINES,
    }  # fmt: skip
    return render(http, "aid_requests/plan.html", context, status=422 if refused else 200)


def _accept(http: HttpRequest) -> tuple[list[Row], int]:
    """Promise the ticked rows, each in a transaction of its own: those that cannot be, and how many were."""
    by, operation = actor_of(http), http.operation or None  # type: ignore[attr-defined]
    places = [int(place) for place in http.POST.getlist("row")[: 2 * ROWS_ON_A_PAGE] if place.isdigit()]
    keys = [http.POST.get(f"line-{place}", "") for place in places]
    rows = visible(RequestLine.objects.filter(pk__in=[key for key in keys if key.isdigit()]), standing(http))
    rows = rows.filter(request__operation=operation).select_related("request__site", "request__operation", "item__unit")
    lines = {str(line.pk): line for line in with_figures(rows)}
    refused, taken = [], 0
    for place, key in zip(places, keys, strict=True):
        line = lines.get(key)
        if line is None:
            continue
        typed = http.POST.get(f"quantity-{place}", "").strip()
        row = Row(
            line, http.POST.get(f"plug-{place}", ""), http.POST.get(f"offer-{place}", ""), http.POST.get(f"title-{place}", ""),
            None, Decimal(0), Decimal(0),
        )  # fmt: skip
        try:
            row.quantity = _number(typed)
            if row.quantity == 0:
                continue
            with transaction.atomic():
                commit_offer(
                    by=by, operation=operation, line=line, plug=row.plug, offer=row.offer, quantity=row.quantity,
                    title=row.title,
                )  # fmt: skip
            taken += 1
        except (ValidationError, NotAllowed) as refusal:
            row.refused = " ".join(getattr(refusal, "messages", None) or [str(refusal)])
            refused.append(row)
    return refused, taken


def _number(typed: str) -> Decimal:
    try:
        number = Decimal(typed.replace(",", ".") or "0")
    except InvalidOperation:
        raise Refused({"quantity": _("“%(typed)s” is not a number.") % {"typed": typed[:40]}}) from None
    if not number.is_finite():
        raise Refused({"quantity": _("Write the quantity as a number.")})
    return number


def _first_page(http: HttpRequest) -> str:
    """The same plan, made anew: what was promised is no longer in it, and the next rows have moved up."""
    query = http.GET.copy()
    query.pop("page", None)
    return f"{http.path}?{query.urlencode()}" if query else http.path


def _gain(proposal: Proposal) -> str:
    """How much better the proposal is than the one by hand, in percent; empty when nobody would see a difference."""
    if not proposal.worth_by_hand or proposal.worth <= proposal.worth_by_hand:
        return ""
    percent = Decimal(100 * (proposal.worth / proposal.worth_by_hand - 1)).quantize(Decimal("0.1"))
    return plain(percent) if percent else ""


def _items_asked_for(http: HttpRequest) -> list[Any]:
    """Items of the catalogue that open requests ask for, to choose from."""
    whose = standing(http)
    needed = visible(open_figures().filter(item=OuterRef("pk"), request__operation=whose.operation), whose)
    # The first of each is enough; a join would look at all.
    one = Subquery(needed.order_by().values("line")[:1])
    return list(Item.objects.annotate(one=one).filter(one__isnull=False).order_by("name")[:200])
