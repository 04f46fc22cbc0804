"""The registry's records, by subject."""

from missing_persons.models.emergency_numbers import EmergencyNumber, Service
from missing_persons.models.joining import Joining, MoveKind, PairState, SightingMatch, SightingsHeard, SuggestedPair
from missing_persons.models.notes import Note, NoteStatus
from missing_persons.models.persons import FamilyLink, Kinship, Person, Sex, Status, Visibility
from missing_persons.models.public_use import PublicDraft, UseCount
from missing_persons.models.reports import (
    LIVING,
    LOOKED_FOR,
    OF_DEATH,
    UNIDENTIFIED,
    Company,
    Moderation,
    NameKind,
    Photo,
    Report,
    ReportedName,
    ReportKind,
    Script,
)
from missing_persons.models.repositories import PfifFault, PfifRun, PfifTaken, Repository, RunState
from missing_persons.models.search_entry import SearchEntry
from missing_persons.models.seekers import (
    Dispute,
    DisputeKind,
    DisputeState,
    PassedMessage,
    PassedState,
    Subscription,
)

__all__ = [
    "LIVING",
    "LOOKED_FOR",
    "OF_DEATH",
    "UNIDENTIFIED",
    "Company",
    "Dispute",
    "DisputeKind",
    "DisputeState",
    "EmergencyNumber",
    "FamilyLink",
    "Joining",
    "Kinship",
    "Moderation",
    "MoveKind",
    "NameKind",
    "Note",
    "NoteStatus",
    "PairState",
    "PassedMessage",
    "PassedState",
    "Person",
    "PfifFault",
    "PfifRun",
    "PfifTaken",
    "Photo",
    "PublicDraft",
    "Report",
    "ReportKind",
    "ReportedName",
    "Repository",
    "RunState",
    "Script",
    "SearchEntry",
    "Service",
    "Sex",
    "SightingMatch",
    "SightingsHeard",
    "Status",
    "Subscription",
    "SuggestedPair",
    "UseCount",
    "Visibility",
]
