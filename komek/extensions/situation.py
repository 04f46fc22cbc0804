"""Socket ``situation``: figures for a place and a day, each with its source and its age."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol, runtime_checkable

from komek.extensions.sockets import Socket, Viewer


@dataclass(frozen=True)
class Figure:
    """One figure. ``area_id`` is ``None`` for the whole operation; ``as_of`` is the newest event behind the value."""

    indicator: str
    title: Any
    value: Decimal
    unit: Any
    area_id: int | None
    as_of: datetime | None
    source: str


@runtime_checkable
class SituationPlug(Protocol):
    key: str
    title: Any

    def figures(self, viewer: Viewer, day: date, area_ids: Sequence[int] | None = None) -> Sequence[Figure]:
        """Figures as they stood at the end of ``day`` for each area asked for, or for the whole operation."""
        ...


situation: Socket[SituationPlug] = Socket("situation", SituationPlug)
