"""What is read from a hazard feed and written to it: alerts, links and faults, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from shapely import MultiPolygon, Point, Polygon, unary_union
from shapely.geometry.base import BaseGeometry

# Values of the standard (CAP 1.2, section 3.2), in its order.
STATUSES = ("Actual", "Exercise", "System", "Test", "Draft")
KINDS = ("Alert", "Update", "Cancel", "Ack", "Error")
SCOPES = ("Public", "Restricted", "Private")
CATEGORIES = (
    *("Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other"),
)
RESPONSES = ("Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None")
URGENCIES = ("Immediate", "Expected", "Future", "Past", "Unknown")
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
CERTAINTIES = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")

# Drills that some agencies send as "Actual": SAME codes of the United States (NWS Instruction 10-1712: practice, national periodic,
# required monthly and weekly tests) and the test event of the Canadian profile CAP-CP.
DRILL_CODES = frozenset({"DMO", "NPT", "RMT", "RWT", "testMessage"})

Pair = tuple[str, str]


class Key(NamedTuple):
    """What tells one alert from all others (CAP 1.2, section 3.2.1). sent: aware, UTC."""

    identifier: str
    sender: str
    sent: datetime


@dataclass(frozen=True, slots=True)
class Circle:
    """Degrees of WGS 84 and kilometres. A radius of 0 is a point. outline: None for a point."""

    latitude: float
    longitude: float
    radius_km: float
    outline: MultiPolygon | None = field(default=None, compare=False, repr=False)

    @property
    def shape(self) -> BaseGeometry:
        return self.outline or Point(self.longitude, self.latitude)


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """polygons: every one of the alert, valid, longitude before latitude, within ±180 and ±90. Heights: feet above sea level."""

    description: str = ""
    polygons: tuple[Polygon, ...] = ()
    circles: tuple[Circle, ...] = ()
    geocodes: tuple[Pair, ...] = ()
    altitude_ft: float | None = None
    ceiling_ft: float | None = None

    @property
    def shape(self) -> BaseGeometry:
        """All polygons and circles as one geometry; empty where the area has only a name or codes."""
        return unary_union([*self.polygons, *(circle.shape for circle in self.circles)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A file that belongs to an alert. size: bytes. Content that stands in the alert itself (``derefUri``) is not kept."""

    description: str = ""
    mime_type: str = ""
    size: int | None = None
    uri: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """One language (or one area) of an alert. Moments are aware, UTC.

    level: the source's own colour, where it has one. is_minor: by the source's own figures nobody needs to be alarmed.
    """

    language: str = "en-US"
    categories: tuple[str, ...] = ()
    event: str = ""
    responses: tuple[str, ...] = ()
    urgency: str = "Unknown"
    severity: str = "Unknown"
    certainty: str = "Unknown"
    audience: str = ""
    event_codes: tuple[Pair, ...] = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    contact: str = ""
    parameters: tuple[Pair, ...] = ()
    resources: tuple[Resource, ...] = ()
    areas: tuple[Area, ...] = ()
    level: str = ""
    is_minor: bool = False

    @property
    def shape(self) -> BaseGeometry:
        return unary_union([area.shape for area in self.areas])


@dataclass(frozen=True, slots=True)
class Signature:
    """An XML signature stood in the alert. It is noted, not verified: nothing may be trusted for it alone."""

    method: str = ""
    signer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One message of a source.

    status, kind and scope: "" where the message has none that is known. references: the messages it updates or cancels.
    wrapped_status: of the EDXL-DE envelope around it. replaces_own: a later message with the same sender and identifier replaces
    it (USGS, GDACS: their identifiers name an event). source: "CAP 1.2", "CAP 1.1", "USGS", "GDACS". line: in the file, from 1.
    """

    identifier: str
    sender: str
    sent: datetime
    status: str
    kind: str
    scope: str = "Public"
    origin: str = ""
    restriction: str = ""
    addresses: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    note: str = ""
    references: tuple[Key, ...] = ()
    incidents: tuple[str, ...] = ()
    infos: tuple[Info, ...] = ()
    signature: Signature | None = None
    wrapped_status: str = ""
    replaces_own: bool = False
    source: str = "CAP 1.2"
    line: int = field(default=0, compare=False)

    @property
    def key(self) -> Key:
        return Key(self.identifier, self.sender, self.sent)

    @property
    def is_drill(self) -> bool:
        """Anything but the real thing: by its status, its envelope's, or an event code that only drills have."""
        codes = {value for info in self.infos for _name, value in info.event_codes}
        return self.status != "Actual" or self.wrapped_status not in ("", "Actual") or bool(codes & DRILL_CODES)

    @property
    def raises_alarm(self) -> bool:
        """Whether anybody may be alarmed by it at all; whether it is still in force is for ``current`` to say.

        Never: Test, Exercise, System, Draft and what has no known status; Cancel, Ack and Error; all clear; what is minor.
        """
        return not self.is_drill and self.kind in ("Alert", "Update") and any(_alarms(info) for info in self.infos)

    @property
    def shape(self) -> BaseGeometry:
        return unary_union([info.shape for info in self.infos])

    def infos_for(self, *languages: str) -> tuple[Info, ...]:
        """The parts in the first of these languages that the alert has ("ru" finds "ru-RU" too), otherwise in its first language."""
        for wanted in (*languages, *(info.language for info in self.infos[:1])):
            whole, short = wanted.lower(), wanted.lower().partition("-")[0]
            exact = tuple(info for info in self.infos if info.language.lower() == whole)
            if found := exact or tuple(info for info in self.infos if info.language.lower().partition("-")[0] == short):
                return found
        return ()


def _alarms(info: Info) -> bool:
    return "AllClear" not in info.responses and not info.is_minor


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of an Atom or RSS index that only points to its alert: whoever pulls the feed fetches ``address`` and reads that."""

    address: str
    title: str = ""
    identifier: str = ""
    updated: datetime | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a feed that is not as it should be.

    line: in the file, from 1, or 0 with a path ("features[3].geometry") in JSON. kind: a key of ``sentences.SENTENCES``, said with
    ``values``. identifier: the alert's, where known. is_lost: the alert (or the polygon) was not taken; otherwise it was mended or
    noted. ends: nothing behind it was read.
    """

    line: int
    kind: str
    values: Mapping[str, object] = field(default_factory=dict)
    path: str = ""
    identifier: str = ""
    is_lost: bool = False
    ends: bool = False
