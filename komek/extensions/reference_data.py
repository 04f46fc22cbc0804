"""Socket ``reference_data``: code lists, areas and catalogues that come with Komek, loaded at set-up and after upgrades."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from komek.extensions.sockets import Socket


@runtime_checkable
class ReferenceData(Protocol):
    """order: loaded by it, small first. Loading twice changes nothing, and never undoes what an installation added."""

    key: str
    order: int

    def load(self, report: Callable[[str], None]) -> None:
        """Load or update; ``report`` takes a line to show."""
        ...


reference_data: Socket[ReferenceData] = Socket("reference_data", ReferenceData)
