"""Any hazard feed → alerts, links to alerts, and faults. Pure; nothing that a feed holds raises anything.

What it is shows in the feed itself, not in its address or content type: CAP alone, in Atom, RSS or EDXL-DE; GDACS; USGS.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from komek.records.encodings import UnknownEncoding
from situation_map.hazards import cap, gdacs, usgs, values
from situation_map.hazards.alerts import Alert, Fault, Link
from situation_map.hazards.decoding import LARGEST, decoded
from situation_map.hazards.elements import Node, records

Read = Alert | Link | Fault
_CAP = "urn:oasis:names:tc:emergency:cap:"


def read(stream: BinaryIO) -> Iterator[Read]:
    """All alerts of a feed in its order, each followed by what is wrong with it."""
    data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        yield Fault(1, "too_large", {"most": LARGEST >> 20}, is_lost=True, ends=True)
        return
    try:
        text, fault = decoded(data)
    except UnknownEncoding as unknown:
        yield Fault(1, "encoding", {"name": str(unknown)}, is_lost=True, ends=True)
        return
    if fault:
        yield Fault(1, fault)
    if not text.strip("\ufeff\0 \t\r\n"):
        yield Fault(1, "empty", is_lost=True, ends=True)
    elif text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
        yield from usgs.read(text)
    else:
        for record in records(text.lstrip("\ufeff")):
            yield from (record,) if isinstance(record, Fault) else _record(record)


def _record(node: Node, *, is_inside: bool = False) -> Iterator[Read]:
    if node.name == "alert":
        found, faults = cap.alert(node)
        if found:
            yield found
        yield from faults
        return
    inner = [] if is_inside else list(_alerts_inside(node))
    if inner:
        for each in inner:
            if isinstance(each, Fault):
                yield each
            else:
                yield from _record(each, is_inside=True)
    elif gdacs.is_event(node):
        yield from gdacs.read(node)
    else:
        yield from _link(node)


def _alerts_inside(node: Node) -> Iterator[Node | Fault]:
    """Alerts that stand in an entry, as elements or as text that is XML itself."""
    waiting = node.children[::-1]
    while waiting:
        each = waiting.pop()
        if each.name == "alert":
            yield each
        elif each.name in ("content", "description", "encoded") and "<" in each.text and _CAP in each.text:
            for inner in records(each.text):
                if isinstance(inner, Fault):
                    yield Fault(each.line, inner.kind, inner.values, "content", is_lost=inner.is_lost)
                elif inner.name == "alert":
                    inner.line += each.line - 1
                    yield inner
        else:
            waiting += reversed(each.children)


def _link(node: Node) -> Iterator[Read]:
    """An entry of Atom (RFC 4287) or an item of RSS 2.0: of several links the one that says it is CAP, else no page."""
    links = [(child.attributes, child.attributes.get("href") or child.text) for child in node.all("link")]
    links += [(child.attributes, child.attributes.get("url", "")) for child in node.all("enclosure")]
    usable = [
        (told.get("type", "").lower(), address)
        for told, text in links
        if (address := values.web_address(text)) and told.get("rel") not in ("self", "edit")
    ]
    usable.sort(key=lambda one: ("cap" not in one[0], "html" in one[0] or "image" in one[0]))
    identifier = values.one_line(node.get("id") or node.get("guid"), 500)
    address = usable[0][1] if usable else values.web_address(identifier)
    if not address:
        yield Fault(
            node.line,
            "no_link",
            {"title": values.one_line(node.get("title"), 100)},
            node.name,
            identifier,
            is_lost=True,
        )
        return
    updated = None
    if said := node.get("updated") or node.get("pubDate") or node.get("published") or node.get("date"):
        try:
            updated = values.moment(said)[0]
        except ValueError:
            yield Fault(node.line, "no_moment", {"value": values.one_line(said, 60)}, node.name, identifier)
    yield Link(address, values.one_line(node.get("title")), identifier, updated, node.line)
