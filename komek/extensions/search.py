"""Socket ``search``: hits for a code or a text, for the search box on every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from komek.extensions.sockets import Socket, Viewer


@dataclass(frozen=True)
class Hit:
    """One search result. ``score`` runs from 0 to 1; 1 is an exact code."""

    title: str
    url: str
    kind: Any
    detail: str = ""
    code: str = ""
    score: float = 0.5


@runtime_checkable
class SearchPlug(Protocol):
    key: str
    title: Any

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Hit]:
        """At most ``limit`` hits the viewer may see, best first. ``text`` is stripped and never empty."""
        ...


search: Socket[SearchPlug] = Socket("search", SearchPlug)
