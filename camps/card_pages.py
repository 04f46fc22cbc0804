"""Ration cards to print: one household's, or many on a sheet."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from camps.finding import found_camp
from camps.households import HERE
from camps.models import Household
from camps.people_filters import HouseholdFilter
from camps.people_pages import found_household
from camps.ration_cards import ration_card
from camps.reading import names_read
from komek.accounts.authority import Action, require, visible
from komek.records.middleware import actor_of
from komek.web.context import standing

MOST_CARDS = 400


@require_GET
@login_required
def card(request: HttpRequest, code: str) -> HttpResponse:
    """One household's card."""
    household = found_household(request, code)
    return _show(request, household.camp, [household])


@require_GET
@login_required
def cards(request: HttpRequest, code: str) -> HttpResponse:
    """Cards of the site's households that are here and match the list's filters (or ``codes=H1,H2``), by head of household."""
    camp = found_camp(request, code)
    whose = standing(request)
    require(whose, Action.VIEW, Household(camp=camp, operation_id=camp.operation_id))
    rows = visible(Household.objects.filter(camp=camp).select_related("camp"), whose)
    asked = [text for text in request.GET.get("codes", "").split(",") if text]
    if asked:
        rows = rows.filter(code__in=asked)
    else:
        rows = HouseholdFilter(request.GET, queryset=rows, request=request).qs.filter(presence__in=HERE)
    rows = rows.order_by("head_name", "pk")
    return _show(request, camp, list(rows[:MOST_CARDS]), total=rows.count())


def _show(request: HttpRequest, camp: Any, households: list[Household], total: int = 1) -> HttpResponse:
    names_read(by=actor_of(request), operation=camp.operation, what=_("Ration cards"), records=households)
    context = {
        "camp": camp,
        "cards": [ration_card(household) for household in households],
        "left_out": max(0, total - len(households)),
        "most": MOST_CARDS,
        "today": timezone.localdate(),
    }
    return render(request, "camps/cards.html", context)
