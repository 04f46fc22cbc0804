"""Where to fly: a record's code, a place's code or name, coordinates, a plus code."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.gis.geos import GEOSGeometry

from komek.extensions import Viewer
from komek.places.resolver import resolve
from komek.records.codes import MistypedCode, parse_code
from situation_map.layers import offered_to

MOST = 8
CLOSE, TOWN, DISTRICT = 16, 12, 9


@dataclass(frozen=True)
class Found:
    """at: "latitude,longitude,zoom"."""

    title: str
    detail: str
    at: str
    url: str = ""


def find(text: str, viewer: Viewer) -> list[Found]:
    """What the text may mean, best first: records on the viewer's layers by code, else places. At most 8."""
    return _records(text, viewer) or _places(text, viewer)


def _records(text: str, viewer: Viewer) -> list[Found]:
    try:
        code = parse_code(text)
    except (MistypedCode, ValueError):
        return []
    found: dict[str, Found] = {}
    for layer in offered_to(viewer):
        if "code" not in layer.properties:
            continue
        for row in layer.queryset(viewer).filter(code=code).order_by()[:1]:
            shown = layer.popup(row)
            at = _at(getattr(row, layer.geometry_field), CLOSE)
            found.setdefault(shown["url"], Found(str(shown["title"]), code, at, shown["url"]))
    return list(found.values())[:MOST]


def _places(text: str, viewer: Viewer) -> list[Found]:
    found = []
    for candidate in resolve(text, operation=viewer.operation, limit=MOST).candidates:
        area = candidate.area
        point = candidate.point or (area.centre if area else None)
        if point is None:
            continue
        if candidate.how in ("coordinates", "plus code"):
            zoom = CLOSE
        else:
            zoom = TOWN if candidate.settlement else DISTRICT
        url = area.get_absolute_url() if area and not candidate.settlement else ""
        title = candidate.name or text
        detail = str(area) if area and str(area) != title else (area.pcode if area else "")
        found.append(Found(title, detail, _at(point, zoom), url))
    return found


def _at(shape: GEOSGeometry, zoom: int) -> str:
    middle = shape.centroid
    return f"{middle.y:.5f},{middle.x:.5f},{zoom}"
