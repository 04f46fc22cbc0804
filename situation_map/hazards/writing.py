"""Our own alerts → CAP 1.2, valid against the schema and the rules of the standard that no schema can say. Pure.

Source: Common Alerting Protocol 1.2, OASIS Standard of 1 July 2010, sections 3.2 and 3.3. What would break a rule is said before
anything is written: an alert that other systems refuse warns nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import shapely
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from shapely import Polygon

from situation_map.hazards import alerts, shapes
from situation_map.hazards.alerts import Alert, Area, Info, Key, Pair, Resource

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
DIGITS = 6  # of a degree: about a decimetre
_NOT_IN_KEYS = re.compile(r"[\s,<&]")
_SPECIAL = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WRITTEN = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}


class NotValid(Exception):
    """The alert breaks rules of CAP. sentences: each rule broken, in words."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


def document(alert: Alert) -> str:
    """The alert as a CAP 1.2 document. Raises NotValid."""
    if broken := rules_broken(alert):
        raise NotValid(broken)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{element(alert)}'


def element(alert: Alert) -> str:
    """The ``alert`` element alone, as it stands in an entry of Atom. The alert must be valid."""
    return f'<alert xmlns="{NAMESPACE}">\n{"".join(_alert(alert))}</alert>\n'


def rules_broken(alert: Alert) -> list[str]:
    """A sentence for each rule of CAP 1.2 that the alert breaks; none, and it may be published."""
    return [*_broken_by_message(alert), *(said for info in alert.infos for said in _broken_by_info(info))]


def _broken_by_message(alert: Alert) -> Iterator[str]:
    for name, value in ((pgettext("of an alert", "number"), alert.identifier), (_("sender"), alert.sender)):
        if not value or _NOT_IN_KEYS.search(value):
            yield _("The alert's %(name)s must be there, without blanks, commas, “<” and “&”.") % {"name": name}
    for value, known, name in (
        (alert.status, alerts.STATUSES, "status"),
        (alert.kind, alerts.KINDS, "msgType"),
        (alert.scope, alerts.SCOPES, "scope"),
    ):
        yield from _unknown(value, known, name)
    if alert.scope == "Restricted" and not alert.restriction:
        yield _("Say to whom the alert is restricted.")
    if alert.scope == "Private" and not alert.addresses:
        yield _("A private alert needs at least one addressee.")
    if any('"' in address for address in (*alert.addresses, *alert.incidents)):
        yield _("Addressees and incidents cannot have quotation marks in them.")
    if alert.kind in ("Update", "Cancel", "Ack", "Error") and not alert.references:
        yield _("Name the alert that this message is about.")
    if any(_NOT_IN_KEYS.search(key.sender) or _NOT_IN_KEYS.search(key.identifier) for key in alert.references):
        yield _("The alert that this message is about has a number that cannot be named in CAP.")
    if alert.kind == "Error" and not alert.note:
        yield _("Say in the note what the error is.")
    if alert.kind in ("Alert", "Update") and not alert.infos:
        yield _("Say what the hazard is, in at least one language.")
    moments = [alert.sent, *(key.sent for key in alert.references)]
    moments += [when for info in alert.infos for when in (info.effective, info.onset, info.expires) if when]
    if any(when.tzinfo is None for when in moments):
        yield _("Each time needs its time zone.")


