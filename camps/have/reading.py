"""From a checked document to plain data: one ``Facility`` for each hospital in it. No database."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from camps.have.checking import Document
from camps.have.names import COLOURS as STATUS_OF
from camps.have.names import (
    CT,
    EXERCISE,
    EXT,
    FIGURES_ID,
    HAVE,
    SERVICE_KEY,
    STATE_KEY,
    TRAFFIC,
    bed_kind,
)
from camps.hospital_services import SERVICES
from camps.hospitals import FIGURES, LONGEST_SERVICE, STATUSES, Beds
from camps.models import BedKind, ServiceStatus

_NS = {"have": HAVE, "ct": CT, "ext": EXT}


@dataclass
class Facility:
    """What a document says of one hospital.

    reported_at: aware, to the second; ``None`` when the document gives no period. warnings: what could not be taken as given.
    faults: why it cannot be recorded.
    """

    external_id: str
    name: str
    reported_at: datetime | None
    statuses: dict[str, str] = field(default_factory=dict)
    services: dict[str, str] = field(default_factory=dict)
    beds: list[Beds] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)
    note: str = ""
    warnings: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@dataclass
class Message:
    """A whole document: who sends it, and its hospitals."""

    sender: str
    comment: str
    facilities: list[Facility]

    @property
    def is_exercise(self) -> bool:
        return self.comment.startswith(EXERCISE)


def read(document: Document) -> Message:
    """Everything in a checked document."""
    root = document.root
    period = root.find("have:reportingPeriod", _NS)
    sender = " ".join("".join(one.itertext()) for one in root.iterfind("have:organizationInformation", _NS))
    return Message(
        " ".join(sender.split()),
        _text(root, "have:reportComment"),
        [_facility(element, period) for element in root.iterfind("have:facility", _NS)],
    )


def _facility(element: Any, period_of_all: Any) -> Facility:
    information = element.find("have:facilityInformation", _NS)
    own_period = element.find("have:reportingPeriod", _NS)
    period = own_period if own_period is not None else period_of_all
    facility = Facility(_text(information, "have:facilityID"), _text(information, "have:facilityName"), _moment(period))
    if facility.reported_at is None:
        facility.faults.append(_("The document does not say when this was seen."))
    notes = [" ".join((one.text or "").split()) for one in element.iterfind("have:commentText", _NS)]
    traffic = _text(information, "have:emergencyDepartmentStatus/have:emsTraffic/have:emsTrafficStatus")
    if traffic in TRAFFIC:
        facility.statuses["emergency"] = TRAFFIC[traffic]
    overall = _colour(element.find("have:facilityColourStatus", _NS), facility, _("the hospital"))
    if overall:
        facility.statuses["overall"] = overall
    for item in element.iterfind("have:serviceList/have:serviceListItem", _NS):
        _service(item, facility, notes)
    _figures(element, facility)
    if not (facility.statuses or facility.services or facility.beds or facility.figures or any(notes)):
        facility.faults.append(_("The document names this hospital but says nothing of its state."))
    facility.note = "\n".join(filter(None, notes))
    return facility


def _service(item: Any, facility: Facility, notes: list[str]) -> None:
    """A service of the list: one of our states, a kind of bed, or a service under the name it is given."""
    key, name = _text(item, "have:serviceTaxonomyKeyValue"), _text(item, "have:serviceName")
    status = _status(item.find("have:serviceStatus", _NS), facility, name)
    if key.startswith(STATE_KEY) and key.removeprefix(STATE_KEY) in STATUSES:
        if status:
            facility.statuses[key.removeprefix(STATE_KEY)] = status
        return
    capacity = item.find("have:serviceBedCapacity", _NS)
    kind = bed_kind(key, name) if capacity is not None else None
    if capacity is not None:
        _beds(capacity, kind, name, facility, notes)
    if status:
        facility.services[_service_key(key, name)] = status


def _service_key(key: str, name: str) -> str:
    """Ours when the document uses our list or a name we know, else the name as given."""
    if key.startswith(SERVICE_KEY):
        return key.removeprefix(SERVICE_KEY)[:LONGEST_SERVICE]
    ours = re.sub(r"\W+", "_", name.lower())
    return ours if ours in SERVICES else name[:LONGEST_SERVICE].strip()


def _beds(capacity: Any, kind: BedKind | None, name: str, facility: Facility, notes: list[str]) -> None:
    """Beds as we count them. What does not fit (no total, no kind known here) is kept as words in the note."""
    free = int(_text(capacity, "have:availableCount"))
    total_text = _text(capacity, "have:baselineCount")
    if kind is None or not total_text:
        words = {"name": name, "free": free, "total": total_text or "?"}
        notes.append(_("%(name)s: %(free)d of %(total)s beds free.") % words)
        facility.warnings.append(
            _("Beds of “%(name)s” are not of a kind counted here, or their total is missing. They go into the note.")
            % words
        )
        return
    if free < 0:
        facility.warnings.append(
            _("%(name)s: %(over)d more patients than beds. Recorded as no bed free.") % {"name": name, "over": -free}
        )
        notes.append(_("%(name)s: %(over)d more patients than beds.") % {"name": name, "over": -free})
        free = 0
    same = next((row for row in facility.beds if row.kind == kind), None)
    row = Beds(str(kind.value), int(total_text), free)
    if same is not None:
        facility.beds.remove(same)
        row = Beds(row.kind, same.total + row.total, same.available + row.available)
        facility.warnings.append(_("%(kind)s: stands twice in the document; added up.") % {"kind": kind.label})
    facility.beds.append(row)


def _status(element: Any, facility: Facility, name: str) -> str:
    """A status from whether a service is there and its colour; empty when the document says nothing."""
    if element is None:
        return ""
    if _text(element, "have:isAvailable") in ("false", "0"):
        return ServiceStatus.NONE
    colour = element.find("have:colourStatus", _NS)
    return _colour(colour, facility, name) if colour is not None else ServiceStatus.NORMAL


def _colour(element: Any, facility: Facility, name: str) -> str:
    if element is None:
        return ""
    text = _text(element, "*/ct:value").lower()
    if text and text not in STATUS_OF:
        facility.warnings.append(
            _("The colour “%(colour)s” of %(name)s has no meaning here. It is recorded as not known.")
            % {"colour": text[:40], "name": name}
        )
    return STATUS_OF.get(text, "")


def _figures(element: Any, facility: Facility) -> None:
    """Our own figures from the extension; another community's extension is not ours to read."""
    for extension in element.iterfind("ext:extension", _NS):
        if _text(extension, "ext:id") != FIGURES_ID:
            facility.warnings.append(
                _("Extensions of “%(id)s” are not kept.") % {"id": _text(extension, "ext:id")[:80]}
            )
            continue
        for parameter in extension.iterfind("ext:parameter", _NS):
            name = _text(parameter, "ext:nameURI").rpartition(":")[2]
            value = _text(parameter, "ext:value")
            if name in FIGURES and value.isascii() and value.isdigit() and len(value) < 10:
                facility.figures[name] = int(value)
            else:
                facility.warnings.append(
                    _("The figure “%(name)s” (%(value)s) is not kept.") % {"name": name[:40], "value": value[:40]}
                )


def _moment(period: Any) -> datetime | None:
    """The end of a reporting period: until then the figures hold."""
    if period is None:
        return None
    try:
        found = datetime.fromisoformat(_text(period, "ct:toDateTime")).astimezone(UTC)
    except (
        ValueError,
        OverflowError,
    ):  # the schema knows moments that calendars here do not: the year 10000, 24 o'clock
        return None
    return found.replace(microsecond=0)


def _text(element: Any, path: str) -> str:
    """The text of a child, without blanks around it and with single ones inside; empty when there is none."""
    return " ".join((element.findtext(path, namespaces=_NS) or "").split())
