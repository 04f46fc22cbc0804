"""The map's page, and what it fetches: features as GeoJSON and as vector tiles, and places to fly to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.gis.db.models import Extent
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from komek.accounts.authority import NotAllowed
from komek.extensions import Viewer
from komek.extensions.map_layers import MapLayer
from komek.web.context import viewer_of
from situation_map.asking import BadAsk, FilterForm, Filters, narrowed, read_box, read_filters, read_tile, read_zoom
from situation_map.features import collection
from situation_map.finding import Found, find
from situation_map.layers import LegendLine, legend_of, offered_layer, offered_to
from situation_map.tiles import MEDIA_TYPE, tile


@dataclass(frozen=True)
class PanelLayer:
    """A layer in the panel beside the map."""

    layer: MapLayer
    is_on: bool
    legend: list[LegendLine]


@require_GET
@login_required
def situation_map(request: HttpRequest) -> HttpResponse:
    """The map with its layers, filters, legend and search. The address says all of it, so that it can be sent to others."""
    viewer = viewer_of(request)
    if viewer.user is None or not viewer.user.may_work:
        raise NotAllowed(_("Your account may not see the map yet. Ask a coordinator to approve it."))
    offered = offered_to(viewer)
    chosen = request.GET.getlist("layers")
    form = FilterForm(request.GET, viewer)
    filters = Filters(form.cleaned_data["area"], form.cleaned_data["as_of"]) if form.is_valid() else Filters()
    text = request.GET.get("q", "").strip()[:200]
    places = find(text, viewer) if text else []
    query = request.GET.copy()
    for name in ("layers", "at", "q"):
        query.pop(name, None)
    context = {
        "layers": [
            PanelLayer(one, not chosen or one.key in chosen, legend_of(one, one.queryset(viewer).model))
            for one in offered
        ],
        "form": form,
        "filters": filters,
        "filter_query": query.urlencode(),
        "text": text,
        "is_found": len(places) == 1,
        "places": places,
        "tiles": json.dumps(tiles) if (tiles := settings.LEAFLET_CONFIG["TILES"]) else "",
        **_view(request.GET.get("at", ""), text, places, filters, offered, viewer),
    }
    return render(request, "situation_map/map.html", context, status=200 if form.is_valid() else 400)


def _view(
    at: str, text: str, places: list[Found], filters: Filters, offered: list[MapLayer], viewer: Viewer
) -> dict[str, str]:
    """Where the map opens: at the only place found, else where the address says, else on the area, the disaster, the records."""
    if len(places) == 1:
        return {"centre": places[0].at}
    try:
        lat, lon, zoom = (float(part) for part in at.split(","))
    except ValueError:
        pass
    else:
        if abs(lat) <= 90 and abs(lon) <= 180 and 0 <= zoom <= 22:
            return {"centre": f"{lat},{lon},{zoom}"}
    shape = filters.area.geometry if filters.area else getattr(viewer.operation, "affected_geometry", None)
    if shape:
        return {"bounds": ",".join(f"{number:.5f}" for number in shape.extent)}
    for layer in offered:
        found = layer.queryset(viewer).order_by().aggregate(extent=Extent(layer.geometry_field))["extent"]
        if found:
            return {"bounds": ",".join(f"{number:.5f}" for number in found)}
    return {}


@require_GET
@login_required
def layer_geojson(request: HttpRequest, key: str) -> JsonResponse:
    """Features of a layer in ``bbox`` (west,south,east,north; degrees) at ``zoom``, under the map's filters."""
    viewer = viewer_of(request)
    layer = offered_layer(key, viewer)
    try:
        box, zoom = read_box(request.GET.get("bbox", "")), read_zoom(request.GET.get("zoom", ""))
        rows = narrowed(layer, layer.queryset(viewer), read_filters(request.GET, viewer))
    except BadAsk as fault:
        return JsonResponse({"detail": str(fault)}, status=400)
    answer = JsonResponse(collection(layer, rows, box, zoom), content_type="application/geo+json")
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_GET
@login_required
def layer_tile(request: HttpRequest, key: str, zoom: str, column: str, row: str) -> HttpResponse:
    """A layer's vector tile, under the map's filters."""
    viewer = viewer_of(request)
    layer = offered_layer(key, viewer)
    try:
        place = read_tile(zoom, column, row)
        rows: Any = narrowed(layer, layer.queryset(viewer), read_filters(request.GET, viewer))
    except BadAsk as fault:
        return JsonResponse({"detail": str(fault)}, status=400)
    answer = HttpResponse(tile(layer, rows, *place), content_type=MEDIA_TYPE)
    answer["Cache-Control"] = "private, no-store"
    return answer
