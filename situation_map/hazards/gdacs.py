"""GDACS, the Global Disaster Alert and Coordination System (https://www.gdacs.org/xml/rss.xml): items of its RSS → Alert. Pure.

The colour is GDACS's own estimate of the need for help from abroad, not a severity of the hazard: it stands in ``Info.level``, and
severity stays "Unknown".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from situation_map.hazards import shapes, values
from situation_map.hazards.alerts import Alert, Area, Circle, Fault, Info, Pair
from situation_map.hazards.elements import Node
from situation_map.hazards.shapes import NoShape

NAMESPACE = "http://www.gdacs.org"
SENDER = "gdacs.org"
_KEPT = (
    "alertscore",
    "country",
    "iso3",
    "population",
    "severity",
    "vulnerability",
    "eventname",
    "durationinweek",
    "episodeid",
    "bbox",
    "cap",
)


def is_event(node: Node) -> bool:
    return any(child.namespace.rstrip("/") == NAMESPACE and child.name == "eventtype" for child in node.children)


def read(node: Node) -> Iterator[Alert | Fault]:
    """One item of the feed, and what is wrong with it."""
    letters = values.one_line(node.get("eventtype"), 10).upper()
    number = values.one_line(node.get("eventid"), 60)
    identifier = f"{letters}{number}" if number else values.one_line(node.get("guid"), 200)
    faults: list[Fault] = []

    def fault(kind: str, *, is_lost: bool = False, **said: object) -> None:
        faults.append(Fault(node.line, kind, said, "item", identifier, is_lost))

    def moment(*names: str) -> datetime | None:
        for name in names:
            if text := values.one_line(node.get(name), 60):
                try:
                    return values.moment(text)[0]
                except ValueError:
                    fault("no_moment", value=text)
        return None

    sent = moment("datemodified", "pubDate", "todate", "fromdate")
    if not identifier or sent is None:
        fault("no_key", is_lost=True, field="eventid" if not identifier else "datemodified")
        yield from faults
        return
    level = values.one_line(node.get("alertlevel"), 20).lower()
    if level not in ("green", "orange", "red"):
        fault("unknown_value", field="alertlevel", value=level)
        level = ""
    place = _point(node, fault)
    is_over = values.one_line(node.get("iscurrent"), 10).lower() == "false"
    info = Info(
        language="en",
        categories=("Fire",) if letters == "WF" else ("Met",) if letters in ("TC", "FL", "DR") else ("Geo",),
        event=values.one_line(node.get("eventname")) or letters,
        urgency="Past" if is_over else "Unknown",
        certainty="Likely" if values.one_line(node.get("temporary"), 10).lower() == "true" else "Observed",
        event_codes=(("GDACS", letters),),
        onset=moment("fromdate"),
        sender_name="GDACS",
        headline=values.one_line(node.get("title")),
        description=values.paragraphs(node.get("description")),
        web=values.web_address(node.get("link")),
        parameters=_parameters(node),
        areas=(Area(description=values.one_line(node.get("country")), circles=(place,) if place else ()),),
        level=level,
        is_minor=level == "green",
    )
    glide = values.one_line(node.get("glide"), 40)
    yield Alert(
        identifier=identifier,
        sender=SENDER,
        sent=sent,
        status="Actual",
        kind="Cancel" if is_over else "Alert",
        incidents=(glide,) if glide else (),
        infos=(info,),
        replaces_own=True,
        source="GDACS",
        line=node.line,
    )
    yield from faults


def _parameters(node: Node) -> tuple[Pair, ...]:
    found: list[Pair] = []
    for child in node.children:
        if child.name in _KEPT:
            found += [
                (f"{child.name}.{name.rpartition(' ')[2]}", values.one_line(value))
                for name, value in child.attributes.items()
            ]
            if text := values.one_line(child.text):
                found.append((child.name, text))
    return tuple(found)


def _point(node: Node, fault: Callable[..., None]) -> Circle | None:
    inside = node.first("Point") or node
    text = values.one_line(node.get("point")) or f"{inside.get('lat')} {inside.get('long')}".strip()
    if not text:
        fault("no_place")
        return None
    try:
        latitude, longitude, *_rest = shapes.circle(f"{text} 0")
    except NoShape as problem:
        fault(problem.kind, is_lost=True, **problem.said)
        return None
    return Circle(latitude, longitude, 0.0)
