"""Sites compared by one standard: a list and a map, the worst first, so that help goes where most is missing."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from camps.assessing import SiteIndicator, indicators_of, standards_in_use, worse_first
from camps.models import Camp, Standard
from camps.standard_rows import Row, row_of
from komek.accounts.authority import Action, require, visible
from komek.web.context import standing
from komek.web.templatetags.komek import ago
from orgs.models import Opening

MOST_SITES = 5000
SHOWN = 200
# Darker is worse, so that the map can be read in grey as well.
COLOURS = {"none": "#9fd3b4", "some": "#d9a400", "much": "#c2571a", "critical": "#7a0f0f", "unknown": "#5b6472"}
MUCH = 0.5


@require_GET
@login_required
def services(request: HttpRequest) -> HttpResponse:
    """Open sites by how much of one standard is missing; those of which nothing is known stand last."""
    standards = standards_in_use()
    chosen = _chosen(request, standards)
    rows = _compared(request, chosen) if chosen else []
    context = {
        "standards": standards,
        "chosen": chosen,
        "rows": rows[:SHOWN],
        "more": max(len(rows) - SHOWN, 0),
        "short": sum(row.has_gap for row in rows),
        "unknown": sum(not row.found.indicator.is_known for row in rows),
        "total": len(rows),
    }
    return render(request, "camps/services.html", context)


@require_GET
@login_required
def services_geojson(request: HttpRequest) -> JsonResponse:
    """The same sites for the map, coloured by how much is missing."""
    chosen = _chosen(request, standards_in_use())
    rows = _compared(request, chosen) if chosen else []
    features = [_feature(row) for row in rows if row.found.camp.location is not None]
    style = {"by": "level", "default": COLOURS["unknown"], "colours": COLOURS}
    return JsonResponse({"type": "FeatureCollection", "features": features, "style": style})


def level_of(found: SiteIndicator) -> str:
    """How much is missing, in words that pick a colour."""
    indicator = found.indicator
    if indicator.badness is None:
        return "unknown"
    if indicator.is_critical:
        return "critical"
    if not indicator.gap:
        return "none"
    return "much" if indicator.badness >= MUCH else "some"


def _chosen(request: HttpRequest, standards: list[Standard]) -> Standard | None:
    key = request.GET.get("standard", "")
    return next((one for one in standards if one.key == key), standards[0] if standards else None)


def _compared(request: HttpRequest, standard: Standard) -> list[Row]:
    whose = standing(request)
    require(whose, Action.VIEW, Camp)
    sites = visible(Camp.objects.filter(opening=Opening.OPEN), whose).defer("perimeter", "about", "search_key")
    found = indicators_of(list(sites.order_by("name", "pk")[:MOST_SITES]), standards=[standard])
    every = [one for own in found.values() for one in own]
    return [row_of(one) for one in sorted(every, key=lambda one: (not one.indicator.is_known, *worse_first(one)))]


def _feature(row: Row) -> dict[str, Any]:
    camp = row.found.camp
    lines = [[row.name, row.value], [str(_("Missing")), row.gap], [str(_("Measured")), ago(row.at) if row.at else ""]]
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [camp.location.x, camp.location.y]},
        "properties": {
            "title": camp.name,
            "url": reverse("camps:standards", args=[camp.code]),
            "lines": [line for line in lines if line[1]],
            "level": level_of(row.found),
        },
    }