def _broken_by_info(info: Info) -> Iterator[str]:
    if not re.fullmatch(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", info.language):
        yield _("“%(value)s” is not the code of a language.") % {"value": info.language}
    if not info.categories:
        yield _("Choose at least one category.")
    if not info.event.strip():
        yield _("Say in a few words what the hazard is.")
    for values, known, name in (
        (info.categories, alerts.CATEGORIES, "category"),
        (info.responses, alerts.RESPONSES, "responseType"),
        ((info.urgency,), alerts.URGENCIES, "urgency"),
        ((info.severity,), alerts.SEVERITIES, "severity"),
        ((info.certainty,), alerts.CERTAINTIES, "certainty"),
    ):
        for value in values:
            yield from _unknown(value, known, name)
    moments = [when for when in (info.effective, info.expires) if when and when.tzinfo]
    if len(moments) == 2 and moments[1] <= moments[0]:
        yield _("The alert must expire after it takes effect.")
    for resource in info.resources:
        if not resource.description or not resource.mime_type:
            yield _("Each file needs a description and a type.")
    if info.web and re.search(r"\s", info.web):
        yield _("The web address has a blank in it.")
    for area in info.areas:
        yield from _broken_by_area(area)


def _broken_by_area(area: Area) -> Iterator[str]:
    if not area.description.strip():
        yield _("Describe the area in words, for those who see no map.")
    if area.ceiling_ft is not None and area.altitude_ft is None:
        yield _("An upper height needs a lower one.")
    if any(not part.is_valid or part.is_empty for part in area.polygons):
        yield _("A polygon crosses itself. Draw it again.")
    bounds = [part.bounds for part in area.polygons if not part.is_empty]
    bounds += [(circle.longitude, circle.latitude, circle.longitude, circle.latitude) for circle in area.circles]
    if any(west < -180 or south < -90 or east > 180 or north > 90 for west, south, east, north in bounds):
        yield _("A place of the area is nowhere on earth.")
    elif any(part.is_valid and not part.is_empty and not rings([part]) for part in area.polygons):
        yield _("A polygon is too small to be written. Draw a circle instead.")
    if any(not 0 <= circle.radius_km <= shapes.MOST_CIRCUMFERENCE_KM for circle in area.circles):
        yield _("A circle's radius is between 0 and 10,000 kilometres.")


def _unknown(value: str, known: tuple[str, ...], name: str) -> Iterator[str]:
    if value not in known:
        yield _("“%(value)s” is no value of “%(field)s” in CAP.") % {"value": value, "field": name}


def rings(polygons: Iterable[Polygon]) -> list[str]:
    """Each polygon as CAP writes it: "lat,lon lat,lon …", closed, without holes (it is cut through them), ``DIGITS`` decimals."""
    written = []
    for part in shapes.without_holes(list(polygons)):
        rounded = Polygon(shapely.get_coordinates(part.exterior).round(DIGITS))
        if not rounded.is_valid:  # a narrow piece, folded onto itself by the rounding
            rounded = shapely.make_valid(shapely.set_precision(part, 10**-DIGITS))
        for piece in shapes.without_holes([rounded]):
            points = [f"{_degrees(latitude)},{_degrees(longitude)}" for longitude, latitude in piece.exterior.coords]
            written.append(" ".join(points))
    return written


def _degrees(value: float) -> str:
    text = f"{value:.{DIGITS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def moment_text(when: datetime) -> str:
    """With its offset, as the standard demands; UTC is "-00:00", never "Z" (section 3.3.2)."""
    when = when.replace(microsecond=0)
    text = when.isoformat()
    return text if when.utcoffset() != UTC.utcoffset(None) else f"{text[:-6]}-00:00"


def _alert(alert: Alert) -> Iterator[str]:
    yield _one("identifier", alert.identifier)
    yield _one("sender", alert.sender)
    yield _one("sent", moment_text(alert.sent))
    yield _one("status", alert.status)
    yield _one("msgType", alert.kind)
    yield _one("source", alert.origin)
    yield _one("scope", alert.scope)
    yield _one("restriction", alert.restriction)
    yield _one("addresses", _quoted(alert.addresses))
    yield from (_one("code", code) for code in alert.codes)
    yield _one("note", alert.note)
    yield _one("references", " ".join(map(_reference, alert.references)))
    yield _one("incidents", _quoted(alert.incidents))
    yield from (f"<info>\n{''.join(_info(info))}</info>\n" for info in alert.infos)


def _info(info: Info) -> Iterator[str]:
    yield _one("language", info.language)
    yield from (_one("category", category) for category in info.categories)
    yield _one("event", info.event)
    yield from (_one("responseType", response) for response in info.responses)
    yield _one("urgency", info.urgency)
    yield _one("severity", info.severity)
    yield _one("certainty", info.certainty)
    yield _one("audience", info.audience)
    yield from (_pair("eventCode", code) for code in info.event_codes)
    for name, when in (("effective", info.effective), ("onset", info.onset), ("expires", info.expires)):
        yield _one(name, moment_text(when) if when else "")
    yield _one("senderName", info.sender_name)
    yield _one("headline", info.headline)
    yield _one("description", info.description)
    yield _one("instruction", info.instruction)
    yield _one("web", info.web)
    yield _one("contact", info.contact)
    yield from (_pair("parameter", parameter) for parameter in info.parameters)
    yield from (f"<resource>\n{''.join(_resource(resource))}</resource>\n" for resource in info.resources)
    yield from (f"<area>\n{''.join(_area(area))}</area>\n" for area in info.areas)


def _resource(resource: Resource) -> Iterator[str]:
    yield _one("resourceDesc", resource.description)
    yield _one("mimeType", resource.mime_type)
    yield _one("size", "" if resource.size is None else str(resource.size))
    yield _one("uri", resource.uri)
    yield _one("digest", resource.digest)


def _area(area: Area) -> Iterator[str]:
    yield _one("areaDesc", area.description)
    yield from (_one("polygon", ring) for ring in rings(area.polygons))
    for circle in area.circles:
        radius = f"{circle.radius_km:.3f}".rstrip("0").rstrip(".")
        yield _one("circle", f"{_degrees(circle.latitude)},{_degrees(circle.longitude)} {radius}")
    yield from (_pair("geocode", code) for code in area.geocodes)
    for name, height in (("altitude", area.altitude_ft), ("ceiling", area.ceiling_ft)):
        yield _one(name, "" if height is None else f"{height:g}")


def _one(name: str, text: str) -> str:
    """An element; "" without text, since an empty element says nothing."""
    return f"<{name}>{_escaped(text)}</{name}>\n" if text else ""


def _pair(name: str, pair: Pair) -> str:
    inside = "".join(
        f"<{part}>{_escaped(text)}</{part}>" for part, text in zip(("valueName", "value"), pair, strict=True)
    )
    return f"<{name}>{inside}</{name}>\n"


def _reference(key: Key) -> str:
    return f"{key.sender},{key.identifier},{moment_text(key.sent)}"


def _quoted(words: tuple[str, ...]) -> str:
    return " ".join(f'"{word}"' if re.search(r"\s", word) else word for word in words)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: _WRITTEN.get(found[0], ""), text)
