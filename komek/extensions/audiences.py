"""Socket ``audiences``: groups of accounts that a text may be sent to, such as everybody with a role, or all helpers at a site."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, runtime_checkable

from komek.extensions.sockets import Socket, Viewer


@runtime_checkable
class AudiencePlug(Protocol):
    key: str
    title: Any

    def groups(self, viewer: Viewer) -> Sequence[tuple[str, str]]:
        """Groups of the viewer's operation, value and label; none for who may not write to them."""
        ...

    def people(self, value: str, viewer: Viewer) -> Iterable[Any]:
        """Accounts of a group; nobody for a value that is not among ``groups``."""
        ...


audiences: Socket[AudiencePlug] = Socket("audiences", AudiencePlug)
