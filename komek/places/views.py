"""Pages about areas, and the basemap that needs no internet."""

from __future__ import annotations

import json
from functools import lru_cache
from hashlib import sha256
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.gis.db.models.functions import AsGeoJSON
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from komek.places.finding import areas_in_use
from komek.places.models import Area, GenerationState, Settlement
from komek.places.reference_data import DATA, LANGUAGE_TAGS
from komek.places.successors import successors_of

ATTRIBUTION = "Natural Earth; GeoNames (CC BY 4.0)"
LABELLED_FROM_POPULATION = 150_000


@lru_cache(maxsize=8)
def _basemap_bytes(language: str) -> bytes:
    """The basemap as GeoJSON for one language; kept, because it never changes while the process runs."""
    features: list[dict[str, Any]] = []
    for level, name in ((0, "countries"), (1, "admin1")):
        for feature in json.loads((DATA / f"{name}.geojson").read_text())["features"]:
            names = {LANGUAGE_TAGS.get(tag, tag): text for tag, text in feature["properties"]["names"].items()}
            shown = names.get(language) or names.get("en") or ""
            features.append(
                {"type": "Feature", "geometry": feature["geometry"], "properties": {"level": level, "name": shown}}
            )
    for town in Settlement.objects.filter(population__gte=LABELLED_FROM_POPULATION).order_by("-population"):
        coordinates = [round(town.location.x, 3), round(town.location.y, 3)]
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": coordinates},
                "properties": {"level": 9, "name": town.name},
            }
        )
    collection = {"type": "FeatureCollection", "attribution": ATTRIBUTION, "features": features}
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()


@require_GET
def basemap(request: HttpRequest) -> HttpResponse:
    """Outlines of countries and regions and the main towns, as GeoJSON. ``level``: 0 country, 1 region, 9 town."""
    body = _basemap_bytes(get_language() or "en")
    tag = f'"{sha256(body).hexdigest()[:20]}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    response = HttpResponse(body, content_type="application/geo+json")
    response["ETag"] = tag
    response["Cache-Control"] = "max-age=86400"
    response["Vary"] = "Accept-Language, Cookie"
    return response


@require_GET
@login_required
def areas(request: HttpRequest) -> HttpResponse:
    """Countries and their regions."""
    used = areas_in_use(request.operation or None).defer("geometry")  # type: ignore[attr-defined]
    return render(
        request, "places/areas.html", {"countries": used.filter(level=0).select_related("generation").order_by("name")}
    )


@require_GET
@login_required
def area(request: HttpRequest, pk: int) -> HttpResponse:
    """One area: its names and codes, what it is part of, what is inside it; for one no longer in use, what took its place."""
    found = get_object_or_404(_readable(request).select_related("generation", "parent__parent"), pk=pk)
    is_in_use = found.generation.state == GenerationState.ACTIVE
    return render(
        request,
        "places/area.html",
        {
            "area": found,
            "is_in_use": is_in_use,
            "successors": [] if is_in_use else successors_of([found.pk])[found.pk],
            "children": _readable(request).filter(parent=found).order_by("name"),
            "settlements": found.settlements.order_by("-population")[:50],
            "codes": found.codes.all(),
        },
    )


def _readable(request: HttpRequest) -> QuerySet[Area]:
    """Areas of every edition, old ones too; an exercise's invented areas only in that exercise."""
    operation = request.operation or None  # type: ignore[attr-defined]
    return Area.objects.filter(Q(operation=None) | Q(operation=operation)).defer("geometry")


@require_GET
@login_required
def area_geojson(request: HttpRequest, pk: int) -> JsonResponse:
    """The outline of an area, EPSG:4326, five decimals (about one metre)."""
    used = _readable(request).filter(geometry__isnull=False)
    found: Area = get_object_or_404(used.annotate(shape=AsGeoJSON("geometry", precision=5)), pk=pk)
    feature = {
        "type": "Feature",
        "geometry": json.loads(found.shape),  # type: ignore[attr-defined]
        "properties": {"title": str(found), "pcode": found.pcode},
    }
    return JsonResponse({"type": "FeatureCollection", "features": [feature]})
