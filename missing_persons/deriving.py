"""What is known of a person, from evidence. Pure functions: no database, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from missing_persons.models import LOOKED_FOR, OF_DEATH, NoteStatus, ReportKind, Status

OF_REPORT = {
    ReportKind.MISSING: Status.MISSING,
    ReportKind.SEEKING: Status.MISSING,
    ReportKind.SAFE: Status.SAFE,
    ReportKind.FOUND: Status.ALIVE,
    ReportKind.SIGHTED: Status.ALIVE,
    ReportKind.UNIDENTIFIED_LIVING: Status.ALIVE,
    ReportKind.DECEASED: Status.DEAD,
    ReportKind.UNIDENTIFIED_DEAD: Status.DEAD,
}
OF_NOTE = {
    NoteStatus.IS_NOTE_AUTHOR: Status.SAFE,
    NoteStatus.BELIEVED_ALIVE: Status.ALIVE,
    NoteStatus.BELIEVED_MISSING: Status.MISSING,
    NoteStatus.INFORMATION_SOUGHT: Status.MISSING,
    NoteStatus.BELIEVED_DEAD: Status.DEAD,
}
assert {*LOOKED_FOR, *OF_DEATH} < set(OF_REPORT)


@dataclass(frozen=True)
class Evidence:
    """One report or note. says: the status it would give; at: as of when; source: ``report 4``, ``note 17``.

    is_verified: somebody entitled made sure of it; of a death, a protection officer. is_search: somebody looks for the person.
    """

    says: str
    at: datetime
    is_verified: bool
    source: str
    is_search: bool = False


@dataclass(frozen=True)
class Standing:
    """The status with the moment and the source it stands on; both empty when nothing was checked."""

    status: str
    at: datetime | None
    source: str


def status_from(evidence: Sequence[Evidence]) -> Standing:
    """The status that the evidence gives.

    Only what was verified counts, except that somebody who is looked for is missing until something is known. A confirmed
    death stands unless somebody saw the person alive afterwards and that was verified too: then a person must look at it.
    """
    verified = sorted((one for one in evidence if one.is_verified), key=lambda one: one.at)
    deaths = [one for one in verified if one.says == Status.DEAD]
    if deaths:
        alive = [one for one in verified if one.says in (Status.ALIVE, Status.SAFE) and one.at > deaths[0].at]
        if alive:
            return Standing(Status.UNCLEAR, alive[-1].at, alive[-1].source)
        return Standing(Status.DEAD, deaths[-1].at, deaths[-1].source)
    # A search that began before somebody was found says nothing new when it is entered later: the order is of what it tells.
    if verified:
        return Standing(verified[-1].says, verified[-1].at, verified[-1].source)
    searches = sorted((one for one in evidence if one.is_search), key=lambda one: one.at)
    if searches:
        return Standing(Status.MISSING, searches[-1].at, searches[-1].source)
    return Standing(Status.UNCHECKED, None, "")
