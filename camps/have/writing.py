"""From hospital reports to an EDXL-HAVE 2.0 document."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import override
from lxml import etree

from camps.have.names import (
    BEDS_KEY,
    COLOUR_LIST,
    COLOUR_OF,
    COMMUNITY,
    CT,
    EXERCISE,
    EXT,
    FIGURES_ID,
    GML,
    HAVE,
    SERVICE_KEY,
    STATE_KEY,
    TAXONOMY,
    TAXONOMY_NAME,
    XNL,
)
from camps.hospital_services import service_name
from camps.hospitals import FIGURES, STATUSES
from camps.models import HospitalReport, ServiceStatus

_PREFIXES = {"have": HAVE, "ct": CT, "ext": EXT, "n": XNL, "gml": GML}


def write(reports: Iterable[HospitalReport], *, sender: str, is_exercise: bool = False) -> bytes:
    """A document of these reports, one for each hospital. Needs ``camp``, ``camp.organisation`` and ``beds`` at hand.

    Words in it are English, so that the document is the same whoever asks for it.
    """
    with override("en"):
        root = etree.Element(_name(HAVE, "HAVE"), nsmap=_PREFIXES)
        _organisation(root, "organizationInformation", sender)
        if is_exercise:
            _add(root, "reportComment", f"{EXERCISE}: invented data, nothing here is real.")
        for report in reports:
            _facility(root, report)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _facility(root: Any, report: HospitalReport) -> None:
    camp = report.camp
    facility = _add(root, "facility")
    information = _add(facility, "facilityInformation")
    _add(information, "facilityID", camp.code)
    _add(information, "facilityName", camp.name)
    if camp.location is not None:
        place = _add(_add(information, "facilityGeoLocation"), "EDXLGeoLocation", namespace=CT)
        point = etree.SubElement(place, _name(GML, "Point"), {_name(GML, "id"): f"point-{camp.code}"})
        # WGS 84 as EPSG:4326 orders it: latitude first.
        etree.SubElement(point, _name(GML, "pos")).text = f"{camp.location.y:.6f} {camp.location.x:.6f}"
    _organisation(information, "facilityDetails", camp.organisation.name if camp.organisation else "")
    _add(information, "facilityKind", "Hospital")
    period = _add(facility, "reportingPeriod")
    for edge in ("fromDateTime", "toDateTime"):
        _add(period, edge, _moment(report.occurred_at), namespace=CT)
    _services(facility, report)
    if report.note:
        _add(facility, "commentText", report.note)
    if report.overall in COLOUR_OF:
        _colour(_add(facility, "facilityColourStatus"), report.overall)
    _figures(facility, report)


def _services(facility: Any, report: HospitalReport) -> None:
    items: list[tuple[str, str, str, Any]] = [
        (f"{STATE_KEY}{name}", str(HospitalReport._meta.get_field(name).verbose_name), getattr(report, name), None)  # type: ignore[union-attr]
        for name in STATUSES
        if getattr(report, name) != ServiceStatus.UNKNOWN
    ]
    items += [(f"{SERVICE_KEY}{key}", service_name(key), status, None) for key, status in report.services.items()]
    items += [(f"{BEDS_KEY}{row.kind}", row.get_kind_display(), "", row) for row in report.beds.all()]
    if not items:
        return
    services = _add(facility, "serviceList")
    _add(services, "taxonomyURI", TAXONOMY)
    _add(services, "taxonomyName", TAXONOMY_NAME)
    for key, name, status, beds in items:
        item = _add(services, "serviceListItem")
        _add(item, "serviceTaxonomyKeyValue", key)
        _add(item, "serviceName", name)
        if status in COLOUR_OF:
            state = _add(item, "serviceStatus")
            _add(state, "isAvailable", "false" if status == ServiceStatus.NONE else "true")
            _colour(_add(state, "colourStatus"), status)
        if beds is not None:
            capacity = _add(item, "serviceBedCapacity")
            _add(capacity, "availableCount", str(beds.available))
            _add(capacity, "baselineCount", str(beds.total))


def _colour(parent: Any, status: str) -> None:
    code = _add(parent, "colourCodeDefault")
    _add(code, "valueListURI", COLOUR_LIST, namespace=CT)
    _add(code, "value", COLOUR_OF[ServiceStatus(status)], namespace=CT)


def _figures(facility: Any, report: HospitalReport) -> None:
    known = [(name, getattr(report, name)) for name in FIGURES if getattr(report, name) is not None]
    if not known:
        return
    extension = _add(facility, "extension", namespace=EXT)
    _add(extension, "community", COMMUNITY, namespace=EXT)
    _add(extension, "id", FIGURES_ID, namespace=EXT)
    for name, value in known:
        parameter = _add(extension, "parameter", namespace=EXT)
        _add(parameter, "nameURI", f"{FIGURES_ID}:{name}", namespace=EXT)
        _add(parameter, "value", str(value), namespace=EXT)


def _organisation(parent: Any, element: str, name: str) -> None:
    named = etree.SubElement(_add(parent, element), _name(XNL, "OrganisationName"))
    etree.SubElement(named, _name(XNL, "NameElement")).text = _clean(name)


def _moment(moment: datetime) -> str:
    """With its offset and without fractions, as EDXL writes moments."""
    return moment.astimezone(UTC).replace(microsecond=0).isoformat()


def _add(parent: Any, name: str, text: str | None = None, namespace: str = HAVE) -> Any:
    child = etree.SubElement(parent, _name(namespace, name))
    if text is not None:
        child.text = _clean(text)
    return child


def _clean(text: str) -> str:
    """Without the control characters that XML cannot carry."""
    return "".join(sign for sign in text if sign in "\t\n\r" or (sign >= " " and sign not in "\ufffe\uffff"))


def _name(namespace: str, name: str) -> str:
    return f"{{{namespace}}}{name}"
