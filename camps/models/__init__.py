"""What the registry of camps, hospitals and other places where people are holds."""

from camps.models.camps import (
    Access,
    Camp,
    CampPhoto,
    CampState,
    CampType,
    RegistrationLevel,
    ShelterCapacity,
    ShelterKind,
)
from camps.models.have import HaveImport, HaveImportState
from camps.models.headcounts import AGE_BANDS, NEEDS, Headcount, HeadcountStanding, Method, breakdown_fields
from camps.models.health import BedCount, BedKind, HospitalReport, ServiceStatus, Syndrome, SyndromeCount
from camps.models.people import (
    DuplicateFlag,
    Household,
    Intention,
    ListScan,
    Movement,
    MovementKind,
    Person,
    Presence,
    RelationToHead,
    Sex,
    SpecialNeed,
)
from camps.models.standards import Comparison, Measurement, Standard

__all__ = [
    "AGE_BANDS",
    "NEEDS",
    "Access",
    "BedCount",
    "BedKind",
    "Camp",
    "CampPhoto",
    "CampState",
    "CampType",
    "Comparison",
    "DuplicateFlag",
    "HaveImport",
    "HaveImportState",
    "Headcount",
    "HeadcountStanding",
    "HospitalReport",
    "Household",
    "Intention",
    "ListScan",
    "Measurement",
    "Method",
    "Movement",
    "MovementKind",
    "Person",
    "Presence",
    "RegistrationLevel",
    "RelationToHead",
    "ServiceStatus",
    "Sex",
    "ShelterCapacity",
    "ShelterKind",
    "SpecialNeed",
    "Standard",
    "Syndrome",
    "SyndromeCount",
    "breakdown_fields",
]
