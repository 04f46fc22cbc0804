"""EDXL-HAVE documents: what is safe and valid, what they say, and that what is written reads back the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.contrib.gis.geos import Point
from hypothesis import given, settings
from hypothesis import strategies as st

from camps.have.checking import SIZE_LIMIT, HaveFault, checked
from camps.have.reading import Message, read
from camps.have.writing import write
from camps.hospital_services import SERVICES
from camps.hospitals import FIGURES, STATUSES, Beds
from camps.models import BedCount, BedKind, Camp, HospitalReport, ServiceStatus
from orgs.models import Organisation

FOREIGN = (Path(__file__).parent / "files" / "have-foreign.xml").read_bytes()
NAMESPACE = "urn:oasis:names:tc:emergency:edxl:have:2.0"
FACILITY = "<facilityInformation><facilityID>1</facilityID><facilityName>Clinic</facilityName></facilityInformation>"


def document(inside: str, namespace: str = NAMESPACE) -> bytes:
    return (
        f'<HAVE xmlns="{namespace}" xmlns:ct="urn:oasis:names:tc:emergency:edxl:ct:1.0">{inside}</HAVE>'.encode()
    )  # fmt: skip


def facility(inside: str) -> bytes:
    return document(f"<facility>{FACILITY}{inside}</facility>")


def fault_of(content: bytes) -> str:
    with pytest.raises(HaveFault) as fault:
        checked(content)
    return str(fault.value)


# --- what is refused


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"<HAVE><facility>", "not valid XML"),
        (b"Hospital,Beds\nCentral,5\n", "not valid XML"),
        (b"<kml/>", "not an EDXL-HAVE document"),
        (b"\xff\xfe\x00", "not valid XML"),
        (b"x" * (SIZE_LIMIT + 1), "more than 5 MB"),
    ],
)
def test_what_is_no_document_is_refused_in_words(content: bytes, words: str) -> None:
    assert words in fault_of(content)


def test_a_document_of_another_version_is_refused_and_both_versions_are_named() -> None:
    content = b'<HospitalStatus xmlns="urn:oasis:names:tc:emergency:EDXL:HAVE:1.0"><Hospital/></HospitalStatus>'
    assert "EDXL-HAVE 1.0" in fault_of(content)
    assert "EDXL-HAVE 2.0" in fault_of(content)
    assert "EDXL-HAVE 3.1" in fault_of(document("", "urn:oasis:names:tc:emergency:edxl:have:3.1"))


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE HAVE [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE HAVE [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]>',
        '<!DOCTYPE HAVE SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE HAVE [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY x "&b;&b;&b;&b;">]>',
        "<!DOCTYPE HAVE>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_or_entity_is_refused_and_nothing_is_fetched(head: str, encoding: str) -> None:
    name = "&x;" if "x " in head else "Clinic"
    text = head + facility("").decode().replace("Clinic", name)
    assert "DOCTYPE" in fault_of(text.encode(encoding))


def test_an_entity_that_nobody_declared_is_refused() -> None:
    assert "not valid XML" in fault_of(facility("<commentText>&passwd;</commentText>"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (document(""), "“facility” is missing"),
        (document("<facility/>"), "“facilityInformation” is missing"),
        (facility("").replace(b">1<", b"> <"), "“facilityID” says cannot be read"),
        (facility("").replace(b"<facilityID>1</facilityID>", b""), "stands where “facilityID” must be"),
        (facility(FACILITY), "once too often"),
        (
            facility(
                "<serviceList><serviceListItem><serviceTaxonomyKeyValue>b</serviceTaxonomyKeyValue><serviceName>b"
                "</serviceName><serviceBedCapacity><availableCount>many</availableCount></serviceBedCapacity>"
                "</serviceListItem></serviceList>"
            ),
            "“availableCount” says cannot be read",
        ),
        (
            facility(
                "<reportingPeriod><ct:fromDateTime>2026-01-01T00:00:00</ct:fromDateTime>"
                "<ct:toDateTime>2026-01-01T00:00:00</ct:toDateTime></reportingPeriod>"
            ),
            "“toDateTime” says cannot be read",
        ),
    ],
)
def test_what_the_schema_does_not_allow_is_refused_with_its_line_and_name(content: bytes, words: str) -> None:
    assert words in fault_of(content)
    assert "Line 1" in fault_of(content)


# --- what is read


def read_foreign() -> tuple[Message, list[str]]:
    found = checked(FOREIGN)
    return read(found), found.warnings


def test_a_document_of_another_system_is_read() -> None:
    message, _warnings = read_foreign()
    first, second = message.facilities
    assert (message.sender, message.is_exercise) == ("Health Department", False)
    assert (first.external_id, first.name) == ("HD-17", "Central hospital")
    assert first.reported_at == datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
    assert first.statuses == {"emergency": "strained", "overall": "critical"}
    assert first.services == {"Burn unit": "strained", "Trauma Level 1": "none"}
    assert first.beds == [Beds("adult_icu", 8, 2), Beds("burns", 6, 0)]
    assert second.reported_at == first.reported_at


def test_what_does_not_fit_is_kept_in_words() -> None:
    message, warnings = read_foreign()
    first, second = message.facilities
    said = " ".join(warnings)
    for words in ("helipad", "“stability” (deteriorating)", "clinicalStatusDefault", "Staff ill", "another order"):
        assert words in said
    assert "Norovirus on ward 3" in first.note
    assert "Trauma Level 1: 6 of ? beds free" in first.note
    assert "3 more patients than beds" in " ".join(first.warnings)
    assert "mauve" in " ".join(second.warnings)
    assert not first.faults


def test_warnings_have_an_end() -> None:
    found = checked(facility("".join(f"<thing{n}/>" for n in range(1000))))
    assert len(found.warnings) < 300


def test_a_document_in_an_envelope_is_read() -> None:
    envelope = (
        b'<EDXLDistribution xmlns="urn:oasis:names:tc:emergency:EDXL:DE:2.0"><content>%s</content></EDXLDistribution>'
    )
    assert read(checked(envelope % facility("<commentText>x</commentText>"))).facilities[0].name == "Clinic"


def test_a_hospital_without_a_time_or_without_any_state_is_a_fault_of_that_hospital() -> None:
    faults = read(checked(facility(""))).facilities[0].faults
    assert any("when this was seen" in fault for fault in faults)
    assert any("nothing of its state" in fault for fault in faults)


def test_beds_of_one_kind_named_twice_are_added_up() -> None:
    item = (
        "<serviceListItem><serviceTaxonomyKeyValue>{}</serviceTaxonomyKeyValue><serviceName>{}</serviceName><serviceBedCapacity>"
        "<availableCount>1</availableCount><baselineCount>4</baselineCount></serviceBedCapacity></serviceListItem>"
    )
    items = item.format("negativeFlowIsolation", "x") + item.format("y", "Other isolation")
    found = read(checked(facility(f"<serviceList>{items}</serviceList>"))).facilities[0]
    assert found.beds == [Beds("isolation", 8, 2)]
    assert "added up" in found.warnings[0]


# --- what is written


def report_of(**fields: Any) -> HospitalReport:
    camp = Camp(code="C1143", name="Central hospital", location=Point(58.41, 38.21, srid=4326))
    camp.organisation = Organisation(name="Relief")
    moment = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)
    return HospitalReport(camp=camp, **{"occurred_at": moment, **fields})


def written(report: HospitalReport, beds: list[Beds], **options: Any) -> bytes:
    rows = [BedCount(kind=row.kind, total=row.total, available=row.available) for row in beds]
    shaped = Mock(wraps=report)
    for name in (*STATUSES, *FIGURES, "services", "note", "camp", "occurred_at"):
        setattr(shaped, name, getattr(report, name))
    shaped.beds.all.return_value = rows
    return write([shaped], sender="Earthquake", **options)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=40)
STATES = st.sampled_from([str(one) for one in ServiceStatus.values])
KNOWN = STATES.filter(lambda one: one != "unknown")


@st.composite
def bed_rows(draw: Any) -> list[Beds]:
    kinds = draw(st.lists(st.sampled_from(BedKind.values), unique=True))
    totals = [draw(st.integers(0, 20_000)) for _kind in kinds]
    return [Beds(kind, total, draw(st.integers(0, total))) for kind, total in zip(kinds, totals, strict=True)]


@settings(max_examples=60, deadline=None)
@given(
    statuses=st.fixed_dictionaries(dict.fromkeys(STATUSES, STATES)),
    figures=st.dictionaries(st.sampled_from(FIGURES), st.integers(0, 1_000_000)),
    services=st.dictionaries(st.sampled_from([*SERVICES]) | WORDS, KNOWN, max_size=6),
    beds=bed_rows(),
    note=st.text(max_size=100),
    moment=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda one: one.replace(tzinfo=UTC)),
)
def test_what_is_written_is_valid_and_reads_back_the_same(
    statuses: dict[str, str],
    figures: dict[str, int],
    services: dict[str, str],
    beds: list[Beds],
    note: str,
    moment: datetime,
) -> None:
    report = report_of(**statuses, **figures, services=services, note=note, occurred_at=moment)
    found = checked(written(report, beds))
    assert found.warnings == []
    back = read(found).facilities[0]
    assert back.warnings == []
    assert (back.external_id, back.name) == ("C1143", "Central hospital")
    assert back.reported_at == moment.replace(microsecond=0)
    assert back.statuses == {name: status for name, status in statuses.items() if status != "unknown"}
    assert (back.figures, back.services, back.beds) == (figures, services, beds)


def test_a_document_of_an_exercise_says_so() -> None:
    content = written(report_of(power="normal"), [], is_exercise=True)
    assert read(checked(content)).is_exercise
    assert not read(checked(written(report_of(power="normal"), []))).is_exercise


def test_moments_carry_their_offset_and_no_fractions() -> None:
    moment = datetime(2026, 3, 1, 7, 30, 5, 999, tzinfo=UTC) + timedelta()
    assert b"2026-03-01T07:30:05+00:00" in written(report_of(occurred_at=moment), [])
