"""Socket ``intake``: records that a text from the inbox can be turned into, such as a request for support or an incident."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from komek.extensions.sockets import Socket, Viewer


@dataclass(frozen=True)
class Taken:
    """The record made. reference: its code; url: its page."""

    reference: str
    url: str


@dataclass(frozen=True)
class Report:
    """What a text reports, as it was understood. kind: a key of ``komek.messaging.report_words.KINDS``; severity: 1 (slight) to 5
    (worst), 0 when not said. where: the place in words; point: EPSG:4326, or ``None``; source: how the place is known (see
    ``komek.messaging.whereabouts.Whereabouts.how``). words: the rest. reference: taken again under it, the first record comes back.
    """

    kind: str
    severity: int
    where: str
    point: Any
    source: str
    words: str
    reference: str


@runtime_checkable
class TakesReports(Protocol):
    """A plug that makes records of reports (``REP``) by itself. While none does, they wait in the inbox."""

    def take_report(self, *, by: Any, operation: Any, report: Report) -> Taken:
        """Make the record. Raises ValidationError or PermissionDenied with a sentence."""
        ...

    def take_back_report(self, *, by: Any, reference: str) -> str:
        """The sender takes it back (``UNDO``); returns what is said. Raises ValidationError when somebody has built on it."""
        ...


@dataclass(frozen=True)
class ReporterRecord:
    """What became of what a number reported: found true, found false, all."""

    verified: int
    false: int
    reported: int


@runtime_checkable
class KnowsReporters(Protocol):
    """A plug that keeps a record of who reports."""

    def reporter_record(self, phone: str, viewer: Viewer) -> ReporterRecord | None:
        """The record of a number (E.164) among what the viewer may see; ``None`` when nothing came from it."""
        ...


@runtime_checkable
class IntakePlug(Protocol):
    key: str
    title: Any

    def kinds(self) -> Sequence[tuple[str, Any]]:
        """Kinds of the record to choose from, value and label, the likeliest first; empty when there is one only."""
        ...

    def may(self, viewer: Viewer) -> bool:
        """Whether the viewer may make such a record."""
        ...

    def take(
        self,
        *,
        by: Any,
        operation: Any,
        words: str,
        where: str,
        kind: str,
        phone: str,
        language: str,
        sent_at: datetime,
        reference: str,
    ) -> Taken:
        """Make the record. where: a site's code, or a place in words. phone: of who sent it (E.164); they are told what becomes of it.

        reference: taken again under it, the first record comes back. Raises ValidationError or PermissionDenied.
        """
        ...


intake: Socket[IntakePlug] = Socket("intake", IntakePlug)
