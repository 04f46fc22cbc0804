"""Shapes for the maps of the pages, and the page that says where to send people."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from camps.assessing import worst_gaps
from camps.filters import CampFilter
from camps.finding import found_camp
from camps.map_layers import CampsLayer, level_of
from camps.models import Camp, CampType
from camps.overview import with_people
from camps.placement import Place, Proposal, placed, propose
from komek.accounts.authority import Action, require, visible
from komek.web.context import standing, viewer_of
from komek.web.fields import LocationField
from orgs.models import Opening

MOST_FEATURES = 5000
DOUBTS = {
    "old_figures": gettext_lazy("figures older than three days"),
    "hard_to_reach": gettext_lazy("hard to reach by road"),
    "access_unknown": gettext_lazy("nobody said whether the road is open"),
    "services_unknown": gettext_lazy("services not measured"),
    "services_poor": gettext_lazy("services far below the standard"),
    "distance_unknown": gettext_lazy("distance not known"),
}


@require_GET
@login_required
def camps_geojson(request: HttpRequest) -> JsonResponse:
    """Sites that match the list's filters, coloured by how full they are; at most 5,000, the latest heard from first."""
    require(standing(request), Action.VIEW, Camp)
    layer = CampsLayer()
    rows = CampFilter(request.GET, queryset=layer.queryset(viewer_of(request)), request=request).qs
    features = [_feature(layer, row) for row in rows.order_by("-confirmed_at")[:MOST_FEATURES]]
    return _collection(features, layer)


@require_GET
@login_required
def camp_geojson(request: HttpRequest, code: str) -> JsonResponse:
    """One site: its point and its perimeter."""
    record = found_camp(request, code)
    layer = CampsLayer()
    row = layer.queryset(viewer_of(request)).filter(pk=record.pk).first()
    features = [_feature(layer, row)] if row else []
    if record.perimeter is not None:
        shape = json.loads(record.perimeter.json)
        features.append({"type": "Feature", "geometry": shape, "properties": {"title": record.name, "lines": []}})
    return _collection(features, layer)


def _feature(layer: CampsLayer, row: Any) -> dict[str, Any]:
    shown = layer.popup(row)
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [row.location.x, row.location.y]},
        "properties": {
            **shown,
            "lines": [[str(label), str(value)] for label, value in shown["lines"]],
            "level": level_of(row.occupancy),
        },
    }


def _collection(features: list[dict[str, Any]], layer: CampsLayer) -> JsonResponse:
    style = {"by": layer.style.by, "default": layer.style.default, "colours": layer.style.colours}
    return JsonResponse({"type": "FeatureCollection", "features": features, "style": style})


class PlacementForm(forms.Form):
    people = forms.IntegerField(label=gettext_lazy("How many people"), min_value=1, max_value=1_000_000)
    location = LocationField(label=gettext_lazy("Where they are now"), required=False)


@dataclass(frozen=True)
class Line:
    camp: Any
    proposal: Proposal
    doubts: list[str]


@require_GET
@login_required
def placement(request: HttpRequest) -> HttpResponse:
    """Where to send the next people: sites with room, ranked, with what to check first."""
    whose = standing(request)
    require(whose, Action.VIEW, Camp)
    form = PlacementForm(request.GET if "people" in request.GET else None)
    lines: list[Line] = []
    found = left = 0
    if form.is_bound and form.is_valid():
        people, at = form.cleaned_data["people"], form.cleaned_data["location"]
        rows = {
            camp.pk: camp
            for camp in with_people(
                visible(Camp.objects.select_related("organisation", "area").defer("area__geometry", "perimeter"), whose)
            )
            .filter(opening=Opening.OPEN, room_left__gt=0)
            .exclude(camp_type=CampType.HOSPITAL)  # beds are for patients
        }
        gaps = worst_gaps(list(rows.values()))
        proposals = propose(
            [place_of(camp, gaps[camp.pk]) for camp in rows.values()], people=people, now=timezone.now(),
            latitude=at.y if at else None, longitude=at.x if at else None,
        )  # fmt: skip
        found, left = placed(proposals), people - placed(proposals)
        lines = [Line(rows[one.key], one, [str(DOUBTS[key]) for key in one.doubts]) for one in proposals[:30]]
    context = {"form": form, "lines": lines, "found": found, "left": left, "asked": form.is_bound and form.is_valid()}
    return render(request, "camps/placement.html", context, status=422 if form.errors else 200)


def place_of(camp: Any, worst_gap: float | None = None) -> Place:
    """A site, read with ``with_people``, as the ranking takes it."""
    return Place(
        key=camp.pk,
        room=camp.room_left,
        access=camp.access,
        counted_at=camp.counted_at,
        latitude=camp.location.y if camp.location else None,
        longitude=camp.location.x if camp.location else None,
        worst_gap=worst_gap,
    )
