"""Earthquakes of the United States Geological Survey as GeoJSON → Alert. Pure.

Format: https://earthquake.usgs.gov/earthquakes/feed/v1.0/geojson.php. Magnitude and depth (km) are parameters; the colour of
PAGER, the estimate of losses, stands in ``Info.level``; severity stays "Unknown", since the feed does not say it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from situation_map.hazards import values
from situation_map.hazards.alerts import Alert, Area, Circle, Fault, Info, Pair

SENDER = "earthquake.usgs.gov"
MOST_FEATURES = 50_000
ALARMS_FROM = 4.5  # magnitude, where there is no colour; smaller ones seldom do damage
LEVELS = ("green", "yellow", "orange", "red")
_KEPT = ("mag", "magType", "felt", "cdi", "mmi", "tsunami", "sig", "ids", "net", "code", "detail")


class _Lost(Exception):
    pass


def read(text: str) -> Iterator[Alert | Fault]:
    """The features of a collection, or one feature (as its ``detail`` address gives it), and what is wrong with them."""
    try:
        document = json.loads(text.lstrip("\ufeff"), parse_constant=lambda _name: None)
    except (ValueError, RecursionError) as problem:
        line = problem.lineno if isinstance(problem, json.JSONDecodeError) else 1
        yield Fault(line, "not_json", is_lost=True, ends=True)
        return
    kind = document.get("type") if isinstance(document, dict) else None
    features = document.get("features") if kind == "FeatureCollection" else [document] if kind == "Feature" else None
    if not isinstance(features, list):
        yield Fault(1, "not_geojson", is_lost=True, ends=True)
        return
    for number, feature in enumerate(features):
        path = f"features[{number}]"
        if number == MOST_FEATURES:
            yield Fault(0, "too_many_features", {"most": MOST_FEATURES}, path, is_lost=True, ends=True)
            return
        faults: list[Fault] = []
        with suppress(_Lost):
            yield _alert(feature, path, faults)
        yield from faults


def _alert(feature: Any, path: str, faults: list[Fault]) -> Alert:
    told = feature.get("properties") if isinstance(feature, dict) else None
    identifier = _text(feature.get("id"), 200) if isinstance(feature, dict) else ""

    def fault(kind: str, where: str, *, is_lost: bool = False, **said: object) -> None:
        faults.append(Fault(0, kind, said, f"{path}.{where}", identifier, is_lost))

    if not isinstance(told, dict) or not identifier:
        fault("no_key", "id", is_lost=True, field="id")
        raise _Lost
    moments = {}
    for name in ("time", "updated"):
        try:
            moments[name] = values.moment_of_milliseconds(told.get(name))
        except ValueError:
            fault("no_moment", f"properties.{name}", value=_text(told.get(name), 60))
    if not moments:
        fault("no_key", "properties.updated", is_lost=True, field="updated")
        raise _Lost
    level = _text(told.get("alert"), 20).lower()
    if level and level not in LEVELS:
        fault("unknown_value", "properties.alert", field="alert", value=level)
        level = ""
    place, depth = _place(feature.get("geometry"))
    if place is None:
        fault("no_place", "geometry")
    status = _text(told.get("status"), 20).lower()
    info = Info(
        language="en",
        categories=("Geo",),
        event=_text(told.get("type"), 60) or "earthquake",
        urgency="Past",
        certainty="Observed" if status == "reviewed" else "Likely",
        event_codes=(("USGS", _text(told.get("type"), 60).lower() or "earthquake"),),
        onset=moments.get("time"),
        sender_name="U.S. Geological Survey",
        headline=_text(told.get("title"), 300) or f"M {_text(told.get('mag'), 10)}, {_text(told.get('place'), 200)}",
        web=values.web_address(_text(told.get("url"), 2000)),
        parameters=(*_parameters(told), *((("depth_km", str(depth)),) if depth is not None else ())),
        areas=(Area(description=_text(told.get("place"), 300), circles=(place,) if place else ()),),
        level=level,
        is_minor=level == "green" or (not level and _is_small(told.get("mag"))),
    )
    return Alert(
        identifier=identifier,
        sender=SENDER,
        sent=moments.get("updated") or moments["time"],
        status="Actual",
        kind="Cancel" if status == "deleted" else "Alert",
        infos=(info,),
        replaces_own=True,
        source="USGS",
    )


def _is_small(magnitude: object) -> bool:
    """Feeds list hundreds a day that nobody is hurt by; PAGER comes minutes after a large one, so its absence says nothing."""
    return isinstance(magnitude, (int, float)) and not isinstance(magnitude, bool) and magnitude < ALARMS_FROM


def _text(value: object, longest: int) -> str:
    """Text or a number as text; "" for anything else. Longer numbers than a double's are no measurement."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    if isinstance(value, int) and abs(value) >= 10**18:
        return ""
    return values.one_line(str(value), longest)


def _parameters(told: dict[str, Any]) -> tuple[Pair, ...]:
    return tuple((name, text) for name in _KEPT if (text := _text(told.get(name), 2000)))


def _place(geometry: object) -> tuple[Circle | None, float | None]:
    """A GeoJSON point: longitude, latitude, depth in km."""
    numbers = geometry.get("coordinates") if isinstance(geometry, dict) and geometry.get("type") == "Point" else None
    if not isinstance(numbers, list) or not 2 <= len(numbers) <= 3:
        return None, None
    if not all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in numbers[:2]):
        return None, None
    longitude, latitude = numbers[:2]
    if not (-360 <= longitude <= 360 and -90 <= latitude <= 90):
        return None, None
    if abs(longitude) > 180:
        longitude = (longitude + 540) % 360 - 180
    depth = numbers[2] if len(numbers) == 3 else None
    is_depth = isinstance(depth, (int, float)) and not isinstance(depth, bool) and -20 < depth < 1000
    return Circle(float(latitude), float(longitude), 0.0), float(depth) if is_depth and depth is not None else None
