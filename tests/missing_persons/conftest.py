"""The cast of the missing persons' tests: the desk of the operation, a registrar of one organisation, somebody who reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from komek.accounts.models import User
from komek.accounts.roles import Role
from komek.records.actor import Actor, Channel
from missing_persons.checking import NameGiven
from missing_persons.models import Report, ReportKind
from missing_persons.reporting import report_by_public
from tests.conftest import Cast, member, person

Tell = Callable[..., Report]
QUAKE = datetime(2026, 3, 1, 4, 12, tzinfo=UTC)
PUBLIC = Actor(user=None, channel=Channel.BROWSER, name="")


@dataclass
class Desk:
    """``nurjan`` is registrar and ``gozel`` protection officer of the whole operation; ``dowlet`` is registrar of Relief alone.

    ``aina`` coordinates all; ``oraz`` only looks.
    """

    cast: Cast
    operation: Any
    nurjan: User
    gozel: User
    dowlet: User


@pytest.fixture
def desk(cast: Cast) -> Desk:
    people = {name: person(name, current_operation=cast.operation) for name in ("Nurjan", "Gozel", "Dowlet")}
    member(people["Nurjan"], cast.ministry, Role.REGISTRAR)
    member(people["Gozel"], cast.ministry, Role.PROTECTION_OFFICER)
    member(people["Dowlet"], cast.relief, Role.REGISTRAR)
    return Desk(cast, cast.operation, people["Nurjan"], people["Gozel"], people["Dowlet"])


@pytest.fixture
def tell(desk: Desk) -> Tell:
    """A report by somebody without an account: Aman is missing since the quake; anything can be said otherwise."""

    def make(*names: str, kind: str = ReportKind.MISSING, **fields: Any) -> Report:
        given = {
            "reported_by": "Maral Ataeva", "reporter_phone": "+99365123456", "occurred_at": QUAKE, "sex": "male",
            "consents_to_publish": True, **fields,
        }  # fmt: skip
        written = [NameGiven(as_written=name) for name in names or ("Aman Ataev",)]
        return report_by_public(by=PUBLIC, operation=desk.operation, kind=kind, names=written, **given)

    return make
