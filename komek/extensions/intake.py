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
