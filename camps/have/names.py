"""Names of EDXL-HAVE and ours: namespaces, kinds of beds, states as colours. Pure data."""

from __future__ import annotations

import re

from camps.models import BedKind, ServiceStatus

VERSION = "2.0"
HAVE = "urn:oasis:names:tc:emergency:edxl:have:2.0"
CT = "urn:oasis:names:tc:emergency:edxl:ct:1.0"
EXT = "urn:oasis:names:tc:emergency:edxl:extension:1.0"
XNL = "urn:oasis:names:tc:emergency:edxl:ciq:1.0:xnl"
GML = "http://www.opengis.net/gml/3.2"
# Documents write the namespace with EDXL and HAVE in small or in capital letters.
ANY_HAVE = re.compile(r"urn:oasis:names:tc:emergency:edxl:have:(\d+\.\d+)", re.IGNORECASE)

COLOUR_LIST = "urn:oasis:names:tc:emergency:EDXL:HAVE:2.0:Defaults:ColourCode"
TAXONOMY = "urn:komek:hospital:1"
TAXONOMY_NAME = "Komek: state, services and beds"
COMMUNITY = "urn:komek"
FIGURES_ID = "urn:komek:hospital:figures:1"
# A document of an exercise says so at the start of its comment.
EXERCISE = "EXERCISE"

# Keys in our taxonomy: what a service of the list is about.
STATE_KEY, SERVICE_KEY, BEDS_KEY = "state.", "service.", "beds."

COLOURS = {
    "green": ServiceStatus.NORMAL,
    "yellow": ServiceStatus.STRAINED,
    "orange": ServiceStatus.STRAINED,
    "red": ServiceStatus.CRITICAL,
    "black": ServiceStatus.NONE,
}
COLOUR_OF = {
    ServiceStatus.NORMAL: "green",
    ServiceStatus.STRAINED: "yellow",
    ServiceStatus.CRITICAL: "red",
    ServiceStatus.NONE: "red",
}
TRAFFIC = {"Normal": ServiceStatus.NORMAL, "Advisory": ServiceStatus.STRAINED, "Closed": ServiceStatus.NONE}

# What other systems call kinds of beds, without case, spaces and signs; the names of EDXL-HAVE 1.0 are among them.
_BED_NAMES = {
    BedKind.ADULT_ICU: ("adulticu", "icu", "icuadult", "intensivecare"),
    BedKind.PAEDIATRIC_ICU: ("pediatricicu", "paediatricicu", "picu"),
    BedKind.NEONATAL_ICU: ("neonatalicu", "nicu"),
    BedKind.EMERGENCY: ("emergency", "emergencydepartment", "emergencydepartmentbeds"),
    BedKind.SURGICAL: ("surgical", "surgery"),
    BedKind.MEDICAL: ("medical", "general", "medicalsurgical"),
    BedKind.PAEDIATRIC: ("pediatric", "paediatric", "pediatrics", "paediatrics"),
    BedKind.MATERNITY: ("maternity", "obstetrics", "laboranddelivery"),
    BedKind.BURNS: ("burn", "burns"),
    BedKind.ISOLATION: ("isolation", "negativeflowisolation", "otherisolation"),
    BedKind.PSYCHIATRIC: ("psychiatric", "psychiatry"),
    BedKind.REHABILITATION: ("rehabilitation", "rehab", "rehabilitationlongtermcare"),
    BedKind.DIALYSIS: ("dialysis",),
}
_KIND_BY_NAME = {name: kind for kind, names in _BED_NAMES.items() for name in names}


def bed_kind(key: str, name: str) -> BedKind | None:
    """The kind of bed that a service's key in its list, or else its name, means."""
    if key.startswith(BEDS_KEY) and key.removeprefix(BEDS_KEY) in BedKind.values:
        return BedKind(key.removeprefix(BEDS_KEY))
    for text in (key, name):
        found = _KIND_BY_NAME.get(re.sub(r"[\W_]", "", text).lower().removesuffix("beds"))
        if found is not None:
            return found
    return None
