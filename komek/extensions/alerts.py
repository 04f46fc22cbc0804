"""Socket ``alerts``: what needs attention now, for the coordinator's desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from komek.extensions.sockets import Socket, Viewer


@dataclass(frozen=True)
class Alert:
    """One thing to do. ``urgency`` runs from 0 (can wait) to 100 (lives at risk now); ``key`` is stable over time."""

    key: str
    title: str
    detail: str
    url: str
    action: Any
    urgency: int
    since: datetime | None


@runtime_checkable
class AlertsPlug(Protocol):
    key: str
    title: Any

    def alerts(self, viewer: Viewer, limit: int) -> Sequence[Alert]:
        """At most ``limit`` alerts the viewer may act on, most urgent first."""
        ...


alerts: Socket[AlertsPlug] = Socket("alerts", AlertsPlug)
