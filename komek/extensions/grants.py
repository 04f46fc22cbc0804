"""Socket ``grants``: which roles an account holds, where. Authority is decided in ``komek.accounts.authority``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from komek.extensions.sockets import Socket


@dataclass(frozen=True)
class Grant:
    """A role held in an organisation.

    role: one of ``komek.accounts.roles.Role``.
    organisation_id: the organisation the role is held in; ``None`` for the whole installation.
    operation_id: the operation it is limited to; ``None`` for every operation.
    may_write: false for what a parent organisation sees of its branches.
    """

    role: str
    organisation_id: int | None
    operation_id: int | None
    may_write: bool = True


@runtime_checkable
class GrantsPlug(Protocol):
    key: str

    def grants(self, user: Any) -> Iterable[Grant]:
        """Approved grants in force now for a signed-in, approved account."""
        ...


grants: Socket[GrantsPlug] = Socket("grants", GrantsPlug)
