"""An ``alert`` element of CAP 1.2 or 1.1 → Alert and faults. Pure.

Source: Common Alerting Protocol 1.2, OASIS Standard of 1 July 2010, section 3.2. Whatever can be meant is kept: an alert is lost only
where nothing tells it from others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from situation_map.hazards import alerts, shapes, values
from situation_map.hazards.alerts import Alert, Area, Circle, Fault, Info, Key, Pair, Resource, Signature
from situation_map.hazards.decoding import LARGEST
from situation_map.hazards.elements import CAP_NAMES, Node

VERSIONS = ("1.1", "1.2")
UNREADABLE = "\ufffd"
MOST_REFERENCES = 2_000
_REFERENCE = re.compile(r"([^,\s]+),(\S+),([^,\s]+)")
_QUOTED = re.compile(r'"([^"]*)"|(\S+)')
# Words of older versions and what agencies write for the value.
_MEANT = {"verylikely": "Likely", "publicalert": "Public", "notapplicable": "Unknown"}

T = TypeVar("T")


class _Lost(Exception):
    pass


class _Notes:
    """Faults of one alert, each with its line and the alert's number."""

    def __init__(self, identifier: str) -> None:
        self.identifier = identifier
        self.faults: list[Fault] = []

    def add(self, node: Node, kind: str, *, is_lost: bool = False, **said: object) -> None:
        self.faults.append(Fault(node.line, kind, said, node.name, self.identifier, is_lost))


def alert(node: Node) -> tuple[Alert | None, list[Fault]]:
    """What one ``alert`` element says; None where it is lost, with a fault that says why."""
    notes = _Notes(values.one_line(node.get("identifier"), 500))
    named = CAP_NAMES.fullmatch(node.namespace)
    version = (named[1] or named[2]) if named else "1.2"
    if named is None:
        notes.add(node, "no_namespace")
    elif version not in VERSIONS:
        notes.add(node, "other_version", is_lost=True, version=version)
        return None, notes.faults
    try:
        return _alert(node, version, notes), notes.faults
    except _Lost:
        return None, notes.faults


def _alert(node: Node, version: str, notes: _Notes) -> Alert:
    sender = values.one_line(node.get("sender"), 500)
    for name, value in (("identifier", notes.identifier), ("sender", sender)):
        if not value:
            notes.add(node, "no_key", is_lost=True, field=name)
            raise _Lost
    sent = _moment(node, "sent", notes)
    if sent is None:
        notes.add(node, "no_key", is_lost=True, field="sent")
        raise _Lost
    kind = _chosen(node, "msgType", alerts.KINDS, "", notes)
    references = _references(node, notes)
    if kind in ("Update", "Cancel") and not references:
        notes.add(node, "no_references", message=kind)
    infos = tuple(_info(child, notes) for child in node.all("info"))
    if not infos and kind in ("Alert", "Update"):
        notes.add(node, "no_info")
    return Alert(
        identifier=notes.identifier,
        sender=sender,
        sent=sent,
        status=_chosen(node, "status", alerts.STATUSES, "", notes),
        kind=kind,
        scope=_chosen(node, "scope", alerts.SCOPES, "", notes),
        origin=_line(node, "source", notes),
        restriction=_line(node, "restriction", notes),
        addresses=_quoted(node.get("addresses")),
        codes=_lines(node, "code"),
        note=_text(node, "note", notes),
        references=references,
        incidents=_quoted(node.get("incidents")),
        infos=infos,
        signature=_signature(node),
        wrapped_status=_wrapped(node.around.get("distributionStatus", "")),
        source=f"CAP {version}",
        line=node.line,
    )


def _wrapped(status: str) -> str:
    return values.one_line(status, 40).capitalize()


def _info(node: Node, notes: _Notes) -> Info:
    effective, onset, expires = (_moment(node, name, notes) for name in ("effective", "onset", "expires"))
    if expires and effective and expires < effective:
        notes.add(node, "expires_before")
    web = values.one_line(node.get("web"))
    if web and not values.web_address(web):
        notes.add(node, "no_address", value=web[:60])
    if not (event := _line(node, "event", notes)):
        notes.add(node, "no_event")
    return Info(
        language=_language(node, notes),
        categories=_chosen_all(node, "category", alerts.CATEGORIES, notes),
        event=event,
        responses=_chosen_all(node, "responseType", alerts.RESPONSES, notes),
        urgency=_chosen(node, "urgency", alerts.URGENCIES, "Unknown", notes),
        severity=_chosen(node, "severity", alerts.SEVERITIES, "Unknown", notes),
        certainty=_chosen(node, "certainty", alerts.CERTAINTIES, "Unknown", notes),
        audience=_line(node, "audience", notes),
        event_codes=_pairs(node, "eventCode"),
        effective=effective,
        onset=onset,
        expires=expires,
        sender_name=_line(node, "senderName", notes),
        headline=_line(node, "headline", notes),
        description=_text(node, "description", notes),
        instruction=_text(node, "instruction", notes),
        web=values.web_address(web),
        contact=_line(node, "contact", notes),
        parameters=_pairs(node, "parameter"),
        resources=tuple(_resource(child) for child in node.all("resource")),
        areas=tuple(_area(child, notes) for child in node.all("area")),
    )


def _language(node: Node, notes: _Notes) -> str:
    found = values.one_line(node.get("language"), 60).replace("_", "-")
    if found and not re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", found):
        notes.add(node, "no_language", value=found)
        return "und"
    return found or "en-US"  # the standard's own default


