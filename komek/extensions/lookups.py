"""Socket ``lookups``: choosing one record among thousands by typing a few letters, on every form that needs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from komek.extensions.sockets import Socket, Viewer


@dataclass(frozen=True)
class Choice:
    """One choice. ``value`` is the primary key as text; ``detail`` tells namesakes apart."""

    value: str
    label: str
    detail: str = ""


@runtime_checkable
class LookupPlug(Protocol):
    """key: ``app_label.model`` in lower case, such as ``places.area``."""

    key: str

    def find(self, text: str, viewer: Viewer, limit: int) -> Sequence[Choice]:
        """Best matches for the text typed so far; with no text, the likeliest few. Only what the viewer may see."""
        ...

    def label(self, value: str, viewer: Viewer) -> Choice | None:
        """The choice already made, or ``None`` when it is gone or hidden from the viewer."""
        ...


lookups: Socket[LookupPlug] = Socket("lookups", LookupPlug)
