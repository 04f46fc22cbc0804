"""Socket ``navigation``: entries in the menu of every page, so that a registry appears without touching the menu."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from komek.extensions.sockets import Socket, Viewer


@dataclass(frozen=True)
class Entry:
    """A menu entry. ``url_name`` is reversed without arguments; ``order`` sorts, small first."""

    title: Any
    url_name: str
    order: int = 100


@runtime_checkable
class NavigationPlug(Protocol):
    key: str

    def entries(self, viewer: Viewer) -> tuple[Entry, ...]:
        """What this viewer may open. ``viewer.user`` may be ``None``: the public."""
        ...


navigation: Socket[NavigationPlug] = Socket("navigation", NavigationPlug)