def _area(node: Node, notes: _Notes) -> Area:
    polygons, circles = [], []
    for child in node.children:
        if child.name == "polygon" and child.text.strip():
            found = _shape(child, shapes.polygon, notes)
            if found:
                parts, mended = found
                polygons += parts
                _say_mended(child, mended, notes)
        elif child.name == "circle" and child.text.strip():
            round_one = _shape(child, shapes.circle, notes)
            if round_one:
                circles.append(Circle(*round_one[:4]))
                _say_mended(child, round_one[4], notes)
    heights = [_number(node, name, notes) for name in ("altitude", "ceiling")]
    return Area(
        description=_line(node, "areaDesc", notes),
        polygons=tuple(polygons),
        circles=tuple(circles),
        geocodes=_pairs(node, "geocode"),
        altitude_ft=heights[0],
        ceiling_ft=heights[1],
    )


def _shape(node: Node, reader: Callable[[str], T], notes: _Notes) -> T | None:
    try:
        return reader(node.text)
    except shapes.NoShape as problem:
        notes.add(node, problem.kind, is_lost=True, **problem.said)
        return None


def _say_mended(node: Node, kinds: Sequence[str], notes: _Notes) -> None:
    for kind in kinds:
        notes.add(node, kind)


def _resource(node: Node) -> Resource:
    size = values.one_line(node.get("size"), 20)
    return Resource(
        description=values.one_line(node.get("resourceDesc")),
        mime_type=values.one_line(node.get("mimeType"), 100),
        size=int(size) if size.isascii() and size.isdigit() and int(size) <= LARGEST * 1000 else None,
        uri=values.web_address(node.get("uri")),
        digest=values.one_line(node.get("digest"), 100),
    )


def _references(node: Node, notes: _Notes) -> tuple[Key, ...]:
    child = node.first("references")
    if child is None:
        return ()
    found = []
    for word in child.text.split()[:MOST_REFERENCES]:
        parts = _REFERENCE.fullmatch(word)
        try:
            if parts is None:
                raise ValueError(word)
            found.append(Key(parts[2], parts[1], values.moment(parts[3])[0]))
        except ValueError:
            notes.add(child, "no_reference", value=word[:100])
    return tuple(found)


def _signature(node: Node) -> Signature | None:
    """Of XML signatures (W3C, xmldsig-core): the method, and whom it names."""
    found = node.first("Signature")
    if found is None:
        return None
    method, names = "", []
    waiting = [found]
    while waiting:
        each = waiting.pop()
        waiting += each.children
        if each.name == "SignatureMethod":
            method = values.one_line(each.attributes.get("Algorithm", ""), 200)
        elif each.name in ("KeyName", "X509SubjectName"):
            names.append(values.one_line(each.text, 300))
    return Signature(method, "; ".join(sorted(filter(None, names))))


def _moment(node: Node, name: str, notes: _Notes) -> datetime | None:
    child = node.first(name)
    text = values.one_line(child.text, 60) if child else ""
    if child is None or not text:
        return None
    try:
        found, has_zone = values.moment(text)
    except ValueError:
        notes.add(child, "no_moment", value=text)
        return None
    if not has_zone:
        notes.add(child, "no_zone", value=text)
    return found


def _number(node: Node, name: str, notes: _Notes) -> float | None:
    text = values.one_line(node.get(name), 60)
    if not text:
        return None
    try:
        return values.number(text)
    except ValueError:
        notes.add(node, "no_number", field=name, value=text)
        return None


def _chosen(node: Node, name: str, known: Sequence[str], otherwise: str, notes: _Notes) -> str:
    child = node.first(name)
    found = _one(child, known, notes) if child else ""
    if child is None or not child.text.strip():
        notes.add(node, "no_value", field=name)
    return found or otherwise


def _chosen_all(node: Node, name: str, known: Sequence[str], notes: _Notes) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found for child in node.all(name) if (found := _one(child, known, notes))))


def _one(child: Node, known: Sequence[str], notes: _Notes) -> str:
    text = values.one_line(child.text, 60)
    if not text:
        return ""
    meant = _MEANT.get(re.sub(r"[\s_-]", "", text).lower(), text)
    try:
        return values.one_of(known, meant)
    except ValueError:
        notes.add(child, "unknown_value", field=child.name, value=text)
        return ""


def _line(node: Node, name: str, notes: _Notes) -> str:
    _look(node, name, notes)
    return values.one_line(node.get(name))


def _text(node: Node, name: str, notes: _Notes) -> str:
    _look(node, name, notes)
    return values.paragraphs(node.get(name))


def _look(node: Node, name: str, notes: _Notes) -> None:
    if UNREADABLE in node.get(name):
        notes.add(node, "unreadable_field", field=name)


def _lines(node: Node, name: str) -> tuple[str, ...]:
    return tuple(text for child in node.all(name) if (text := values.one_line(child.text)))


def _quoted(text: str) -> tuple[str, ...]:
    """Words parted by blanks; those with blanks inside stand in quotation marks."""
    return tuple(values.one_line(found[1] or found[2] or "") for found in _QUOTED.finditer(text) if found[0] != '""')


def _pairs(node: Node, name: str) -> tuple[Pair, ...]:
    """``valueName`` and ``value``; 1.1 also wrote them as one element with the value as its text."""
    pairs = []
    for child in node.all(name):
        pair = (values.one_line(child.get("valueName"), 500), values.one_line(child.get("value") or child.text, 5000))
        if pair[1]:
            pairs.append(pair)
    return tuple(pairs)
