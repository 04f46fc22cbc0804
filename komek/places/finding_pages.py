"""Pages that lead from what people say to a place: the ranked places a text may mean, and one settlement."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.gis.geos import Point
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from komek.places.models import Settlement
from komek.places.notations import NotOnEarth, read_coordinates
from komek.places.resolver import Resolution, resolve

SHOWN = 20
HOW = {
    "code": gettext_lazy("by its code"),
    "plus code": gettext_lazy("by plus code"),
    "coordinates": gettext_lazy("by coordinates"),
    "former code": gettext_lazy("by a code it had before"),
    "name": gettext_lazy("by its name"),
    "alias": gettext_lazy("by another name"),
}


def point_near(text: str) -> tuple[Point | None, str]:
    """Where somebody says they are, from coordinates as people write them; and a sentence when they cannot be read."""
    if not text.strip():
        return None, ""
    try:
        pair = read_coordinates(text)
    except NotOnEarth as fault:
        return None, _("Latitude cannot be that large. Are latitude and longitude swapped?") if fault.is_swapped else _(
            "These coordinates are not on Earth."
        )
    if pair is None:
        return None, _("Write where you are as coordinates, such as 37.95, 58.38.")
    return Point(pair[1], pair[0], srid=4326), ""


@require_GET
@login_required
def find(request: HttpRequest) -> HttpResponse:
    """The places a text may mean, best first. ``q``: code, plus code, coordinates or name; ``near``: coordinates of the asker."""
    text, near_text = request.GET.get("q", "").strip()[:200], request.GET.get("near", "").strip()[:60]
    near, near_fault = point_near(near_text)
    found = Resolution()
    if text:
        found = resolve(text, operation=request.operation or None, near=near, limit=SHOWN)  # type: ignore[attr-defined]
    candidates = [(one, HOW.get(one.how, one.how), one.settlement or one.area) for one in found.candidates]
    context = {
        "text": text, "near": near_text, "near_fault": near_fault, "found": found, "candidates": candidates,
    }  # fmt: skip
    return render(request, "places/find.html", context)


@require_GET
@login_required
def settlement(request: HttpRequest, pk: int) -> HttpResponse:
    """One town or village: its names, the area it lies in, how many live there as far as is known."""
    rows = Settlement.objects.select_related("area__parent__parent").defer(
        "area__geometry", "area__parent__geometry", "area__parent__parent__geometry"
    )
    found = get_object_or_404(rows, pk=pk)
    names = found.place_names.order_by("language", "kind", "name")
    return render(request, "places/settlement.html", {"settlement": found, "names": names})


@require_GET
@login_required
def settlement_geojson(request: HttpRequest, pk: int) -> JsonResponse:
    """The settlement as a point, EPSG:4326."""
    found = get_object_or_404(Settlement, pk=pk)
    feature: dict[str, Any] = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [round(found.location.x, 5), round(found.location.y, 5)]},
        "properties": {"title": str(found)},
    }
    return JsonResponse({"type": "FeatureCollection", "features": [feature]})
