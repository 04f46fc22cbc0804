"""A judge of CAP 1.2 documents that knows nothing of the writer: order, number and values by section 3.2 of the standard."""

from __future__ import annotations

import re
from xml.etree import ElementTree

NAMESPACE = "{urn:oasis:names:tc:emergency:cap:1.2}"
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d"
POINT = r"-?\d{1,2}(\.\d+)?,-?\d{1,3}(\.\d+)?"
PAIR = [("valueName", "1", r".*"), ("value", "1", r".*")]

# name, how often ("1", "?", "*", "+"), what its text must be or what stands inside
AREA = [
    ("areaDesc", "1", r".+"),
    ("polygon", "*", rf"({POINT} ){{3,}}{POINT}"),
    ("circle", "*", rf"{POINT} \d+(\.\d+)?"),
    ("geocode", "*", PAIR),
    ("altitude", "?", r"-?\d+(\.\d+)?"),
    ("ceiling", "?", r"-?\d+(\.\d+)?"),
]
RESOURCE = [
    ("resourceDesc", "1", r".+"),
    ("mimeType", "1", r".+"),
    ("size", "?", r"\d+"),
    ("uri", "?", r"\S+"),
    ("derefUri", "?", r".+"),
    ("digest", "?", r".+"),
]
INFO = [
    ("language", "?", r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*"),
    ("category", "+", r"Geo|Met|Safety|Security|Rescue|Fire|Health|Env|Transport|Infra|CBRNE|Other"),
    ("event", "1", r".+"),
    ("responseType", "*", r"Shelter|Evacuate|Prepare|Execute|Avoid|Monitor|Assess|AllClear|None"),
    ("urgency", "1", r"Immediate|Expected|Future|Past|Unknown"),
    ("severity", "1", r"Extreme|Severe|Moderate|Minor|Unknown"),
    ("certainty", "1", r"Observed|Likely|Possible|Unlikely|Unknown"),
    ("audience", "?", r".+"),
    ("eventCode", "*", PAIR),
    ("effective", "?", MOMENT),
    ("onset", "?", MOMENT),
    ("expires", "?", MOMENT),
    ("senderName", "?", r".+"),
    ("headline", "?", r".+"),
    ("description", "?", r".+"),
    ("instruction", "?", r".+"),
    ("web", "?", r"\S+"),
    ("contact", "?", r".+"),
    ("parameter", "*", PAIR),
    ("resource", "*", RESOURCE),
    ("area", "*", AREA),
]
ALERT = [
    ("identifier", "1", r"[^\s,<&]+"),
    ("sender", "1", r"[^\s,<&]+"),
    ("sent", "1", MOMENT),
    ("status", "1", r"Actual|Exercise|System|Test|Draft"),
    ("msgType", "1", r"Alert|Update|Cancel|Ack|Error"),
    ("source", "?", r".+"),
    ("scope", "1", r"Public|Restricted|Private"),
    ("restriction", "?", r".+"),
    ("addresses", "?", r".+"),
    ("code", "*", r".+"),
    ("note", "?", r".+"),
    ("references", "?", rf"[^\s,]+,[^\s,]+,{MOMENT}( [^\s,]+,[^\s,]+,{MOMENT})*"),
    ("incidents", "?", r".+"),
    ("info", "*", INFO),
]


def judge(text: str) -> list[str]:
    """What a CAP 1.2 document does not keep; none if it is valid."""
    root = ElementTree.fromstring(text)
    return [f"root is {root.tag}"] if root.tag != f"{NAMESPACE}alert" else _judged(root, ALERT, "alert")


def _judged(element: ElementTree.Element, rules: list, path: str) -> list[str]:
    names = [child.tag.removeprefix(NAMESPACE) for child in element]
    order = [name for name, _often, _what in rules]
    faults = [f"{path}: {name} is unknown" for name in names if name not in order]
    places = [order.index(name) for name in names if name in order]
    faults += [f"{path}: order {names}"] if places != sorted(places) else []
    for name, often, what in rules:
        found = element.findall(NAMESPACE + name)
        if (often in "1+" and not found) or (often in "1?" and len(found) > 1):
            faults.append(f"{path}: {len(found)} × {name}")
        for child in found:
            if isinstance(what, list):
                faults += _judged(child, what, f"{path}/{name}")
            elif not re.fullmatch(what, child.text or "", re.DOTALL):
                faults.append(f"{path}/{name}: {(child.text or '')[:80]!r}")
            if name == "polygon":
                points = (child.text or "").split()
                faults += [f"{path}/{name}: open"] if points[0] != points[-1] else []
    return faults
